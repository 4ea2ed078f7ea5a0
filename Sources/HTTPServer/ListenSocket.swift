internal import CMicroHTTPD  // what it includes counts as its own: sockaddr_storage
internal import Glibc

/// A bound and listening TCP socket.
struct ListenSocket {
    let descriptor: Int32
    /// Numeric host and port as bound; the port that the kernel chose when 0 was asked for.
    let address: String
    let port: Int

    /// - Parameter address: `host:port`, `[v6]:port`, or `:port` for loopback.
    /// - Throws: `HTTPServerError`.
    init(_ address: String, backlog: Int32 = 1024) throws(HTTPServerError) {
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else {
            throw HTTPServerError(
                "listen", address, cause: "not an address",
                hint: "write it as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080",
                isMalformedAddress: true)
        }
        var host = String(address[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host.isEmpty { host = "127.0.0.1" }

        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let found else {
            throw HTTPServerError("listen", address, cause: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(found) }

        // Close on exec: a crash reporter or any other child must not go on holding the port.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(found.pointee.ai_family, type, 0)
        guard descriptor >= 0 else { throw HTTPServerError("open a socket", address, code: errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0,
            listen(descriptor, backlog) == 0
        else {
            let code = errno
            close(descriptor)
            throw HTTPServerError("listen", address, code: code)
        }
        self.descriptor = descriptor
        let name = Self.name(of: descriptor)
        self.port = name.port
        self.address =
            name.host.contains(":") ? "[\(name.host)]:\(port)" : "\(name.host):\(name.port)"
    }

    private static func name(of descriptor: Int32) -> (host: String, port: Int) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getsockname(descriptor, address, &length)
                return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { host in
                    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16) { port in
                        getnameinfo(
                            address, length, host.baseAddress, 64, port.baseAddress, 16,
                            NI_NUMERICHOST | NI_NUMERICSERV)
                        return (
                            String(cString: host.baseAddress!),
                            Int(String(cString: port.baseAddress!)) ?? 0
                        )
                    }
                }
            }
        }
    }
}
