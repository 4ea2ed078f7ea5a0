import Catalog
import Foundation
import Ingest
import Storage
import TestSupport
import Testing

/// What a scan does not enter, and how names in lists are taken.
struct ScanBoundaryTests {
    private typealias Fixture = IngestFixture

    private func link(_ target: String, _ path: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    @Test(arguments: ["", "/blobs", "/tmp"])
    func `a link into the warehouse is not followed`(folder: String) throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.run()
            try link(fixture.warehouse.path + folder, fixture.source + "/link")
            let importer = Importer(fixture.warehouse, sources: [fixture.source])
            let before = try importer.fingerprint()
            #expect(try fixture.run { $0.rereads = true }.seen == 1)
            // What a run itself writes there makes no source stale.
            #expect(try importer.fingerprint() == before)
        }
    }

    @Test func `a source in the warehouse, or around it, is refused before it is scanned`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.run()
            for path in [fixture.warehouse.blobsPath, fixture.warehouse.path, "/"] {
                #expect(throws: FormatError.self) { try fixture.run([IngestSource(path)]) }
                #expect(throws: FormatError.self) {
                    try Importer(fixture.warehouse, sources: [path]).fingerprint()
                }
                #expect(throws: FormatError.self) {
                    try IngestPreview(fixture.warehouse, sources: [IngestSource(path)])
                        .forEach { _, _, _ in
                        }
                }
            }
        }
    }

    @Test func `of sources in one another each file is of the inner one`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.put(Fixture.song(2), "in/b.mp3")
            let inner = IngestSource(fixture.source + "/in")
            for sources in [
                [IngestSource(fixture.source), inner], [inner, .init(fixture.source)],
            ] {
                let summary = try fixture.run(sources)
                #expect(summary.seen == 2)
                #expect(summary.duplicate == 0)
            }
            #expect(try fixture.file("in/b.mp3") == nil)
            #expect(try fixture.file("b.mp3", in: inner.path)?.state == .present)
        }
    }

    @Test func `a source named later takes its files from the one that it lies in`() throws {
        try Fixture.with { fixture in
            for number in 0..<4 { try fixture.put(Fixture.song(number), "\(number).mp3") }
            try fixture.put(Fixture.song(9), "in/b.mp3")
            try fixture.run()
            let inner = IngestSource(fixture.source + "/in")
            let summary = try fixture.run([IngestSource(fixture.source), inner])
            #expect(summary.moved == 1)
            #expect(summary.gone == 0)
        }
    }

    @Test(arguments: [".", "./", "in/..", "../source", "", "in/.", "in", "in/", "in//b.mp3"])
    func `a list names files in any way, and each is one`(name: String) throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.put(Fixture.song(2), "in/b.mp3")
            let sources = [IngestSource(fixture.source), IngestSource(IngestSource.loose)]
            try fixture.run()
            let path = name.isEmpty ? fixture.source : name
            let scope = FileList.scope(
                [Array(path.utf8)], from: fixture.source, sources: [fixture.source],
                warehouse: fixture.warehouse)
            let summary = try fixture.run(sources, scope: scope)
            #expect(summary.unchanged == (path.hasPrefix("in") && path != "in/.." ? 1 : 2))
            #expect(summary.seen == summary.unchanged)
        }
    }

    @Test func `a listed folder that holds sources stands for them, and never for the warehouse`()
        throws
    {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            let folder = FileSystem.parent(of: fixture.source)
            try write(Fixture.song(2), to: folder + "/beside.mp3")
            try fixture.run()
            let names = [folder, fixture.warehouse.blobsPath, "/"].map { Array($0.utf8) }
            let scope = FileList.scope(
                names, from: "/", sources: [fixture.source], warehouse: fixture.warehouse)
            let sources = [IngestSource(fixture.source), IngestSource(IngestSource.loose)]
            let summary = try fixture.run(sources, scope: scope)
            #expect(summary.sources.map(\.counts.seen) == [1, 1])
            #expect(summary.unchanged == 1)
            #expect(summary.new == 1)
        }
    }
}
