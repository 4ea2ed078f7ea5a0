import Catalog
import Foundation
import Ingest
import Storage
import TestSupport
import Testing
import WorkerProcesses

/// Files that are another thing when they are read than when their folder was listed, and trees
/// that are larger than most.
struct RacingFileTests {
    private typealias Fixture = IngestFixture

    private func withProbe(_ options: inout Importer.Options) {
        options.workers = 1
        options.workerProgram = Program(built: "IngestProbe").path
        options.removalLimit = .percent(100)
        options.workerLimits = .init(memoryBytes: 256 << 20, cpuSeconds: 2, wallClockMs: 20_000)
    }

    @Test(arguments: ["removes", "pipes"])
    func `a file that vanishes before it is read was not seen`(what: String) throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a-\(what)-next.mp3")
            try fixture.put(Fixture.song(2), "next.mp3")
            #expect(try fixture.run(withProbe).seen == 1)
            #expect(try fixture.file("next.mp3") == nil)

            // A known one is gone.
            try? FileSystem.remove(fixture.source + "/next.mp3")
            try fixture.put(Fixture.song(2), "next.mp3")
            #expect(try fixture.run().new == 1)
            for name in ["a-\(what)-next.mp3", "next.mp3"] {
                try fixture.put(try contents(fixture.source + "/" + name), name)
            }
            let summary = try fixture.run(withProbe)
            #expect(summary.seen == 1)
            #expect(summary.gone == 1)
            #expect(try fixture.file("next.mp3")?.state == .gone)
        }
    }

    @Test func `a file that is replaced after the scan comes in as it is now`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a-replaces-next.mp3")
            try fixture.put(Fixture.song(2), "next.mp3")
            let other = Fixture.song(3, title: "Other")
            try fixture.put(other, "next.mp3.other")
            let summary = try fixture.run(withProbe)
            #expect(summary.new == 2)
            #expect(try fixture.exported("next.mp3") == other)
            let status = try #require(try FileStatus.of(fixture.source + "/next.mp3"))
            #expect(try fixture.file("next.mp3")?.status == FileStamp(status))
        }
    }

    @Test func `of two names for one file one is a duplicate`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try FileSystem.linkOrCopy(fixture.source + "/a.mp3", to: fixture.source + "/b.mp3")
            let summary = try fixture.run()
            #expect(summary.new == 1)
            #expect(summary.duplicate == 1)
            try FileSystem.remove(fixture.source + "/a.mp3")
            // Taking a name away changes the other's ctime.
            let second = try fixture.run()
            #expect(second.changed == 1)
            #expect(second.gone == 1)
            #expect(second.songs == 1)
        }
    }

    @Test func `fifty thousand files in one folder are accounted for`() throws {
        try Fixture.with { fixture in
            let folder = fixture.source + "/all"
            try FileSystem.makeDirectories(folder)
            try fixture.put(Fixture.song(1), "all/song.mp3")
            for number in 0..<50_000 {
                close(creat("\(folder)/\(number).mp3", 0o644))
            }
            let summary = try fixture.run()
            #expect(summary.seen == 50_001)
            #expect(summary.new == 1)
            #expect(summary.rejected == 50_000)
            #expect(try Ledger(fixture.warehouse, .readOnly).counts().files["rejected"] == 50_000)
        }
    }

    @Test func `a file of more than four gigabytes is kept whole`() throws {
        try Fixture.with { fixture in
            let path = fixture.source + "/large.mp3"
            let size = 1 << 32 | 1
            try write([1, 2, 3], to: path)
            #expect(truncate(path, size) == 0)
            #expect(try fixture.run().rejected == 1)
            let file = try #require(try fixture.file("large.mp3"))
            #expect(file.reason == "not_mpeg_audio")
            let head = try #require(file.head)
            #expect(head.sizeBytes == size)
            let blob = BlobStore(fixture.warehouse).path(head.digest)
            #expect(try FileStatus.of(blob)?.sizeBytes == size)
            var info = stat()
            #expect(stat(blob, &info) == 0)
            #expect(info.st_blocks < 4096, "the hole was filled")
        }
    }

    @Test func `a cover of a hundred megabytes comes in`() throws {
        try Fixture.with { fixture in
            let count = 100 << 20
            let picture: [UInt8] = [0x89, 0x50, 0x4e, 0x47] + [UInt8](repeating: 7, count: count)
            let body = [0] + Array("image/png".utf8) + [0, 3, 0] + picture
            let frame = Array("APIC".utf8) + MP3.syncSafe(body.count) + [0, 0] + body
            let tag = Array("ID3".utf8) + [4, 0, 0] + MP3.syncSafe(frame.count) + frame
            try fixture.put(tag + MP3.audio(frames: 5), "a.mp3")
            let summary = try fixture.run {
                $0.workers = 1
                $0.workerProgram = Program.spindle.path
            }
            #expect(summary.new == 1)
            let cover = try #require(try fixture.file("a.mp3")?.covers.first)
            #expect(cover.sizeBytes == picture.count)
            #expect(
                try BlobStore(fixture.warehouse).contains(cover.digest, sizeBytes: picture.count))
        }
    }
}
