internal import Storage

/// Tells a log's format by what its first lines are.
struct LogDetection {
    /// How much of a log is looked at, unpacked.
    static let sampleBytes = 64 << 10
    private static let sampleLines = 100

    private let columns: [String: String]
    private var found: [LogFormat] = []
    /// The first line that says nothing, for the message.
    private var oddLine: String?

    /// - Throws: `FileError`; `FormatError` where no format or several are seen.
    static func format(of path: String, columns: [String: String]) throws -> LogFormat {
        let sample = try sample(of: path)
        return try sample.bytes.withUnsafeBytes {
            try format(of: $0, isWhole: sample.isWhole, path: path, columns: columns)
        }
    }

    /// Refuses what reading would refuse before its first event.
    ///
    /// - Parameter name: What the message calls it.
    static func check(_ path: String, as name: String, _ options: PlayLogOptions) throws {
        let sample = try sample(of: path)
        try sample.bytes.withUnsafeBytes { bytes in
            let format =
                try options.format
                ?? format(of: bytes, isWhole: sample.isWhole, path: name, columns: options.columns)
            guard format == .csv || format == .tsv else { return }
            let text = bytes.starts(with: "\u{feff}") ? bytes.part(3..<bytes.count) : bytes
            guard let line = firstLine(of: text) else { return }
            let parser = DelimitedParser(
                delimiter: format == .csv ? 44 : 9, chosen: options.columns)
            if !parser.takeHeader(line) {
                throw parser.badHeader(line, path: name, number: 1)
            }
        }
    }

    private static func firstLine(of text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var start = 0
        while start < text.count {
            let end = text.first(10, from: start) ?? text.count
            let line = text.part(start..<(end > start && text[end - 1] == 13 ? end - 1 : end))
            if !line.isBlank { return line }
            start = end + 1
        }
        return nil
    }

    /// - Parameter isWhole: Whether the last line is all there.
    static func format(
        of sample: UnsafeRawBufferPointer, isWhole: Bool, path: String, columns: [String: String]
    ) throws -> LogFormat {
        var sample = sample
        if sample.starts(with: "\u{feff}") { sample = sample.part(3..<sample.count) }
        var detection = LogDetection(columns: columns)
        detection.look(at: sample, isWhole: isWhole)
        if detection.found.count == 1 { return detection.found[0] }
        if detection.found.count > 1 {
            let names = detection.found.map(\.rawValue).joined(separator: " and ")
            throw FormatError(
                path, "has lines of several formats: \(names)",
                hint: "name the one that it is with --log-format")
        }
        // Spoilt lines of our own log are set aside one by one, even where all are spoilt.
        guard let line = detection.oddLine, !isNamedAsOurs(path) else { return .spindle }
        if !columns.isEmpty, let header = firstLine(of: sample) {
            for delimiter in [UInt8(44), 9] {
                let parser = DelimitedParser(delimiter: delimiter, chosen: columns)
                if parser.lacksChosen(header) {
                    throw parser.badHeader(header, path: path, number: 1)
                }
            }
        }
        throw FormatError(
            path, "is of no format that is known: its first line is \(line)",
            hint: "name its format with --log-format (\(LogFormat.names)); "
                + "for CSV and TSV with other headers say which columns are what: --columns "
                + "ts=…,song_id=…; docs/formats/playlogs.md describes them")
    }

    private init(columns: [String: String]) { self.columns = columns }

    private static func isNamedAsOurs(_ path: String) -> Bool {
        let name = FileSystem.name(of: path).lowercased()
        return [".ndjson", ".ndjson.gz", ".ndjson.zst"].contains { name.hasSuffix($0) }
    }

    private static func sample(of path: String) throws -> (bytes: [UInt8], isWhole: Bool) {
        let reader = try ContentReader(path)
        var bytes = [UInt8](repeating: 0, count: sampleBytes)
        var filled = 0
        do {
            while filled < sampleBytes {
                let count = try bytes.withUnsafeMutableBytes {
                    try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
                }
                if count == 0 { break }
                filled += count
            }
        } catch is CompressionError {
            // What came before the damage tells as well.
        }
        return (Array(bytes[..<filled]), filled < sampleBytes)
    }

    // MARK: Looking

