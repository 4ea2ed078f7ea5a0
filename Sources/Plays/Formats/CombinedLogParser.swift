/// Reads the format `combined` of nginx and Apache:
///
///     203.0.113.7 - - [19/Nov/2026:12:34:56 +0000] "GET /audio/….mp3 HTTP/1.1" 206 262144 "-" "VLC"
///
/// Further quoted fields may follow; one with a Content-Range or a Range tells where in the object
/// the bytes lie.
final class CombinedLogParser: AccessLogParser {
    func parse(_ line: UnsafeRawBufferPointer, into request: inout AccessRequest)
        -> RequestOutcome
    {
        guard line.isValidUTF8 else {
            return .rejected(Rejection(reason: .notUTF8, detail: "not UTF-8"))
        }
        guard let address = line.first(32), address > 0, let open = line.first(91, from: address),
            let close = line.first(93, from: open), line.count > close + 3,
            line[close + 1] == 32, line[close + 2] == 34
        else { return Self.malformed("no address, [time] and \"request\"") }
        guard let time = LogTime.parseCommonLog(line.part(open + 1..<close)) else {
            return .rejected(Rejection(reason: .badTimestamp, detail: "[time] is not a moment"))
        }
        var index = close + 2
        guard let asked = quoted(line, &index) else {
            return Self.malformed("the request has no closing quote")
        }
        guard let status = number(line, &index), let bytes = number(line, &index) else {
            return Self.malformed("no status and bytes behind the request")
        }
        request.timeMs = time
        request.address = line.part(0..<address)
        request.status = status
        request.sentBytes = bytes
        Self.split(asked, into: &request)
        var place = 0
        while index + 1 < line.count {
            guard line[index] == 32, line[index + 1] == 34 else {
                return Self.malformed("what follows the bytes is not in quotes")
            }
            index += 1
            guard let field = quoted(line, &index) else {
                return Self.malformed("a field has no closing quote")
            }
            if place == 1 { request.agent = field }
            if place > 1 { request.take(range: field) }
            place += 1
        }
        return .request
    }

    /// `GET /path HTTP/1.1`; bytes that are no HTTP have no method.
    static func split(_ asked: UnsafeRawBufferPointer, into request: inout AccessRequest) {
        guard let blank = asked.first(32) else { return }
        request.method = asked.part(0..<blank)
        let end = asked.lastIndex(of: 32)!
        request.path =
            end > blank ? asked.part(blank + 1..<end) : asked.part(blank + 1..<asked.count)
    }

    /// What stands between the quote at `index` and the next that has no backslash before it.
    private func quoted(_ line: UnsafeRawBufferPointer, _ index: inout Int)
        -> UnsafeRawBufferPointer?
    {
        let start = index + 1
        var search = start
        while let end = line.first(34, from: search) {
            var slashes = 0
            while end - 1 - slashes >= start, line[end - 1 - slashes] == 92 { slashes += 1 }
            if slashes & 1 == 0 {
                index = end + 1
                return line.part(start..<end)
            }
            search = end + 1
        }
        return nil
    }

    private func number(_ line: UnsafeRawBufferPointer, _ index: inout Int) -> Int? {
        guard index < line.count, line[index] == 32 else { return nil }
        let end = line.first(32, from: index + 1) ?? line.count
        let text = line.part(index + 1..<end)
        index = end
        // Apache writes `-` for no bytes.
        return text.equals("-") ? 0 : text.digits
    }
}
