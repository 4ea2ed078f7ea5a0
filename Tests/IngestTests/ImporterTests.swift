import Catalog
import Foundation
import Ingest
import MPEGAudio
import Storage
import Synchronization
import TestSupport
import Testing

struct ImporterTests {
    // MARK: The sample library

    @Test func `the sample library comes in as its ground truth says`() throws {
        try IngestFixture.with(sample: true) { fixture in
            let summary = try fixture.run()
            let truth = try SampleSong.all
            #expect(summary.seen == 41)
            #expect(summary.new == truth.count + 1)  // and the truncated one
            #expect(summary.duplicate == 1)
            #expect(summary.rejected == 2)
            #expect(summary.ignored == 1)
            #expect(summary.gone == 0)
            #expect(summary.songs == truth.count + 1)

            let entries = Dictionary(
                uniqueKeysWithValues: try fixture.songs().map { ($0.song.id.hex, $0) })
            for song in truth {
                let entry = try #require(entries[song.id], "\(song)")
                #expect(abs(entry.song.durationMs - song.durationMs) <= 1, "\(song)")
                #expect(entry.song.sizeBytes == song.audioBytes, "\(song)")
                #expect(entry.song.channels == song.channels, "\(song)")
                #expect(entry.song.sampleRateHz == song.sampleRateHz, "\(song)")
                #expect(entry.song.isVBR == song.isVBR, "\(song)")
                #expect((entry.cover != nil) == song.hasCover, "\(song)")
                #expect(entry.added == "2026-11-19")
                for path in song.paths {
                    #expect(
                        try fixture.file(String(path.dropFirst("music/".count)))?.song?
                            .hex == song.id)
                }
            }
            let untagged = try fixture.file("Troublesome/untagged.mp3")
            #expect(untagged?.tags.title == "untagged")
            #expect(untagged?.warnings == ["no_title: untagged.mp3"])
            #expect(
                try fixture.file("Troublesome/misnamed.dat")?.warnings == [
                    "not_named_mp3: Troublesome/misnamed.dat"
                ])
            let truncated = try #require(try fixture.file("Troublesome/truncated.mp3"))
            #expect(truncated.state == .present)
            #expect(truncated.warnings.count == 1)
            #expect(truncated.warnings[0].hasPrefix("truncated: the last frame lacks "))
            #expect(try fixture.file("Troublesome/cover.txt")?.state == .ignored)
            let sound = try fixture.songs().filter {
                $0.tags.title != "untagged" && !$0.tags.title.contains("(")
            }
            #expect(sound.count == truth.count - 2)
        }
    }

    @Test(arguments: [
        ("Troublesome/zero-bytes.mp3", "empty", "0 bytes"),
        ("Troublesome/not-an-mp3.mp3", "not_mpeg_audio", "looks like an HTML page"),
    ])
    func `what is no audio is set aside with its reason and its bytes`(
        path: String, reason: String, detail: String
    ) throws {
        try IngestFixture.with(sample: true) { fixture in
            let (warehouse, source) = (fixture.warehouse, fixture.source)
            try fixture.run()
            let rejected = try #require(try fixture.file(path))
            #expect(rejected.state == .rejected)
            #expect(rejected.reason == reason)
            #expect(rejected.detail == detail)
            #expect(rejected.song == nil)
            let original = try contents(source + "/" + path)
            if original.isEmpty {
                #expect(rejected.head == nil)
            } else {
                let exporter = Exporter(warehouse)
                var bytes: [UInt8] = []
                try exporter.write(try exporter.find(path)) { bytes += Array($0) }
                #expect(bytes == original)
            }
        }
    }

    @Test func `every file comes back byte for byte`() throws {
        try IngestFixture.with(sample: true) { fixture in
            let (warehouse, source) = (fixture.warehouse, fixture.source)
            try fixture.run()
            let exporter = Exporter(warehouse)
            var count = 0
            for path in try fixture.files(below: source)
            where !path.hasSuffix("zero-bytes.mp3") && !path.hasSuffix("cover.txt") {
                let target = warehouse.path + "/../out"
                for name in [path, String(path.dropFirst(source.count + 1))] {
                    let found = try exporter.find(name)
                    #expect(found.path == path)
                    try exporter.write(found, to: target)
                    #expect(try SHA256.hash(fileAt: target) == SHA256.hash(fileAt: path), "\(path)")
                    try FileSystem.remove(target)
                }
                count += 1
            }
            #expect(count == 39)
            let id = try SampleSong.all[0].id
            #expect(try exporter.find(id).path.hasSuffix("01 Freude!.mp3"))
            #expect(throws: NothingKept.self) { try exporter.find("nothing") }
            #expect(throws: NothingKept.self) { try exporter.find("Troublesome/cover.txt") }
        }
    }

    @Test func `an export of a damaged blob fails and leaves no file`() throws {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            let source = folder + "/source"
            try FileSystem.makeDirectories(source)
            try write(MP3.audio(frames: 5), to: source + "/a.mp3")
            _ = try Importer(warehouse, sources: [source]).run(date: IngestFixture.night)
            let exporter = Exporter(warehouse)
            let found = try exporter.find("a.mp3")
            var bytes = MP3.audio(frames: 5)
            bytes[1000] ^= 1
            try write(bytes, to: BlobStore(warehouse).path(found.parts[0]))
            #expect(throws: FormatError.self) { try exporter.write(found, to: folder + "/out") }
            #expect(!FileSystem.exists(folder + "/out"))
        }
    }

    @Test func `a second run finds all unchanged and writes nothing`() throws {
        try IngestFixture.with(sample: true) { fixture in
            let (warehouse, source) = (fixture.warehouse, fixture.source)
            try fixture.run()
            let fingerprint = try Importer(warehouse, sources: [source]).fingerprint()
            func state() throws -> [String: Digest] {
                Dictionary(
                    uniqueKeysWithValues: try fixture.files(below: warehouse.path).map {
                        ($0, try SHA256.hash(fileAt: $0))
                    })
            }
            let before = try state()
            let ledger = try FileStatus.of(warehouse.ledgerPath)
            let summary = try fixture.run(night: IngestFixture.night.next)
            #expect(summary.unchanged == 38)
            #expect(summary.rejected == 2)
            #expect(summary.ignored == 1)
            #expect(summary.bytesRead == 0)
            #expect(try state() == before)
            // Not even the same bytes once more.
            #expect(try FileStatus.of(warehouse.ledgerPath) == ledger)
            #expect(try Importer(warehouse, sources: [source]).fingerprint() == fingerprint)
        }
    }

    @Test func `copies of a source on two machines give the same content`() throws {
        var digests: [Digest] = []
        for round in 0..<2 {
            try IngestFixture.with(sample: true) { fixture in
                let (warehouse, source) = (fixture.warehouse, fixture.source)
                for path in try fixture.files(below: source) {
                    try FileManager.default.setAttributes(
                        [.modificationDate: Date(timeIntervalSince1970: Double(round) * 1e8)],
                        ofItemAtPath: path)
                }
                try fixture.run()
                let ledger = try Ledger(warehouse, .readOnly)
                digests.append(try ledger.contentDigest())
                #expect(try ledger.meta("content_digest") == digests.last?.hex)
            }
        }
        #expect(digests[0] == digests[1])
    }
}
