import Arguments
import Catalog
import Ingest
import Pipeline
import Storage

/// `spindle ingest`: source folders → blobs and ledger.
enum IngestCommand: StageCommand {
    static let command = Command(
        "spindle ingest", summary: "read new and changed MP3 files into the warehouse",
        discussion: """
            Scans the source folders and reads each file that is new or has changed (by size, \
            mtime, ctime and inode) once: splits it into leading tags, audio and trailing tags, \
            hashes and stores the three, reads the tags, and records it in the ledger. A file \
            that cannot be used is set aside with its reason (see spindle rejects) and the rest \
            goes on. Files that have vanished are marked gone; their bytes stay.
            """,
        options: [
            Option(
                "source", "DIR", repeats: true, help: "A folder of MP3 files, with all below it"),
            .rejectLimit,
            Option(
                "removal-limit", "N", default: "50%",
                help: """
                    Stop, and mark nothing gone, when more than N (or N%) of a source's known \
                    files are missing: it is more likely unmounted than emptied
                    """),
            Option("accept-removals", help: "The missing files really were removed"),
            Option(
                "reread",
                help: """
                    Read unchanged files as well, and store again what the warehouse has lost or \
                    what has rotted there
                    """),
        ] + stageOptions)

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        let sources = arguments.strings("source")
        guard !sources.isEmpty else {
            throw arguments.usageError("no --source given")
        }
        var options = Importer.Options()
        options.rejectLimit = try arguments.rejectLimit()
        guard let removalLimit = RejectLimit(arguments.string("removal-limit")!) else {
            throw arguments.usageError("--removal-limit takes a number or a percentage")
        }
        options.removalLimit = removalLimit
        options.acceptsRemovals = arguments.flag("accept-removals")
        options.rereads = arguments.flag("reread")
        return IngestStage(sources: sources.map(absolutePath), options: options)
    }
}

private struct IngestStage: Stage {
    let name = "ingest"
    let sources: [String]
    let options: Importer.Options

    /// The limits only decide whether the stage fails, not what it makes.
    var parameters: [String: String] { ["sources": sources.joined(separator: "\n")] }

    private func importer(_ night: Night) -> Importer {
        Importer(night.warehouse, sources: sources, options: options)
    }

    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] {
        [.init(name: "sources", fingerprint: try importer(night).fingerprint())]
    }

    /// The ledger holds its own record: it has no folder a night.
    func completed(_ night: Night) throws -> ArtefactRecord? {
        guard !options.rereads, FileSystem.exists(night.warehouse.ledgerPath) else { return nil }
        let ledger = try Ledger(night.warehouse, .readOnly)
        guard let digest = try ledger.meta("content_digest"), !digest.isEmpty,
            let fingerprint = try ledger.meta("ingest.fingerprint"),
            let sources = try ledger.meta("ingest.sources"),
            let tool = try ledger.meta("ingest.tool")
        else { return nil }
        return ArtefactRecord(
            stage: name, date: night.date, tool: tool, parameters: ["sources": sources],
            inputs: [.init(name: "sources", fingerprint: fingerprint)], files: [])
    }

    /// Songs of sources that are no longer named stay in the catalogue: say so.
    private func otherSources(_ ledger: Ledger) throws -> [String] {
        let scanned = Set(sources.map(FileSystem.absolute))
        return try ledger.sources().filter { !scanned.contains($0.source) }.map {
            "\(grouped($0.files)) files of \($0.source), which was not scanned, stay in the catalogue"
        }
    }

    func run(_ night: Night) throws -> StageOutcome {
        let importer = importer(night)
        // Taken before reading: a file that changes meanwhile makes the next run look again.
        let fingerprint = try importer.fingerprint()
        let ledger = try Ledger(night.warehouse, .readWrite)
        try ledger.setMeta("ingest.fingerprint", "")
        let summary = try importer.run(date: night.date) {
            night.progress("\(grouped($0.seen)) files seen, \(formatBytes($0.bytesRead)) read")
        }
        try ledger.transaction {
            try ledger.setMeta("ingest.fingerprint", fingerprint)
            try ledger.setMeta("ingest.sources", parameters["sources"]!)
            try ledger.setMeta("ingest.tool", night.tool)
        }
        return StageOutcome(
            summary: """
                saw \(grouped(summary.seen)) files: \(grouped(summary.new)) new, \
                \(grouped(summary.changed)) changed, \(grouped(summary.duplicate)) duplicate, \
                \(grouped(summary.unchanged)) unchanged, \
                \(grouped(summary.rejected)) rejected, \(grouped(summary.ignored)) ignored; \
                \(grouped(summary.gone)) gone; \(grouped(summary.songs)) songs
                """,
            warnings: (summary.seen == 0 ? ["the source folders hold no files"] : [])
                + (summary.damaged > 0
                    ? [
                        """
                        \(grouped(summary.damaged)) files that were good can no longer be used; \
                        their last good versions are kept (spindle rejects --warnings)
                        """
                    ] : [])
                + (try otherSources(ledger)),
            counts: .object(
                Dictionary(
                    uniqueKeysWithValues: summary.counts.map { ($0.name, .integer($0.value)) })))
    }
}
