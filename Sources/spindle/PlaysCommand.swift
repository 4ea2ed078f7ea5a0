import Arguments
import Pipeline
import Plays
import Storage

/// `spindle plays`: play logs → one partition a day.
enum PlaysCommand: StageCommand {
    static let command = Command(
        "spindle plays", summary: "count play logs into streams per song, region and day",
        discussion: """
            Reads the logs written up to and including the night's day (the date in a file's \
            path), NDJSON, plain or packed with gzip or zstd. Each event counts once, by its \
            event_id, for the UTC day on which it happened; a stream is a play of at least 30 \
            seconds, or of the whole of a shorter song. Lines that cannot be counted are set aside \
            with their place and reason (spindle rejects). Only days for which something new has \
            come are counted again.
            """,
        options: [
            Option("logs", "PATH", repeats: true, help: "A log file, a folder of logs, or a glob"),
            Option("days", "N", default: "28", help: "The window of days to keep up to date"),
            Option(
                "late-days", "N", default: "7",
                help: "How many days after it happened an event may be logged"),
            .rejectLimit,
        ] + stageOptions)

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        let logs = arguments.strings("logs")
        guard !logs.isEmpty else { throw arguments.usageError("no --logs given") }
        var options = PlayOptions()
        options.days = try arguments.int("days", in: 1...400)!
        options.tool = version
        options.lateDays = try arguments.int("late-days", in: 0...60)!
        options.rejectLimit = try arguments.rejectLimit() ?? .percent(100)
        return PlaysStage(logs: logs.map(absolutePath), options: options)
    }
}

private struct PlaysStage: Stage {
    let name = "plays"
    let logs: [String]
    let options: PlayOptions

    var parameters: [String: String] {
        [
            "logs": logs.joined(separator: "\n"), "days": "\(options.days)",
            "late-days": "\(options.lateDays)",
        ]
    }

    private func counter(_ night: Night) -> PlayCounter {
        PlayCounter(warehouse: night.warehouse, logs: logs, options: options)
    }

    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] {
        try counter(night).fingerprints(date: night.date).map {
            .init(name: $0.name, fingerprint: $0.fingerprint)
        }
    }

    /// A night counts several days, each in a folder of its own; this record is the night's.
    private func recordPath(_ night: Night) -> String {
        "\(night.warehouse.path)/plays/night=\(night.date)"
    }

    func completed(_ night: Night) throws -> ArtefactRecord? {
        guard let record = ArtefactRecord.read(recordPath(night)),
            record.filesExist(in: night.warehouse.path)
        else { return nil }
        return record
    }

    func run(_ night: Night) throws -> StageOutcome {
        // Taken before reading: a log that grows meanwhile makes the next run look again.
        let inputs = try inputs(night)
        let summary = try counter(night).run(date: night.date, progress: night.progress)
        let files = try summary.days.map { day in
            let path = night.warehouse.artefact("plays", day.date) + "/counts.tsv.zst"
            return FileDigest(
                name: "plays/date=\(day.date)/counts.tsv.zst",
                sizeBytes: try FileStatus.of(path)?.sizeBytes ?? 0,
                sha256: try SHA256.hash(fileAt: path))
        }
        let record = ArtefactRecord(
            stage: name, date: night.date, tool: night.tool, parameters: parameters,
            inputs: inputs, files: files)
        try writeAtomically(
            record.json, to: recordPath(night) + "/" + ArtefactRecord.name, in: night.warehouse)
        let read = summary.read
        let days = summary.days.count { $0.outcome == .counted }
        return StageOutcome(
            summary: """
                counted \(days) day\(days == 1 ? "" : "s"): read \(grouped(read.lines)) lines, \
                \(grouped(read.streams)) streams, \(grouped(read.short)) too short, \
                \(grouped(read.duplicates)) duplicates, \(grouped(read.rejected)) rejected
                """,
            warnings: summary.warnings, counts: counts(summary))
    }

    /// Of the whole window.
    private func counts(_ summary: PlaySummary) -> JSONValue {
        let total = summary.total
        return .object([
            "days": .integer(summary.days.count), "lines": .integer(total.lines),
            "late_in": .integer(total.lateIn), "streams": .integer(total.streams),
            "short": .integer(total.short), "duplicates": .integer(total.duplicates),
            "impossible_hours": .integer(total.impossibleHours),
            "rejected": .integer(total.rejected), "late_out": .integer(total.lateOut),
            "pending": .integer(total.pending), "chart_streams": .integer(total.chartStreams),
        ])
    }
}
