/// Reads access logs with a JSON object a line, by the names that nginx's variables have.
final class JSONAccessParser: AccessLogParser {
    private enum Slot: Int, CaseIterable {
        case iso, local, msec, timestamp, time
        case address, clientIP, request, method, uri, requestURI, path, status, bodyBytes, bytes
        case agent, agentName, contentRange, sentContentRange, range, rangeName

        var path: String {
            switch self {
            case .iso: "time_iso8601"
            case .local: "time_local"
            case .msec: "msec"
            case .timestamp: "timestamp"
            case .time: "time"
            case .address: "remote_addr"
            case .clientIP: "client_ip"
            case .request: "request"
            case .method: "request_method"
            case .uri: "uri"
            case .requestURI: "request_uri"
            case .path: "path"
            case .status: "status"
            case .bodyBytes: "body_bytes_sent"
            case .bytes: "bytes_sent"
            case .agent: "http_user_agent"
            case .agentName: "user_agent"
            case .contentRange: "content_range"
            case .sentContentRange: "sent_http_content_range"
            case .range: "http_range"
            case .rangeName: "range"
            }
        }
    }

    private let fields = JSONFields(Slot.allCases.map(\.path))

    func parse(_ line: UnsafeRawBufferPointer, into request: inout AccessRequest)
        -> RequestOutcome
    {
        if let rejection = fields.read(line) { return .rejected(rejection) }
        guard let ts = first(.iso, .timestamp, .time, .msec, .local) else {
            return .rejected(Rejection(reason: .missingField, detail: "time_iso8601 is missing"))
        }
        guard let time = LogTime.parse(ts) ?? LogTime.parseCommonLog(ts) else {
            return .rejected(Rejection(reason: .badTimestamp, detail: "the time is not a moment"))
        }
        request.timeMs = time
        guard let address = first(.address, .clientIP) else {
            return .rejected(Rejection(reason: .missingField, detail: "remote_addr is missing"))
        }
        request.address = address
        if let asked = first(.request) { CombinedLogParser.split(asked, into: &request) }
        if let method = first(.method) { request.method = method }
        if request.path.isEmpty {
            guard let path = first(.requestURI, .uri, .path) else {
                return .rejected(
                    Rejection(reason: .missingField, detail: "request and request_uri are missing"))
            }
            request.path = path
        }
        guard let status = first(.status)?.digits else {
            return .rejected(Rejection(reason: .missingField, detail: "status is missing"))
        }
        guard let bytes = first(.bodyBytes, .bytes)?.digits else {
            return .rejected(
                Rejection(reason: .missingField, detail: "body_bytes_sent is missing"))
        }
        request.status = status
        request.sentBytes = bytes
        request.agent = first(.agent, .agentName) ?? .none
        if let range = first(.sentContentRange, .contentRange, .range, .rangeName) {
            request.take(range: range)
        }
        return .request
    }

    private func first(_ slots: Slot...) -> UnsafeRawBufferPointer? {
        for slot in slots {
            let text = fields.textOrNumber(slot.rawValue)
            if !text.isEmpty, !text.equals("-") { return text }
        }
        return nil
    }
}
