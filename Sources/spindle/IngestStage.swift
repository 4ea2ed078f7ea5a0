import Arguments
import Catalog
import Glibc
import Ingest
import Pipeline
import Storage
import TagReading

/// The ingest as a stage of the night.
struct IngestStage: Stage {
    let name = "ingest"
    let sources: [IngestSource]
    let options: Importer.Options
    /// Of the same library, and not looked at this time.
    var otherSources: [IngestSource] = []

    /// The limits only decide whether the stage fails, not what it makes.
    var parameters: [String: String] {
        [
            "sources": sources.map(\.signature).joined(separator: "\n"),
            "separators": options.separators.signature,
        ]
    }

    private func importer(_ night: Night) -> Importer {
        Importer(
            night.warehouse, sources: sources, otherSources: otherSources, options: options)
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
            stage: name, date: night.date, tool: tool,
            parameters: [
                "sources": sources, "separators": try ledger.meta("ingest.separators") ?? "",
            ],
            inputs: [.init(name: "sources", fingerprint: fingerprint)], files: [])
    }

    /// Songs of sources that are no longer named stay in the catalogue: say so.
    private func unnamedSources(_ ledger: Ledger) throws -> [String] {
        let scanned = Set((sources + otherSources).map(\.path))
        return try ledger.sources().filter {
            !scanned.contains($0.source) && $0.source != IngestSource.loose
                && !IngestSource.isArchive($0.source)
        }.map {
            "\(grouped($0.files)) files of \($0.source), which was not scanned, stay in the catalogue"
        }
    }

    /// All that is known is as it was.
    func unchanged(_ night: Night) throws -> StageOutcome? {
        let summary = try IngestSummary(unchangedIn: Ledger(night.warehouse, .readOnly), sources)
        return StageOutcome(summary: summary.text, counts: summary.json)
    }

    func run(_ night: Night) throws -> StageOutcome {
        let importer = importer(night)
        let ledger = try Ledger(night.warehouse, .readWrite)
        try ledger.setMeta("ingest.fingerprint", "")
        let summary = try importer.run(date: night.date) {
            night.progress("\(grouped($0.seen)) files seen, \(formatBytes($0.bytesRead)) read")
        }
        // That of what was really seen: a file that changes meanwhile, or a folder that was away for
        // a moment, makes the next run look again. Of a part there is no fingerprint to compare: the next night scans all once.
        if otherSources.isEmpty {
            try ledger.transaction {
                try ledger.setMeta("ingest.fingerprint", summary.fingerprint)
                try ledger.setMeta("ingest.sources", parameters["sources"]!)
                try ledger.setMeta("ingest.separators", parameters["separators"]!)
                try ledger.setMeta("ingest.tool", night.tool)
            }
        }
        return StageOutcome(
            summary: summary.text, warnings: summary.warnings + (try unnamedSources(ledger)),
            counts: summary.json)
    }
}

extension IngestSummary {
    /// One line, and one more for each source where there are several.
    var text: String {
        var text = "\(total.text); \(grouped(songs)) songs"
        if sources.count > 1 {
            for source in sources {
                let name = source.path.isEmpty ? "files outside of any source" : source.path
                text += "\n  \(name): \(source.counts.text)"
            }
        }
        return text
    }

    static let holdsNothing = "the source folders hold no files"

    var warnings: [String] {
        (total.seen == 0 ? [Self.holdsNothing] : []) + notes
            + sources.compactMap(\.removalWarning)
            + (total.damaged > 0
                ? [
                    """
                    \(grouped(total.damaged)) files that were good can no longer be used; their last \
                    good versions are kept (spindle rejects --warnings)
                    """
                ] : [])
            + otherSeparators.map {
                """
                \($0): files that did not change keep values split at the separators they were read \
                with; --reread reads them all with these
                """
            }
    }

    var json: JSONValue {
        func fields(_ counts: IngestCounts) -> [String: JSONValue] {
            Dictionary(
                uniqueKeysWithValues: counts.fields.map { ($0.name, .integer($0.value)) })
        }
        var all = fields(total)
        all["songs"] = .integer(songs)
        all["sources"] = .array(
            sources.map { source in
                .object(fields(source.counts).merging(["source": .string(source.path)]) { $1 })
            })
        return .object(all)
    }
}

extension IngestSummary.Source {
    /// Far fewer than make a run stop are worth a word: a disk inside a source may be missing.
    fileprivate var removalWarning: String? {
        let gone = counts.gone
        guard known > 0, gone > 100 || gone * 20 > known else { return nil }
        return """
            \(path.isEmpty ? "files outside of any source" : path): \(grouped(gone)) of \
            \(grouped(known)) known files are gone and leave the catalogue; if they were not meant \
            to, bring them back and run ingest again
            """
    }
}

extension IngestCounts {
    fileprivate var text: String {
        """
        saw \(grouped(seen)) files: \(grouped(new)) new, \(grouped(changed)) changed, \
        \(grouped(moved)) moved, \(grouped(duplicate)) duplicate, \(grouped(unchanged)) \
        unchanged, \(grouped(rejected)) rejected, \(grouped(ignored)) ignored; \
        \(grouped(gone)) gone
        """ + (mended > 0 ? ", \(grouped(mended)) rotten or lost blobs mended" : "")
            + (vanished > 0 ? ", \(grouped(vanished)) vanished while they were read" : "")
            + (irregular > 0 ? ", \(grouped(irregular)) links, pipes or devices passed by" : "")
            + (excluded > 0 ? ", \(grouped(excluded)) left out" : "")
    }
}

func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