    private mutating func look(at sample: UnsafeRawBufferPointer, isWhole: Bool) {
        var start = 0
        var number = 0
        while start < sample.count, number < Self.sampleLines {
            let end = sample.first(10, from: start)
            if end == nil, !isWhole, number > 0 { break }
            var line = sample.part(start..<(end ?? sample.count))
            if line.last == 13 { line = line.part(0..<line.count - 1) }
            start = (end ?? sample.count) + 1
            let trimmed = line.trimmed
            if trimmed.isEmpty { continue }
            number += 1
            if number == 1, trimmed[0] == 91 {
                lookAtArray(sample)
                return
            }
            let formats = Self.formats(of: trimmed, line, isFirst: number == 1, columns)
            for format in formats where !found.contains(format) { found.append(format) }
            if formats.isEmpty, oddLine == nil { oddLine = Self.shown(trimmed) }
            // A header says what the rest is.
            if number == 1, found == [.csv] || found == [.tsv] || found == [.cloudFront] { return }
        }
    }

    /// The first object of an array.
    private mutating func lookAtArray(_ sample: UnsafeRawBufferPointer) {
        guard let open = sample.first(123) else {
            if sample.contains(where: { ![91, 93, 32, 9, 10, 13].contains($0) }) {
                oddLine = Self.shown(sample)
            }
            return
        }
        for format in Self.formats(ofObject: sample.part(open..<sample.count))
        where format == .spotify || format == .listenBrainz {
            found.append(format)
        }
        if found.isEmpty { oddLine = Self.shown(sample) }
    }

    private static func formats(
        of trimmed: UnsafeRawBufferPointer, _ line: UnsafeRawBufferPointer, isFirst: Bool,
        _ columns: [String: String]
    ) -> [LogFormat] {
        if trimmed[0] == 123 { return formats(ofObject: trimmed) }
        if trimmed.starts(with: "#Fields:") || trimmed.starts(with: "#Version:") {
            return [.cloudFront]
        }
        var request = AccessRequest()
        if case .request = CombinedLogParser().parse(trimmed, into: &request) { return [.combined] }
        if isFirst {
            for (format, delimiter) in [(LogFormat.csv, UInt8(44)), (.tsv, 9)] {
                var fields = DelimitedFields(delimiter: delimiter)
                if case .whole = fields.split(line), line.isValidUTF8,
                    ColumnMapping(header: fields.texts, chosen: columns) != nil
                {
                    return [format]
                }
            }
        }
        var record = PlayRecord()
        if case .play = LastFMParser().parse(line, into: &record) { return [.lastFM] }
        return []
    }

    /// By the keys of an object, which may be cut off.
    private static func formats(ofObject bytes: UnsafeRawBufferPointer) -> [LogFormat] {
        let keys = keys(ofObject: bytes)
        var formats: [LogFormat] = []
        if keys.contains("song_id"), keys.contains("ts") || keys.contains("ms_played") {
            formats.append(.spindle)
        }
        if keys.contains("track_metadata") { formats.append(.listenBrainz) }
        if keys.contains("master_metadata_track_name") || keys.contains("spotify_track_uri") {
            formats.append(.spotify)
        }
        if keys.contains("status"),
            !keys.isDisjoint(with: ["request", "request_uri", "uri", "path"]),
            !keys.isDisjoint(with: ["remote_addr", "client_ip"])
        {
            formats.append(.jsonAccess)
        }
        return formats
    }

    /// The keys of an object's own level, as far as it is JSON.
    private static func keys(ofObject bytes: UnsafeRawBufferPointer) -> Set<String> {
        var cursor = JSONCursor(bytes)
        var keys: Set<String> = []
        var key = JSONCursor.Value()
        var value = JSONCursor.Value()
        guard cursor.take(123) else { return [] }
        repeat {
            cursor.skipSpace()
            guard cursor.take(34), cursor.string(into: &key) else { break }
            keys.insert(UnsafeRawBufferPointer(start: key.start, count: key.count).text)
            cursor.skipSpace()
            guard cursor.take(58) else { break }
            cursor.skipSpace()
            guard cursor.read(into: &value) else { break }
            cursor.skipSpace()
        } while cursor.take(44)
        return keys
    }

    private static func shown(_ line: UnsafeRawBufferPointer) -> String {
        if line.first == 123 {
            let keys = keys(ofObject: line).sorted().prefix(12)
            if !keys.isEmpty {
                return "a JSON object with "
                    + keys.map(\.withoutControlCharacters).joined(separator: ", ")
            }
        }
        let end = min(line.count, 60)
        let text = line.part(0..<end).text.withoutControlCharacters
        return "'\(text)\(end < line.count ? "…" : "")'"
    }
}
