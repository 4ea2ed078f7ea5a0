import Foundation
import TestSupport
import Testing

/// What the night counted, against a second count of the raw logs.
@Suite struct PlayNightTests {
    private let warehouse = SampleNight.warehouse
    private let recount = PlayRecount.sample

    @Test func `the sample night ends well and says what it did`() {
        let result = SampleNight.outcome.result
        #expect(result.code == 0, "\(result.stderr)")
        #expect(result.stdout.isEmpty, "stdout carries results, and run has none without --json")
        for stage in ["ingest", "plays", "popularity", "index", "place", "prefetch", "publish"] {
            #expect(result.stderr.contains(stage))
        }
        #expect(result.stderr.contains("21,284 streams"))
    }

    @Test func `every day's counts are those of the raw logs, row by row`() throws {
        #expect(recount.days.count == 17)
        for day in recount.days {
            let rows = try tsvRows("\(warehouse.path)/plays/date=\(day)/counts.tsv.zst")
            let expected = recount.rows.filter { $0.key.day == day }
            #expect(rows.count == expected.count, "\(day)")
            for row in rows {
                let key = PlayRecount.Key(day: day, song: row["song_id"]!, region: row["region"]!)
                let own = try #require(expected[key], "\(key)")
                let counted = [
                    own.plays, own.streams, own.chartStreams, own.listeners.count, own.playedMs,
                    own.plays - own.streams, recount.listeners(key.song, day),
                ]
                let found = [
                    "plays", "streams", "chart_streams", "listeners", "played_ms", "skips",
                    "song_listeners",
                ].map { Int(row[$0]!)! }
                #expect(found == counted, "\(key)")
            }
            let order = rows.map { "\($0["song_id"]!)\t\($0["region"]!)" }
            #expect(order == order.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, "\(day)")
        }
    }

