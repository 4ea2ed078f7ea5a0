internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

// libmicrohttpd's callbacks. Free functions, because they run on threads that it makes.

/// A request on its way through libmicrohttpd: from its first line to the last byte of the answer.
///
/// Belongs to one connection, and so to one thread at a time.
private final class PendingExchange {
    let target: String
    let connection: ConnectionTable.Connection?
    var method = ""
    var hasHead = false
    var body: [UInt8] = []
    var isBodyTooLong = false
    var bodyBytesSeen = 0
    var startedAt = 0.0
    var status = 0
    var responseBytes = 0

    init(target: String, connection: ConnectionTable.Connection?) {
        self.target = target
        self.connection = connection
    }
}

private func worker(_ context: UnsafeMutableRawPointer?) -> Worker {
    Unmanaged<Worker>.fromOpaque(context!).takeUnretainedValue()
}

private func tableEntry(_ connection: OpaquePointer?) -> ConnectionTable.Connection? {
    spindle_mhd_socket_context(connection).map {
        Unmanaged<ConnectionTable.Connection>.fromOpaque($0).takeUnretainedValue()
    }
}

/// Called with the target as it was sent; what it returns is the request's context from then on.
func requestLineReceived(
    _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?,
    _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    let exchange = PendingExchange(
        target: target.map { String(cString: $0) } ?? "", connection: tableEntry(connection))
    return Unmanaged.passRetained(exchange).toOpaque()
}

/// Called once when the head is there, once for each piece of the body, and once at the end.
func answer(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ url: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?,
    _ upload: UnsafePointer<CChar>?, _ uploadSize: UnsafeMutablePointer<Int>?,
    _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    let worker = worker(context)
    let server = worker.server
    guard let opaque = requestContext?.pointee, let uploadSize, let method else { return .NO }
    let exchange = Unmanaged<PendingExchange>.fromOpaque(opaque).takeUnretainedValue()
    let limit = server.configuration.bodyLimitBytes

    if !exchange.hasHead {
        // Workers are stopped one by one; the last shall not take up new work meanwhile.
        guard !server.isStopped else { return .NO }
        exchange.hasHead = true
        exchange.method = String(cString: method)
        exchange.startedAt = monotonicSeconds()
        server.began()
        exchange.connection?.expect(
            by: exchange.startedAt + Double(server.configuration.requestTimeoutSeconds))
        if let length = spindle_mhd_header(connection, "Content-Length"),
            Int(String(cString: length)) ?? Int.max > limit
        {
            // Refused before it is sent; libmicrohttpd closes the connection after the answer.
            return send(bodyTooLong(limit), exchange, server, connection)
        }
        return .YES
    }
    if uploadSize.pointee > 0 {
        // Only a chunked body gets past the limit here: its length was not announced.
        exchange.bodyBytesSeen += uploadSize.pointee
        if exchange.bodyBytesSeen > limit {
            exchange.isBodyTooLong = true
            exchange.body = []
            // An answer cannot be queued in the middle of a body; reading on without end is no
            // answer either.
            guard exchange.bodyBytesSeen < 16 * limit else { return .NO }
        } else if let upload {
            exchange.body.append(
                contentsOf: UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee))
        }
        uploadSize.pointee = 0
        return .YES
    }

    exchange.connection?.expectNothing()
    guard !exchange.isBodyTooLong else {
        return send(bodyTooLong(limit), exchange, server, connection)
    }
    var headers: [HTTPHeader] = []
    withUnsafeMutablePointer(to: &headers) {
        spindle_mhd_headers(connection, collectHeader, $0)
    }
    guard
        let request = HTTPRequest(
            method: exchange.method, target: exchange.target, headers: headers,
            body: exchange.body)
    else {
        let response = plainError(400, "bad_request", "the request's target is malformed")
        return send(response, exchange, server, connection)
    }
    worker.isInHandler.store(true, ordering: .relaxed)
    let response = server.handler(request)
    worker.isInHandler.store(false, ordering: .relaxed)
    return send(response, exchange, server, connection)
}

/// Called when the last byte was handed to the kernel, or when that has become impossible.
func exchangeCompleted(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ reason: MHD_RequestTerminationCode
) {
    guard let opaque = requestContext?.pointee else { return }
    let exchange = Unmanaged<PendingExchange>.fromOpaque(opaque).takeRetainedValue()
    requestContext?.pointee = nil
    guard exchange.hasHead else { return }
    let server = worker(context).server
    let now = monotonicSeconds()
    exchange.connection?.expect(by: now + nextRequestSeconds(server))
    server.observer?(
        WebServer.Exchange(
            client: exchange.connection?.client ?? "", method: exchange.method,
            target: exchange.target, status: exchange.status, bodyBytes: exchange.responseBytes,
            durationMs: (now - exchange.startedAt) * 1000,
            isComplete: reason == .REQUEST_TERMINATED_COMPLETED_OK))
    server.ended()
}

