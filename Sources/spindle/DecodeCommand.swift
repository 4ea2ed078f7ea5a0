import Arguments
import AudioAnalysis
import Catalog
import Glibc
import Pipeline
import Storage

/// `spindle decode`: blobs of the ledger's songs → verdicts, loudness, fingerprints.
enum DecodeCommand: StageCommand {
    static let isOptional = true

    static let command = Command(
        "spindle decode", summary: "decode songs to find hidden damage and measure loudness",
        discussion: """
            Decodes the audio of songs that ingest has kept, which finds what no walk over the \
            frames sees: corrupt side information and Huffman data, samples that are missing. \
            Measures loudness (EBU R 128, ReplayGain 2.0), peak, clipping and silence on the way. \
            Costs thirty times the ingest, so it is no part of the usual night. Each song is \
            decoded once; a run that is stopped, or killed, is gone on with by the next. Songs \
            that crash the decoder cost a helper process and get their verdict.
            """,
        options: [
            Option(
                "sample", "N",
                help: """
                    Only N songs, or N% of them, chosen by song id: a larger sample holds every \
                    smaller one
                    """),
            Option("songs", "ID", repeats: true, help: "Only this song"),
            Option("limit-minutes", "N", help: "Begin no further song after N minutes"),
            Option("true-peak", help: "Also measure the true peak, which takes as long again"),
            Option(
                "fingerprints",
                help: """
                    Also take Chromaprint fingerprints, for spindle duplicates; needs the package \
                    libchromaprint1
                    """),
            Option("reread", help: "Decode songs again that have been decoded"),
            Option("workers", "N", help: "Helper processes (default: one for each processor)"),
            Option(
                "list",
                help: """
                    Decode nothing: list the songs with defects and their files; with --json one \
                    object a line
                    """),
        ] + stageOptions)

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        guard arguments.flag("list") else { return try runStage(arguments, terminal) }
        try DefectList(
            warehouse: Warehouse(path: arguments.string("warehouse")!), terminal: terminal,
            asJSON: arguments.flag("json")
        ).print()
        return .ok
    }

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        var options = DecodeRun.Options()
        if let text = arguments.string("sample") {
            guard let sample = DecodeSample(text) else {
                throw arguments.usageError("--sample takes a number or a percentage, not '\(text)'")
            }
            options.sample = sample
        }
        let ids = arguments.strings("songs")
        if !ids.isEmpty {
            guard arguments.string("sample") == nil else {
                throw arguments.usageError("--songs and --sample exclude each other")
            }
            let songs = try ids.map { text in
                guard let song = Digest(hex: text) else {
                    throw arguments.usageError(
                        "--songs takes a song's id, 64 hexadecimal digits, not '\(text)'")
                }
                return song
            }
            options.sample = .songs(Set(songs))
        }
        if arguments.flag("true-peak") { options.parts.insert(.truePeak) }
        if arguments.flag("fingerprints") { options.parts.insert(.fingerprint) }
        options.rereads = arguments.flag("reread")
        options.limitMinutes = try arguments.int("limit-minutes", in: 0...1_000_000)
        options.workers =
            try arguments.int("workers", in: 1...1024)
            ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return DecodeStage(options: options, sample: arguments.string("sample") ?? "100%")
    }
}

private struct DecodeStage: Stage {
    let name = "decode"
    let options: DecodeRun.Options
    let sample: String

    /// Blobs and the ledger are only read, and `decode.sqlite` has a lock of its own.
    var holdsWarehouse: Bool { false }

    var parameters: [String: String] {
        var parts = ["levels"]
        if options.parts.contains(.truePeak) { parts.append("true_peak") }
        if options.parts.contains(.fingerprint) { parts.append("fingerprints") }
        return ["sample": sample, "parts": parts.joined(separator: ",")]
    }

    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] {
        let ledger = try Ledger(night.warehouse, .readOnly)
        return [.init(name: "ledger", fingerprint: try ledger.meta("content_digest") ?? "")]
    }

    /// `decode.sqlite` holds its own record: it has no folder a night.
    func completed(_ night: Night) throws -> ArtefactRecord? {
        guard !options.rereads, !isSelection,
            let store = try DecodeStore.existing(night.warehouse),
            let ledger = try store.meta("completed.ledger"), !ledger.isEmpty,
            let sample = try store.meta("completed.sample"),
            let parts = try store.meta("completed.parts"),
            let tool = try store.meta("completed.tool")
        else { return nil }
        return ArtefactRecord(
            stage: name, date: night.date, tool: tool,
            parameters: ["sample": sample, "parts": parts],
            inputs: [.init(name: "ledger", fingerprint: ledger)], files: [])
    }

    private var isSelection: Bool {
        if case .songs = options.sample { true } else { false }
    }

    func run(_ night: Night) throws -> StageOutcome {
        try RunLock.holdDecoding(night.warehouse) { try decode(night) }
    }

    private func decode(_ night: Night) throws -> StageOutcome {
        let ledger = try inputs(night)[0].fingerprint
        let summary = try DecodeRun(night.warehouse, options).run(
            date: night.date, tool: "spindle \(night.tool)"
        ) {
            night.progress(
                "\(grouped($0.decoded)) songs decoded, \(grouped($0.withWarnings)) with warnings, "
                    + "\(grouped($0.failed)) failed")
        }
        if !isSelection {
            let store = try DecodeStore(night.warehouse, .readWrite)
            let isComplete = !summary.isCutShort && summary.missing == 0
            try store.setMeta("completed.ledger", isComplete ? ledger : "")
            for (key, value) in parameters { try store.setMeta("completed.\(key)", value) }
            try store.setMeta("completed.tool", night.tool)
        }
        let sound =
            summary.decoded - summary.withWarnings - summary.failed - summary.judgedBefore
        return StageOutcome(
            summary: """
                decoded \(grouped(summary.decoded)) songs: \(grouped(sound)) sound, \
                \(grouped(summary.withWarnings)) with warnings, \(grouped(summary.failed)) failed\
                \(summary.judgedBefore > 0 ? ", \(grouped(summary.judgedBefore)) judged before" : ""); \
                \(grouped(summary.upToDate)) decoded before
                """
                    + (summary.isCutShort
                        ? "; stopped at the time limit, the next run goes on" : ""),
            warnings: warnings(summary),
            counts: .object(
                Dictionary(
                    uniqueKeysWithValues: summary.counts.map { ($0.name, .integer($0.value)) })))
    }
    private func warnings(_ summary: DecodeRun.Summary) -> [String] {
        var warnings: [String] = []
        if summary.failed + summary.withWarnings > 0 {
            warnings.append("some songs have defects (spindle decode --list)")
        }
        if summary.missing > 0 {
            warnings.append(
                "\(grouped(summary.missing)) songs have no blob in the warehouse; the next run tries again"
            )
        }
        if case .songs(let songs) = options.sample, summary.songs < songs.count,
            !summary.isCutShort
        {
            warnings.append(
                "\(grouped(songs.count - summary.songs)) of the songs named are not in the ledger")
        }
        return warnings
    }
}
