/// Reads CloudFront's standard logs: tab-separated, `#Fields:` says which column is what
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html>).
final class CloudFrontParser: AccessLogParser {
    private enum Field: Int, CaseIterable {
        case date, time, edge, bytes, address, method, path, status, agent, query, contentLength,
            rangeStart

        var name: StaticString {
            switch self {
            case .date: "date"
            case .time: "time"
            case .edge: "x-edge-location"
            case .bytes: "sc-bytes"
            case .address: "c-ip"
            case .method: "cs-method"
            case .path: "cs-uri-stem"
            case .status: "sc-status"
            case .agent: "cs(User-Agent)"
            case .query: "cs-uri-query"
            case .contentLength: "sc-content-len"
            case .rangeStart: "sc-range-start"
            }
        }
        var isRequired: Bool {
            switch self {
            case .edge, .query, .contentLength, .rangeStart: false
            default: true
            }
        }
    }

    private var columns = [Int](repeating: -1, count: Field.allCases.count)
    /// 0 until the fields are known.
    private var columnCount = 0
    private var fields = DelimitedFields(delimiter: 9)
    private let room: UnsafeMutableRawBufferPointer
    private var used = 0

    init() {
        room = .allocate(byteCount: PlayEventParser.maximumLineBytes + 32, alignment: 16)
    }

    deinit { room.deallocate() }

    func parse(_ line: UnsafeRawBufferPointer, into request: inout AccessRequest)
        -> RequestOutcome
    {
        if line.first == 35 {
            if line.starts(with: "#Fields:") { takeFields(line.part(8..<line.count)) }
            return .leftOut(.header)
        }
        guard columnCount > 0 else {
            return .rejected(
                Rejection(
                    reason: .noHeader, detail: "no #Fields: line with what is needed stands before")
            )
        }
        fields.splitPlainly(line)
        guard fields.count == columnCount else {
            return .rejected(
                Rejection(
                    reason: .columnCount,
                    detail: "\(fields.count) columns instead of \(columnCount)"))
        }
        guard line.isValidUTF8 else {
            return .rejected(Rejection(reason: .notUTF8, detail: "not UTF-8"))
        }
        used = 0
        guard let time = moment() else {
            return .rejected(
                Rejection(reason: .badTimestamp, detail: "date and time are not a moment"))
        }
        guard let status = self[.status].digits, let bytes = self[.bytes].digits else {
            return Self.malformed("sc-status or sc-bytes is not a number")
        }
        request.timeMs = time
        request.status = status
        request.address = self[.address]
        request.method = self[.method]
        request.agent = decoded(self[.agent])
        request.location = airport(self[.edge])
        request.path = self[.path]
        let query = self[.query]
        if !query.isEmpty, !query.equals("-") { request.path = joined(request.path, query) }
        // sc-bytes counts headers too.
        request.sentBytes = min(bytes, self[.contentLength].digits ?? bytes)
        request.rangeStart = self[.rangeStart].digits ?? -1
        return .request
    }

    private subscript(field: Field) -> UnsafeRawBufferPointer { fields[columns[field.rawValue]] }

    private func takeFields(_ text: UnsafeRawBufferPointer) {
        let names = text.split(separator: 32).map { UnsafeRawBufferPointer(rebasing: $0) }
        columns = Field.allCases.map { field in
            names.firstIndex { $0.equals(field.name) } ?? -1
        }
        let isWhole = Field.allCases.allSatisfy { !$0.isRequired || columns[$0.rawValue] >= 0 }
        columnCount = isWhole ? names.count : 0
    }

    private func moment() -> Int? {
        let (date, time) = (self[.date], self[.time])
        guard date.count == 10, time.count >= 8, time.count <= 12 else { return nil }
        let start = used
        append(date)
        room[used] = 84
        used += 1
        append(time)
        return LogTime.parse(UnsafeRawBufferPointer(rebasing: room[start..<used]))
    }

    /// `FRA56-P1` is one of Frankfurt's: the airport's letters say where.
    private func airport(_ edge: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let letters = edge.prefix { ($0 | 32) &- 97 < 26 }.count
        return letters >= 3 ? edge.part(0..<letters) : .none
    }

    private func append(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: room[used...]).copyMemory(from: bytes)
        used += bytes.count
    }

    private func joined(_ path: UnsafeRawBufferPointer, _ query: UnsafeRawBufferPointer)
        -> UnsafeRawBufferPointer
    {
        let start = used
        append(path)
        room[used] = 63
        used += 1
        append(query)
        return UnsafeRawBufferPointer(rebasing: room[start..<used])
    }

    /// Without its percent signs; user agents come encoded, some twice.
    private func decoded(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard text.first(37) != nil else { return text }
        let start = used
        var index = 0
        while index < text.count {
            if text[index] == 37, index + 2 < text.count, let high = digit(text[index + 1]),
                let low = digit(text[index + 2])
            {
                room[used] = high << 4 | low
                index += 3
            } else {
                room[used] = text[index]
                index += 1
            }
            used += 1
        }
        return UnsafeRawBufferPointer(rebasing: room[start..<used])
    }

    private func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
