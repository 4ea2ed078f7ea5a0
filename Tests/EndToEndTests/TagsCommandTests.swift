import Foundation
import Glibc
import Storage
import TestSupport
import Testing

/// `spindle tags` as a program.
struct TagsCommandTests {
    private let sample = "\(Repository.sample)/music/Troublesome"

    private func lines(_ result: Program.Result) throws -> [JSONValue] {
        try result.stdout.split(separator: "\n").map {
            try JSONValue.parse(Array($0.utf8), path: "tags")
        }
    }

    @Test func `each line keeps to the schema, in the order of the files`() throws {
        let schema = try JSONSchema(named: "tags")
        let files = try SampleSong.all.prefix(12).map { Repository.sample + "/" + $0.paths[0] }
        let result = try Program.spindle.run(["tags", "--json", "--frames"] + files)
        #expect(result.code == 0)
        let found = try lines(result)
        #expect(found.map { $0["path"]?.string } == files)
        for line in found { #expect(try schema.faults(line) == []) }
        let titles = found.map { $0["tags"]?["title"]?.array?.first?["value"]?.string }
        #expect(titles == (try SampleSong.all.prefix(12).map(\.title)))
        #expect(found.allSatisfy { $0["duration_ms"]?.int ?? 0 > 0 })
        let picture = found.compactMap { $0["pictures"]?.array?.first }.first
        #expect(picture?["sha256"]?.string?.utf8.count == 64)
    }

    @Test func `a file that is not there has its line, the others theirs, and 66 says so`() throws {
        let file = sample + "/same-audio-other-tags.mp3"
        let result = try Program.spindle.run(["tags", "--json", "/nowhere.mp3", file])
        #expect(result.code == 66)
        let found = try lines(result)
        #expect(found.count == 2)
        #expect(found[0]["error"]?.string?.contains("/nowhere.mp3") == true)
        #expect(try JSONSchema(named: "tags").faults(found[0]) == [])
        #expect(found[1]["tags"]?["title"] != nil)
        #expect(try Program.spindle.run(["tags"]).code == 64)
        // The default warehouse is in the current folder; the repository may hold one.
        try withTemporaryFolder { folder in
            let result = try Program.spindle.run(["tags", file, "--compare"], in: folder)
            #expect(result.code == 66)
        }
    }

    @Test func `a text shows value and source, and nothing that a terminal obeys`() throws {
        try withTemporaryFolder { folder in
            let tag = MP3.id3v2([("TIT2", "Song"), ("COMM", "eng\u{0}a\n\u{1b}[31mb")])
            try write(tag + MP3.audio(frames: 5), to: folder + "/a.mp3")
            let result = try Program.spindle.run(["tags", folder + "/a.mp3"])
            #expect(result.code == 0)
            #expect(result.stdout.contains("Song  [ID3v2.4 TIT2]"))
            #expect(!result.stdout.contains("\u{1b}"))
        }
    }

    @Test func `a name that is not UTF-8 is read, and kept in base64`() throws {
        try withTemporaryFolder { folder in
            try write(MP3.id3v2([("TIT2", "Song")]) + MP3.audio(frames: 5), to: folder + "/a.mp3")
            // A shell makes the name, as strings here cannot hold it.
            let script =
                "n=$(printf '\\351.mp3'); mv a.mp3 \"$n\"; '\(Program.spindle.path)' tags --json \"$n\""
            let result = try Program(path: "/bin/sh").run(["-c", "cd '\(folder)' && \(script)"])
            let line = try #require(try lines(result).first)
            #expect(line["tags"]?["title"]?.array?.first?["value"]?.string == "Song")
            #expect(line["path_base64"]?.string == "6S5tcDM=")
        }
    }

    @Test func `tags and ingest split at the separators that are given`() throws {
        let warehouse = try TestWarehouse()
        let source = warehouse.folder / "source"
        try FileSystem.makeDirectories(source)
        let file = source + "/a.mp3"
        try write(
            MP3.id3v2([("TPE1", "A feat. B"), ("TCON", "Soul/Jazz; Pop")])
                + MP3.audio(frames: 9), to: file)
        func values(_ field: String, _ options: String...) throws -> [String?]? {
            let result = try Program.spindle.run(["tags", "--json", file] + options)
            #expect(result.code == 0)
            return try lines(result).first?["tags"]?[field]?.array?.map { $0["value"]?.string }
        }
        #expect(try values("artists") == ["A feat. B"])
        #expect(try values("artists", "--artist-separator", " feat. ") == ["A", "B"])
        #expect(try values("genres") == ["Soul/Jazz", "Pop"])
        #expect(
            try values("genres", "--genre-separator", "/", "--genre-separator=;")
                == ["Soul", "Jazz", "Pop"])
        #expect(try values("genres", "--genre-separator", "") == ["Soul/Jazz; Pop"])
        #expect(try Program.spindle.run(["tags", file, "--genre-separator", " "]).code == 64)

        #expect(try warehouse.spindle("ingest", "--source", source).code == 0)
        let again = try warehouse.spindle(
            "ingest", "--source", source, "--artist-separator", " feat. ")
        #expect(again.code == 0)
        #expect(again.stderr.contains("--reread"))
        let whole = try warehouse.spindle(
            "ingest", "--source", source, "--artist-separator", " feat. ", "--reread")
        #expect(!whole.stderr.contains("--reread"))
        let compared = try warehouse.spindle(
            "tags", "--json", "--compare", file, "--artist-separator", " feat. ")
        #expect(try lines(compared).first?["compared"]?["changes"]?.array?.isEmpty == true)
    }

