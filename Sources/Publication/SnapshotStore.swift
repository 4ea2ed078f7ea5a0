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
    package func makeCurrent(_ id: String, at time: Timestamp = .now) throws {
        let before = try history()
        let temporary = warehouse.temporaryPath("current")
        try FileSystem.remove(temporary)
        try FileSystem.link(target: id, at: temporary)
        try FileSystem.rename(temporary, to: warehouse.currentSnapshotPath)
        try FileSystem.syncDirectory(warehouse.snapshotsPath)
        // A run that is killed before this line has published all the same: `history()` sees it.
        if before.last?.id != id { try write(before + [SnapshotPublication(time: time, id: id)]) }
        // After the swap: until then it is still taken back.
        if try rolledBack().contains(id) { try write(try rolledBack().filter { $0 != id }) }
    }

    /// What was made current and when, the last one last; one that was made current twice is there twice.
    ///
    /// Ends with the current snapshot. A warehouse of before there was a list has the snapshots up
    /// to the current one, by id, each with the time at which it was built.
    package func history() throws -> [SnapshotPublication] {
        guard let current = currentID else { return [] }
        var history: [SnapshotPublication] = []
        if FileSystem.exists(historyPath) {
            history = try FileSystem.readText(historyPath).split(separator: "\n")
                .compactMap(SnapshotPublication.init)
        } else {
            history = try ids().filter { $0 < current }.map {
                SnapshotPublication(time: try time(of: warehouse.snapshot($0)), id: $0)
            }
        }
        if history.last?.id != current {
            let swapped = try time(of: warehouse.currentSnapshotPath)
            history.append(SnapshotPublication(time: swapped, id: current))
        }
        return history
    }

    /// What was delivered when a night began: of the snapshots of earlier nights the one that was
    /// current last and was not taken back. It may be gone from the disk.
    package func published(before date: CalendarDate) throws -> String? {
        let rolledBack = try rolledBack()
        return try history().last {
            // An id begins with its night, and dates sort as texts.
            $0.id.prefix(10) < date.description && !rolledBack.contains($0.id)
        }?.id
    }

    /// Makes an older snapshot current again, after proving it.
    ///
    /// - Parameter id: nil for the one that was current before the current one and is still there;
    ///   one that was taken back itself is made current only when it is named.
    /// - Throws: `FormatError` when there is none or it is damaged; `current` is then as it was.
    package func rollBack(to id: String?) throws -> Snapshot {
        let ids = try ids()
        let current = currentID
        guard let target = try id ?? newest(in: ids.filter { $0 != current }) else {
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
        // Or the next run, finding nothing changed, would publish again what was taken back. Marked
        // before the swap: a rollback that is killed between the two is repeated, not undone.
        if let current, current != target { try markRolledBack(current) }
        try makeCurrent(target)
        return snapshot
    }

    /// Notes that a snapshot is taken back; the first half of a rollback.
    func markRolledBack(_ id: String) throws {
        let before = try rolledBack()
        if !before.contains(id) { try write(before + [id]) }
    }

    /// Snapshots that were taken back, and that publish does not make current again by itself.
    package func rolledBack() throws -> [String] {
        guard FileSystem.exists(rolledBackPath) else { return [] }
        return try FileSystem.readText(rolledBackPath).split(separator: "\n").map(String.init)
    }

    /// Removes the snapshots published longest ago until `keep` are left; never the current one.
    ///
    /// - Parameter spared: Stays as well: what was just published, which may be of an older night.
    /// - Returns: The ids removed.
    package func prune(keep: Int, sparing spared: String? = nil) throws -> [String] {
        let removed = try surplus(keep: keep, sparing: spared)
        for id in removed {
            // Renamed first: a snapshot that is half removed must not look like one.
            let grave = warehouse.temporaryPath(id)
            try FileSystem.rename(warehouse.snapshot(id), to: grave)
            try FileSystem.removeTree(grave)
        }
        if !removed.isEmpty { try write(try history().filter { !removed.contains($0.id) }) }
        return removed
    }

    /// What `prune` would remove, the one published longest ago first.
    package func surplus(keep: Int, sparing spared: String? = nil) throws -> [String] {
        let staying = Set([currentID, spared].compactMap { $0 })
        let all = try idsByPublication()
        let others = all.filter { !staying.contains($0) }
        return others.dropLast(max(0, keep - (all.count - others.count)))
    }

    /// Ids, those that never were current first and the one published last at the end.
    private func idsByPublication() throws -> [String] {
        let lastPublished = Dictionary(
            try history().enumerated().map { ($0.element.id, $0.offset) },
            uniquingKeysWith: { max($0, $1) })
        return try ids().sorted {
            (lastPublished[$0] ?? -1, $0) < (lastPublished[$1] ?? -1, $1)
        }
    }

    /// The one of these snapshots that was current last and was not taken back.
    private func newest(in ids: [String]) throws -> String? {
        let rolledBack = try rolledBack()
        return try history().last { ids.contains($0.id) && !rolledBack.contains($0.id) }?.id
    }

    private var historyPath: String { warehouse.snapshotsPath + "/history" }
    private var rolledBackPath: String { warehouse.snapshotsPath + "/rolled-back" }

    private func time(of path: String) throws -> Timestamp {
        let status = try FileStatus.of(path, followLinks: false)
        return Timestamp(milliseconds: (status?.modifiedNs ?? 0) / 1_000_000)
    }

    private func write(_ history: [SnapshotPublication]) throws {
        try write(lines: history.map(\.description), to: historyPath)
    }

    private func write(_ ids: [String]) throws { try write(lines: ids, to: rolledBackPath) }

    private func write(lines: [String], to path: String) throws {
        try writeAtomically(
            Array(lines.map { $0 + "\n" }.joined().utf8), to: path, in: warehouse)
    }
}

/// A line of `snapshots/history`: a snapshot was made current.
package struct SnapshotPublication: Equatable, Sendable, CustomStringConvertible {
    package let time: Timestamp
    package let id: String

    package init(time: Timestamp, id: String) {
        self.time = time
        self.id = id
    }

    /// - Returns: nil for a line that is none.
    package init?(_ line: some StringProtocol) {
        let parts = line.split(separator: " ")
        guard parts.count == 2, let time = Timestamp(String(parts[0])),
            SnapshotManifest.isValidID(String(parts[1]))
        else { return nil }
        self.init(time: time, id: String(parts[1]))
    }

    package var description: String { "\(time) \(id)" }
}
