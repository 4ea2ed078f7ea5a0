/// What is sent back. `Content-Length`, `Date` and `Connection` are the server's business.
package struct HTTPResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// A part of a file, from page cache to socket by sendfile(2).
        case file(HTTPFile, Range<Int>)
        /// Several parts of a file as multipart/byteranges, from mapped pages by writev(2).
        case fileParts(MultipartRanges)
    }

    package var status: Int
    package var headers: [HTTPHeader]
    package var body: Body

    package init(status: Int, headers: [HTTPHeader] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func json(_ bytes: [UInt8], status: Int = 200, headers: [HTTPHeader] = [])
        -> HTTPResponse
    {
        HTTPResponse(
            status: status, headers: [HTTPHeader("Content-Type", "application/json")] + headers,
            body: .bytes(bytes))
    }

    /// 302, so that the next request comes here again (RFC 9110, section 15.4.3).
    package static func redirect(to location: String, headers: [HTTPHeader] = []) -> HTTPResponse {
        HTTPResponse(status: 302, headers: [HTTPHeader("Location", location)] + headers)
    }

    /// 304 in the place of a 200, whose body it announces but does not have: `Content-Length` would
    /// otherwise be 0, which section 8.6 forbids.
    package static func notModified(instead response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.status = 304
        response.headers.removeAll { $0.isNamed("Content-Type") }
        return response
    }

    /// Whether the body is sent as well (section 6.4.1).
    func sendsBody(to method: String) -> Bool { method != "HEAD" && status != 304 }

    /// Bytes of the body; what a HEAD announces.
    package var bodyBytes: Int {
        switch body {
        case .bytes(let bytes): bytes.count
        case .file(_, let range): range.count
        case .fileParts(let parts): parts.sizeBytes
        }
    }

    package mutating func setHeader(_ name: String, _ value: String) {
        headers.removeAll { $0.isNamed(name) }
        headers.append(HTTPHeader(name, value))
    }
}
