import Foundation
import Storage
import TestSupport
import Testing

/// `spindle simulate` on the sample's night, with a next day made of its own day's logs.
@Suite struct SimulateCommandTests {
    /// The sample's logs of its last day, once more a day later and as other events.
    private struct NextDay {
        let folder: TemporaryFolder
        var logs: [String] { [Repository.sample + "/plays", folder.path] }
        /// Distinct events by song, as they are in the catalogue.
        private(set) var songs: [String: String] = [:]
        private(set) var regions: [String: String] = [:]

        init(day: String = "2026-11-20") throws {
            folder = try TemporaryFolder()
            let target = folder / "date=\(day)"
            try FileManager.default.createDirectory(
                atPath: target, withIntermediateDirectories: true)
            let sample = "\(Repository.sample)/plays/date=\(SampleNight.date)"
            for name in try FileManager.default.contentsOfDirectory(atPath: sample).sorted() {
                let text = try shell(
                    """
                    zcat \(sample)/\(name) | sed -e 's/"\(SampleNight.date)T/"\(day)T/' \
                    -e 's/"event_id":"/"event_id":"n/'
                    """)
                try write(text, to: "\(target)/\(name.dropLast(3))")
                for line in text.split(separator: "\n") {
                    guard let event = try? jsonObject(Data(line.utf8)),
                        let id = event["event_id"] as? String,
                        let song = event["song_id"] as? String, (1...64).contains(song.utf8.count),
                        (event["ts"] as? String)?.hasPrefix(day) == true,
                        // What docs/formats/playlogs.md takes; the sample has lines of all kinds.
                        let user = event["user_id"] as? String, (1...64).contains(user.utf8.count),
                        let played = event["ms_played"] as? Int, played >= 0,
                        let duration = event["duration_ms"] as? Int, duration >= 0
                    else { continue }
                    songs[id] = song
                    regions[id] = event["region"] as? String
                }
            }
        }
    }

    private let warehouse = SampleNight.warehouse

    private func simulate(_ arguments: [String], _ day: NextDay, in path: String? = nil) throws
        -> Program.Result
    {
        try Program.spindle.run(
            ["simulate", "--warehouse", path ?? warehouse.path] + arguments
                + day.logs.flatMap { ["--logs", $0] })
    }

