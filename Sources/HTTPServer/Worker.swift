internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// One of the server's threads, and the connections that it polls.
///
/// A libmicrohttpd daemon each, not libmicrohttpd's pool: a pool chooses the thread by the number
/// of the connection's descriptor. Where each connection sends a file, every second descriptor is
/// a file's, and of two threads one would get all connections.
///
/// `@unchecked Sendable`: the daemon's pointer is written once, before a connection is added.
final class Worker: @unchecked Sendable {
    // The server stops its workers before it goes away.
    unowned(unsafe) let server: WebServer
    /// Those handed over and not yet closed.
    let connectionCount = Atomic<Int>(0)
    /// While a handler runs, the worker's other connections wait.
    let isInHandler = Atomic<Bool>(false)
    private var daemon: OpaquePointer?

    /// - Returns: nil when libmicrohttpd cannot have a thread or descriptors.
    init?(of server: WebServer) {
        self.server = server
        daemon = spindle_mhd_start(
            UInt32(server.configuration.idleTimeoutSeconds),
            server.configuration.connectionMemoryBytes, answer, requestLineReceived,
            exchangeCompleted, connectionChanged, Unmanaged.passUnretained(self).toOpaque())
        if daemon == nil { return nil }
    }

    /// Takes over the next connection that waits at a listening socket.
    ///
    /// - Returns: 0, or the errno of accept4(2).
    func accept(from listener: Int32) -> Int32 {
        // Counted first: it may be closed again before this returns.
        connectionCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
        let code = spindle_mhd_accept(daemon, listener)
        if code != 0 { connectionCount.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
        return code
    }

    /// Closes its connections; returns when its thread has ended. To be called once.
    func stop() { MHD_stop_daemon(daemon) }
}
