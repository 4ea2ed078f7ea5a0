internal import Glibc

/// What came back.
package struct TestResponse: Sendable {
    package let status: Int
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    package var text: String { String(decoding: body, as: UTF8.self) }
}

package struct ConnectionFailure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// A connection to a server on loopback, byte by byte, so that tests can send what no client would.
package final class TestConnection {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// - Parameter receiveBufferBytes: Small for a reader that is slow on purpose.
    package init(port: Int, receiveBufferBytes: Int32? = nil, timeoutSeconds: Int = 20) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ConnectionFailure(description: "no socket") }
        if var size = receiveBufferBytes {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // Whole by now, it is closed by deinit when this throws; a second close could hit another's.
        guard connected == 0 else {
            throw ConnectionFailure(description: "connect: \(String(cString: strerror(errno)))")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                throw ConnectionFailure(description: "send: \(String(cString: strerror(errno)))")
            }
            done += count
        }
    }

    package func request(
        _ method: String, _ target: String, _ headers: [String] = [], body: [UInt8]? = nil
    ) throws -> TestResponse {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: test\r\n"
        for header in headers { head += header + "\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        try send(Array((head + "\r\n").utf8) + (body ?? []))
        return try readResponse(hasBody: method != "HEAD")
    }

    /// Reads a head and as much of a body as it announces.
    package func readResponse(hasBody: Bool = true) throws -> TestResponse {
        let head = try readHead()
        let length =
            head.status == 304 || !hasBody ? 0 : Int(head.header("Content-Length") ?? "0") ?? 0
        return TestResponse(
            status: head.status, headers: head.headers, body: try readBytes(length))
    }

    package func readHead() throws -> TestResponse {
        while true {
            if let end = endOfHead() {
                let lines = String(decoding: buffer[..<end], as: UTF8.self)
                    .split(separator: "\r\n").map(String.init)
                buffer.removeSubrange(..<(end + 4))
                let status = Int(lines[0].split(separator: " ")[1]) ?? 0
                let headers = lines.dropFirst().map { line in
                    let parts = line.split(separator: ":", maxSplits: 1)
                    let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
                    return (name: String(parts[0]), value: String(value))
                }
                return TestResponse(status: status, headers: headers, body: [])
            }
            guard try fill() > 0 else {
                throw ConnectionFailure(description: "closed before the head was complete")
            }
        }
    }

    package func readBytes(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try fill() > 0 else {
                throw ConnectionFailure(
                    description: "closed after \(buffer.count) of \(count) bytes")
            }
        }
        defer { buffer.removeSubrange(..<count) }
        return Array(buffer[..<count])
    }

    /// Whether the server closes the connection without another byte.
    package func isClosed() -> Bool { buffer.isEmpty && ((try? fill()) ?? 0) == 0 }

    private func endOfHead() -> Int? {
        guard buffer.count >= 4 else { return nil }
        return (0...buffer.count - 4).first { Array(buffer[$0..<$0 + 4]) == [13, 10, 13, 10] }
    }

    private func fill() throws -> Int {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count >= 0 else {
            throw ConnectionFailure(description: "receive: \(String(cString: strerror(errno)))")
        }
        buffer.append(contentsOf: piece[..<count])
        return count
    }

    /// One request on a connection of its own.
    package static func request(
        port: Int, _ method: String, _ target: String, _ headers: [String] = [],
        body: [UInt8]? = nil
    ) throws -> TestResponse {
        try TestConnection(port: port).request(method, target, headers, body: body)
    }
}
