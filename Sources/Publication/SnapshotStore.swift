package import Storage

/// The snapshots of a warehouse: which there are, which is current, which go.
package struct SnapshotStore {
    private let warehouse: Warehouse

    package init(_ warehouse: Warehouse) { self.warehouse = warehouse }

    /// Ids, oldest night first.
    package func ids() throws -> [String] {
        guard FileSystem.exists(warehouse.snapshotsPath) else { return [] }
        return try FileSystem.list(warehouse.snapshotsPath).filter(SnapshotManifest.isValidID)
    }

    package var currentID: String? {
        Snapshot.currentDirectory(warehouse).map { FileSystem.name(of: $0) }
    }

    /// Swaps `current` in one step: a reader sees the old or the new snapshot, never none.
    package func makeCurrent(_ id: String) throws {
        let temporary = warehouse.temporaryPath("current")
        try FileSystem.remove(temporary)
        try FileSystem.link(target: id, at: temporary)
        try FileSystem.rename(temporary, to: warehouse.currentSnapshotPath)
        try FileSystem.syncDirectory(warehouse.snapshotsPath)
        if try rolledBack().contains(id) { try write(try rolledBack().filter { $0 != id }) }
    }

    /// Makes an older snapshot current again, after proving it.
    ///
    /// - Parameter id: nil for the newest one before the current one.
    /// - Throws: `FormatError` when there is none or it is damaged; `current` is then as it was.
    package func rollBack(to id: String?) throws -> Snapshot {
        let ids = try ids()
        let current = currentID
        guard let target = id ?? current.flatMap({ current in ids.last { $0 < current } }) else {
            throw FormatError(
                warehouse.snapshotsPath, "holds no snapshot before the current one",
                hint: "spindle snapshots lists what there is")
        }
        guard ids.contains(target) else {
            throw FormatError(
                warehouse.snapshotsPath, "holds no snapshot '\(target)'",
                hint: "spindle snapshots lists what there is")
        }
        let snapshot = try Snapshot(directory: warehouse.snapshot(target))
        try makeCurrent(target)
        // Or the next run, finding nothing changed, would publish again what was taken back.
        if let current, current != target { try write(try rolledBack() + [current]) }
        return snapshot
    }

    /// Snapshots that were taken back, and that publish does not make current again by itself.
    package func rolledBack() throws -> [String] {
        guard FileSystem.exists(rolledBackPath) else { return [] }
        return try FileSystem.readText(rolledBackPath).split(separator: "\n").map(String.init)
    }

    /// Removes the oldest snapshots until `keep` are left; never the current one.
    ///
    /// - Returns: The ids removed.
    package func prune(keep: Int) throws -> [String] {
        let current = currentID
        let others = try ids().filter { $0 != current }
        let removed = others.dropLast(max(0, keep - (current == nil ? 0 : 1)))
        for id in removed {
            // Renamed first: a snapshot that is half removed must not look like one.
            let grave = warehouse.temporaryPath(id)
            try FileSystem.rename(warehouse.snapshot(id), to: grave)
            try FileSystem.removeTree(grave)
        }
        return Array(removed)
    }

    private var rolledBackPath: String { warehouse.snapshotsPath + "/rolled-back" }

    private func write(_ ids: [String]) throws {
        try writeAtomically(
            Array(ids.map { $0 + "\n" }.joined().utf8), to: rolledBackPath, in: warehouse)
    }
}
