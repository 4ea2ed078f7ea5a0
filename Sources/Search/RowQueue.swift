internal import Glibc

/// Batches on their way from the thread that reads to the one that writes.
///
/// Few wait at a time, so that memory is bounded. Either side may end: the reader by `finish`, the
/// writer by `close`, after which the reader is told to stop.
final class RowQueue: @unchecked Sendable {
    // Everything below is only touched with `mutex` held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [RowBatch] = []
    private var isFinished = false
    private var isClosed = false
    private var failure: (any Error)?
    private static let batches = 6

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        return try body()
    }

    /// Waits for room.
    ///
    /// - Returns: false when nobody takes batches any more.
    func put(_ batch: RowBatch) -> Bool {
        locked {
            while waiting.count >= Self.batches, !isClosed { pthread_cond_wait(changed, mutex) }
            if !isClosed { waiting.append(batch) }
            return !isClosed
        }
    }

    /// No more batches come, because of an error or because all are there.
    func finish(_ error: (any Error)?) {
        locked {
            isFinished = true
            failure = error
        }
    }

    /// The next batch; nil behind the last one.
    ///
    /// - Throws: What stopped the reader.
    func take() throws -> RowBatch? {
        try locked {
            while waiting.isEmpty, !isFinished { pthread_cond_wait(changed, mutex) }
            if !waiting.isEmpty { return waiting.removeFirst() }
            if let failure { throw failure }
            return nil
        }
    }

    func close() { locked { isClosed = true } }
}

/// The thread that reads the catalogue.
final class RowThread {
    private let thread: pthread_t
    private let queue: RowQueue

    /// - Parameter body: Puts batches into the queue until it returns false.
    init(_ queue: RowQueue, _ body: @escaping @Sendable (RowQueue) throws -> Void) {
        self.queue = queue
        let work = Work(queue: queue, body: body)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil, runRowThread, Unmanaged.passRetained(work).toOpaque())
        precondition(code == 0, "no thread to read the catalogue on")
        self.thread = thread
    }

    /// Returns when the thread has ended, which it does when it has put its batch; called once.
    func end() {
        queue.close()
        pthread_join(thread, nil)
    }

    fileprivate final class Work: Sendable {
        let queue: RowQueue
        let body: @Sendable (RowQueue) throws -> Void

        init(queue: RowQueue, body: @escaping @Sendable (RowQueue) throws -> Void) {
            self.queue = queue
            self.body = body
        }

        func run() {
            do {
                try body(queue)
                queue.finish(nil)
            } catch {
                queue.finish(error)
            }
        }
    }
}

// A free function: a closure made in a main file would belong to the main actor and trap here.
private func runRowThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<RowThread.Work>.fromOpaque(context!).takeRetainedValue().run()
    return nil
}
