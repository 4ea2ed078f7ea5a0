import Storage
import TestSupport
import Testing

struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1),
        ("1969-12-31T23:59:59.999Z", -1), ("2026-11-19T12:34:56.789Z", 1_795_091_696_789),
        // RFC 3339 allows small letters, and offsets up to 23:59.
        ("2026-11-19t12:34:56z", 1_795_091_696_000),
        ("2026-11-19T14:34:56+02:00", 1_795_091_696_000),
        ("2026-11-19T04:04:56-08:30", 1_795_091_696_000),
        ("2026-11-20T00:33:56+11:59", 1_795_091_696_000),
        ("2026-11-19T12:34:56-00:00", 1_795_091_696_000),
        // Digits beyond milliseconds are cut off.
        ("2026-11-19T12:34:56.7Z", 1_795_091_696_700),
        ("2026-11-19T12:34:56.789999Z", 1_795_091_696_789),
        // A leap second counts as the second after it.
        ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("2017-01-01T00:00:00Z", 1_483_228_800_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
    ])
    func `RFC 3339 is read to the millisecond`(text: String, milliseconds: Int) throws {
        #expect(try #require(Timestamp(text)).milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-11-19", "2026-11-19T12:34:56", "2026-11-19 12:34:56Z", "2026-11-19T12:34Z",
        "2026-02-29T00:00:00Z", "2026-02-31T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-11-19T24:00:00Z", "2026-11-19T12:60:00Z", "2026-11-19T12:34:61Z",
        "2026-11-19T12:34:56.Z", "2026-11-19T12:34:56+0200", "2026-11-19T12:34:56+02",
        "2026-11-19T12:34:56+24:00", "2026-11-19T12:34:56+02:60", "2026-11-19T12:34:56+02:0",
        "2026-11-19T12:34:56ZZ", "2026-11-19T12:34:56Z ", " 2026-11-19T12:34:56Z",
        "2026-11-19T12:34:56,5Z", "2026-11-19T12:34:5aZ", "-026-11-19T12:34:56Z",
        "2026-11-19T12:34:56.5", "2026-11-19T12:34:56+",
    ])
    func `what is no such moment is none`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `what is written reads back as the same moment and day`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            // Years 1 to 9999.
            let moment = Timestamp(
                milliseconds: .random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
            )
            let text = moment.description
            try #require(Timestamp(text) == moment, "\(text), seed \(seed)")
            try #require(text.count == 24 && text.hasSuffix("Z"))
            try #require(moment.date.description == text.prefix(10))
        }
    }

    @Test(arguments: [
        (0, "1970-01-01"), (-1, "1969-12-31"), (86_399_999, "1970-01-01"),
        (86_400_000, "1970-01-02"),
    ])
    func `a moment belongs to its UTC day`(milliseconds: Int, day: String) {
        #expect(Timestamp(milliseconds: milliseconds).date.description == day)
    }
}
