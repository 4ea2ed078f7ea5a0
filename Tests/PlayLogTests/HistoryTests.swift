import Storage
import TestSupport
import Testing

@testable import Plays

/// Histories of single listeners and of services: ListenBrainz, Spotify, Last.fm.
@Suite struct HistoryTests {
    private func listen(_ second: Int, _ more: String = "") -> String {
        """
        {"listened_at":\(1_795_089_600 + second),"recording_msid":"0c4c5a1e-8b6f-4a0e-9b0e-1f7d5d3a2b1c",\
        "user_name":"rob","inserted_at":1795089700,"track_metadata":{"artist_name":"Portishead",\
        "track_name":"Strangers","release_name":"Dummy","additional_info":{"tags":[],\
        "recording_mbid":"","isrc":"","duration_ms":237000,"artist_names":["Portishead"]\(more)}}}
        """
    }

    @Test func `listens of a dump are plays of the whole song`() throws {
        let bench = try LogBench()
        let text = [
            listen(0), listen(1).replacing("\"rob\"", with: "\"\""),
            listen(2).replacing("\"duration_ms\":237000", with: "\"duration\":200"),
            listen(3).replacing("\"duration_ms\":237000", with: "\"x\":1"),
            listen(4).replacing("listened_at", with: "at"),
            listen(5).replacing("1795089605", with: "\"x\""),
            listen(6).replacing("1795089606", with: "99999999999999"), "{", listen(7),
        ]
        let result = try bench.read(text.joined(separator: "\n"))
        let song = "?Portishead / Strangers eu 2026-11-19T12:00:0"
        #expect(
            result.plays == [
                "rob \(song)0.000Z 237000 237000", "me \(song)1.000Z 237000 237000",
                "rob \(song)2.000Z 200000 200000", "rob \(song)3.000Z 30000 0",
                "rob \(song)7.000Z 237000 237000",
            ])
        #expect(
            result.rejects == [
                "5 missing_field", "6 wrong_type", "7 bad_timestamp", "8 not_json",
            ])
        #expect(Set(result.eventIDs).count == 5)
        #expect(result.eventIDs.allSatisfy { $0.utf8.count == 32 })
    }

    @Test(arguments: [",", ",\n", " ,\n  "]) func `an export is the same as a dump`(
        separator: String
    )
        throws
    {
        let bench = try LogBench()
        let listens = (0..<9).map { listen($0) }
        let dump = try bench.read(listens.joined(separator: "\n"))
        let export = try bench.read("[" + listens.joined(separator: separator) + "]\n")
        #expect(export.plays == dump.plays && export.plays.count == 9)
        // So that a listener who sends both is not counted twice.
        #expect(export.eventIDs == dump.eventIDs)
    }

    private func streamed(_ second: Int) -> String {
        """
          {
            "ts": "2026-11-19T12:00:0\(second)Z",
            "platform": "ios", "ms_played": 185000, "conn_country": "NO", "ip_addr": "203.0.113.9",
            "master_metadata_track_name": "Caf\\u00e9 {\\"[}",
            "master_metadata_album_artist_name": "Bj\\u00f6rk", "master_metadata_album_album_name": null,
            "spotify_track_uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC", "episode_name": null,
            "reason_start": "trackdone", "reason_end": "trackdone", "skipped": false,
            "offline_timestamp": 1795089600, "incognito_mode": false
          }
        """
    }
    private func streamedPlay(_ second: Int) -> String {
        "me ?Björk / Café {\"[} NO 2026-11-19T12:00:0\(second).000Z 185000 0"
    }

    @Test func `Spotify's history is read object by object`() throws {
        let bench = try LogBench()
        let episode = streamed(3).replacing("\"Caf\\u00e9 {\\\"[}\"", with: "null")
            .replacing("\"spotify:track:4uLU6hMCjMI75M1A2tKUQC\"", with: "null")
        let text =
            "[\n"
            + [
                streamed(1), streamed(2), episode, streamed(4).replacing("185000", with: "-1"),
                streamed(5).replacing("2026-11", with: "2026-13"),
                streamed(6).replacing("185000", with: "\"185000\""), streamed(7),
            ].joined(separator: ",\n") + "\n]\n"
        let result = try bench.read(text)
        #expect(result.plays == [streamedPlay(1), streamedPlay(2), streamedPlay(7)])
        #expect(
            result.rejects == ["29 out_of_range", "38 bad_timestamp", "47 wrong_type"])
        #expect(result.accounting.leftOut(for: .otherObject) == 1)
        #expect(result.addresses.first == "203.0.113.9")
    }

    @Test(arguments: [
        ("\"ios\"", "\"ios"), ("\"platform\"", "platform\""), ("{\n", "{{\n"), ("{\n", "{[\n"),
        ("\"ios\",", "\"ios\", }"), ("\"NO\"", "\"N\u{0}O\""), ("false\n", "false,\n"),
        ("null", "nul"),
    ])
    func `an object that is spoilt takes no other with it`(old: String, new: String) throws {
        let bench = try LogBench()
        let range = streamed(3).firstRange(of: old)!
        let good = streamed(3)
        let bad = String(good[..<range.lowerBound]) + new + String(good[range.upperBound...])
        let objects = [streamed(1), streamed(2), bad, streamed(4), streamed(5)]
        for text in [
            objects.joined(separator: ",\n"),
            objects.joined(separator: ",").replacing("\n", with: " "),
        ] {
            let result = try bench.read("[" + text + "]")
            #expect(result.plays == [1, 2, 4, 5].map { streamedPlay($0) })
            #expect(result.rejects.map { $0.split(separator: " ")[1] } == ["not_json"])
        }
    }

    @Test func `an object that is too long or cut off is one reject`() throws {
        let bench = try LogBench()
        let long = streamed(2).replacing(
            "\"ios\"", with: "\"" + String(repeating: "x", count: 10 << 20) + "\"")
        var result = try bench.read(
            "[" + [streamed(1), long, streamed(3)].joined(separator: ",") + "]")
        #expect(result.plays == [streamedPlay(1), streamedPlay(3)])
        #expect(result.rejects == ["9 too_long"])
        result = try bench.read("[" + streamed(1) + "," + streamed(2).dropLast(40))
        #expect(result.plays == [streamedPlay(1)])
        #expect(result.rejects == ["9 not_json"])
    }

    @Test func `a long history is read in blocks`() throws {
        let bench = try LogBench()
        let count = 6_000
        let text = "[" + (0..<count).map { streamed($0 % 10) }.joined(separator: ",\n") + "]"
        #expect(text.utf8.count > 2 << 20)
        let result = try bench.read(text)
        #expect(result.plays == (0..<count).map { streamedPlay($0 % 10) })
        #expect(Set(result.eventIDs).count == 10)
    }

    /// Blocks end anywhere, and objects are spoilt in many ways; each other one is read.
    @Test(arguments: SeededGenerator.seeds(4))
    func `spoilt objects anywhere in a long history take no other with them`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let bench = try LogBench()
        var expected: [String] = []
        var objects: [String] = []
        for _ in 0..<6_000 {
            let second = Int.random(in: 0..<10, using: &random)
            var object = streamed(second)
            if Int.random(in: 0..<100, using: &random) < 3 {
                var bytes = Array(object.utf8)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.removeSubrange((bytes.count / 3)...)
                case 1: bytes[bytes.firstIndex(of: 34)!] = 35
                case 2: bytes.insert(0, at: bytes.count / 2)
                default: bytes += [UInt8](repeating: 32, count: 70_000) + [93]
                }
                // The fourth is whole, with blanks and a stray bracket behind it.
                object = String(decoding: bytes, as: UTF8.self)
                if bytes.last == 93 { expected.append(streamedPlay(second)) }
            } else {
                expected.append(streamedPlay(second))
            }
            objects.append(object + (object.utf8.last == 125 || object.utf8.last == 93 ? "" : "}"))
        }
        let result = try bench.read("[" + objects.joined(separator: ",\n") + "]")
        #expect(result.plays == expected, "seed \(seed)")
    }

    @Test func `the dataset of Last fm is read`() throws {
        let good =
            "user_000001\t2009-05-04T23:08:57Z\tf1b1cf71-bd35-4e99-8624-24a6e15f133a\tDeep Dish\t\tStay Gold"
        let result = try LogBench().read(
            [
                good, good.replacing("\tStay", with: ""), good.replacing("2009", with: "0009"),
                good + "\textra", good.replacing("Z", with: "?"),
                good.replacing("user", with: "u\u{7f}"),
            ].joined(separator: "\n"))
        #expect(
            result.plays == [
                "user_000001 ?Deep Dish / Stay Gold eu 2009-05-04T23:08:57.000Z 30000 0"
            ])
        #expect(
            result.rejects == [
                "2 column_count", "3 bad_timestamp", "4 column_count", "5 bad_timestamp",
                "6 bad_id",
            ])
    }
}
