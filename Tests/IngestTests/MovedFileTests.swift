import Catalog
import Ingest
import Storage
import TestSupport
import Testing

/// Files that are found again under another name.
struct MovedFileTests {
    private typealias Fixture = IngestFixture

    @Test(arguments: ["b.mp3", "A.MP3", "below/b.mp3", "a.mp3~"])
    func `a renamed file is moved and keeps the night on which it was first seen`(name: String)
        throws
    {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.run()
            try FileSystem.makeDirectories(fixture.source + "/below")
            try FileSystem.rename(fixture.source + "/a.mp3", to: fixture.source + "/" + name)
            // Every known file is missing: nothing was removed all the same.
            let summary = try fixture.run(night: Fixture.night.next) { $0.removalLimit = .count(0) }
            #expect(summary.moved == 1)
            #expect(summary.new == 0)
            #expect(summary.duplicate == 0)
            #expect(summary.gone == 0)
            #expect(try fixture.songs().map(\.added) == ["2026-11-19"])
            #expect(try fixture.file("a.mp3") == nil)
            #expect(try fixture.file(name)?.state == .present)
            #expect(try fixture.run().unchanged == 1)
        }
    }

    /// By file: whose song it holds, and the day on which that was first seen.
    private func songs(_ fixture: IngestFixture) throws -> [String] {
        let names = Dictionary(
            uniqueKeysWithValues: (1...9).map {
                (SHA256.hash(MP3.audio(frames: 5, from: $0 * 100)).hex, $0)
            })
        let sql = """
            SELECT path, song_id, substr(added, 9) FROM files WHERE state = 'present' ORDER BY path
            """
        let rows = try run("sqlite3", [fixture.warehouse.ledgerPath, sql])
        return String(decoding: rows, as: UTF8.self).split(separator: "\n").map { line in
            let fields = line.split(separator: "|").map(String.init)
            return "\(fields[0]) \(names[fields[1]] ?? 0) \(fields[2])"
        }
    }

    /// Each a change of the two files `a` and `b`, seen on the 20th.
    enum Change: CaseIterable {
        case swapped, over, givenOnBefore, givenOnBehind, replaced, copiedThenReplaced
    }

    @Test(arguments: Change.allCases)
    func `audio that has only changed its place is no duplicate and keeps its night`(
        change: Change
    ) throws {
        try Fixture.with { fixture in
            func move(_ name: String, _ to: String) throws {
                try FileSystem.rename(fixture.source + "/" + name, to: fixture.source + "/" + to)
            }
            try fixture.put(Fixture.song(1), "a")
            try fixture.put(Fixture.song(2), "b")
            try fixture.run()
            let expected: (counts: [Int], songs: [String])
            switch change {
            case .swapped:
                try move("a", "t")
                try move("b", "a")
                try move("t", "b")
                expected = ([0, 2, 0, 0], ["a 2 19", "b 1 19"])
            case .over:
                try move("b", "a")
                expected = ([0, 0, 1, 0], ["a 2 19"])
            case .givenOnBefore:
                try move("b", "B")
                try fixture.put(Fixture.song(3), "b")
                expected = ([0, 1, 1, 0], ["B 2 19", "a 1 19", "b 3 20"])
            case .givenOnBehind:
                try move("b", "c")
                try fixture.put(Fixture.song(3), "b")
                expected = ([0, 1, 1, 0], ["a 1 19", "b 3 20", "c 2 19"])
            case .replaced:
                try fixture.put(Fixture.song(3), "b")
                expected = ([0, 1, 0, 0], ["a 1 19", "b 3 20"])
            case .copiedThenReplaced:
                try fixture.put(Fixture.song(2, title: "Copy"), "A")
                try fixture.put(Fixture.song(2, title: "Copy"), "c")
                try fixture.put(Fixture.song(3), "b")
                expected = ([0, 1, 1, 1], ["A 2 19", "a 1 19", "b 3 20", "c 2 19"])
            }
            let summary = try fixture.run(night: Fixture.night.next) { $0.removalLimit = .count(0) }
            #expect(
                [summary.new, summary.changed, summary.moved, summary.duplicate] == expected.counts)
            #expect(summary.gone == 0)
            #expect(try songs(fixture) == expected.songs)
        }
    }

    @Test func `a copy with better tags makes its song no younger`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.run()
            let tags = MP3.id3v2([("TIT2", "Song"), ("TPE1", "Artist"), ("TALB", "Album")])
            try fixture.put(tags + MP3.audio(frames: 5, from: 100), "b.mp3")
            #expect(try fixture.run(night: Fixture.night.next).duplicate == 1)
            #expect(try fixture.songs().map(\.tags.artists) == [["Artist"]])
            #expect(try fixture.songs().map(\.added) == ["2026-11-19"])
        }
    }

    @Test func `a folder that is renamed moves all its files`() throws {
        try Fixture.with { fixture in
            for number in 0..<20 { try fixture.put(Fixture.song(number), "old/\(number).mp3") }
            try fixture.run()
            try FileSystem.rename(fixture.source + "/old", to: fixture.source + "/new")
            let summary = try fixture.run()
            #expect(summary.moved == 20)
            #expect(summary.seen == 20)
            #expect(summary.gone == 0)
        }
    }

    @Test func `a file that gets other tags on its way is moved`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1, title: "Before"), "a.mp3")
            try fixture.run()
            try FileSystem.remove(fixture.source + "/a.mp3")
            try fixture.put(Fixture.song(1, title: "After"), "b.mp3")
            #expect(try fixture.run(night: Fixture.night.next).moved == 1)
            #expect(try fixture.songs().map(\.tags.title) == ["After"])
            #expect(try fixture.songs().map(\.added) == ["2026-11-19"])
        }
    }

    @Test func `of two new files with the audio of one that is missing one is moved`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.put(Fixture.song(2), "z.mp3")
            try fixture.run()
            try FileSystem.rename(fixture.source + "/a.mp3", to: fixture.source + "/c.mp3")
            try fixture.put(Fixture.song(1, title: "Copy"), "b.mp3")
            let summary = try fixture.run(night: Fixture.night.next)
            #expect(summary.moved == 1)
            #expect(summary.duplicate == 1)
            #expect(summary.new == 0)
            // The one with the same tags, although it is not the first.
            var added: [String: String] = [:]
            for name in ["b.mp3", "c.mp3"] { added[name] = try self.added(fixture, name) }
            #expect(added == ["b.mp3": "2026-11-20", "c.mp3": "2026-11-19"])
        }
    }

    private func added(_ fixture: Fixture, _ name: String) throws -> String {
        let sql = "SELECT added FROM files WHERE path = '\(name)'"
        let text = try TestSupport.run("sqlite3", [fixture.warehouse.ledgerPath, sql])
        return String(decoding: text.dropLast(), as: UTF8.self)
    }

    @Test func `a copy is a duplicate, and of two swapped files neither is moved`() throws {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1), "a.mp3")
            try fixture.put(Fixture.song(2), "b.mp3")
            try fixture.run()
            try fixture.put(Fixture.song(1), "c.mp3")
            #expect(try fixture.run().duplicate == 1)
            try FileSystem.rename(fixture.source + "/a.mp3", to: fixture.source + "/t")
            try FileSystem.rename(fixture.source + "/b.mp3", to: fixture.source + "/a.mp3")
            try FileSystem.rename(fixture.source + "/t", to: fixture.source + "/b.mp3")
            let summary = try fixture.run()
            // b.mp3 has now the audio that c.mp3 has as well.
            #expect(summary.changed + summary.duplicate == 2)
            #expect(summary.moved == 0)
            #expect(summary.songs == 2)
        }
    }

    @Test func `a file moves from one source to another`() throws {
        try Fixture.with { fixture in
            for folder in ["a", "b"] {
                for number in 0..<3 {
                    try fixture.put(
                        Fixture.song(number + folder.count * 10), "\(folder)/\(number).mp3")
                }
            }
            try fixture.put(Fixture.song(7), "a/x.mp3")
            let sources = ["a", "b"].map { IngestSource(fixture.source + "/" + $0) }
            try fixture.run(sources)
            try FileSystem.rename(fixture.source + "/a/x.mp3", to: fixture.source + "/b/x.mp3")
            let summary = try fixture.run(sources)
            #expect(summary.sources.map(\.counts.moved) == [0, 1])
            #expect(summary.sources.map(\.counts.gone) == [0, 0])
            #expect(summary.sources.map(\.counts.seen) == [3, 4])
        }
    }

    @Test func `new tags and other padding change a file and keep its song's bytes where they are`()
        throws
    {
        try Fixture.with { fixture in
            try fixture.put(Fixture.song(1, title: "Before"), "a.mp3")
            try fixture.run()
            let song = try #require(try fixture.file("a.mp3")?.song)
            let blob = BlobStore(fixture.warehouse).path(song)
            let inode = try FileStatus.of(blob)?.inode
            let padded = MP3.id3v2([("TIT2", "After")], padding: 5000)
            try fixture.put(padded + MP3.audio(frames: 5, from: 100), "a.mp3")
            let summary = try fixture.run()
            #expect(summary.changed == 1)
            #expect(try fixture.file("a.mp3")?.song == song)
            #expect(try FileStatus.of(blob)?.inode == inode, "the audio was stored once more")
        }
    }
}
