internal import Glibc
internal import Synchronization

/// A thread that does something at intervals, until it is stopped.
package final class PeriodicThread: Sendable {
    private let work: Work
    private let thread: pthread_t
    private let isJoined = Atomic<Bool>(false)

    /// - Parameter body: Called on the thread, first after one interval.
    package init(everySeconds seconds: Double, _ body: @escaping @Sendable () -> Void) {
        work = Work(seconds: seconds, body)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, run, Unmanaged.passRetained(work).toOpaque())
        precondition(code == 0, "no thread for periodic work")
        self.thread = thread
    }

    deinit { stop() }

    /// Returns when the thread has ended; a turn that has begun is finished first.
    package func stop() {
        guard !isJoined.exchange(true, ordering: .acquiringAndReleasing) else { return }
        work.isStopped.store(true, ordering: .releasing)
        pthread_join(thread, nil)
    }

    fileprivate final class Work: Sendable {
        let seconds: Double
        let body: @Sendable () -> Void
        let isStopped = Atomic<Bool>(false)

        init(seconds: Double, _ body: @escaping @Sendable () -> Void) {
            self.seconds = seconds
            self.body = body
        }

        func run() {
            var next = monotonicSeconds() + seconds
            while !isStopped.load(ordering: .acquiring) {
                usleep(50_000)
                guard monotonicSeconds() >= next else { continue }
                body()
                next = monotonicSeconds() + seconds
            }
        }
    }
}

/// Seconds of a clock that nobody sets.
package func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

// A free function: a closure made in a main file would belong to the main actor and trap here.
private func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<PeriodicThread.Work>.fromOpaque(context!).takeRetainedValue().run()
    return nil
}
