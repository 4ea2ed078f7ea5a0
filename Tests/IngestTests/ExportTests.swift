import Catalog
import Foundation
import Ingest
import Storage
import TestSupport
import Testing

/// What a name stands for that is to be given back.
struct ExportTests {
    private typealias Fixture = IngestFixture

    @Test func `names that are not UTF-8 are told apart`() throws {
        try Fixture.with { fixture in
            let names: [[UInt8]] = [[0xff, 0xfe], [0xff, 0xfd]].map { $0 + Array(".mp3".utf8) }
            for (number, name) in names.enumerated() {
                let path = Array(fixture.source.utf8) + [47] + name + [0]
                let file = try #require(path.withUnsafeBytes { fopen($0.baseAddress!, "w") })
                let bytes = Fixture.song(number)
                #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
                fclose(file)
            }
            try fixture.run()
            let exporter = Exporter(fixture.warehouse)
            for (number, name) in names.enumerated() {
                for name in [name, Array(fixture.source.utf8) + [47] + name] {
                    var bytes: [UInt8] = []
                    try exporter.write(try exporter.find(name)) { bytes += Array($0) }
                    #expect(bytes == Fixture.song(number))
                }
            }
        }
    }

    @Test func `of two sources the file that is there is given back, or asked for`() throws {
        try Fixture.with { fixture in
            let sources = ["one", "two"].map { fixture.source + "/" + $0 }
            for (number, source) in sources.enumerated() {
                try fixture.put(Fixture.song(number), FileSystem.name(of: source) + "/a.mp3")
                try fixture.put(Fixture.song(7), FileSystem.name(of: source) + "/same.mp3")
            }
            try fixture.run(sources.map { IngestSource($0) })
            #expect(try fixture.exported("same.mp3") == Fixture.song(7))
            let error = #expect(throws: NameNotUnique.self) { try fixture.exported("a.mp3") }
            #expect(error?.paths == sources.map { $0 + "/a.mp3" })
            #expect(try fixture.exported(sources[1] + "/a.mp3") == Fixture.song(1))
            try FileSystem.remove(sources[0] + "/a.mp3")
            try fixture.run(sources.map { IngestSource($0) })
            #expect(try fixture.exported("a.mp3") == Fixture.song(1))
        }
    }

    @Test func `a path through a link is the file's`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.run()
            let link = FileSystem.parent(of: fixture.source) + "/link"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: fixture.source)
            #expect(try fixture.exported(link + "/a.mp3") == Fixture.song(1))
        }
    }
}
