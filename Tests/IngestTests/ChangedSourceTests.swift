import Catalog
import Foundation
import Ingest
import MPEGAudio
import Storage
import Synchronization
import TestSupport
import Testing

/// What happens to files between two runs.
struct ChangedSourceTests {
    @Test func `a touched file is read again and is the same song`() throws {
        try IngestFixture.with { fixture in
            let (warehouse, source) = (fixture.warehouse, fixture.source)
            try write(IngestFixture.song(1), to: source + "/a.mp3")
            try fixture.run()
            let fingerprint = try Importer(warehouse, sources: [source]).fingerprint()
            let before = try fixture.songs()
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 5)], ofItemAtPath: source + "/a.mp3"
            )
            #expect(try Importer(warehouse, sources: [source]).fingerprint() != fingerprint)
            let summary = try fixture.run(night: IngestFixture.night.next)
            #expect(summary.changed == 1)
            #expect(summary.songs == 1)
            let after = try fixture.songs()
            #expect(after.map(\.song) == before.map(\.song))
            #expect(after.map(\.added) == ["2026-11-19"])
        }
    }

    @Test func `a file with other tags, and one that was moved, keep their ids`() throws {
        try IngestFixture.with { fixture in
            let source = fixture.source
            try write(IngestFixture.song(1, title: "Before"), to: source + "/a.mp3")
            try write(IngestFixture.song(2), to: source + "/b.mp3")
            try fixture.run()
            let ids = try fixture.songs().map(\.song.id)
            try write(
                IngestFixture.song(1, title: "After", tail: MP3.id3v1()), to: source + "/a.mp3")
            try FileSystem.rename(source + "/b.mp3", to: source + "/c.mp3")
            let summary = try fixture.run()
            #expect(summary.changed == 1)
            #expect(summary.moved == 1)
            #expect(summary.gone == 0)
            #expect(summary.songs == 2)
            #expect(try fixture.songs().map(\.song.id) == ids)
            #expect(try fixture.file("a.mp3")?.tags.title == "After")
            #expect(try fixture.file("b.mp3") == nil)
            #expect(try fixture.file("c.mp3")?.state == .present)
        }
    }

    @Test func `a vanished file is gone, its bytes are kept, and it may come back`() throws {
        try IngestFixture.with { fixture in
            let (warehouse, source) = (fixture.warehouse, fixture.source)
            for number in 1...4 {
                try write(IngestFixture.song(number), to: "\(source)/\(number).mp3")
            }
            try write(Array("text".utf8), to: source + "/note.txt")
            try write([UInt8](), to: source + "/zero.mp3")
            try fixture.run()
            let bytes = try contents(source + "/2.mp3")
            for name in ["2.mp3", "note.txt", "zero.mp3"] {
                try FileSystem.remove(source + "/" + name)
            }
            let summary = try fixture.run()
            #expect(summary.gone == 1)
            #expect(summary.songs == 3)
            #expect(try fixture.file("2.mp3")?.state == .gone)
            // Of those nothing was kept that could be missed.
            #expect(try fixture.file("note.txt") == nil)
            #expect(try fixture.file("zero.mp3") == nil)
            let exporter = Exporter(warehouse)
            var exported: [UInt8] = []
            try exporter.write(try exporter.find("2.mp3")) { exported += Array($0) }
            #expect(exported == bytes)
            #expect(try fixture.run().gone == 0)
            try write(bytes, to: source + "/2.mp3")
            #expect(try fixture.run().songs == 4)
            #expect(try fixture.file("2.mp3")?.state == .present)
        }
    }

    @Test func `when more than half is missing nothing is marked gone unless that is accepted`()
        throws
    {
        try IngestFixture.with { fixture in
            let source = fixture.source
            for number in 1...4 {
                try write(IngestFixture.song(number), to: "\(source)/\(number).mp3")
            }
            try fixture.run()
            for number in 1...3 { try FileSystem.remove("\(source)/\(number).mp3") }
            try write(IngestFixture.song(5), to: source + "/5.mp3")
            let error = #expect(throws: RemovalsNotAccepted.self) { try fixture.run() }
            #expect(error?.gone == 3)
            #expect(error?.known == 4)
            #expect(error?.cause == .badData)
            // What is new came in all the same.
            #expect(try fixture.songs().count == 5)
            var options = Importer.Options()
            options.acceptsRemovals = true
            #expect(try fixture.run { $0 = options }.gone == 3)
            #expect(try fixture.songs().count == 2)
        }
    }

    @Test func `a source that is not there stops the run and marks nothing`() throws {
        try IngestFixture.with { fixture in
            let source = fixture.source
            try write(IngestFixture.song(1), to: source + "/a.mp3")
            try fixture.run()
            try FileSystem.rename(source, to: source + "-away")
            let error = #expect(throws: FileError.self) { try fixture.run() }
            #expect(error?.cause == .inputMissing)
            #expect(try fixture.songs().count == 1)
        }
    }

    @Test func `past the reject limit the run fails and still keeps what is good`() throws {
        try IngestFixture.with { fixture in
            let source = fixture.source
            try write(IngestFixture.song(1), to: source + "/a.mp3")
            try write([UInt8](), to: source + "/b.mp3")
            var options = Importer.Options()
            options.rejectLimit = .count(0)
            let error = #expect(throws: RejectLimitExceeded.self) {
                try fixture.run { $0 = options }
            }
            #expect(error?.rejected == 1)
            #expect(error?.total == 2)
            #expect(try fixture.songs().count == 1)
            options.rejectLimit = .percent(50)
            #expect(try fixture.run { $0 = options }.rejected == 1)
        }
    }

    @Test func `of files with one audio the first by path speaks, and then the next`() throws {
        try IngestFixture.with { fixture in
            let source = fixture.source
            try write(IngestFixture.song(1, title: "B"), to: source + "/b.mp3")
            try write(IngestFixture.song(1, title: "C"), to: source + "/c.mp3")
            try write(IngestFixture.song(9), to: source + "/other.mp3")
            #expect(try fixture.run().duplicate == 1)
            #expect(try fixture.songs().first { $0.tags.title != "Song" }?.tags.title == "B")
            try FileSystem.remove(source + "/b.mp3")
            #expect(try fixture.run().songs == 2)
            #expect(try fixture.songs().first { $0.tags.title != "Song" }?.tags.title == "C")
        }
    }
}