    @Test func `each day accounts for every line`() throws {
        for day in recount.days {
            let record = try jsonObject("\(warehouse.path)/plays/date=\(day)/artefact.json")
            let counts = try #require(record["counts"] as? [String: Any])
            func count(_ name: String) -> Int { counts[name] as? Int ?? -1 }
            #expect(
                count("lines") + count("late_in")
                    == count("streams") + count("short") + count("duplicates")
                    + count("impossible_hours") + count("address_farm")
                    + count("threshold_loop") + count("rejected") + count("late_out")
                    + count("pending"), "\(day)")
            let found = PlayRecount.Account(
                lines: count("lines"), lateIn: count("late_in"), lateOut: count("late_out"),
                streams: count("streams"), short: count("short"), duplicates: count("duplicates"),
                rejected: count("rejected"))
            var expected = try #require(recount.accounts[day])
            #expect(
                count("threshold_loop") == expected.loopStreams + expected.loopShort, "\(day)")
            (expected.loopStreams, expected.loopShort) = (0, 0)
            #expect(found == expected, "\(day)")
            let reasons = (counts["rejected_by_reason"] as? [String: Int] ?? [:]).values
            #expect(reasons.reduce(0, +) == count("rejected"), "\(day)")
        }
    }

    /// `plays-truth.json` was counted by the generator while it wrote the logs.
    @Test func `the generator's own count agrees`() throws {
        let truth = try jsonObject(Repository.sample + "/plays-truth.json")
        let totals = try #require(truth["totals"] as? [String: Any])
        let sum = recount.accounts.values.reduce(into: PlayRecount.Account()) { sum, day in
            sum.lines += day.lines
            sum.lateOut += day.lateOut
            sum.streams += day.streams + day.loopStreams
            sum.short += day.short + day.loopShort
            sum.duplicates += day.duplicates
            sum.rejected += day.rejected
        }
        #expect(sum.lines == totals["lines"] as? Int)
        #expect(sum.streams == totals["streams"] as? Int)
        #expect(sum.short == totals["short"] as? Int)
        #expect(sum.duplicates == totals["duplicates"] as? Int)
        let malformed = try #require(totals["malformed"] as? [String: Int])
        #expect(sum.rejected == malformed.values.reduce(0, +))

        let bySong = try #require(truth["streams_by_song"] as? [String: [String: Int]])
        var counted: [String: [String: Int]] = [:]
        for day in recount.days {
            for row in try tsvRows("\(warehouse.path)/plays/date=\(day)/counts.tsv.zst") {
                let streams = Int(row["streams"]!)!
                if streams > 0 {
                    counted[row["song_id"]!, default: [:]][row["region"]!, default: 0] += streams
                }
            }
        }
        for (key, count) in recount.loopStreams {
            counted[key.song, default: [:]][key.region, default: 0] += count
        }
        #expect(counted == bySong)

        let days = try #require(truth["by_event_day"] as? [String: [String: Any]])
        for (day, figures) in days {
            let own = try #require(recount.accounts[day])
            #expect(own.streams + own.loopStreams == figures["streams"] as? Int, "\(day)")
            #expect(own.short + own.loopShort == figures["short"] as? Int, "\(day)")
        }
    }

    @Test func `every malformed line is listed with its place, reason and original`() throws {
        let result = try warehouse.spindle("rejects", "--stage", "plays", "--json")
        #expect(result.code == 0)
        let rejects = try result.stdout.split(separator: "\n").map {
            try jsonObject(Data($0.utf8))
        }
        var reasons: [String: Int] = [:]
        for reject in rejects {
            reasons[reject["reason"] as? String ?? "", default: 0] += 1
            #expect((reject["place"] as? String)?.hasPrefix(Repository.sample) == true)
            #expect(reject["line"] as? Int ?? 0 > 0)
            #expect((reject["original"] as? String)?.isEmpty == false)
            #expect((reject["detail"] as? String)?.isEmpty == false)
        }
        let truth = try jsonObject(Repository.sample + "/plays-truth.json")
        let malformed = try #require(
            (truth["totals"] as? [String: Any])?["malformed"] as? [String: Int])
        func kinds(_ names: String...) -> Int { names.reduce(0) { $0 + malformed[$1]! } }
        #expect(
            reasons == [
                "not_json": kinds("cut_json", "nul_bytes"), "not_utf8": kinds("invalid_utf8"),
                "missing_field": kinds("missing_song_id"), "wrong_type": kinds("text_ms_played"),
                "bad_id": kinds("empty_song_id", "long_song_id"),
                "out_of_range": kinds("negative_ms_played"), "bad_timestamp": kinds("bad_ts"),
                "future": kinds("far_future_ts"), "too_old": kinds("ancient_ts"),
            ])
    }

    @Test func `scores sum up the window and rank by score`() throws {
        let rows = try tsvRows(SampleNight.snapshot + "/popularity/scores.tsv.zst")
        for region in ["*", "eu-west", "us-east", "sa-east", "ap-northeast"] {
            let ranking = rows.filter { $0["region"] == region }
            var streams: [String: Int] = [:]
            for (key, row) in recount.rows where region == "*" || key.region == region {
                streams[key.song, default: 0] += row.streams
            }
            #expect(ranking.count == streams.count, "\(region)")
            for row in ranking {
                #expect(Int(row["streams"]!) == streams[row["song_id"]!], "\(region) \(row)")
            }
            #expect(ranking.map { Int($0["rank"]!)! } == Array(1...ranking.count))
            let scores = ranking.map { Int($0["score"]!)! }
            #expect(scores == scores.sorted(by: >) && scores.allSatisfy { (0...100).contains($0) })
            #expect(scores.first == 100)
        }
        let summary = try jsonObject("\(warehouse.path)/runs/date=2026-11-19/popularity.json")
        let counts = try #require(summary["counts"] as? [String: Any])
        #expect(counts["streams"] as? Int == recount.accounts.values.reduce(0) { $0 + $1.streams })
        #expect(counts["songs"] as? Int == recount.songs.count)
        #expect(counts["unresolved"] as? Int == 20)
    }

    @Test func `every chart is the one that the raw logs make`() throws {
        let entries = try jsonLines(SampleNight.snapshot + "/popularity/charts.ndjson")
        let genres = try CatalogueRows(SampleNight.snapshot).genres
        let days = recount.days
        let spans: [String: [Set<String>]] = [
            "weekly": [Set(days.suffix(7)), Set(days.dropLast(7).suffix(7))],
            "daily": [Set(days.suffix(1)), Set(days.dropLast().suffix(1))],
        ]
        // Without sketches of the days, the best day is all that is known of a week's listeners.
        let hasSketches = FileManager.default.fileExists(
            atPath: "\(warehouse.path)/plays/date=2026-11-19/listeners.hll.zst")
        struct Chart: Hashable { let period, kind, key: String }
        let charts = Dictionary(grouping: entries) {
            Chart(
                period: $0["period"] as! String, kind: $0["chart"] as! String,
                key: $0["key"] as! String)
        }
        #expect(charts.keys.count { $0.kind == "overall" } == 2)
        #expect(charts.keys.count { $0.kind == "region" } == 8)
        #expect(charts[Chart(period: "weekly", kind: "genre", key: "Punk")] != nil)
        for (chart, entries) in charts {
            let region = chart.kind == "region" ? chart.key : nil
            func sums(_ days: Set<String>) -> [String: PlayRecount.ChartSums] {
                recount.chart(days: days, region: region).filter { song in
                    chart.kind != "genre" || genres[song.key]?.contains(chart.key) == true
                }
            }
            let now = sums(spans[chart.period]![0])
            var listeners: [String: Int] = [:]
            for entry in entries {
                let song = entry["song_id"] as! String
                listeners[song] = entry["listeners"] as? Int
                let exact = try #require(now[song]?.listeners.count)
                // Exact on a day; of a week a sketch tells, or the best day where there is none.
                let most = now[song]!.mostOnADay
                #expect(
                    chart.period == "daily"
                        ? listeners[song] == exact
                        : (most...exact + 1 + exact / 50).contains(listeners[song]!),
                    "\(chart) \(song)")
            }
            func audience(_ song: (key: String, value: PlayRecount.ChartSums)) -> Int {
                listeners[song.key]
                    ?? (hasSketches ? song.value.listeners.count : song.value.mostOnADay)
            }
            func ranking(_ sums: [String: PlayRecount.ChartSums]) -> [String] {
                sums.filter { audience($0) >= 3 && $0.value.points(listeners: audience($0)) > 0 }
                    .sorted { a, b in
                        func key(_ song: (key: String, value: PlayRecount.ChartSums)) -> (
                            Int, Int, Int
                        ) {
                            let points = song.value.points(listeners: audience(song))
                            return (-points, -song.value.streams, -song.value.listenerDays)
                        }
                        return key(a) == key(b) ? a.key < b.key : key(a) < key(b)
                    }.map(\.key)
            }
            #expect(
                entries.map { $0["song_id"] as! String } == Array(ranking(now).prefix(100)),
                "\(chart)")
            let before = Set(
                sums(spans[chart.period]![1]).filter { $0.value.listeners.count >= 3 }.keys)
            for (index, entry) in entries.enumerated() {
                let song = entry["song_id"] as! String
                #expect(entry["position"] as? Int == index + 1, "\(chart)")
                #expect(entry["streams"] as? Int == now[song]?.streams, "\(chart) \(song)")
                #expect(
                    entry["points"] as? Int == now[song]?.points(listeners: listeners[song]!),
                    "\(chart) \(song)")
                #expect(
                    entry["listener_days"] as? Int == now[song]?.listenerDays, "\(chart) \(song)")
                #expect(
                    entry["previous_position"] is Int ? before.contains(song) : true,
                    "\(chart) \(song)")
            }
        }
    }
}
