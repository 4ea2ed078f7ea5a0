internal import Storage

/// A song's standing in a region over the window.
package struct ScoreRow: Equatable, Sendable {
    /// `*` for all.
    package let region: String
    /// From 1.
    package let rank: Int
    package let songID: String
    /// 0…100.
    package let score: Int
    /// Within the window.
    package let streams: Int
    /// Within the window.
    package let chartStreams: Int
    /// The decayed score S.
    package let weight: Double
    /// Distinct, of the last day.
    package let listeners: Int
    /// Distinct within the window, about; 0 where partitions hold no sketches.
    package let windowListeners: Int
    /// How far the last day stands out; see `Trend`.
    package let trend: Double
    /// The last seven days against the seven before, in per cent; see `WeeklyTrend`.
    package let weeklyTrend: Double
    /// Plays that were no streams, of the window's plays; nil when there are none.
    package let skipRate: Double?
    /// Mean share that was heard of the song; nil where no play's duration is known.
    package let completion: Double?
    /// Plays that were heard to nine tenths, of those whose duration is known.
    package let completed: Double?
}

/// `scores.tsv.zst`: a row for each song and region, all regions together (`*`) first, by rank.
package enum ScoresFile {
    package static let fileName = "scores.tsv.zst"
    static let header =
        "region\trank\tsong_id\tscore\tstreams\tchart_streams\tweight\tlisteners"
        + "\twindow_listeners\ttrend\tweekly_trend\tskip_rate\tcompletion\tcompleted"

    private struct End: Error {}

    /// Reads the rows of all regions together, which come first, and no further.
    package static func forEachOverall(_ path: String, _ body: (ScoreRow) throws -> Void) throws {
        do {
            try forEach(path) { row in
                guard row.region == "*" else { throw End() }
                try body(row)
            }
        } catch is End {}
    }

    /// - Throws: `FileError`; `FormatError` with the line that is wrong.
    package static func forEach(_ path: String, _ body: (ScoreRow) throws -> Void) throws {
        try TSVFile.forEach(path, header: header) { fields in
            guard let rank = Int(fields[1]), let score = Int(fields[3]),
                let streams = Int(fields[4]), let chartStreams = Int(fields[5]),
                let weight = Double(fields[6]), let listeners = Int(fields[7]),
                let windowListeners = Int(fields[8]), let trend = Double(fields[9]),
                let weeklyTrend = Double(fields[10]),
                fields[11...].allSatisfy({ $0.isEmpty || Double($0) != nil })
            else { return false }
            try body(
                ScoreRow(
                    region: fields[0], rank: rank, songID: fields[2], score: score,
                    streams: streams, chartStreams: chartStreams, weight: weight,
                    listeners: listeners, windowListeners: windowListeners, trend: trend,
                    weeklyTrend: weeklyTrend, skipRate: Double(fields[11]),
                    completion: Double(fields[12]), completed: Double(fields[13])))
            return true
        }
    }
}

/// `demand.tsv.zst`: the streams expected on the plan's day, by song and region in byte order.
package enum DemandFile {
    static let fileName = "demand.tsv.zst"
    static let header = "song_id\tregion\texpected_streams"

    /// - Throws: `FileError`; `FormatError` with the line that is wrong.
    package static func forEach(
        _ path: String,
        _ body: (_ songID: String, _ region: String, _ expected: Double) throws -> Void
    ) throws {
        try TSVFile.forEach(path, header: header) { fields in
            guard let expected = Double(fields[2]) else { return false }
            try body(fields[0], fields[1], expected)
            return true
        }
    }
}

/// Files of tab-separated columns under a header line.
enum TSVFile {
    /// - Parameter body: Returns false for a row that it does not understand.
    static func forEach(_ path: String, header: String, _ body: ([String]) throws -> Bool) throws {
        let columns = header.utf8.count { $0 == 9 } + 1
        let hint = "run spindle popularity again"
        let reader = try LineReader(path)
        var hasHeader = false
        let damage = try reader.forEach { line in
            let fields = line.bytes.split(separator: 9, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            if line.number == 1 {
                guard fields.joined(separator: "\t") == header else {
                    throw FormatError(path, "the columns are not \(header)", hint: hint)
                }
                hasHeader = true
            } else {
                guard fields.count == columns, try body(fields) else {
                    throw FormatError(path, "line \(line.number) is no such row", hint: hint)
                }
            }
        }
        if let damage { throw damage }
        guard hasHeader else { throw FormatError(path, "is empty", hint: hint) }
    }
}
