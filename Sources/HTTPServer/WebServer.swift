internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// An HTTP/1.1 server over libmicrohttpd: epoll in a few threads, each answering on its own, and one
/// that accepts connections for them.
///
/// The handler is called on these threads, several at once, with whole requests; while it runs the
/// other connections of its thread wait, so it must not block on anything slow.
///
/// `@unchecked Sendable`: workers and acceptor are written once, before the first callback can read
/// anything, and what changes afterwards is atomic or behind a mutex.
package final class WebServer: @unchecked Sendable {
    package struct Configuration: Sendable {
        /// `host:port`; port 0 lets the kernel choose.
        package var address = "127.0.0.1:0"
        package var threads = 2
        /// Clients beyond it wait, unanswered, until a connection is closed.
        package var connectionLimit = 4096
        /// Without a byte in either direction.
        package var idleTimeoutSeconds = 30
        /// For the whole head, and for the whole body, however slowly they drip in.
        package var requestTimeoutSeconds = 30
        package var bodyLimitBytes = 64 << 10
        /// For a connection's request head and response head. A longer request line is answered
        /// 414, longer headers 431.
        package var connectionMemoryBytes = 32 << 10

        package init() {}
    }

    /// A finished exchange, for the access log.
    package struct Exchange: Sendable {
        package let client: String
        package let method: String
        package let target: String
        package let status: Int
        package let bodyBytes: Int
        /// From the end of the request's head to the last byte handed to the kernel.
        package let durationMs: Double
        /// False when the client went away or was too slow.
        package let isComplete: Bool
    }

    package typealias Handler = @Sendable (HTTPRequest) -> HTTPResponse

    package let configuration: Configuration
    /// As bound, for people and for tests: `127.0.0.1:41234`.
    package let address: String
    package let port: Int
    let handler: Handler
    let observer: (@Sendable (Exchange) -> Void)?
    let connections = ConnectionTable()
    private let running = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    private let stopped = Atomic<Bool>(false)
    // All are set once, before init returns.
    private var workers: [Worker] = []
    private(set) var acceptor: Acceptor?
    private var watchdog: PeriodicThread?

    /// Begins to listen and to answer.
    ///
    /// - Parameter observer: Called after each exchange, on the server's threads.
    /// - Throws: `HTTPServerError`.
    package init(
        _ configuration: Configuration, observer: (@Sendable (Exchange) -> Void)? = nil,
        handler: @escaping Handler
    ) throws {
        self.configuration = configuration
        self.handler = handler
        self.observer = observer
        let listener = try ListenSocket(configuration.address)
        address = listener.address
        port = listener.port
        for _ in 0..<max(configuration.threads, 1) {
            guard let worker = Worker(of: self) else {
                close(listener.descriptor)
                stop()
                throw HTTPServerError(
                    "start the HTTP server", configuration.address, cause: "libmicrohttpd refused",
                    hint: "the limits on open files or threads may be too low (ulimit -n, -u)")
            }
            workers.append(worker)
        }
        do {
            acceptor = try Acceptor(
                listener, workers: workers, connectionLimit: max(configuration.connectionLimit, 1))
        } catch {
            stop()
            throw error
        }
        watchdog = PeriodicThread(everySeconds: 1) { [connections] in
            connections.endLate(now: monotonicSeconds())
        }
    }

    deinit { stop() }

    /// Responses that are being made or sent.
    package var runningResponses: Int { running.load(ordering: .acquiring) }

    package var isDraining: Bool { draining.load(ordering: .acquiring) }

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    /// Accepts no further connection, and closes each after the response that it is waiting for.
    package func quiesce() {
        draining.store(true, ordering: .releasing)
        acceptor?.stop()
    }

    /// Lets running responses come to their end, at most for the time given.
    ///
    /// - Returns: How many were still running when the time was over.
    package func drain(limitSeconds: Double) -> Int {
        quiesce()
        let deadline = monotonicSeconds() + limitSeconds
        while runningResponses > 0, monotonicSeconds() < deadline { usleep(10_000) }
        return runningResponses
    }

    /// Closes every connection and returns when no handler runs any more.
    package func stop() {
        guard !stopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        quiesce()
        watchdog?.stop()
        for worker in workers { worker.stop() }
    }

    func began() { running.wrappingAdd(1, ordering: .acquiringAndReleasing) }
    func ended() { running.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
}
