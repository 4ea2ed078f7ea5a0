import Storage
import TestSupport
import Testing

@testable import Plays

@Suite struct SongResolverTests {
    private let a = LogBench.id(0xa)
    private let b = LogBench.id(0xb)
    private let c = LogBench.id(0xc)
    private let d = LogBench.id(0xd)

    private func bench() throws -> LogBench {
        let bench = try LogBench()
        try bench.makeCatalog(
            [
                .init(
                    id: a, artist: "Björk", title: "Jóga", isrc: "GBBKS9700001",
                    recordingID: "6F1A5F1E-7C8E-4B6B-9E1B-0A3F0E7B0001"),
                .init(id: b, artist: "Björk", title: "Jóga"),
                .init(id: c, artist: "Ada & Bo", title: "Duo (feat. Cy)", durationMs: 90_000),
                .init(id: d, artist: "Prince", title: "Kiss"),
            ], aliases: [("The Artist", "Prince")])
        return bench
    }

    /// `id|isrc|mbid|artist|title` of a CSV row, and the song that it is.
    @Test(arguments: [
        ("ID_A||||", "a"), ("|GB-BKS-97-00001|||", "a"), ("|gbbks9700001|||", "a"),
        ("||6f1a5f1e-7c8e-4b6b-9e1b-0a3f0e7b0001||", "a"),
        ("6f1a5f1e-7c8e-4b6b-9e1b-0a3f0e7b0001||||", "a"), ("GBBKS9700001||||", "a"),
        ("https://cdn.example/audio/ID_B.mp3?e=1&s=x||||", "b"), ("/v1/songs/ID_B/stream||||", "b"),
        ("blobs/ab/cd/ID_B||||", "b"), ("/rest/stream?u=me&id=ID_B||||", "b"),
        ("|||Björk|Jóga", "a"), ("|||Bjo\u{308}rk|JO\u{301}GA", "a"), ("|||ＢＪÖＲＫ|Jóga ", "a"),
        ("|||Björk feat. Someone|Jóga (ft. Other)", "a"),
        ("|||Björk|Jóga - 2015 Remaster", "a"), ("|||Björk|Jóga (Remastered)", "a"),
        ("|||Ada|Duo", "c"), ("|||Bo|duo (feat. cy)", "c"), ("|||Ada & Bo|Duo", "c"),
        ("|||Ada & Someone|Duo", "c"), ("|||The Artist|Kiss", "d"),
        ("|XX0000000000||Björk|Jóga", "a"), ("track-7|||Björk|Jóga", "a"),
        // What no catalogue knows.
        ("track-7||||", "track-7"), ("|||Bjork|Joga", "?Bjork / Joga"), ("||||Jóga", "?Jóga"),
        ("|XX0000000000|||", "?isrc:XX0000000000"), ("||x-y||", "?mbid:x-y"),
        ("/audio/7.mp3?x=y||||", "?/audio/7.mp3"), ("spotify:track:4uL||||", "?spotify:track:4uL"),
        ("|||Björk|Jóga - Live", "?Björk / Jóga - Live"),
    ])
    func `a song is found by what names it`(reference: String, expected: String) throws {
        let bench = try bench()
        let columns = reference.replacing("ID_A", with: a).replacing("ID_B", with: b)
            .replacing("|", with: "\t")
        let result = try bench.read(
            "ts\tsong_id\tisrc\trecording_mbid\tartist\ttitle\n1795089600\t\(columns)\n")
        let songs = ["a": a, "b": b, "c": c, "d": d]
        let song = songs[expected] ?? expected
        let duration = expected == "c" ? 90_000 : songs[expected] == nil ? 0 : 200_000
        #expect(
            result.plays == [
                "me \(song) eu 2026-11-19T12:00:00.000Z \(duration == 0 ? 30_000 : duration) \(duration)"
            ])
        #expect(result.accounting.unresolved == (expected.hasPrefix("?") ? 1 : 0))
    }

    @Test func `a reference that is long keeps its beginning and a hash`() throws {
        let bench = try bench()
        let long = String(repeating: "ä", count: 40)
        let result = try bench.read(
            "ts,artist,title\n1795089600,\(long),x\n1795089600,\(long),y\n1795089600,\(long),x\n")
        let songs = result.plays.map { $0.split(separator: " ")[1] }
        #expect(songs.count == 3 && songs[0] == songs[2] && songs[0] != songs[1])
        #expect(songs.allSatisfy { $0.utf8.count <= 64 && $0.hasPrefix("?ää") && $0.contains("~") })
        // The same play again.
        #expect(result.eventIDs[0] == result.eventIDs[2])
    }

    @Test func `an event id stays when the catalogue learns of the song`() throws {
        let bench = try bench()
        let text = "ts,artist,title\n1795089600,Björk,Jóga\n1795089600,Björk,Joga\n"
        let found = try bench.read(text)
        bench.options.catalog = nil
        let unknown = try bench.read(text)
        #expect(found.eventIDs == unknown.eventIDs)
        #expect(found.plays != unknown.plays)
    }

    /// Rows `id|isrc|mbid|artist|title` of one listener and moment.
    @Test(
        arguments: [
            ("7|||A|T", "7|x||A|T (mended)", true), ("|||A|T", "|GBBKS9700001|m|A|T", true),
            ("|i|||", "|i|m||", true), ("7|||A|T", "8|||A|T", false), ("|||A|T", "|||A|U", false),
            ("|||A|T", "7|||A|T", false), ("||m||", "||n||", false), ("|||AT|", "|||A|T", nil),
        ] as [(String, String, Bool?)])
    func `an event is known again when the service knows more of it`(
        first: String, second: String, isSame: Bool?
    ) throws {
        let rows = [first, second].map { "1795089600\t" + $0.replacing("|", with: "\t") + "\n" }
        let ids = try LogBench().read(
            "ts\tsong_id\tisrc\trecording_mbid\tartist\ttitle\n" + rows.joined()
        ).eventIDs
        // An artist alone is no song.
        #expect(ids.count == (isSame == nil ? 1 : 2))
        #expect((ids.first == ids.last) == (isSame ?? true))
    }

    @Test func `a catalogue that is named must be there`() throws {
        let bench = try LogBench()
        bench.options.catalog = bench.folder.path + "/nowhere"
        #expect(throws: FileError.self) {
            try bench.read("ts,artist,title\n1795089600,Björk,Jóga\n")
        }
    }
}