    @Test func `compare tells what changed since the last ingest, of a moved file, too`() throws {
        let warehouse = try TestWarehouse()
        let source = warehouse.folder / "source"
        try FileSystem.makeDirectories(source)
        let audio = MP3.audio(frames: 9)
        try write(MP3.id3v2([("TIT2", "Old"), ("TPE1", "A")]) + audio, to: source + "/a.mp3")
        #expect(try warehouse.spindle("ingest", "--source", source).code == 0)
        func compared(_ path: String) throws -> JSONValue? {
            let result = try warehouse.spindle("tags", "--json", "--compare", path)
            #expect(result.code == 0)
            let line = try #require(try lines(result).first)
            #expect(try JSONSchema(named: "tags").faults(line) == [])
            return line["compared"]
        }
        #expect(try compared(source + "/a.mp3")?["changes"]?.array?.isEmpty == true)
        try write(
            MP3.id3v2([("TIT2", "New"), ("TPE1", "A"), ("TALB", "Album")]) + audio,
            to: source + "/b.mp3")
        try FileSystem.remove(source + "/a.mp3")
        let moved = try #require(try compared(source + "/b.mp3"))
        #expect(moved["by"]?.string == "audio")
        #expect(moved["path"]?.string?.hasSuffix("/source/a.mp3") == true)
        let changes = try #require(moved["changes"]?.array)
        #expect(changes.map { $0["field"]?.string } == ["title", "album"])
        #expect(changes[0]["was"]?.strings == ["Old"])
        #expect(changes[0]["is"]?.strings == ["New"])
        #expect(changes[1]["was"]?.strings == [])
        let other = warehouse.folder / "other.mp3"
        try write(MP3.audio(frames: 4, from: 50), to: other)
        #expect(try compared(other) == .null)
        // The same name, the same tags, and another song.
        let song = SHA256.hash(MP3.audio(frames: 4, from: 50)).hex
        try write(
            MP3.id3v2([("TIT2", "Old"), ("TPE1", "A")]) + MP3.audio(frames: 4, from: 50),
            to: source + "/a.mp3")
        let replaced = try #require(try compared(source + "/a.mp3")?["changes"]?.array)
        #expect(replaced.map { $0["field"]?.string } == ["audio"])
        #expect(replaced[0]["is"]?.strings == [song])
    }
}
