import Storage
import TestSupport
import Testing

@testable import Plays

/// Whole files of each format, as services write them.
@Suite struct SampleTests {
    private static let song = LogBench.id(0xab)

    @Test(arguments: [
        (
            "spindle.ndjson", "spindle", ["u1 SONG eu-west 183000", "u2 s1 eu-west 0"],
            ["3 not_json"], 3
        ),
        (
            "plays.csv", "csv",
            [
                "u1 ?Floyd, Pink / Wish You Were Here eu 183000",
                "u2 ?A / Multi line \"title\" eu 200000", "u3 ?A / T eu 31000",
            ], ["5 bad_timestamp"], 6
        ),
        (
            "plays.tsv", "tsv", ["u1 SONG NO 183250", "u1 \"Heroes\" (live) NO 12000"],
            ["4 column_count"], 4
        ),
        (
            "listenbrainz-dump.jsonl", "listenbrainz",
            ["rob ?Portishead / Strangers eu 237000", "rob ?Portishead / Strangers eu 237000"],
            ["3 wrong_type"], 3
        ),
        (
            "listenbrainz-export.json", "listenbrainz",
            ["rob ?Portishead / Strangers eu 237000", "rob ?Portishead / Strangers eu 237000"], [],
            2
        ),
        (
            "spotify.json", "spotify", ["me ?Björk / Jóga NO 185000", "me ?Björk / Jóga NO 1200"],
            ["71 bad_timestamp"], 4
        ),
        (
            "lastfm-1k.tsv", "lastfm",
            [
                "user_000001 ?Deep Dish / Flashdance (Guetta, Garraud and Tokar Remix Edit) eu 30000",
                "user_000001 ?坂本龍一 / The Last Emperor (Theme) eu 30000",
            ], ["3 column_count"], 3
        ),
        // 393,216 bytes at 128 kbit/s.
        ("cloudfront.log", "cloudfront", ["LISTENER SONG eu 24576"], ["8 column_count"], 8),
        (
            "nginx-combined.log", "combined",
            ["LISTENER SONG eu 0", "LISTENER SONG eu 16384", "LISTENER SONG eu 30000"],
            ["8 not_a_request"], 8
        ),
        // 524,288 bytes.
        ("nginx.json", "json-access", ["LISTENER SONG eu 32768"], ["4 missing_field"], 4),
    ])
    func `a sample is told and read`(
        name: String, format: String, plays: [String], rejects: [String], lines: Int
    ) throws {
        let path = Repository.path + "/Tests/PlayLogTests/Samples/" + name
        #expect(try LogDetection.format(of: path, columns: [:]).rawValue == format)
        let bench = try LogBench()
        bench.options.bitrateKbps = 128
        let bytes = try FileSystem.readAll(path)
        try bench.write("log", bytes: bytes)
        let result = try bench.read()
        let shown = result.plays.map { play in
            var words = play.split(separator: " ", omittingEmptySubsequences: false)
            // Time and duration.
            words.remove(at: words.count - 3)
            words.removeLast()
            if words[0].utf8.count == 32 { words[0] = "LISTENER" }
            return words.joined(separator: " ").replacing(Self.song, with: "SONG")
                .replacing(/~[0-9a-f]{16}/, with: "~HASH")
        }
        #expect(
            LogFormat(rawValue: format)!.isAccessLog ? shown.sorted() == plays : shown == plays,
            "\(shown)")
        #expect(result.rejects == rejects)
        #expect(result.accounting.lines == lines)
        // The same file packed, and once more: the same plays with the same ids.
        try bench.write("log", "")
        try bench.write("log.zst", bytes: bytes)
        #expect(try bench.read().eventIDs == result.eventIDs)
    }
}
