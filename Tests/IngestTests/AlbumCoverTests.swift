import Catalog
import Ingest
import Storage
import TestSupport
import Testing

/// The songs of an album hold the same picture, which is written once a worker and not once a file.
struct AlbumCoverTests {
    private typealias Fixture = IngestFixture

    private static func song(_ number: Int, picture: [UInt8]) -> [UInt8] {
        let body = [0] + Array("image/png".utf8) + [0, 3, 0] + picture
        let frame = Array("APIC".utf8) + MP3.syncSafe(body.count) + [0, 0] + body
        return Array("ID3".utf8) + [4, 0, 0] + MP3.syncSafe(frame.count) + frame
            + MP3.audio(frames: 3 + number / 250, from: number % 250 * 10)
    }

    private static func picture(_ number: UInt8) -> [UInt8] {
        [0x89, 0x50, 0x4e, 0x47] + [UInt8](repeating: number, count: 5000)
    }

    /// Every blob that a row names is there.
    private static func expectBlobs(_ fixture: Fixture) throws {
        let ledger = try Ledger(fixture.warehouse, .readOnly)
        let store = BlobStore(fixture.warehouse)
        try ledger.forEachFile(state: .present) { source, file in
            let song = try #require(file.song)
            #expect(FileSystem.exists(store.path(song)))
            let covers = try ledger.covers(source: source, path: file.path)
            #expect(covers.count == 1)
            for part in [file.head, file.tail].compactMap({ $0 })
                + covers.map({ .init(digest: $0.digest, sizeBytes: $0.sizeBytes) })
            {
                #expect(try store.contains(part.digest, sizeBytes: part.sizeBytes))
            }
        }
    }

    @Test(arguments: [0, 2])
    func `songs of several batches share their pictures`(workers: Int) throws {
        try Fixture.with { fixture in
            for number in 0..<600 {
                let file = Self.song(number, picture: Self.picture(UInt8(number / 10 % 7)))
                try fixture.put(file, "\(number / 10)/\(number).mp3")
            }
            let summary = try fixture.run {
                $0.workers = workers
                $0.workerProgram = Program(built: "IngestProbe").path
            }
            #expect(summary.new == 600)
            try Self.expectBlobs(fixture)
            let blobs = try fixture.files(below: fixture.warehouse.blobsPath)
            // Heads differ by their pictures alone.
            #expect(blobs.count == 600 + 7 + 7)
        }
    }

    @Test func `a picture that the warehouse has lost is stored again`() throws {
        try Fixture.with { fixture in
            for number in 0..<3 {
                try fixture.put(
                    Self.song(number, picture: Self.picture(1)), "\(number).mp3")
            }
            try fixture.run()
            let cover = try #require(try fixture.file("1.mp3")?.cover)
            try BlobStore(fixture.warehouse).remove(cover.digest)
            try fixture.run { $0.rereads = true }
            try Self.expectBlobs(fixture)
        }
    }

    @Test func `no row names a picture that went with another file`() throws {
        try Fixture.with { fixture in
            let files = (0..<4).map { Self.song($0, picture: Self.picture(UInt8($0 / 3))) }
            // Its worker has written the picture, and then says what nobody understands.
            try fixture.put(files[0], "0-garbles.mp3")
            for number in 1..<4 { try fixture.put(files[number], "\(number).mp3") }
            let summary = try fixture.run {
                $0.workers = 1
                $0.workerProgram = Program(built: "IngestProbe").path
            }
            #expect(summary.new == 1)
            #expect(summary.rejected == 3)
            try Self.expectBlobs(fixture)
            for number in 1...2 {
                #expect(try fixture.file("\(number).mp3")?.reason == "reader_crashed")
                #expect(try fixture.exported("\(number).mp3") == files[number])
            }
        }
    }
}
