internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// The thread that accepts connections and deals them out among the workers.
///
/// It alone knows the listening socket, so that no other thread can still be using it when it is
/// closed. At the limit it accepts no more: further clients wait in the kernel's backlog until a
/// connection is closed.
final class Acceptor: Sendable {
    private let listener: ListenSocket
    private let workers: [Worker]
    private let connectionLimit: Int
    /// An eventfd(2): ends a wait of the thread.
    private let alarm: Int32
    /// The thread waits for a connection to be closed.
    private let waitsForRoom = Atomic<Bool>(false)
    private let isStopped = Atomic<Bool>(false)
    private let thread = Mutex<pthread_t?>(nil)

    /// Takes the listening socket over, also when it fails.
    ///
    /// - Throws: `HTTPServerError`.
    init(
        _ listener: ListenSocket, workers: [Worker], connectionLimit: Int
    ) throws(HTTPServerError) {
        self.listener = listener
        self.workers = workers
        self.connectionLimit = connectionLimit
        alarm = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = alarm < 0 ? errno : pthread_create(&thread, nil, run, context.toOpaque())
        guard code == 0 else {
            context.release()
            close(listener.descriptor)
            throw HTTPServerError("accept connections", listener.address, code: code)
        }
        let started = thread
        self.thread.withLock { $0 = started }
    }

    deinit { if alarm >= 0 { close(alarm) } }

    /// Closes the listening socket; when it returns, clients are refused. May be called again.
    func stop() {
        thread.withLock {
            guard let running = $0 else { return }
            isStopped.store(true, ordering: .sequentiallyConsistent)
            raiseAlarm()
            pthread_join(running, nil)
            close(listener.descriptor)
            $0 = nil
        }
    }

    /// To be called when a connection is closed, after its worker's count went down.
    func connectionClosed() {
        if waitsForRoom.load(ordering: .sequentiallyConsistent) { raiseAlarm() }
    }

    fileprivate func acceptUntilStopped() {
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            guard let worker = nextWorker() else {
                waitForRoom()
                continue
            }
            switch worker.accept(from: listener.descriptor) {
            case 0, EINTR, ECONNABORTED: break
            case EAGAIN: wait(for: [listener.descriptor, alarm])
            // Descriptors or memory have run out (accept(2)). Files that are closed free some too,
            // so the closing of connections is not all there is to wait for.
            default: waitForRoom(limitMilliseconds: 100)
            }
        }
    }

    /// The one that can soonest attend to another connection, nil at the limit.
    private func nextWorker() -> Worker? {
        var total = 0
        var best: (worker: Worker, load: Int)?
        for worker in workers {
            let count = worker.connectionCount.load(ordering: .sequentiallyConsistent)
            total += count
            let load = count + (worker.isInHandler.load(ordering: .relaxed) ? connectionLimit : 0)
            if load < best?.load ?? .max { best = (worker, load) }
        }
        return total < connectionLimit ? best?.worker : nil
    }

    private func waitForRoom(limitMilliseconds: Int32 = -1) {
        waitsForRoom.store(true, ordering: .sequentiallyConsistent)
        // A connection closed before the flag was up raised no alarm.
        if limitMilliseconds >= 0 || nextWorker() == nil {
            wait(for: [alarm], limitMilliseconds: limitMilliseconds)
        }
        waitsForRoom.store(false, ordering: .sequentiallyConsistent)
    }

    private func wait(for descriptors: [Int32], limitMilliseconds: Int32 = -1) {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        poll(&polled, nfds_t(polled.count), limitMilliseconds)
        var count: UInt64 = 0
        read(alarm, &count, MemoryLayout<UInt64>.size)
    }

    private func raiseAlarm() {
        var one: UInt64 = 1
        write(alarm, &one, MemoryLayout<UInt64>.size)
    }
}

// A free function: a closure made in a main file would belong to the main actor and trap here.
private func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<Acceptor>.fromOpaque(context!).takeRetainedValue().acceptUntilStopped()
    return nil
}
