internal import Glibc

/// Runs the same work on several threads at once.
package enum Workers {
    /// Calls `body` with 0 to `count - 1`, each on a thread of its own, 0 on this one, and returns
    /// when all have returned.
    ///
    /// `body` need not be `@Sendable`: what it touches from several threads is for its author to guard.
    ///
    /// - Throws: What the lowest of the workers that failed threw.
    package static func run(_ count: Int, _ body: (Int) throws -> Void) throws {
        precondition(count > 0)
        if count == 1 { return try body(0) }
        try withoutActuallyEscaping(body) { body in
            let shared = (0..<count).map { Work(worker: $0, body) }
            let threads = shared.dropFirst().map { work in
                var thread = pthread_t()
                let code = pthread_create(
                    &thread, nil, runWork, Unmanaged.passRetained(work).toOpaque())
                precondition(code == 0, "no thread to work on")
                return thread
            }
            shared[0].run()
            for thread in threads { pthread_join(thread, nil) }
            for work in shared { if let error = work.error { throw error } }
        }
    }

    // Touched by its own thread until that is joined, then by the one that joined it.
    fileprivate final class Work: @unchecked Sendable {
        private let worker: Int
        private let body: (Int) throws -> Void
        private(set) var error: (any Error)?

        init(worker: Int, _ body: @escaping (Int) throws -> Void) {
            self.worker = worker
            self.body = body
        }

        func run() {
            do { try body(worker) } catch { self.error = error }
        }
    }
}

private func runWork(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<Workers.Work>.fromOpaque(context!).takeRetainedValue().run()
    return nil
}
