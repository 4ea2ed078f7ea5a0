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
            path), plain or packed with gzip or zstd: Spindle's own NDJSON, CSV and TSV with a \
            header, ListenBrainz listens, Spotify's extended streaming history, Last.fm-1K, and \
            access logs (CloudFront, nginx) whose requests are folded into listening sessions. \
            Songs of other services are found in the catalogue. Each event counts once, by its \
            event_id, for the day on which it happened; a stream is a play of at least 30 seconds, or \
            of the whole of a shorter song. What machines play is left out and listed. Lines that cannot be counted are set aside \
            with their place and reason (spindle rejects). Only days for which something new has \
            come are counted again.
            """,
        options: [
            Option(
                "logs", "PATH", repeats: true,
                help: "A log file, a folder of logs, a glob, or - for standard input"),
            Option("days", "N", default: "28", help: "The window of days to keep up to date"),
            .rejectLimit,
        ] + readingOptions + countingOptions + stageOptions,
        subcommands: subcommands.map { $0.command })

    static var subcommands: [any Subcommand.Type] {
        [
            PlaysShowCommand.self, PlaysMapCommand.self, PlaysMergeCommand.self,
            PlaysAuditCommand.self,
        ]
    }

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        let logs = arguments.strings("logs")
        guard !logs.isEmpty else { throw arguments.usageError("no --logs given") }
        var options = try options(arguments)
        options.days = try arguments.int("days", in: 1...400)!
        options.rejectLimit = try arguments.rejectLimit() ?? .percent(100)
        if logs.contains("-"),
            options.reading.parameters.values.contains(where: { $0.contains("/") })
        {
            // It is kept in folders of these names.
            throw arguments.usageError(
                "with --logs - there is no / in --region, --listener and --columns")
        }
        return PlaysStage(logs: logs.map { $0 == "-" ? $0 : absolutePath($0) }, options: options)
    }

    /// The logs that a call names, what came through standard input among them.
    static func logs(_ arguments: ParsedArguments, _ warehouse: Warehouse) -> [String] {
        logs(arguments.strings("logs").map { $0 == "-" ? $0 : absolutePath($0) }, warehouse)
    }

    fileprivate static func logs(_ logs: [String], _ warehouse: Warehouse) -> [String] {
        // What came through standard input on another night has not gone since.
        let kept = StandardInputLog.folder(warehouse)
        return logs.filter { $0 != "-" } + (FileSystem.exists(kept) ? [kept] : [])
    }
}

/// Standard input, which is read once however often a stage is asked for its inputs.
private final class StandardInput {
    private var isKept = false

    func keepOnce(in warehouse: Warehouse, _ options: PlayLogOptions) throws {
        if !isKept { try StandardInputLog.keep(in: warehouse, options) }
        isKept = true
    }
}

private struct PlaysStage: Stage {
    let name = "plays"
    let logs: [String]
    let options: PlayOptions
    private let standardInput = StandardInput()

    init(logs: [String], options: PlayOptions) {
        self.logs = logs
        self.options = options
    }

    var parameters: [String: String] {
        [
            "logs": logs.joined(separator: "\n"), "days": "\(options.days)",
            "late-days": "\(options.lateDays)",
        ]
        .merging(options.countingParameters) { first, _ in first }
        .merging(options.reading.parameters) { first, _ in first }
    }

    private func counter(_ night: Night) throws -> PlayCounter {
        if logs.contains("-") { try standardInput.keepOnce(in: night.warehouse, options.reading) }
        return PlayCounter(
            warehouse: night.warehouse, logs: PlaysCommand.logs(logs, night.warehouse),
            options: options)
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
                counted \(days) day\(days == 1 ? "" : "s"): read \(grouped(read.lines)) lines\
                \(read.lateIn > 0 ? " and \(grouped(read.lateIn)) late events" : ""), \
                \(grouped(read.streams)) streams, \(grouped(read.short)) too short, \
                \(grouped(read.duplicates)) duplicates, \(grouped(excluded(read))) excluded, \
                \(grouped(read.rejected)) rejected\
                \(read.lateOut > 0 ? ", \(grouped(read.lateOut)) of other days" : "")
                """,
            warnings: summary.warnings + unresolved(read), counts: counts(summary))
    }

    private func excluded(_ read: PlayAccounting) -> Int {
        read.impossibleHours + read.addressFarm + read.thresholdLoop
    }

    private func unresolved(_ read: PlayAccounting) -> [String] {
        guard read.unresolved > 0 else { return [] }
        return [
            "\(grouped(read.unresolved)) play\(read.unresolved == 1 ? "" : "s") of songs that are "
                + "not in the catalogue: they count under the names that the logs have"
        ]
    }

    /// Of the whole window.
    private func counts(_ summary: PlaySummary) -> JSONValue {
        let total = summary.total
        return .object([
            "days": .integer(summary.days.count), "lines": .integer(total.lines),
            "late_in": .integer(total.lateIn), "streams": .integer(total.streams),
            "short": .integer(total.short), "duplicates": .integer(total.duplicates),
            "impossible_hours": .integer(total.impossibleHours),
            "address_farm": .integer(total.addressFarm),
            "threshold_loop": .integer(total.thresholdLoop),
            "rejected": .integer(total.rejected), "late_out": .integer(total.lateOut),
            "pending": .integer(total.pending), "left_out": .integer(total.leftOut),
            "folded": .integer(total.folded), "damaged_files": .integer(total.damagedFiles),
            "unresolved": .integer(total.unresolved),
            "chart_streams": .integer(total.chartStreams),
        ])
    }
}
