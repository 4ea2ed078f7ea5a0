import Foundation
import TestSupport
import Testing

/// `spindle charts` and `spindle plays show`, on the sample's night.
@Suite struct ChartsCommandTests {
    private let warehouse = SampleNight.warehouse

    private func json(_ arguments: [String]) throws -> [String: Any] {
        let result = try Program.spindle.run(
            arguments + ["--json", "--warehouse", warehouse.path])
        #expect(result.code == 0, "\(arguments): \(result.stderr)")
        return try jsonObject(Data(result.stdout.utf8))
    }

    // MARK: Charts

    @Test(arguments: [
        ([], "weekly", "overall", "*"), (["--chart", "daily"], "daily", "overall", "*"),
        (["--region", "sa-east"], "weekly", "region", "sa-east"),
        (["--genre", "choro", "--chart", "daily"], "daily", "genre", "Choro"),
    ])
    func `a chart is the lines of charts.ndjson, with names`(
        arguments: [String], period: String, chart: String, key: String
    ) throws {
        let printed = try json(["charts", "--limit", "100"] + arguments)
        #expect(printed["date"] as? String == SampleNight.date)
        #expect(printed["from"] as? String == (period == "weekly" ? "2026-11-13" : "2026-11-19"))
        #expect(printed["key"] as? String == key)
        let entries = try #require(printed["entries"] as? [[String: Any]])
        let lines = try jsonLines(SampleNight.snapshot + "/popularity/charts.ndjson").filter {
            $0["period"] as? String == period && $0["chart"] as? String == chart
                && $0["key"] as? String == key
        }
        #expect(!lines.isEmpty && entries.count == lines.count)
        for (entry, line) in zip(entries, lines) {
            for field in [
                "song_id", "position", "points", "streams", "listeners", "listener_days",
                "previous_position", "peak_position", "periods",
            ] {
                #expect((entry[field] as? NSObject) == (line[field] as? NSObject), "\(field)")
            }
        }
        #expect(entries.contains { ($0["title"] as? String)?.isEmpty == false })
    }

