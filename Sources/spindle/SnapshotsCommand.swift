import Arguments
import Catalog
import Publication
import Storage

/// `spindle snapshots`: what is published.
enum SnapshotsCommand: Subcommand {
    static let command = Command(
        "spindle snapshots", summary: "list, verify, roll back and prune published snapshots",
        discussion: """
            ACTION is one of:
              list               all snapshots, the current one marked (the default)
              verify [ID]        read every file again and compare it with the manifest
              rollback [ID]      make the snapshot current again that was current before, or
                                 the one named, after verifying it
              prune              remove those published longest ago, but never the current
                                 one (--keep), and with --gone-days what is left of files that
                                 vanished long ago
            """,
        operands: "[ACTION [ID]]",
        options: [
            .warehouse,
            Option("keep", "N", default: "7", help: "How many snapshots prune leaves"),
            Option(
                "gone-days", "N",
                help: """
                    Let prune forget files that have been gone for more than N days, and remove \
                    their blobs, unless a snapshot that is left holds them
                    """),
            .json,
        ])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        let store = SnapshotStore(warehouse)
        let operands = arguments.operands
        let action = operands.first ?? "list"
        let id = operands.count > 1 ? operands[1] : nil
        guard operands.count <= (["verify", "rollback"].contains(action) ? 2 : 1) else {
            throw arguments.usageError("too many arguments for '\(action)'")
        }
        let asJSON = arguments.flag("json")
        switch action {
        case "list": try list(store, warehouse, terminal, asJSON: asJSON)
        case "verify": try verify(store, warehouse, id, terminal, asJSON: asJSON)
        case "rollback": try rollBack(store, warehouse, id, terminal, asJSON: asJSON)
        case "prune": try prune(store, warehouse, arguments, terminal)
        default:
            throw arguments.usageError("unknown action '\(action)'")
        }
        return .ok
    }

    private static func rollBack(
        _ store: SnapshotStore, _ warehouse: Warehouse, _ id: String?, _ terminal: Terminal,
        asJSON: Bool
    ) throws {
        let (before, now) = try RunLock.hold(warehouse, command: "spindle snapshots rollback") {
            (store.currentID, try store.rollBack(to: id).manifest.id)
        }
        guard asJSON else {
            return terminal.say("current is now \(now); spindled follows within a second")
        }
        var json = JSONWriter()
        json.object {
            $0.field("current", now)
            $0.field("rolled_back", before == now ? nil : before)
        }
        terminal.print(json)
    }

    private static func prune(
        _ store: SnapshotStore, _ warehouse: Warehouse, _ arguments: ParsedArguments,
        _ terminal: Terminal
    ) throws {
        let keep = try arguments.int("keep", in: 1...Int.max)!
        let goneDays = try arguments.int("gone-days")
        try RunLock.hold(warehouse, command: "spindle snapshots prune") {
            let removed = try store.prune(keep: keep)
            if !arguments.flag("json") {
                terminal.say(
                    removed.isEmpty
                        ? "no snapshot to remove" : "removed \(removed.joined(separator: ", "))")
            }
            let forgotten = try goneDays.map { try forget($0, store, warehouse) }
            if arguments.flag("json") {
                var json = JSONWriter()
                json.object {
                    $0.field("removed", removed)
                    $0.field("forgotten_files", forgotten?.files)
                    $0.field("removed_blobs", forgotten?.blobs)
                }
                terminal.print(json)
            } else if let forgotten {
                terminal.say(
                    "forgot \(grouped(forgotten.files)) files, removed "
                        + "\(grouped(forgotten.blobs)) blobs")
            }
        }
    }

    /// Forgets what has been gone for longer than the operator wants to keep it.
    private static func forget(_ days: Int, _ store: SnapshotStore, _ warehouse: Warehouse) throws
        -> (files: Int, blobs: Int)
    {
        var published: Set<Digest> = []
        for id in try store.ids() {
            try CatalogReader(directory: warehouse.snapshot(id)).forEachBlob {
                published.insert($0)
            }
        }
        let retention = LedgerRetention(try Ledger(warehouse, .readWrite), warehouse)
        let files = try retention.forget(goneBefore: .today - days)
        let blobs =
            try retention.removeBlobs { published.contains($0) }
            + retention.removeStrays(olderThanDays: days) { published.contains($0) }
        _ = try CoverStore(warehouse).prune()
        return (files, blobs)
    }

    private static func list(
        _ store: SnapshotStore, _ warehouse: Warehouse, _ terminal: Terminal, asJSON: Bool
    ) throws {
        let current = store.currentID
        let rolledBack = try store.rolledBack()
        let published = Dictionary(
            try store.history().map { ($0.id, $0.time.description) }, uniquingKeysWith: { $1 })
        var json = JSONWriter()
        let ids = try store.ids()
        json.array { json in
            for id in ids {
                // One that is damaged hides no other.
                let manifest = try? Snapshot(directory: warehouse.snapshot(id), verifying: false)
                    .manifest
                let bytes = manifest.map {
                    $0.artefacts.reduce($0.report.sizeBytes) { $0 + $1.sizeBytes }
                }
                json.object {
                    $0.field("id", id)
                    $0.field("current", id == current)
                    $0.field("rolled_back", rolledBack.contains(id))
                    $0.field("published", published[id])
                    $0.field("damaged", manifest == nil)
                    $0.field("date", manifest?.date.description)
                    $0.field("plan_date", manifest?.planDate.description)
                    $0.field("songs", manifest?.songCount)
                    $0.field("bytes", bytes)
                }
                guard !asJSON else { continue }
                var facts = ["damaged: no manifest that can be read"]
                if let manifest, let bytes {
                    facts = ["\(grouped(manifest.songCount)) songs", formatBytes(bytes)]
                }
                facts.append(published[id].map { "published \($0)" } ?? "never current")
                if rolledBack.contains(id) { facts.append("rolled back") }
                terminal.print(
                    "\(id == current ? "*" : " ") \(id)  " + facts.joined(separator: ", "))
            }
        }
        if asJSON {
            terminal.print(json)
        } else if ids.isEmpty {
            terminal.say("nothing is published yet")
        }
    }

    private static func verify(
        _ store: SnapshotStore, _ warehouse: Warehouse, _ id: String?, _ terminal: Terminal,
        asJSON: Bool
    ) throws {
        guard let id = id ?? store.currentID else {
            throw FileError("verify", warehouse.currentSnapshotPath, code: 2)
        }
        guard SnapshotManifest.isValidID(id) else {
            throw UsageError("'\(id)' is no snapshot's id", hint: "spindle snapshots lists them")
        }
        func printJSON(files: Int?, error: String?) {
            guard asJSON else { return }
            var json = JSONWriter()
            json.object {
                $0.field("id", id)
                $0.field("damaged", error != nil)
                $0.field("files", files)
                $0.field("error", error)
            }
            terminal.print(json)
        }
        do {
            let snapshot = try Snapshot(directory: warehouse.snapshot(id))
            let files = snapshot.manifest.artefacts.count + 1
            printJSON(files: files, error: nil)
            if !asJSON { terminal.say("\(id): all \(files) files are as published") }
        } catch {
            printJSON(files: nil, error: (error as? any Diagnosed)?.message ?? "\(error)")
            throw error
        }
    }
}
