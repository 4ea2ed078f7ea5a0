internal import Delivery
package import Storage

/// Gathers a night's results into one snapshot, proves it, and makes it the current one.
package struct SnapshotBuilder {
    /// One finished file of the night and its name within the snapshot.
    package struct Part: Sendable {
        package let name: String
        package let path: String
        package let digest: FileDigest
        /// A delivery manifest: its header gets the snapshot's id.
        package let isManifest: Bool

        package init(name: String, path: String, digest: FileDigest, isManifest: Bool = false) {
            self.name = name
            self.path = path
            self.digest = digest
            self.isManifest = isManifest
        }
    }

    private let warehouse: Warehouse
    private let date: CalendarDate
    private let parts: [Part]

    package init(_ warehouse: Warehouse, date: CalendarDate, parts: [Part]) {
        self.warehouse = warehouse
        self.date = date
        self.parts = parts.sorted { $0.name < $1.name }
    }

    /// The id that these parts have: their date, and 48 bits of the digest of their digests.
    package var id: String {
        let list = parts.map { "\($0.name) \($0.digest.sha256)\n" }.joined()
        return "\(date)-\(SHA256.hash(list).hex.prefix(12))"
    }

    /// Builds the snapshot, verifies it, and swaps `current` to it.
    ///
    /// - Parameters:
    ///   - makingCurrent: false keeps it beside the current one.
    ///   - report: Makes the report's page; called with the snapshot's id.
    /// - Throws: `FormatError` when a part is not what its stage recorded; `current` is then as it was.
    package func publish(
        songCount: Int, makingCurrent: Bool = true, report: (String) throws -> String
    ) throws -> Snapshot {
        let id = id
        let target = warehouse.snapshot(id)
        let staged = try StagedDirectory(in: warehouse, name: id)
        do {
            for part in parts { try add(part, to: staged, id) }
            let artefacts = staged.files
            try staged.write("report.html") { try $0.write(try report(id)) }
            let manifest = SnapshotManifest(
                id: id, date: date, planDate: date.next, songCount: songCount,
                artefacts: artefacts, report: staged.files.last!)
            try staged.write("manifest.json") { try $0.write(manifest.json) }
            try staged.commit(to: target)
        } catch {
            staged.discard()
            throw error
        }
        // What is published is proved as it lies on disk, not as it was meant.
        let snapshot = try Snapshot(directory: target)
        if makingCurrent { try SnapshotStore(warehouse).makeCurrent(id) }
        return snapshot
    }

    private func add(_ part: Part, to staged: StagedDirectory, _ id: String) throws {
        guard try SHA256.hash(fileAt: part.path) == part.digest.sha256 else {
            throw FormatError(
                part.path, "is not what its stage recorded",
                hint: "run the stage again with --force; if it happens again, check the disk")
        }
        if part.isManifest {
            try staged.write(part.name) {
                try DeliveryManifest.stamp(snapshot: id, from: part.path, into: $0)
            }
        } else {
            let target = staged.path + "/" + part.name
            try FileSystem.makeDirectories(FileSystem.parent(of: target))
            try FileSystem.linkOrCopy(part.path, to: target)
            try staged.adopt(part.name)
        }
    }
}