    @Test func `the table has positions, movement and names`() throws {
        let result = try warehouse.spindle("charts", "--limit", "3")
        let lines = result.stdout.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[0] == "weekly chart, 2026-11-13 to 2026-11-19")
        #expect(
            lines[1].split(separator: " ") == ["weeks", "peak", "streams", "listeners", "song"])
        #expect(lines[2].hasPrefix("1  "))
        #expect(lines[2...].contains { $0.contains("Oh! Susanna - Blue Ridge Porch Pickers") })
        #expect(result.stderr.contains("more; --limit"))
    }

    @Test(arguments: [
        (["--region", "nowhere"], Int32(64), "there are: ap-northeast, eu-west"),
        (["--region", "eu-west", "--genre", "Folk"], 64, "not of both"),
        (["--chart", "monthly"], 64, "weekly or daily"),
        (["--limit", "101"], 64, "from 1 to 100"),
        (["--date", "2026-01-01"], 66, "the newest are of 2026-11-19"),
    ])
    func `a chart that there is not is told with those there are`(
        arguments: [String], code: Int32, complaint: String
    ) throws {
        let result = try Program.spindle.run(
            ["charts", "--warehouse", warehouse.path] + arguments)
        #expect(result.code == code)
        #expect(result.stdout.isEmpty)
        #expect(result.stderr.contains(complaint), "\(result.stderr)")
    }

    @Test func `a warehouse without nights has no charts and no songs`() throws {
        let empty = try TestWarehouse()
        try FileManager.default.createDirectory(
            atPath: empty.path, withIntermediateDirectories: true)
        try Data(#"{"format":"spindle-warehouse","version":1}"#.utf8).write(
            to: URL(fileURLWithPath: empty.path + "/warehouse.json"))
        let charts = try empty.spindle("charts")
        #expect(charts.code == 66 && charts.stderr.contains("spindle run"))
        let plays = try empty.spindle("plays", "show", "x")
        #expect(plays.code == 66 && plays.stderr.contains("spindle plays"))
    }

    // MARK: One song's plays

    private var susanna: String {
        get throws {
            let entries = try #require(
                try json(["charts", "--limit", "100"])["entries"] as? [[String: Any]])
            return try #require(
                entries.first { $0["title"] as? String == "Oh! Susanna" }?["song_id"] as? String)
        }
    }

    @Test func `a song is shown as the raw logs have it`() throws {
        let id = try susanna
        let shown = try json(["plays", "show", id])
        let recount = PlayRecount.sample
        let total = try #require(shown["total"] as? [String: Any])
        let rows = recount.rows.filter { $0.key.song == id }
        func sum(_ path: KeyPath<PlayRecount.Row, Int>) -> Int {
            rows.reduce(0) { $0 + $1.value[keyPath: path] }
        }
        #expect(total["plays"] as? Int == sum(\.plays))
        #expect(total["streams"] as? Int == sum(\.streams))
        #expect(total["chart_streams"] as? Int == sum(\.chartStreams))
        #expect(total["played_ms"] as? Int == sum(\.playedMs))
        let skipRate = Double(sum(\.plays) - sum(\.streams)) / Double(sum(\.plays))
        #expect(abs((total["skip_rate"] as! Double) - skipRate) < 0.000_051)
        #expect((shown["hours"] as? [Int])?.reduce(0, +) == sum(\.streams))
        let days = try #require(shown["days"] as? [[String: Any]])
        #expect(days.count == 28)
        for day in days where day["counted"] as? Bool == true {
            let date = day["date"] as! String
            let own = rows.filter { $0.key.day == date }
            let listeners = own.reduce(into: Set<String>()) { $0.formUnion($1.value.listeners) }
            #expect(day["streams"] as? Int == own.reduce(0) { $0 + $1.value.streams }, "\(date)")
            #expect(day["listeners"] as? Int == listeners.count, "\(date)")
            let regions = try #require(day["regions"] as? [String: [String: Any]])
            for (key, row) in own {
                #expect(regions[key.region]?["streams"] as? Int == row.streams)
                #expect(regions[key.region]?["listeners"] as? Int == row.listeners.count)
            }
        }
    }

    @Test func `a song is found by id, by its beginning and by words`() throws {
        let id = try susanna
        for words in [[id], [String(id.prefix(8))], ["susanna"], ["blue", "ridge", "susanna"]] {
            #expect(try json(["plays", "show"] + words)["song_id"] as? String == id, "\(words)")
        }
        let text = try warehouse.spindle("plays", "show", "susanna").stdout
        #expect(text.contains("Oh! Susanna - Blue Ridge Porch Pickers\n\(id)\n"))
        #expect(text.contains(/\nall +[\d,]+ .* [·▁▂▃▄▅▆▇█ ]+█/), "\(text)")
        #expect(text.contains("\nus-east "))
        #expect(text.contains("(0 to 23)"))
    }

    @Test func `what is no song, or several, is told`() throws {
        let none = try warehouse.spindle("plays", "show", "no such words")
        #expect(none.code == 66 && none.stderr.contains("no song is 'no such words'"))
        let several = try warehouse.spindle("plays", "show", "alacranes")
        #expect(several.code == 64 && several.stderr.contains("is more than one song"))
        #expect(several.stderr.split(separator: "\n").count > 3)
        let empty = try warehouse.spindle("plays", "show")
        #expect(empty.code == 64 && empty.stderr.contains("no SONG given"))
        let wrong = try warehouse.spindle("plays", "shwo", "x")
        #expect(wrong.code == 64 && wrong.stderr.contains("did you mean spindle plays show?"))
    }

    @Test func `both read beside a run, and change nothing`() throws {
        let before = try warehouse.tree()
        _ = try warehouse.spindle("charts")
        _ = try warehouse.spindle("plays", "show", "susanna")
        #expect(try warehouse.tree() == before)
    }
}
