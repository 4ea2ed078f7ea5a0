package import Storage

/// A published snapshot on disk.
package struct Snapshot: Sendable {
    package let directory: String
    package let manifest: SnapshotManifest

    /// Opens a snapshot and, unless told otherwise, proves every file against the manifest.
    ///
    /// - Parameter directory: The snapshot's folder itself, not a link that may be swapped meanwhile.
    /// - Throws: `FileError` when a file is missing, `FormatError` naming the first file that is not the published one.
    package init(directory: String, verifying: Bool = true) throws {
        self.directory = directory
        manifest = try SnapshotManifest.read(directory + "/manifest.json")
        guard FileSystem.name(of: directory) == manifest.id else {
            throw FormatError(
                directory, "holds the snapshot \(manifest.id)",
                hint: "a snapshot's folder has its id as name")
        }
        if verifying { try verify() }
    }

    /// The folder of the snapshot that `current` names; nil before the first was published.
    package static func currentDirectory(_ warehouse: Warehouse) -> String? {
        guard let id = FileSystem.readLink(warehouse.currentSnapshotPath),
            SnapshotManifest.isValidID(id)
        else { return nil }
        return warehouse.snapshot(id)
    }

    package func path(_ artefact: String) -> String { directory + "/" + artefact }

    /// Reads every file again.
    package func verify() throws {
        for file in manifest.artefacts + [manifest.report] {
            let path = path(file.name)
            let hint =
                "the snapshot is damaged: roll back with spindle snapshots rollback, or publish again"
            guard let status = try FileStatus.of(path) else {
                throw FormatError(path, "is missing from the snapshot", hint: hint)
            }
            guard status.sizeBytes == file.sizeBytes, try SHA256.hash(fileAt: path) == file.sha256
            else {
                throw FormatError(path, "does not match the snapshot's manifest", hint: hint)
            }
        }
    }

    /// The prefetch manifests of the snapshot, one an edge.
    package var prefetchManifests: [String] {
        manifest.artefacts.map(\.name).filter {
            // What lies deeper are other forms of the same.
            $0.hasPrefix("prefetch/") && $0.hasSuffix(".ndjson.zst")
                && !$0.dropFirst("prefetch/".count).contains("/")
        }
        .map(path)
    }
}
