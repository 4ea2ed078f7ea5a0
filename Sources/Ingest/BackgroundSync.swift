internal import Glibc
internal import Storage
internal import Synchronization

/// syncfs(2) on a thread of its own: files are read while others' bytes go to the device.
final class BackgroundSync {
    private let state: State
    private let thread: pthread_t
    private var isJoined = false

    /// - Parameter path: Something on the file system; what is written to that by now will be on the device.
    init(holding path: String) {
        state = State(path)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, sync, Unmanaged.passRetained(state).toOpaque())
        precondition(code == 0, "no thread to sync on")
        self.thread = thread
    }

    deinit {
        if !isJoined { pthread_join(thread, nil) }
    }

    /// Whether `wait` would return at once.
    var isDone: Bool { state.isDone.load(ordering: .acquiring) }

    /// Returns when the bytes are on the device.
    func wait() throws(FileError) {
        if !isJoined { pthread_join(thread, nil) }
        isJoined = true
        if let error = state.error.withLock({ $0 }) { throw error }
    }

    fileprivate final class State: Sendable {
        let path: String
        let isDone = Atomic<Bool>(false)
        let error = Mutex<FileError?>(nil)

        init(_ path: String) { self.path = path }

        func run() {
            do throws(FileError) { try FileSystem.syncAll(holding: path) } catch {
                self.error.withLock { $0 = error }
            }
            isDone.store(true, ordering: .releasing)
        }
    }
}

// A free function: a closure made in a main file would belong to the main actor and trap here.
private func sync(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<BackgroundSync.State>.fromOpaque(context!).takeRetainedValue().run()
    return nil
}
