import Storage
import Testing

@testable import Publication

/// Which snapshot is current, which come before it, and which go.
@Suite struct SnapshotStoreTests {
    /// Two of one night whose order in time is not that of their ids, between two other nights.
    private static let ids = [
        "2026-11-18-111111111111", "2026-11-19-ffffffffffff", "2026-11-19-000000000000",
        "2026-11-20-444444444444",
    ]

    private let folder = StoreFolder()
    private var warehouse: Warehouse { folder.warehouse }
    private var store: SnapshotStore { SnapshotStore(warehouse) }

    /// All four are published, one after another.
    init() throws {
        try warehouse.prepare()
        for (index, id) in Self.ids.enumerated() {
            try build(id)
            try store.makeCurrent(id, at: Timestamp(milliseconds: index * 1_000))
        }
    }

    /// A snapshot with nothing in it but a report.
    private func build(_ id: String) throws {
        let staged = try StagedDirectory(in: warehouse, name: id)
        let date = try #require(CalendarDate(id.prefix(10)))
        try staged.write("report.html") { try $0.write("a report") }
        let manifest = SnapshotManifest(
            id: id, date: date, planDate: date.next, songCount: 0, artefacts: [],
            report: staged.files[0])
        try staged.write("manifest.json") { try $0.write(manifest.json) }
        try staged.commit(to: warehouse.snapshot(id))
    }

    @Test func `the history has what was made current, in order, with the time`() throws {
        #expect(try store.history().map(\.id) == Self.ids)
        #expect(
            try FileSystem.readText(warehouse.snapshotsPath + "/history").hasPrefix(
                "1970-01-01T00:00:00.000Z 2026-11-18-111111111111\n1970-01-01T00:00:01.000Z "))
    }

    @Test func `rollback goes back in time, whatever the ids, and never to what was taken back`()
        throws
    {
        for expected in [Self.ids[2], Self.ids[1], Self.ids[0]] {
            #expect(try store.rollBack(to: nil).manifest.id == expected)
            #expect(store.currentID == expected)
        }
        #expect(throws: FormatError.self) { try store.rollBack(to: nil) }
        #expect(try store.rolledBack() == [Self.ids[3], Self.ids[2], Self.ids[1]])
        // Named, it may be one that was taken back.
        #expect(try store.rollBack(to: Self.ids[2]).manifest.id == Self.ids[2])
        #expect(try store.rolledBack() == [Self.ids[3], Self.ids[1], Self.ids[0]])
    }

    @Test func `a rollback that is killed before the swap is repeated, not undone`() throws {
        try store.markRolledBack(Self.ids[3])
        #expect(store.currentID == Self.ids[3])
        #expect(try store.rollBack(to: nil).manifest.id == Self.ids[2])
        #expect(try store.rolledBack() == [Self.ids[3]])
    }

    @Test func `nothing is swapped when the mark cannot be written`() throws {
        try FileSystem.makeDirectories(warehouse.snapshotsPath + "/rolled-back")
        #expect(throws: (any Error).self) { try store.rollBack(to: Self.ids[2]) }
        #expect(store.currentID == Self.ids[3])
    }

    @Test(arguments: [
        ("2026-11-18", nil), ("2026-11-19", ids[0]), ("2026-11-20", ids[2]), ("2026-12-01", ids[3]),
    ])
    func `a night follows what was published last of the nights before it`(
        night: String, expected: String?
    ) throws {
        let date = try #require(CalendarDate(night))
        #expect(try store.published(before: date) == expected)
    }

    @Test func `no night follows what was taken back, or was never current`() throws {
        try build("2026-11-21-555555555555")
        _ = try store.rollBack(to: nil)
        let date = try #require(CalendarDate("2026-11-22"))
        #expect(try store.published(before: date) == Self.ids[2])
    }

    @Test func `prune removes what was published longest ago`() throws {
        #expect(try store.prune(keep: 2) == Array(Self.ids[..<2]))
        #expect(try store.history().map(\.id) == Array(Self.ids[2...]))
        #expect(try store.prune(keep: 2) == [])
    }

    @Test func `prune spares what was just published beside the current one`() throws {
        let older = "2026-11-01-999999999999"
        try build(older)
        #expect(try store.prune(keep: 1, sparing: older) == Array(Self.ids[..<3]))
        #expect(try store.ids() == [older, Self.ids[3]])
        #expect(try store.prune(keep: 1) == [older])
    }

    @Test func `without a history snapshots go by their ids, up to the current one`() throws {
        try FileSystem.remove(warehouse.snapshotsPath + "/history")
        #expect(try store.history().map(\.id) == Self.ids.sorted())
        #expect(try store.rollBack(to: nil).manifest.id == "2026-11-19-ffffffffffff")
        #expect(try store.prune(keep: 3) == ["2026-11-18-111111111111"])
    }
}

/// A warehouse's folder that goes with the test.
private final class StoreFolder: Sendable {
    let warehouse = Warehouse(path: "/tmp/spindle-snapshots-\(UInt64.random(in: 0...UInt64.max))")

    deinit { try? FileSystem.removeTree(warehouse.path) }
}
