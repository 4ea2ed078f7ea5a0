import Catalog
import Foundation
import Ingest
import Storage
import TestSupport
import Testing

/// Which files belong to which source, and what a source that is not as it was is taken for.
struct SourceTests {
    private typealias Fixture = IngestFixture

    @Test func `a source that is missing is named, and the others are taken`() throws {
        try Fixture.with { fixture in
            for folder in ["a", "b"] {
                try fixture.put(Fixture.song(folder.count), "\(folder)/x.mp3")
            }
            let sources = ["a", "none", "b"].map { IngestSource(fixture.source + "/" + $0) }
            let error = #expect(throws: FileError.self) { try fixture.run(sources) }
            #expect(error?.path == fixture.source + "/none")
            #expect(try fixture.file("x.mp3", in: fixture.source + "/b")?.state == .present)
            let both = [sources[1], IngestSource(fixture.source + "/neither")]
            let errors = #expect(throws: SourcesNotTaken.self) { try fixture.run(both) }
            #expect(errors?.failures.count == 2)
            #expect(errors?.cause == .inputMissing)
        }
    }

    @Test func `an empty folder where files were is taken for one that is not mounted`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.run()
            try FileSystem.remove(fixture.source + "/a.mp3")
            let error = #expect(throws: RemovalsNotAccepted.self) {
                // Whatever the limit.
                try fixture.run { $0.removalLimit = .percent(100) }
            }
            #expect(error?.why == .empty)
            #expect(try fixture.songs().count == 1)
            #expect(try fixture.run { $0.acceptsRemovals = true }.gone == 1)
        }
    }

    @Test func `files missing from what is another file system now are asked about`() throws {
        try Fixture.with { fixture in
            for number in 0..<4 { try fixture.put(Fixture.song(number), "\(number).mp3") }
            try fixture.run()
            let ledger = try Ledger(fixture.warehouse, .readWrite)
            let key = "ingest.file_system \(fixture.source)"
            #expect(try ledger.meta(key) != nil)
            try ledger.setMeta(key, "12345")
            // Another file system with all that was there is no reason to ask.
            try FileSystem.remove(fixture.source + "/0.mp3")
            let error = #expect(throws: RemovalsNotAccepted.self) { try fixture.run() }
            #expect(error?.why == .otherFileSystem)
            #expect(try fixture.run { $0.acceptsRemovals = true }.gone == 1)
            #expect(try ledger.meta(key) != "12345")
        }
    }

    @Test func `a list of sources says owner, region and patterns of each`() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/sources.json5"
            try write(
                """
                // What we take in.
                { format: "spindle-sources", version: 1, sources: [
                  { path: "/srv/a", owner: "Label A", region: "eu-west", exclude: ["Demos/"] },
                  { path: "/srv/b", include: ["*.mp3", "*.MP3"] },
                ] }
                """, to: path)
            let sources = try SourceList.read(path)
            #expect(sources.map(\.path) == ["/srv/a", "/srv/b"])
            #expect(sources.map(\.owner) == ["Label A", nil])
            #expect(sources.map(\.region) == ["eu-west", nil])
            #expect(sources[0].filter.exclude == [GlobPattern("Demos/")!])
            #expect(sources[1].filter.include.count == 2)
        }
    }

    @Test(arguments: [
        ("{}", "format"), (#"{"format":"spindle-sources","version":2}"#, "version 1"),
        (#"{"format":"spindle-sources","version":1,"sources":[3]}"#, "source 1"),
        (#"{"format":"spindle-sources","version":1,"sources":[{"path":"a"}]}"#, "absolute"),
        (#"{"format":"spindle-sources","version":1,"sources":[{"path":"/a","x":1}]}"#, "'x'"),
        (
            #"{"format":"spindle-sources","version":1,"sources":[{"path":"/a","owner":""}]}"#,
            "owner"
        ),
        (
            #"{"format":"spindle-sources","version":1,"sources":[{"path":"/a","exclude":["["]}]}"#,
            "'['"
        ),
        (
            #"{"format":"spindle-sources","version":1,"sources":[{"path":"/a"},{"path":"/a"}]}"#,
            "twice"
        ),
    ])
    func `what is wrong in a list of sources is named`(text: String, part: String) throws {
        try withTemporaryFolder { folder in
            try write(text, to: folder + "/s.json")
            let error = #expect(throws: FormatError.self) {
                try SourceList.read(folder + "/s.json")
            }
            #expect(error?.detail.contains(part) == true, "\(error?.detail ?? "")")
        }
    }

    @Test func `owner and region are kept in the ledger until they are taken back`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            func owners() throws -> String {
                let path = fixture.warehouse.ledgerPath
                let text = try TestSupport.run(
                    "sqlite3", [path, "SELECT owner, region FROM sources"])
                return String(decoding: text, as: UTF8.self)
            }
            func source(_ owner: String?) -> IngestSource {
                IngestSource(fixture.source, owner: owner, region: "eu-west", isDescribed: true)
            }
            try fixture.run([source("Label A")])
            #expect(try owners() == "Label A|eu-west\n")
            let digest = try Ledger(fixture.warehouse, .readOnly).meta("content_digest")
            try fixture.run()
            #expect(try owners() == "Label A|eu-west\n")
            try fixture.run([source("Label B")])
            #expect(try owners() == "Label B|eu-west\n")
            #expect(try Ledger(fixture.warehouse, .readOnly).meta("content_digest") != digest)
            try fixture.run([IngestSource(fixture.source, isDescribed: true)])
            #expect(try owners() == "")
        }
    }

    // MARK: Files named one by one

    @Test func `of a list only those files are looked at`() throws {
        try Fixture.with { fixture in
            for number in 0..<4 { try fixture.put(Fixture.song(number), "\(number).mp3") }
            try fixture.run()
            try FileSystem.remove(fixture.source + "/0.mp3")
            try fixture.put(Fixture.song(10), "below/10.mp3")
            try fixture.put(Fixture.song(11), "11.mp3")
            let outside = fixture.warehouse.path + "/../outside.mp3"
            try write(Fixture.song(12), to: outside)
            let names = ["below/10.mp3", "1.mp3", outside, "none.mp3"].map { Array($0.utf8) }
            let scope = FileList.scope(
                names, from: fixture.source, sources: [fixture.source],
                warehouse: fixture.warehouse)
            let sources = [IngestSource(fixture.source), IngestSource(IngestSource.loose)]
            let summary = try fixture.run(sources, scope: scope)
            #expect(summary.sources.map(\.counts.new) == [1, 1])
            #expect(summary.unchanged == 1)
            #expect(summary.gone == 0)
            #expect(try fixture.file("11.mp3") == nil)
            let loose = String(FileSystem.absolute(outside).dropFirst())
            #expect(try fixture.file(loose, in: IngestSource.loose)?.state == .present)
            #expect(try fixture.exported(FileSystem.absolute(outside)) == Fixture.song(12))
            #expect(try fixture.run().gone == 1)
        }
    }

    @Test func `of a folder that is named all below it is looked at, and missed`() throws {
        try Fixture.with { fixture in
            for name in ["a/1.mp3", "a/2.mp3", "a-b.mp3", "a0.mp3", "b/3.mp3"] {
                try fixture.put(Fixture.song(Int(name.utf8.reduce(0) { $0 + Int($1) })), name)
            }
            try fixture.run()
            for name in ["a/2.mp3", "a-b.mp3", "b/3.mp3"] {
                try FileSystem.remove(fixture.source + "/" + name)
            }
            let summary = try fixture.run(scope: .paths([fixture.source: [Array("a".utf8)]]))
            #expect(summary.seen == 1)
            #expect(summary.gone == 1)
            #expect(try fixture.file("a/2.mp3")?.state == .gone)
            #expect(try fixture.file("a-b.mp3")?.state == .present)
            #expect(try fixture.file("b/3.mp3")?.state == .present)
        }
    }

    @Test func `a list has a name a line, or NULs between them`() {
        func names(_ text: String) -> [String] {
            FileList.names(in: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(names("a\nb\r\n\nc") == ["a", "b", "c"])
        #expect(names("a\nb\0c\0") == ["a\nb", "c"])
        #expect(names("") == [])
    }

    @Test func `a look without changes says what would be done`() throws {
        try Fixture.with { fixture in
            for number in 0..<7 { try fixture.put(Fixture.song(number), "\(number).mp3") }
            // One file under two names.
            try FileSystem.linkOrCopy(fixture.source + "/6.mp3", to: fixture.source + "/7.mp3")
            try fixture.run()
            let ledger = try FileStatus.of(fixture.warehouse.ledgerPath)
            try FileSystem.rename(fixture.source + "/0.mp3", to: fixture.source + "/a.mp3")
            try FileSystem.remove(fixture.source + "/1.mp3")
            try fixture.put(Fixture.song(2, title: "Other"), "2.mp3")
            try fixture.put(Fixture.song(9), "9.mp3")
            for name in ["6.mp3", "7.mp3"] { try FileSystem.remove(fixture.source + "/" + name) }
            var source = IngestSource(fixture.source)
            source.filter.exclude = [GlobPattern("5*")!]
            var found: [String] = []
            let result = try IngestPreview(fixture.warehouse, sources: [source]).forEach {
                found.append("\($0.rawValue) \(String(decoding: $2, as: UTF8.self))")
            }
            #expect(
                found.sorted() == [
                    "changed 2.mp3", "excluded 5.mp3", "gone 1.mp3", "gone 6.mp3", "gone 7.mp3",
                    "moved a.mp3", "new 9.mp3",
                ])
            #expect(result.seen == 5)
            #expect(result.unchanged == 2)
            #expect(try FileStatus.of(fixture.warehouse.ledgerPath) == ledger)
        }
    }
}
