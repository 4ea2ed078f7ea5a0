import Arguments
import Catalog
import Delivery
import Pipeline
import Publication
import Storage

/// `spindle publish`: the night's results → one verified snapshot.
enum PublishCommand: StageCommand {
    static let command = Command(
        "spindle publish",
        summary: "gather the night's results into a snapshot and make it current",
        discussion: """
            Gathers catalogue, search index, popularity, placement and prefetch manifests and the \
            night's report into one folder with a manifest of checksums, verifies every file, \
            makes it current by one rename, and keeps the last snapshots (--keep). The daemon \
            follows within a second. A night older than the current snapshot is kept beside it, \
            and a snapshot that was rolled back is not published again without --republish.
            """,
        options: [
            Option("keep", "N", default: "7", help: "How many snapshots stay"),
            Option("releases", "FILE", help: "The calendar of announced releases, for the report"),
            Option("republish", help: "Make current a snapshot that was rolled back"),
        ] + stageOptions)

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        PublishStage(
            keep: try arguments.int("keep", in: 1...Int.max)!,
            releases: arguments.string("releases").map(absolutePath),
            republishes: arguments.flag("republish"))
    }
}

private struct PublishStage: Stage {
    let name = "publish"
    let keep: Int
    let releases: String?
    let republishes: Bool
    /// None of them decides what is in a snapshot.
    let parameters: [String: String] = [:]

    private static let kinds = [
        (kind: "catalog", stage: "index"), (kind: "popularity", stage: "popularity"),
        (kind: "placement", stage: "place"), (kind: "prefetch", stage: "prefetch"),
    ]

    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] {
        try Self.kinds.map { try artefactInput($0.kind, $0.stage, night) }
    }

    /// The snapshot itself is the record: its id is made of what is in it.
    func completed(_ night: Night) throws -> ArtefactRecord? {
        let store = SnapshotStore(night.warehouse)
        let id = try builder(night).id
        let isMarked = try store.rolledBack().contains(id)
        let isThere = FileSystem.exists(night.warehouse.snapshot(id) + "/manifest.json")
        let isInPlace = store.currentID == id || isOlder(id, than: store.currentID)
        // What keeps it from being fresh, as `spindle status` words it after "changed".
        let change: String?
        if isThere, isInPlace {
            if republishes, store.currentID == id, isMarked {
                // A --republish that was killed after the swap has yet to take the mark away.
                change = "rolled back"
            } else {
                // A --keep that has become smaller is to be acted on.
                change = try store.surplus(keep: keep, sparing: id).isEmpty ? nil : "keep"
            }
        } else if isMarked {
            change = "\(id) was rolled back"
        } else if !isThere, wasPublished(id, night) {
            change = "\(id) was pruned"
        } else {
            return nil
        }
        return ArtefactRecord(
            stage: name, date: night.date, tool: night.tool,
            parameters: change.map { [$0: ""] } ?? parameters, inputs: try inputs(night), files: [])
    }

    private func wasPublished(_ id: String, _ night: Night) -> Bool {
        let record = RunRecord.read(name, night.date, night.warehouse)
        return record?.status == .ok && record?.counts["snapshot"]?.string == id
    }

    func run(_ night: Night) throws -> StageOutcome {
        let store = SnapshotStore(night.warehouse)
        let builder = try builder(night)
        if try store.rolledBack().contains(builder.id), !republishes {
            return StageOutcome(
                summary: "not published: \(builder.id) was rolled back",
                warnings: ["\(republishCommand(night)) makes \(builder.id) current again"],
                counts: .object(["snapshot": .string(builder.id)]))
        }
        let catalog = try CatalogReader(directory: night.warehouse.artefact("catalog", night.date))
        let songs = try catalog.songCount()
        let becomesCurrent = !isOlder(builder.id, than: store.currentID)
        let snapshot = try builder.publish(songCount: songs, makingCurrent: becomesCurrent) {
            try report($0, night).html()
        }
        let removed = try store.prune(keep: keep, sparing: builder.id)
        let current = store.currentID ?? ""
        return StageOutcome(
            summary:
                "\(snapshot.manifest.id), \(snapshot.manifest.artefacts.count + 1) files verified"
                + (becomesCurrent ? ", now current" : "; the newer \(current) stays current")
                + (removed.isEmpty ? "" : "; removed \(removed.count) old"),
            counts: .object([
                "snapshot": .string(snapshot.manifest.id), "songs": .integer(songs),
                "removed": .array(removed.map { .string($0) }),
            ]))
    }

    /// As it can be pasted into a shell.
    private func republishCommand(_ night: Night) -> String {
        let words = [
            "spindle", "publish", "--warehouse", night.warehouse.path, "--date",
            night.date.description, "--keep", "\(keep)",
        ]
        return (words + (releases.map { ["--releases", $0] } ?? []) + ["--republish"])
            .map(shellWord).joined(separator: " ")
    }

    private func isOlder(_ id: String, than current: String?) -> Bool {
        current.map { id.prefix(10) < $0.prefix(10) } ?? false
    }

    private func builder(_ night: Night) throws -> SnapshotBuilder {
        var parts: [SnapshotBuilder.Part] = []
        for (kind, stage) in Self.kinds {
            let directory = night.warehouse.artefact(kind, night.date)
            guard let record = ArtefactRecord.read(directory) else {
                throw MissingStage(stage: stage, night: night)
            }
            for file in record.files where file.name != ArtefactRecord.name {
                let isManifest =
                    kind == "prefetch"
                    ? Prefetch.isStamped(file.name)
                    : kind == "placement" && file.name.hasSuffix(".ndjson.zst")
                // The catalogue, the placement and the topology lie at the top.
                let folder = ["popularity", "prefetch"].contains(kind) ? kind + "/" : ""
                parts.append(
                    .init(
                        name: folder + file.name, path: directory + "/" + file.name, digest: file,
                        isManifest: isManifest))
            }
        }
        return SnapshotBuilder(night.warehouse, date: night.date, parts: parts)
    }

    private func report(_ id: String, _ night: Night) throws -> NightReport {
        let records = stageCommands.filter { $0.name != name }.map { command in
            (
                command.name, RunRecord.read(command.name, night.date, night.warehouse),
                isOptional: command.isOptional
            )
        }.filter { $0.1 != nil || !$0.isOptional }
        let stages = records.map { name, record, _ in
            guard let record else {
                return NightReport.Stage(name: name, status: .notRun, seconds: 0)
            }
            return NightReport.Stage(
                name: name, status: record.status == .ok ? .ran : .failed, started: record.started,
                seconds: Double(record.elapsedMs) / 1000, summary: record.summary)
        }
        return try ReportAssembler(night.warehouse, date: night.date, releases: releases).report(
            id: id, ingest: records.first { $0.0 == "ingest" }?.1?.counts ?? .null, stages: stages,
            notices: records.flatMap { $0.1?.warnings ?? [] }, tool: night.tool)
    }
}

/// A word of a command line, quoted where a POSIX shell would not take it as it is.
private func shellWord(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_./=:,+@".utf8.contains($0)
        }
    }
    return isPlain && !word.isEmpty
        ? word
        : "'"
            + word.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
}
