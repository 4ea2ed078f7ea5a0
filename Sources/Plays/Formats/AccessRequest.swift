/// A request in an access log.
struct AccessRequest {
    var timeMs = 0
    var address = UnsafeRawBufferPointer.none
    var agent = UnsafeRawBufferPointer.none
    var method = UnsafeRawBufferPointer.none
    /// Path and query, as they were asked for.
    var path = UnsafeRawBufferPointer.none
    /// Where it was answered; empty where the log does not tell.
    var location = UnsafeRawBufferPointer.none
    var status = 0
    /// Of the body, as far as the log tells them apart from the headers.
    var sentBytes = 0
    /// Of an answer with status 206: the first byte of the object that was sent, -1 where the log
    /// does not tell.
    var rangeStart = -1

    /// Takes `bytes 0-99/1000` (Content-Range) or `bytes=0-99` (Range, of one range).
    mutating func take(range text: UnsafeRawBufferPointer) {
        guard text.starts(with: "bytes ") || text.starts(with: "bytes=") else { return }
        takeNumbers(text.part(6..<text.count))
    }

    private mutating func takeNumbers(_ text: UnsafeRawBufferPointer) {
        // Several ranges in one answer: where each byte lies is not told.
        guard text.first(44) == nil, let dash = text.first(45), dash > 0,
            let start = text.part(0..<dash).digits
        else { return }
        rangeStart = start
    }
}

/// What a line of an access log was.
enum RequestOutcome {
    case request
    case leftOut(LeftOutReason)
    case rejected(Rejection)
}

/// Reads one line of an access log.
protocol AccessLogParser: AnyObject {
    func parse(_ line: UnsafeRawBufferPointer, into request: inout AccessRequest) -> RequestOutcome
}

extension AccessLogParser {
    static func malformed(_ detail: String) -> RequestOutcome {
        .rejected(Rejection(reason: .notARequest, detail: detail))
    }
}
