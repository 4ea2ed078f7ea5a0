import Storage
import Testing

@testable import Plays

/// What a day's file of counts says, read back.
@Suite struct CountsFileTests {
    @Test func `a row is read back as it was counted`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "2026-11-19.ndjson",
            [
                TestEvent(id: "1", ts: "2026-11-19T07:59:59Z", playedMs: 90_000),
                TestEvent(id: "2", ts: "2026-11-19T08:00:00Z", playedMs: 89_999),
                TestEvent(id: "3", ts: "2026-11-19T08:10:00Z", user: "u2", playedMs: 162_000),
                TestEvent(id: "4", ts: "2026-11-19T23:00:00Z", user: "u3", playedMs: 29_999),
                TestEvent(id: "5", user: "u4", region: "us", durationMs: 0),
            ])
        try fixture.count("2026-11-19")
        #expect(
            try fixture.lines("\(fixture.partition("2026-11-19"))/counts.tsv.zst").dropFirst()
                == [
                    "s1\teu-west\t4\t3\t3\t2\t2\t371998\t1\t4\t1\t2065\t3\t7:1 8:2",
                    "s1\tus\t1\t1\t1\t0\t1\t60000\t0\t0\t0\t0\t3\t12:1",
                ])
        let file = try CountsFile("\(fixture.partition("2026-11-19"))/counts.tsv.zst")
        #expect(try file.next())
        #expect(file.songID.elementsEqual("s1".utf8))
        #expect(file.region.elementsEqual("eu-west".utf8))
        var expected = CountsRow()
        (expected.plays, expected.streams, expected.chartStreams) = (4, 3, 3)
        (expected.scrobbles, expected.listeners, expected.playedMs) = (2, 2, 371_998)
        (expected.skips, expected.timedPlays, expected.completedPlays) = (1, 4, 1)
        (expected.completionPermille, expected.songListeners) = (2065, 3)
        (expected.hours[7], expected.hours[8]) = (1, 2)
        #expect(file.row == expected)
        #expect(try file.next())
        #expect(file.row.hours[12] == 1 && file.row.hours[7] == 0)
        #expect(try !file.next())
    }
}
