import Storage
import Testing

@testable import Plays

private enum SampleData {
    static let folder =
        FileSystem.parent(of: FileSystem.parent(of: FileSystem.parent(of: #filePath)))
        + "/sample-data"
    static let truthPath = folder + "/plays-truth.json"
}

/// The sample's fourteen days against the truth that was noted while they were made.
@Suite(.enabled(if: FileSystem.exists(SampleData.truthPath)))
struct SampleLogsTests {
    @Test func `the sample counts as its truth says`() throws {
        let truth = try JSONValue.read(SampleData.truthPath)
        let fixture = try PlayLogFixture()
        var options = PlayOptions()
        options.rejectLimit = .percent(5)
        // The truth knows no rules against machines, and one of the listeners is one.
        options.rules.loopPlays = 0
        let night = CalendarDate("2026-11-19")!
        let summary = try PlayCounter(
            warehouse: fixture.warehouse, logs: [SampleData.folder + "/plays"], options: options
        ).run(date: night)
        #expect(summary.days.allSatisfy { $0.accounting.addsUp })

        let byEventDay = try #require(truth["by_event_day"]?.object)
        #expect(Set(summary.days.map { "\($0.date)" }) == Set(byEventDay.keys))
        for day in summary.days {
            let expected = try #require(byEventDay["\(day.date)"])
            // It stays below 24 hours a day.
            #expect(day.accounting.impossibleHours == 0)
            #expect(day.accounting.streams == expected["streams"]?.int)
            #expect(day.accounting.short == expected["short"]?.int)
            var streams: [(region: String, song: String, count: Int)] = []
            for row in try fixture.counts("\(day.date)") {
                let fields = row.split(separator: "\t").map(String.init)
                if fields[3] != "0" { streams.append((fields[1], fields[0], Int(fields[3])!)) }
            }
            streams.sort { ($0.region, $0.song) < ($1.region, $1.song) }
            let listing = streams.map { "\(day.date)\t\($0.region)\t\($0.song)\t\($0.count)\n" }
            #expect(SHA256.hash(listing.joined()).hex == expected["digest"]?.string, "\(day.date)")
        }

        let totals = try #require(truth["totals"])
        #expect(summary.total.lines == totals["lines"]?.int)
        #expect(summary.total.duplicates == totals["duplicates"]?.int)
        let malformed = try #require(totals["malformed"]?.object).mapValues { $0.int! }
        #expect(summary.total.rejected == malformed.values.reduce(0, +))
        for (reason, kinds) in [
            (RejectReason.tooOld, ["ancient_ts"]), (.badTimestamp, ["bad_ts"]),
            (.notJSON, ["cut_json", "nul_bytes"]), (.badID, ["empty_song_id", "long_song_id"]),
            (.future, ["far_future_ts"]), (.notUTF8, ["invalid_utf8"]),
            (.missingField, ["missing_song_id"]), (.outOfRange, ["negative_ms_played"]),
            (.wrongType, ["text_ms_played"]),
        ] {
            #expect(
                summary.total.rejected(for: reason)
                    == kinds.reduce(0) { $0 + (malformed[$1] ?? 0) }, "\(reason)")
        }
    }
}