func connectionChanged(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ socketContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ change: MHD_ConnectionNotificationCode
) {
    let worker = worker(context)
    let server = worker.server
    if change == .CONNECTION_NOTIFY_STARTED {
        let entry = ConnectionTable.Connection(
            descriptor: spindle_mhd_descriptor(connection), client: clientAddress(connection),
            deadline: monotonicSeconds() + nextRequestSeconds(server))
        server.connections.add(entry)
        socketContext?.pointee = Unmanaged.passRetained(entry).toOpaque()
    } else if let opaque = socketContext?.pointee {
        let entry = Unmanaged<ConnectionTable.Connection>.fromOpaque(opaque).takeRetainedValue()
        server.connections.remove(entry)
        socketContext?.pointee = nil
        worker.connectionCount.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        server.acceptor?.connectionClosed()
    }
}

/// A kept connection may be silent for the idle time first, which libmicrohttpd watches.
private func nextRequestSeconds(_ server: WebServer) -> Double {
    Double(server.configuration.idleTimeoutSeconds + server.configuration.requestTimeoutSeconds)
}

private func collectHeader(
    _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
    _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
    let headers = context!.assumingMemoryBound(to: [HTTPHeader].self)
    headers.pointee.append(HTTPHeader(text(name, nameSize), text(value, valueSize)))
    return .YES
}

private func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(
        decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count),
        as: UTF8.self)
}

private func bodyTooLong(_ limit: Int) -> HTTPResponse {
    plainError(413, "body_too_long", "the request's body may have \(limit) bytes at most")
}

/// For what never reaches the handler; in the form of every other error.
private func plainError(_ status: Int, _ code: String, _ message: String) -> HTTPResponse {
    .json(
        Array("{\"error\":{\"code\":\"\(code)\",\"message\":\"\(message)\"}}\n".utf8),
        status: status)
}

private func clientAddress(_ connection: OpaquePointer?) -> String {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            guard getpeername(spindle_mhd_descriptor(connection), address, &length) == 0 else {
                return ""
            }
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { host in
                host[0] = 0
                getnameinfo(address, length, host.baseAddress, 64, nil, 0, NI_NUMERICHOST)
                return String(cString: host.baseAddress!)
            }
        }
    }
}

// MARK: Responses

private func send(
    _ response: HTTPResponse, _ exchange: PendingExchange, _ server: WebServer,
    _ connection: OpaquePointer?
) -> MHD_Result {
    var response = response
    if server.isDraining { response.setHeader("Connection", "close") }
    guard let made = make(response) else { return .NO }
    defer { MHD_destroy_response(made) }
    exchange.status = response.status
    exchange.responseBytes = response.sendsBody(to: exchange.method) ? response.bodyBytes : 0
    for header in response.headers {
        // Refuses line ends and other controls: nothing that a client or a tag said can become a
        // header of its own.
        guard MHD_add_response_header(made, header.name, header.value) == .YES else {
            let failure = plainError(500, "internal", "a header field could not be sent")
            return response.status == 500 ? .NO : send(failure, exchange, server, connection)
        }
    }
    return MHD_queue_response(connection, UInt32(response.status), made)
}

private func make(_ response: HTTPResponse) -> OpaquePointer? {
    switch response.body {
    case .bytes(let bytes):
        return bytes.withUnsafeBytes {
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
    case .file(let file, let range):
        guard !range.isEmpty else {
            return MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
        }
        let descriptor = file.duplicate()
        guard descriptor >= 0 else { return nil }
        let made = MHD_create_response_from_fd_at_offset64(
            UInt64(range.count), descriptor, UInt64(range.lowerBound))
        // From here on the descriptor is libmicrohttpd's.
        if made == nil { close(descriptor) }
        return made
    case .fileParts(let parts):
        return makeMultipart(parts)
    }
}

/// What a multipart response needs until it is sent.
private final class MappedParts {
    let address: UnsafeMutableRawPointer
    let sizeBytes: Int
    let text: UnsafeMutableRawBufferPointer

    init(
        address: UnsafeMutableRawPointer, sizeBytes: Int, text: UnsafeMutableRawBufferPointer
    ) {
        self.address = address
        self.sizeBytes = sizeBytes
        self.text = text
    }

    deinit {
        munmap(address, sizeBytes)
        text.deallocate()
    }
}

private func makeMultipart(_ parts: MultipartRanges) -> OpaquePointer? {
    guard let address = parts.file.map() else { return nil }
    let delimiters = parts.delimiters
    let text = UnsafeMutableRawBufferPointer.allocate(
        byteCount: delimiters.reduce(0) { $0 + $1.count }, alignment: 1)
    let mapped = MappedParts(address: address, sizeBytes: parts.file.sizeBytes, text: text)
    var vectors: [MHD_IoVec] = []
    var used = 0
    for (index, delimiter) in delimiters.enumerated() {
        let place = UnsafeMutableRawBufferPointer(rebasing: text[used..<used + delimiter.count])
        place.copyBytes(from: delimiter)
        vectors.append(MHD_IoVec(iov_base: place.baseAddress, iov_len: place.count))
        used += delimiter.count
        if index < parts.ranges.count {
            let range = parts.ranges[index]
            vectors.append(
                MHD_IoVec(iov_base: address + range.lowerBound, iov_len: range.count))
        }
    }
    let context = Unmanaged.passRetained(mapped)
    let made = MHD_create_response_from_iovec(
        vectors, UInt32(vectors.count), releaseMappedParts, context.toOpaque())
    if made == nil { context.release() }
    return made
}

private func releaseMappedParts(_ context: UnsafeMutableRawPointer?) {
    Unmanaged<MappedParts>.fromOpaque(context!).release()
}
