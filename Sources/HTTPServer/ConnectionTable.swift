internal import Glibc
internal import Synchronization

/// The open connections and until when each must have delivered its request.
///
/// libmicrohttpd's own timeout counts from the last byte, so that a client that sends one byte each
/// 29 seconds (slowloris) would hold its connection for ever.
final class ConnectionTable: Sendable {
    /// One connection; the deadline is 0 while the server is the one to work.
    final class Connection: Sendable {
        let descriptor: Int32
        let client: String
        private let deadline = Atomic<Double>(0)

        init(descriptor: Int32, client: String, deadline: Double) {
            self.descriptor = descriptor
            self.client = client
            expect(by: deadline)
        }

        func expect(by deadline: Double) { self.deadline.store(deadline, ordering: .relaxed) }
        func expectNothing() { deadline.store(0, ordering: .relaxed) }

        func isLate(_ now: Double) -> Bool {
            let deadline = self.deadline.load(ordering: .relaxed)
            return deadline > 0 && deadline < now
        }
    }

    private let open = Mutex<[Int32: Connection]>([:])

    func add(_ connection: Connection) {
        open.withLock { $0[connection.descriptor] = connection }
    }

    func remove(_ connection: Connection) {
        open.withLock { _ = $0.removeValue(forKey: connection.descriptor) }
    }

    /// Ends those that are late. A connection leaves the table before its descriptor is closed, so
    /// that under the lock no descriptor can already belong to somebody else.
    func endLate(now: Double) {
        open.withLock { connections in
            for connection in connections.values where connection.isLate(now) {
                shutdown(connection.descriptor, Int32(SHUT_RDWR))
            }
        }
    }
}
