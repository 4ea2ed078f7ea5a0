import Storage
import Testing

@testable import Plays

@Suite struct DetectionTests {
    static let combined =
        #"203.0.113.7 - - [19/Nov/2026:12:34:56 +0000] "GET /a.mp3 HTTP/1.1" 200 9 "-" "VLC""#
    static let own =
        #"{"event_id":"e","ts":"2026-11-19T12:00:00Z","user_id":"u","song_id":"s","region":"r"}"#

    private func detect(_ text: String, path: String = "x", columns: [String: String] = [:]) throws
        -> String
    {
        var text = text
        return try text.withUTF8 {
            try LogDetection.format(
                of: UnsafeRawBufferPointer($0), isWhole: true, path: path, columns: columns
            ).rawValue
        }
    }

    @Test(arguments: [
        (own, "spindle"), ("", "spindle"), ("\n \n", "spindle"), ("not json\n" + own, "spindle"),
        ("ts,user_id,song_id\n1,2,3", "csv"), ("\u{feff}ts,user_id,song_id\r\n1,2,3", "csv"),
        ("\"Played At\",\"Track Name\",Artist\n", "csv"), ("ts\tuser\tsong\n", "tsv"),
        ("timestamp;song\ntimestamp,song", "spindle?"),
        (#"{"listened_at":1,"track_metadata":{}}"#, "listenbrainz"),
        (#"[{"listened_at":1,"track_metadata":{"a":"b"#, "listenbrainz"),
        ("[\n  {\n    \"ts\": \"x\", \"master_metadata_track_name\": null\n  }\n]", "spotify"),
        (#"[{"ts":"2026-11-19T12:00:00Z","spotify_track_uri":null}]"#, "spotify"),
        (#"{"ts":"2026-11-19T12:00:00Z","spotify_track_uri":null}"#, "spotify"),
        ("[]", "spindle"),
        (
            "user_000001\t2009-05-04T23:08:57Z\tf1b1cf71\tDeep Dish\t\tFlashdance",
            "lastfm"
        ),
        ("#Version: 1.0\n#Fields: date time\n", "cloudfront"),
        ("#Fields: date time\n", "cloudfront"), (combined, "combined"),
        (#"{"remote_addr":"1.2.3.4","request":"GET / HTTP/1.1","status":200}"#, "json-access"),
    ])
    func `a log is told by its first lines`(text: String, format: String) throws {
        if format == "spindle?" {
            #expect(throws: FormatError.self) { try detect(text) }
        } else {
            #expect(try detect(text) == format)
        }
    }

    @Test(arguments: [
        ("hello world\n", "'hello world'"),
        (#"{"foo":1,"bar":[2]}"#, "a JSON object with bar, foo"),
        ("a,b,c\n1,2,3", "'a,b,c'"), ("[1,2]", "'[1,2]'"),
        (#"[{"a":1}]"#, "'[{\"a\":1}]'"), (combined + "\n" + own, "spindle"),
        (
            #"{"song_id":"s","ts":"t","spotify_track_uri":null}"#, "spindle and spotify"
        ),
    ])
    func `what is no format or several is told with what was seen`(text: String, seen: String) {
        do {
            _ = try detect(text)
            Issue.record("taken for something: \(text)")
        } catch let error as FormatError {
            #expect(error.description.contains(seen), "\(error)")
            #expect(error.hint?.contains("--log-format") == true)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func `a log of ours may be spoilt from its beginning`() throws {
        #expect(try detect("\u{0}\u{1}garbage\n{", path: "logs/eu.ndjson") == "spindle")
        #expect(try detect("{\"foo\":1}", path: "logs/eu.ndjson.zst") == "spindle")
        #expect(throws: FormatError.self) { try detect("{\"foo\":1}", path: "logs/eu.json") }
    }

    @Test func `columns that are named make a header of one`() throws {
        #expect(throws: FormatError.self) { try detect("when,what\n1,2") }
        #expect(try detect("when,what\n1,2", columns: ["ts": "when", "song_id": "what"]) == "csv")
        #expect(
            try LogColumns.parse("ts=when,song_id=what,artist=A=B")
                == ["ts": "when", "song_id": "what", "artist": "A=B"])
        for wrong in ["", "ts", "ts=", "time=x", "ts=a,ts=b", "ts=a,"] {
            #expect(throws: ColumnError.self, "\(wrong)") { try LogColumns.parse(wrong) }
        }
    }

    @Test(
        arguments: [
            ("2026-11-19T12:34:56.789Z", 1_795_091_696_789),
            ("2026-11-19 12:34:56", 1_795_091_696_000),
            ("2026-11-19 12:34:56.7 UTC", 1_795_091_696_700), ("1795091696", 1_795_091_696_000),
            ("1795091696.789", 1_795_091_696_789), ("1795091696789", 1_795_091_696_789),
            ("2026-11-19T13:34:56+01:00", 1_795_091_696_000), ("0", 0),
            ("2026-11-19T13:34:56 +0100", 1_795_091_696_000),
            ("2026-02-30T00:00:00Z", nil), ("2026-13-01T00:00:00Z", nil), ("yesterday", nil),
            ("2026-11-19T24:00:00Z", nil), ("2026-11-19", nil), ("", nil), ("-5", nil),
            ("1e9", nil),
            ("2026-11-19T12:34:56X", nil), ("2026-11-19T12:34:5", nil),
            ("99999999999999999999", nil),
            ("2026-11-99T00:00:00Z", nil), ("2026-11-19T12:34:56.", nil),
        ] as [(String, Int?)])
    func `moments come in several ways`(text: String, expected: Int?) {
        var text = text
        text.withUTF8 { #expect(LogTime.parse(UnsafeRawBufferPointer($0)) == expected) }
    }
}
