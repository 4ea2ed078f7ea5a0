internal import Storage

/// Reads records of CSV or TSV whose header says which column is what.
///
/// A header that comes again is passed over. Another header sets aside itself and all behind it,
/// until the first one comes again: which column is what is then not known.
final class DelimitedParser: PlayRecordParser {
    private let delimiter: UInt8
    private let chosen: [String: String]
    // One thread uses them, each for itself: checking that costs a tenth of the time.
    @exclusivity(unchecked) private var fields: DelimitedFields
    @exclusivity(unchecked) private var mapping: ColumnMapping?
    @exclusivity(unchecked) private var header: [UInt8] = []
    @exclusivity(unchecked) private var headerHasChanged = false

    /// - Parameter chosen: What `--columns` says.
    init(delimiter: UInt8, chosen: [String: String]) {
        self.delimiter = delimiter
        self.chosen = chosen
        fields = DelimitedFields(delimiter: delimiter)
    }

    /// - Returns: false for a line that is no header.
    func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        guard case .whole = fields.split(line), line.isValidUTF8,
            let mapping = ColumnMapping(header: fields.texts, chosen: chosen)
        else { return false }
        self.mapping = mapping
        header = Array(line)
        headerHasChanged = false
        return true
    }

    /// Whether a line has several columns, none of which is one that was chosen.
    func lacksChosen(_ line: UnsafeRawBufferPointer) -> Bool {
        guard case .whole = fields.split(line), line.isValidUTF8, fields.count > 1 else {
            return false
        }
        return !ColumnMapping.missing(of: chosen, in: fields.texts).isEmpty
    }

    /// What is wrong with a line that is no header.
    func badHeader(_ line: UnsafeRawBufferPointer, path: String, number: Int) -> FormatError {
        var columns: [String] = []
        if case .whole = fields.split(line), line.isValidUTF8 { columns = fields.texts }
        let shown = columns.prefix(24).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
            .withoutControlCharacters
        let missing = ColumnMapping.missing(of: chosen, in: columns)
        if let first = missing.first {
            return FormatError(
                path, "line \(number) has no column '\(first)': it has \(shown)",
                hint:
                    "name columns that are there with --columns; they hold for all CSV and TSV logs"
            )
        }
        return FormatError(
            path,
            "line \(number) is no header that names the columns of time and song: it has \(shown)",
            hint: "say which columns they are: --columns ts=…,song_id=…")
    }

    /// Whether a quoted field goes on behind the end of this.
    func isOpen(_ record: UnsafeRawBufferPointer) -> Bool {
        guard record.first(34) != nil, case .open = fields.split(record) else { return false }
        return true
    }

    /// Whether the record has the header's columns.
    func hasItsColumns(_ record: UnsafeRawBufferPointer) -> Bool {
        guard case .whole = fields.split(record) else { return false }
        return fields.count == mapping?.columnCount
    }

    /// Few writers of TSV quote: where the columns are right without it, a quote is a character.
    func isWholeWithoutQuoting(_ record: UnsafeRawBufferPointer) -> Bool {
        guard delimiter == 9 else { return false }
        fields.splitPlainly(record)
        return fields.count == mapping?.columnCount
    }

    func parse(_ line: UnsafeRawBufferPointer, into record: inout PlayRecord) -> LineOutcome {
        if line.count == header.count, header.withUnsafeBytes({ line.equals($0) }) {
            headerHasChanged = false
            return .leftOut(.header)
        }
        guard !headerHasChanged, let mapping else {
            return .rejected(
                Rejection(reason: .headerChanged, detail: "stands behind another header"))
        }
        guard line.isValidUTF8 else {
            return .rejected(Rejection(reason: .notUTF8, detail: "not UTF-8"))
        }
        switch fields.split(line) {
        case .whole: break
        case .open, .broken:
            guard isWholeWithoutQuoting(line) else {
                return .rejected(
                    Rejection(
                        reason: .badQuotes, detail: "a quoted field does not end as it must"))
            }
        }
        let rejection = take(mapping, into: &record)
        guard let rejection else { return .play }
        // Only what is no play is looked at as a header.
        if let other = ColumnMapping(header: fields.texts, chosen: chosen), other[.time] >= 0,
            LogTime.parse(fields[other[.time]].trimmed) == nil
        {
            headerHasChanged = true
            return .rejected(Rejection(reason: .headerChanged, detail: "is another header"))
        }
        return .rejected(rejection)
    }

    private func take(_ mapping: ColumnMapping, into record: inout PlayRecord) -> Rejection? {
        guard fields.count == mapping.columnCount else {
            return Rejection(
                reason: .columnCount,
                detail: "\(fields.count) columns instead of \(mapping.columnCount)")
        }
        let ts = fields[mapping[.time]].trimmed
        if ts.isEmpty { return missing(.time) }
        guard let time = LogTime.parse(ts) else {
            return Rejection(reason: .badTimestamp, detail: "ts is not a moment")
        }
        record.timeMs = time
        record.eventID = fields[mapping[.eventID]]
        record.userID = fields[mapping[.user]]
        record.region = fields[mapping[.region]]
        record.address = fields[mapping[.address]]
        record.song.id = fields[mapping[.song]]
        record.song.artist = fields[mapping[.artist]]
        record.song.title = fields[mapping[.title]]
        record.song.isrc = fields[mapping[.isrc]]
        record.song.recordingID = fields[mapping[.recordingID]]
        var rejection: Rejection?
        func milliseconds(_ whole: ColumnMapping.Field, _ seconds: ColumnMapping.Field, _ else: Int)
            -> Int
        {
            var text = fields[mapping[whole]].trimmed
            if !text.isEmpty {
                guard let value = text.integer else {
                    rejection = notANumber(whole)
                    return `else`
                }
                if value < 0 { rejection = outOfRange(whole) }
                return value
            }
            text = fields[mapping[seconds]].trimmed
            if text.isEmpty { return `else` }
            guard let value = Self.thousandths(text) else {
                rejection = notANumber(seconds)
                return `else`
            }
            if value < 0 { rejection = outOfRange(seconds) }
            return value
        }
        record.playedMs = milliseconds(.playedMs, .playedSeconds, -1)
        if let rejection { return rejection }
        record.durationMs = milliseconds(.durationMs, .durationSeconds, 0)
        return rejection
    }

    /// Seconds, with decimals or without, in milliseconds.
    static func thousandths(_ text: UnsafeRawBufferPointer) -> Int? {
        let isNegative = text.first == 45
        let rest = isNegative ? text.part(1..<text.count) : text
        let point = rest.first(46) ?? rest.count
        guard point <= 12, let whole = rest.part(0..<point).digits else { return nil }
        var fraction = 0
        var scale = 100
        if point < rest.count {
            guard point + 1 < rest.count else { return nil }
            for byte in rest.part(point + 1..<rest.count) {
                guard byte &- 48 < 10 else { return nil }
                fraction += Int(byte - 48) * scale
                scale /= 10
            }
        }
        let value = whole * 1_000 + fraction
        return isNegative ? -value : value
    }

    private func missing(_ field: ColumnMapping.Field) -> Rejection {
        Rejection(reason: .missingField, detail: "\(field.name) is missing")
    }

    private func notANumber(_ field: ColumnMapping.Field) -> Rejection {
        Rejection(reason: .wrongType, detail: "\(field.name) is not a number")
    }

    private func outOfRange(_ field: ColumnMapping.Field) -> Rejection {
        Rejection(reason: .outOfRange, detail: "\(field.name) is below 0")
    }
}
