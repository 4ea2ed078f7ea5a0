import Catalog
import Ingest
import Storage
import TestSupport
import Testing

/// What was good once is not lost when its source goes bad, nor when the warehouse does.
struct DamagedSourceTests {
    private static let night = CalendarDate(year: 2026, month: 11, day: 19)

    private func withSource(_ body: (Warehouse, String) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            let source = FileSystem.absolute(folder) + "/source"
            try FileSystem.makeDirectories(source)
            try body(warehouse, source)
        }
    }

    private func sampleSong(_ number: Int) throws -> [UInt8] {
        let paths = try SampleSong.all.compactMap(\.paths.first)
        return try contents("\(Repository.sample)/\(paths[number])")
    }

    @discardableResult
    private func run(
        _ warehouse: Warehouse, _ source: String,
        _ change: (inout Importer.Options) -> Void = { _ in }
    ) throws -> IngestSummary {
        var options = Importer.Options()
        options.removalLimit = .percent(100)
        change(&options)
        return try Importer(warehouse, sources: [source], options: options).run(date: Self.night)
    }

    private func songs(_ warehouse: Warehouse) throws -> [String] {
        var ids: [String] = []
        try Ledger(warehouse, .readOnly).forEachSong { ids.append($0.song.id.hex) }
        return ids
    }

    @Test(arguments: [("empty", ""), ("not_mpeg_audio", "<html>404</html>")])
    func `a file that goes bad keeps its last good version`(reason: String, content: String) throws
    {
        try withSource { warehouse, source in
            let original = try sampleSong(0)
            try write(original, to: source + "/a.mp3")
            try write(try sampleSong(1), to: source + "/b.mp3")
            try run(warehouse, source)
            let before = try songs(warehouse)
            try write(content, to: source + "/a.mp3")

            let summary = try run(warehouse, source)
            #expect(summary.rejected == 1)
            #expect(summary.damaged == 1)
            #expect(try songs(warehouse) == before)
            let file = try Ledger(warehouse, .readOnly).file(
                source: source, path: Array("a.mp3".utf8))
            #expect(file?.warnings.count == 1)
            #expect(file?.warnings.first?.hasPrefix("source_damaged: ") == true)
            #expect(file?.warnings.first?.contains(reason) == true)
            let exporter = Exporter(warehouse)
            try exporter.write(try exporter.find("a.mp3"), to: source + "-export")
            #expect(try contents(source + "-export") == original)

            // And when it is whole again, nothing reminds of it.
            try write(original, to: source + "/a.mp3")
            #expect(try run(warehouse, source).damaged == 0)
            let mended = try Ledger(warehouse, .readOnly).file(
                source: source, path: Array("a.mp3".utf8))
            #expect(mended?.warnings == [])
        }
    }

    @Test func `files that went bad count against the limit on removals`() throws {
        try withSource { warehouse, source in
            for number in 0..<4 {
                try write(try sampleSong(number), to: "\(source)/\(number).mp3")
            }
            try run(warehouse, source)
            for number in 0..<3 { try write("", to: "\(source)/\(number).mp3") }
            let error = #expect(throws: RemovalsNotAccepted.self) {
                try run(warehouse, source) { $0.removalLimit = .percent(50) }
            }
            #expect(error?.damaged == 3)
            #expect(try songs(warehouse).count == 4)
        }
    }

    @Test func `reading again stores what the warehouse has lost or let rot`() throws {
        try withSource { warehouse, source in
            try write(try sampleSong(0), to: source + "/a.mp3")
            try write(try sampleSong(1), to: source + "/b.mp3")
            try run(warehouse, source)
            let store = BlobStore(warehouse)
            let blobs = try songs(warehouse).map { store.path(Digest(hex: $0)!) }
            try FileSystem.remove(blobs[0])
            var rotten = try contents(blobs[1])
            rotten[rotten.count / 2] ^= 1
            try write(rotten, to: blobs[1])

            #expect(try run(warehouse, source).unchanged == 2)
            #expect(!FileSystem.exists(blobs[0]))
            #expect(try run(warehouse, source) { $0.rereads = true }.seen == 2)
            for blob in blobs {
                #expect(try SHA256.hash(fileAt: blob).hex == FileSystem.name(of: blob))
            }
        }
    }

    @Test func `a warehouse inside a source is refused`() throws {
        try withSource { _, source in
            let warehouse = Warehouse(path: source + "/warehouse")
            try warehouse.prepare()
            #expect(throws: FormatError.self) { try run(warehouse, source) }
        }
    }

    @Test func `names that differ only in their form are two files`() throws {
        try withSource { warehouse, source in
            let composed = "caf\u{e9}.mp3"
            let decomposed = "cafe\u{301}.mp3"
            try write(try sampleSong(0), to: "\(source)/\(composed)")
            try write(try sampleSong(1), to: "\(source)/\(decomposed)")
            #expect(try run(warehouse, source).new == 2)
            for (name, number) in [(composed, 0), (decomposed, 1)] {
                let exporter = Exporter(warehouse)
                var bytes: [UInt8] = []
                try exporter.write(try exporter.find(name)) { bytes.append(contentsOf: $0) }
                #expect(bytes == (try sampleSong(number)))
            }
        }
    }
}
