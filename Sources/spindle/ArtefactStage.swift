import Arguments
import Delivery
import Pipeline
import Publication
import Storage

/// A stage whose results are one folder a night with an artefact record in it.
protocol ArtefactStage: Stage {
    /// The folder's name in the warehouse: `catalog` of `catalog/date=…`.
    var kind: String { get }
}

extension ArtefactStage {
    func directory(_ night: Night) -> String { night.warehouse.artefact(kind, night.date) }

    func completed(_ night: Night) throws -> ArtefactRecord? {
        ArtefactRecord.readComplete(directory(night))
    }

    /// What this night's plan goes by.
    func yesterday(_ night: Night) throws -> Yesterday {
        try Yesterday(night, planned: try completed(night))
    }

    /// Lets `body` fill a new folder, and puts it in place with its record; or leaves nothing.
    func produce<Result>(
        _ night: Night, inputs: [ArtefactRecord.Input], _ body: (StagedDirectory) throws -> Result
    ) throws -> Result {
        let staged = try StagedDirectory(in: night.warehouse, name: kind)
        do {
            let result = try body(staged)
            try commit(self, staged, inputs: inputs, night, to: directory(night))
            return result
        } catch {
            staged.discard()
            throw error
        }
    }
}

/// What an earlier stage has left for this night.
///
/// - Throws: `MissingStage` when it has not run.
func artefactInput(_ kind: String, _ stage: String, _ night: Night) throws -> ArtefactRecord.Input {
    guard let record = ArtefactRecord.read(night.warehouse.artefact(kind, night.date)) else {
        throw MissingStage(stage: stage, night: night)
    }
    return .init(name: kind, fingerprint: record.contentDigest.hex)
}

/// What the plans of a night change as little as needed: the last published snapshot of a night
/// before it. A night that was run but never published has moved no copy and filled no edge.
struct Yesterday {
    private static let inputName = "published snapshot"

    /// nil on the first night, and when the snapshot is gone.
    private let id: String?
    /// The snapshot that an earlier run of the stage for this night went by, if it was pruned since.
    private let prunedID: String?
    private let published: String?
    private let warehouse: Warehouse

    /// - Parameter planned: What that earlier run has left.
    init(_ night: Night, planned: ArtefactRecord?) throws {
        let store = SnapshotStore(night.warehouse)
        let rolledBack = try store.rolledBack()
        func isThere(_ id: String) -> Bool {
            FileSystem.exists(night.warehouse.snapshot(id) + "/manifest.json")
        }
        warehouse = night.warehouse
        published = try store.published(before: night.date)
        id = published.flatMap { isThere($0) ? $0 : nil }
        if let id { try Self.check(night.warehouse.snapshot(id)) }
        prunedID = planned?.inputs.first { $0.name == Self.inputName }.flatMap {
            isThere($0.fingerprint) || rolledBack.contains($0.fingerprint) ? nil : $0.fingerprint
        }
    }

    /// A manifest that is gone is not a region or an edge that holds nothing.
    private static func check(_ folder: String) throws {
        let manifest = try SnapshotManifest.read(folder + "/manifest.json")
        for file in manifest.artefacts
        where file.name.hasPrefix("prefetch/") || file.name == Placement.manifestName {
            guard FileSystem.exists(folder + "/" + file.name) else {
                throw FormatError(
                    folder + "/" + file.name, "is gone from yesterday's snapshot",
                    hint: "publish that night again with --force, or let an earlier one be "
                        + "yesterday's with spindle snapshots rollback")
            }
        }
    }

    /// The snapshot's folder.
    var directory: String? { id.map(warehouse.snapshot) }

    /// What the stage goes by when it runs now.
    var input: ArtefactRecord.Input? { id.map(Self.input) }

    /// What its result must have been made of to be fresh. That a snapshot was pruned makes no plan
    /// stale that was made when it was there.
    var expectedInput: ArtefactRecord.Input? { (id ?? prunedID).map(Self.input) }

    var warnings: [String] {
        guard id == nil, let gone = published ?? prunedID else { return [] }
        return ["the snapshot of the night before, \(gone), is gone: planned as on a first night"]
    }

    private static func input(_ id: String) -> ArtefactRecord.Input {
        .init(name: inputName, fingerprint: id)
    }
}

extension Option {
    static let topology = Option(
        "topology", "FILE", help: "Regions, links and edges (JSON or JSON5)")
}

/// - Throws: `UsageError` when none is named.
func topologyPath(_ arguments: ParsedArguments) throws -> String {
    guard let topology = arguments.string("topology") else {
        throw arguments.usageError("no --topology given")
    }
    return absolutePath(topology)
}

/// An input file by its content.
func fileInput(_ name: String, _ path: String) throws -> ArtefactRecord.Input {
    .init(name: name, fingerprint: try SHA256.hash(fileAt: path).hex)
}

/// A stage needs the results of another one that has not run for this night.
struct MissingStage: Diagnosed, CustomStringConvertible {
    let stage: String
    let date: CalendarDate
    let nights: [CalendarDate]

    init(stage: String, night: Night) {
        self.stage = stage
        date = night.date
        nights = RunRecord.nights(night.warehouse)
    }

    var message: String { "the stage \(stage) has no result for the night of \(date)" }
    var description: String { message }
    var hint: String? {
        let known = nights.suffix(3).map(\.description).joined(separator: ", ")
        return "run spindle \(stage) --date \(date) first"
            + (known.isEmpty ? "" : ", or name a night that has been run with --date: \(known)")
    }
    var cause: FailureCause { .inputMissing }
}