    @Test func `the night's plan is replayed on the next day`() throws {
        let day = try NextDay()
        let arguments = [
            "--date", SampleNight.date, "--json", "--down", "eu-west", "--sweep", "5,20",
            "--policies", "lru,belady,top",
        ]
        let result = try simulate(arguments, day)
        #expect(result.code == 0, "\(result.stderr)")
        #expect(try simulate(arguments, day).stdout == result.stdout)
        let json = try JSONValue.parse(Array(result.stdout.utf8), path: "stdout")
        #expect(try JSONSchema(named: "simulation").faults(json) == [])

        let sizes = try CatalogueRows(SampleNight.snapshot).byID.mapValues(\.sizeBytes)
        let known = day.songs.filter { sizes[$0.value] != nil }
        #expect(json["requests"]!.int == known.count && known.count > 1500)
        #expect(
            json["left_out"]!["unknown_song_requests"]!.int == day.songs.count - known.count)
        let scenarios = json["scenarios"]!.array!
        #expect(scenarios.count == 2 && scenarios[1]["down"]!.strings == ["eu-west"])
        for policy in scenarios.flatMap({ $0["policies"]!.array! }) {
            #expect(policy["requests"]!.int == known.count)
            #expect(policy["bytes"]!.int == known.values.reduce(0) { $0 + sizes[$1]! })
            let edges = policy["edges"]!.array!
            #expect(edges.reduce(0) { $0 + $1["requests"]!.int! } == known.count)
            #expect(edges.reduce(0) { $0 + $1["hits"]!.int! } == policy["hits"]!.int)
        }
        // Where a region has one edge, its pinned songs are hits, and little else: the ordinary part
        // of these edges is smaller than a song.
        let plan = scenarios[0]["policies"]!.array![0]["edges"]!.array!
        for edge in plan where !edge["id"]!.string!.hasPrefix("eu-west") {
            let id = edge["id"]!.string!
            let manifest = try PrefetchText("\(SampleNight.snapshot)/prefetch/\(id).ndjson.zst")
            let pinned = Set(
                manifest.records.filter { $0["action"] as? String != "evict" }
                    .map { $0["song_id"] as! String })
            let hits = known.filter {
                day.regions[$0.key] == edge["region"]!.string && pinned.contains($0.value)
            }.count
            #expect(edge["hits"]!.int == hits && hits > 0, "\(id)")
        }
        let down = scenarios[1]["policies"]!.array![0]["edges"]!.array!
        for edge in down {
            let isDown = edge["region"]!.string == "eu-west"
            #expect((edge["requests"]!.int == 0) == isDown)
        }
        #expect(!FileManager.default.fileExists(atPath: warehouse.path + "/simulation"))
    }

    @Test func `tables are for people`() throws {
        let day = try NextDay()
        let result = try simulate(["--date", SampleNight.date, "--down", "us-east-ashburn"], day)
        #expect(result.code == 0)
        for text in [
            "The plan of the night of 2026-11-19, on 2026-11-20: ", "W-TinyLFU", "no cache exceeds",
            "What edges of the plan fetched in the day", "With us-east-ashburn down:",
            "us-east-ashburn (down)", "Hits with edges of other sizes", "best",
        ] {
            #expect(result.stdout.contains(text), "\(text)")
        }
    }

    @Test func `what is kept comes into a later night's report`() throws {
        let copy = try TestWarehouse(copyOf: warehouse)
        let day = try NextDay()
        let arguments = ["--date", SampleNight.date, "--sweep", "10,30", "--sweep-pinned", "none"]
        let result = try simulate(arguments + ["--keep"], day, in: copy.path)
        #expect(result.code == 0, "\(result.stderr)")
        let folder = copy.path + "/simulation/date=\(SampleNight.date)"
        let kept = try contents(folder + "/simulation.json")
        let printed = try simulate(arguments + ["--json"], day, in: copy.path).stdout
        #expect(kept + [10] == Array(printed.utf8) || kept == Array(printed.utf8))
        let record = try jsonObject(folder + "/artefact.json")
        #expect(record["stage"] as? String == "simulate")
        #expect((record["inputs"] as? [Any])?.count ?? 0 > 5)

        let night = try copy.night(["--date", "2026-11-20", "--set", "logs=\(day.folder.path)"])
        #expect(night.code == 0, "\(night.stderr)")
        let report = try String(
            contentsOfFile: copy.current + "/report.html", encoding: .utf8)
        let isShown = report.contains("The plan of Thu 19 Nov answered")
        #expect(isShown)
        // Without --logs those are read that the next night has counted.
        let again = try copy.spindle(
            "simulate", "--date", SampleNight.date, "--json", "--sweep", "none")
        #expect(again.code == 0, "\(again.stderr)")
        #expect(again.stdout.contains("\"replayed_date\":\"2026-11-20\""))
    }

    @Test func `what cannot be simulated is said`() throws {
        let day = try NextDay()
        func error(_ code: Int32, _ arguments: [String], _ text: String) throws {
            let result = try simulate(arguments, day)
            #expect(result.code == code, "\(arguments) \(result.stderr)")
            #expect(result.stderr.contains(text), "\(result.stderr)")
            #expect(result.stdout.isEmpty)
            #expect(result.stderr.contains("hint: "))
        }
        let date = ["--date", SampleNight.date]
        try error(66, ["--date", "2026-11-01"], "the stage index has no result for the night")
        try error(64, date + ["--down", "eu-wets"], "no such region or edge")
        try error(64, date + ["--down", "eu-wets"], "did you mean eu-west?")
        try error(64, date + ["--policies", "lru,fifo"], "'fifo' is none of lru, s3fifo")
        try error(64, date + ["--sweep", "1,200"], "'200' is no number from 0 to 100")
        try error(64, date + ["--sweep-pinned", "1.5"], "'1.5' is no number from 0 to 1")

        // The day after has no logs, or none with anything in them.
        let sample = ["--logs", Repository.sample + "/plays", "--warehouse", warehouse.path]
        let none = try Program.spindle.run(["simulate"] + date + sample)
        #expect(none.code == 66 && none.stderr.contains("no play logs of 2026-11-20"))
        let empty = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: empty / "date=2026-11-20", withIntermediateDirectories: true)
        try write("\n", to: empty / "date=2026-11-20/plays.ndjson")
        let nothing = try Program.spindle.run(
            ["simulate"] + date + sample + ["--logs", empty.path])
        #expect(nothing.code == 65 && nothing.stderr.contains("the day 2026-11-20 is empty"))

        let topology = try TemporaryFolder()
        let text = try String(contentsOfFile: Repository.sample + "/topology.json", encoding: .utf8)
        try write(
            text.replacing("eu-west-berlin", with: "eu-west-bonn"), to: topology / "topology.json")
        try error(
            65, date + ["--topology", topology / "topology.json"], "the plan is of another topology"
        )
    }
}
