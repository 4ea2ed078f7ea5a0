import Catalog
import Foundation
import Ingest
import MPEGAudio
import Storage
import Synchronization
import TestSupport
import Testing

struct OddFileTests {
    private func move(_ path: String, to target: [UInt8]) -> Int32 {
        let target = (target + [0]).map { CChar(bitPattern: $0) }
        return rename(path, target)
    }

    private func removeFile(_ path: [UInt8]) -> Int32 {
        let path = (path + [0]).map { CChar(bitPattern: $0) }
        return unlink(path)
    }

    @Test func `an encoder's header without a frame behind it is set aside, and kept`() throws {
        try IngestFixture.with { fixture in
            let bytes = MP3.id3v2([("TIT2", "Nothing")]) + MP3.info(frames: 100)
            try write(bytes, to: fixture.source + "/header.mp3")
            try write(bytes, to: fixture.source + "/header.dat")
            let summary = try fixture.run()
            #expect(summary.rejected == 1 && summary.ignored == 1 && summary.new == 0)
            let file = try fixture.file("header.mp3")
            #expect(file?.reason == "no_frames")
            #expect(file?.head?.sizeBytes == bytes.count)
            #expect(file?.song == nil && file?.tail == nil && file?.covers == [])
        }
    }

    @Test func `a name that is no UTF-8 comes in, stays unchanged and goes`() throws {
        try IngestFixture.with { fixture in
            let (warehouse, source) = (fixture.warehouse, fixture.source)
            let names: [[UInt8]] = [
                [0xff, 0x2e, 0x6d, 0x70, 0x33], [0xfe, 0x2e, 0x6d, 0x70, 0x33], Array("é.mp3".utf8),
            ]
            for (index, name) in names.enumerated() {
                try write(IngestFixture.song(index + 1), to: source + "/x")
                #expect(move(source + "/x", to: Array(source.utf8) + [47] + name) == 0)
            }
            #expect(try fixture.run().new == 3)
            let ledger = try Ledger(warehouse, .readOnly)
            #expect(
                try ledger.file(source: source, path: names[0])?.song
                    != ledger.file(source: source, path: names[1])?.song)
            #expect(try fixture.run().unchanged == 3)
            #expect(removeFile(Array(source.utf8) + [47] + names[0]) == 0)
            #expect(try fixture.run().gone == 1)
            #expect(try ledger.file(source: source, path: names[0])?.state == .gone)
        }
    }

    @Test
    func
        `a file that the system refuses is a reject, is told again, and comes in when it can be read`()
        throws
    {
        try IngestFixture.with { fixture in
            let source = fixture.source
            // sysfs refuses to open this one for reading, root or not.
            try FileSystem.link(target: "/sys/bus/cpu/uevent", at: source + "/refused.mp3")
            try FileSystem.link(target: "a/b", at: source + "/obstacle.mp3")
            try write(IngestFixture.song(1), to: source + "/a")
            for _ in 0..<2 {
                let summary = try fixture.run()
                #expect(summary.rejected == 2)
                for name in ["refused.mp3", "obstacle.mp3"] {
                    let file = try fixture.file(name)
                    #expect(file?.reason == "unreadable")
                    #expect(file?.detail?.isEmpty == false)
                }
            }
            for name in ["refused.mp3", "obstacle.mp3"] {
                try FileSystem.remove(source + "/" + name)
                try write(IngestFixture.song(name.count), to: source + "/" + name)
            }
            #expect(try fixture.run().rejected == 0)
            #expect(try fixture.songs().count == 3)
        }
    }

    @Test func `a song whose file cannot be read any more stays in the catalogue`() throws {
        try IngestFixture.with { fixture in
            let (warehouse, source) = (fixture.warehouse, fixture.source)
            try FileSystem.makeDirectories(source + "/below")
            try write(IngestFixture.song(1), to: source + "/a.mp3")
            try write(IngestFixture.song(2), to: source + "/below/b.mp3")
            try write(IngestFixture.song(3), to: source + "/c.mp3")
            try fixture.run()
            chmod(warehouse.path + "/tmp", 0o777)
            // The file is another now, and refuses to be read; the folder is none any more.
            try FileSystem.remove(source + "/a.mp3")
            try FileSystem.link(target: "/sys/bus/cpu/uevent", at: source + "/a.mp3")
            try FileSystem.rename(source + "/below", to: source + "/../below")
            try FileSystem.link(target: "c.mp3/none", at: source + "/below")
            let summary = try fixture.run()
            #expect(summary.rejected == 2)
            #expect(summary.gone == 0)
            #expect(try fixture.songs().count == 3)
        }
    }

    @Test func `a file that changes while it is read is never half in`() throws {
        try IngestFixture.with { fixture in
            let source = fixture.source
            let versions = (0..<2).map {
                IngestFixture.song($0, title: "Version \($0)")
                    + MP3.audio(frames: 3_000, from: $0 * 7)
            }
            try write(versions[0], to: source + "/a.mp3")
            let stop = Atomic(false), ended = Atomic(false)
            let path = source + "/a.mp3"
            let writer = Thread {
                var number = 0
                while !stop.load(ordering: .relaxed) {
                    number += 1
                    // In place, as a careless tagger does.
                    let file = open(path, O_WRONLY)
                    versions[number % 2].withUnsafeBytes {
                        _ = Glibc.write(file, $0.baseAddress!, $0.count)
                    }
                    close(file)
                }
                ended.store(true, ordering: .releasing)
            }
            writer.start()
            let whole = Set(
                try versions.map { version in
                    try withTemporaryFolder { folder -> Digest in
                        try write(version, to: folder + "/f")
                        let file = try FileDescriptor(folder + "/f", .read)
                        let parts = try #require(
                            try FileParts.find(in: file, sizeBytes: version.count))
                        return SHA256.hash(Array(version[parts.audio]))
                    }
                })
            var outcomes: [String] = []
            for _ in 0..<15 {
                try fixture.run()
                let file = try #require(try fixture.file("a.mp3"))
                outcomes.append(file.reason ?? file.state.rawValue)
                if let song = file.song {
                    #expect(whole.contains(song), "half of one and half of the other")
                }
            }
            stop.store(true, ordering: .relaxed)
            while !ended.load(ordering: .acquiring) { usleep(1000) }
            // Quiet again: it comes in.
            try fixture.run()
            #expect(try fixture.file("a.mp3")?.state == .present, "\(outcomes)")
            #expect(whole.contains(try #require(try fixture.file("a.mp3")?.song)))
        }
    }

    @Test func `a damaged ledger is told with what to do`() throws {
        try IngestFixture.with { fixture in
            let (warehouse, source) = (fixture.warehouse, fixture.source)
            try write(IngestFixture.song(1), to: source + "/a.mp3")
            try fixture.run()
            try write(String(repeating: "no ledger ", count: 1000), to: warehouse.ledgerPath)
            let error = #expect(throws: FormatError.self) { try fixture.run() }
            #expect(error?.path == warehouse.ledgerPath)
            #expect(error?.hint?.contains("backup") == true)
        }
    }

    @Test func `several sources are kept apart`() throws {
        try IngestFixture.with { fixture in
            let (warehouse, source) = (fixture.warehouse, fixture.source)
            for name in ["one", "two"] { try FileSystem.makeDirectories(source + "/" + name) }
            try write(IngestFixture.song(1), to: source + "/one/a.mp3")
            try write(IngestFixture.song(2), to: source + "/two/a.mp3")
            let both = Importer(warehouse, sources: [source + "/one", source + "/two/"])
            let summary = try both.run(date: IngestFixture.night)
            #expect(summary.new == 2)
            #expect(summary.songs == 2)
            #expect(try both.run(date: IngestFixture.night).unchanged == 2)
            #expect(try fixture.file("a.mp3", in: source + "/two")?.state == .present)
        }
    }
}
