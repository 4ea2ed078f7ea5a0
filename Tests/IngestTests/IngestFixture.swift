import Catalog
import Foundation
import Ingest
import Storage
import TestSupport
import Testing

/// A warehouse, and a source folder that may be changed.
struct IngestFixture {
    static let night = CalendarDate(year: 2026, month: 11, day: 19)

    let warehouse: Warehouse
    let source: String

    /// - Parameter sample: Whether the source is a copy of the sample library; otherwise it is empty.
    static func with(sample: Bool = false, _ body: (IngestFixture) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let fixture = IngestFixture(
                warehouse: Warehouse(path: folder + "/w"),
                source: FileSystem.absolute(folder) + "/source")
            try fixture.warehouse.prepare()
            if sample {
                try FileManager.default.copyItem(
                    atPath: Repository.sample + "/music", toPath: fixture.source)
            } else {
                try FileSystem.makeDirectories(fixture.source)
            }
            try body(fixture)
            // Whatever was done, nothing is left lying about, and every blob is what its name says.
            #expect(try FileSystem.list(fixture.warehouse.temporaryPath) == [])
            for path in try fixture.files(below: fixture.warehouse.blobsPath) {
                #expect(try SHA256.hash(fileAt: path).hex == FileSystem.name(of: path))
            }
        }
    }

    /// Runs an ingest of the source.
    @discardableResult
    func run(
        night: CalendarDate = Self.night, scope: Importer.Scope = .everything,
        _ change: (inout Importer.Options) -> Void = { _ in }
    ) throws -> IngestSummary {
        try run([IngestSource(source)], night: night, scope: scope, change)
    }

    @discardableResult
    func run(
        _ sources: [IngestSource], night: CalendarDate = Self.night,
        scope: Importer.Scope = .everything, _ change: (inout Importer.Options) -> Void = { _ in }
    ) throws -> IngestSummary {
        var options = Importer.Options()
        change(&options)
        let summary = try Importer(warehouse, sources: sources, options: options)
            .run(date: night, scope: scope)
        #expect(
            summary.seen == summary.new + summary.changed + summary.moved + summary.unchanged
                + summary.duplicate + summary.rejected + summary.ignored)
        return summary
    }

    func files(below path: String) throws -> [String] {
        guard FileSystem.exists(path) else { return [] }
        return try FileSystem.list(path).flatMap { name -> [String] in
            let child = path + "/" + name
            return try FileStatus.of(child, followLinks: false)?.kind == .directory
                ? files(below: child) : [child]
        }
    }

    func put(_ bytes: [UInt8], _ name: String) throws {
        try FileSystem.makeDirectories(FileSystem.parent(of: source + "/" + name))
        try write(bytes, to: source + "/" + name)
    }

    func file(_ path: String, in other: String? = nil) throws -> LedgerFile? {
        try Ledger(warehouse, .readOnly).file(source: other ?? source, path: Array(path.utf8))
    }

    func songs() throws -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        try Ledger(warehouse, .readOnly).forEachSong { entries.append($0) }
        return entries
    }

    func exported(_ name: String) throws -> [UInt8] {
        let exporter = Exporter(warehouse)
        var bytes: [UInt8] = []
        try exporter.write(try exporter.find(name)) { bytes += Array($0) }
        return bytes
    }

    /// A tagged file whose audio is told apart by `number`.
    static func song(_ number: Int, title: String = "Song", tail: [UInt8] = []) -> [UInt8] {
        MP3.id3v2([("TIT2", title)]) + MP3.audio(frames: 5, from: number * 100) + tail
    }
}
