import Catalog
import Glibc
import Storage
import Testing

@testable import Plays
@testable import Popularity

@Suite struct PopularityBuilderTests {
    // MARK: Formulas, by hand

    @Test func `a stream is worth half after a week`() {
        #expect(abs(PopularityScore.weight([8, 0, 0, 0, 0, 0, 0, 0]) - 4) < 1e-12)
        #expect(abs(PopularityScore.weight([2, 0, 0, 0, 0, 0, 0, 4]) - 5) < 1e-12)
        #expect(PopularityScore.weight([]) == 0)
    }

    @Test(arguments: [
        // 100·ln(1 + 9)/ln(1 + 99) = 50
        (9.0, 99.0, 50), (99.0, 99.0, 100), (0.0, 99.0, 0), (0.0, 0.0, 0), (1.0, 3.0, 50),
    ])
    func `the score grows with the logarithm`(weight: Double, maximum: Double, score: Int) {
        #expect(PopularityScore.score(weight, maximum: maximum) == score)
    }

    @Test(
        arguments: [
            // (20 − 6)/√(6 + 10) = 3.5
            (20, 6, true, 3.5), (6, 6, true, 0), (0, 6, true, -1.5), (20, 6, false, 0),
            (20, nil, true, 0), (30, 0, true, 9.486832980505138),
        ] as [(Int, Double?, Bool, Double)])
    func `a trend is told by listeners and days before`(
        points: Int, mean: Double?, isHeard: Bool, expected: Double
    ) {
        let trend = Trend(
            points: points, mean: mean, isHeard: isHeard,
            total: (Double(points), mean ?? 0))
        #expect(trend.value == expected)
    }

    @Test func `on a busy day a song must rise above the others`() {
        func value(_ total: Double) -> Double {
            Trend(points: 1_200, mean: 1_000, isHeard: true, total: (total, 100_000)).value
        }
        #expect(value(100_200) > 6)
        // All others have a fifth more as well: b = (120,000 − 1,200 + 1,000)/100,000 = 1.198.
        #expect(abs(value(120_000) - 2 / 1_208.0.squareRoot()) < 1e-9)
    }

    @Test(arguments: [
        // 100·(120/100 − 1), 100·(20/120 − 1), three after none, a day missing in the week before
        (100, 80, 7, 7, 20.0), (0, 100, 7, 7, -83.33), (3, 0, 7, 7, 15.0), (70, 60, 7, 6, 0.0),
        (70, 0, 7, 0, 0.0), (0, 70, 0, 7, 0.0),
    ])
    func `the weekly trend is damped, and knows of days without logs`(
        week: Int, before: Int, days: Int, daysBefore: Int, expected: Double
    ) {
        let percent = WeeklyTrend.percent(
            week: week, before: before, countedDays: days, countedBefore: daysBefore)
        #expect(abs(percent - expected) < 0.005)
    }

    @Test(arguments: [
        // Each of five listeners twice; one ten times and four once; one alone; the cap is enough.
        (10, 5, 8), (14, 5, 8), (9, 1, 0), (100, 12, 100), (19, 4, 18), (5, 5, 5), (0, 0, 0),
    ])
    func `no listener can be more than half of what counts`(
        streams: Int, listeners: Int, points: Int
    ) {
        let most = ChartRules.mostOfOne(streams, listeners: listeners, cap: 10)
        #expect(ChartRules.points(streams, mostOfOne: most) == points)
        // What the others have is at least half of it.
        #expect(2 * (streams - most) >= points)
    }

    @Test func `demand leans on the last days and on the weekday`() {
        func daily(_ streams: [Int], _ isCounted: [Bool]? = nil) -> Double {
            DemandModel.dailyStreams(
                streams, isCounted: isCounted ?? streams.map { _ in true })
        }
        #expect(daily([5]) == 5)
        // (1·8 + 0.75·4)/1.75
        #expect(abs(daily([4, 8]) - 11 / 1.75) < 1e-12)
        // An uncounted day is no day without streams, but time passes.
        #expect(abs(daily([4, 0, 8], [true, false, true]) - (8 + 0.5625 * 4) / 1.5625) < 1e-12)
        // Eight days of 10, but for 20 on the plan's weekday a week before.
        let mean = daily([10, 20, 10, 10, 10, 10, 10, 10])
        let weights = (0..<8).map { pow(0.75, Double($0)) }
        let ewma = 10 + 10 * weights[6] / weights.reduce(0, +)
        #expect(abs(mean - (0.7 * ewma + 0.3 * 20)) < 1e-12)
        #expect(daily([], []) == 0)
    }

    @Test func `a rare song goes by the regions' sizes and loses nothing`() {
        var table = SongTable()
        func add(_ id: String, _ daily: [Double], streams: Int) {
            var id = id
            id.withUTF8 { _ = table.ids.number(of: UnsafeRawBufferPointer($0)) }
            table.streams.append(streams)
            for (region, daily) in daily.enumerated() {
                table.cells.append(.init(region: region, dailyStreams: daily))
            }
            table.starts.append(table.cells.count)
        }
        add("hit", [70, 25], streams: 980)
        add("rare", [5, 0], streams: 20)
        let model = DemandModel(table, regions: 2)
        #expect(model.shares == [0.75, 0.25])
        // (980·70 + 20·95·0.75)/1000 and (20·5 + 20·5·0.75)/40
        let hit = model.expected(0, in: table)
        #expect(abs(hit[0] - 70.025) < 1e-9 && abs(hit[1] - 24.975) < 1e-9)
        let rare = model.expected(1, in: table)
        #expect(abs(rare[0] - 4.375) < 1e-9 && abs(rare[1] - 0.625) < 1e-9)
    }

    // MARK: Whole nights

    /// Ten days in two regions; song `song(n)` has its own pattern.
    private func tenDays(_ fixture: PlayLogFixture) throws {
        for day in 10...19 {
            var events: [TestEvent] = []
            func play(_ song: Int, _ region: String, _ count: Int) {
                for listener in 0..<count {
                    events.append(
                        TestEvent(
                            id: "\(day)-\(song)-\(region)-\(listener)",
                            ts: "2026-11-\(day)T10:00:00Z", user: "\(region)-\(listener)",
                            song: Self.song(song), region: region))
                }
            }
            play(1, "eu", 8)
            play(1, "us", 4)
            play(2, "us", day == 19 ? 12 : 2)
            play(3, "eu", day < 19 ? 9 : 5)
            try fixture.write("2026-11-\(day).ndjson", events)
        }
        try fixture.count("2026-11-19")
    }

    private static func song(_ number: Int) -> String { Digest(number).hex }

    @discardableResult
    private func build(_ fixture: PlayLogFixture, releases: String? = nil) throws
        -> PopularitySummary
    {
        var path: String?
        if let releases {
            path = fixture.path + "/releases.json"
            try FileSystem.remove(path!)
            let writer = try FileWriter(path!)
            try writer.write(releases)
            _ = try writer.finish()
        }
        let date = CalendarDate("2026-11-19")!
        let folder = try StagedDirectory(in: fixture.warehouse, name: "popularity")
        let summary = try PopularityBuilder(warehouse: fixture.warehouse, releases: path)
            .run(date: date, into: folder)
        try folder.commit(to: fixture.warehouse.artefact("popularity", date))
        return summary
    }

    private func ledger(_ fixture: PlayLogFixture, _ songs: [(Int, artist: String, genre: String)])
        throws
    {
        let ledger = try Ledger(fixture.warehouse, .readWrite)
        let writer = try LedgerWriter(ledger, source: "/music", date: CalendarDate("2026-11-01")!)
        for (number, artist, genre) in songs {
            let id = Digest(number)
            try writer.save(
                LedgerSong(
                    id: id, sizeBytes: 1, durationMs: 180_000, bitrateKbps: 128,
                    sampleRateHz: 44_100, channels: 2, frames: 1, isVBR: false))
            var file = LedgerFile(
                path: Array("\(number).mp3".utf8), state: .present,
                status: FileStamp(sizeBytes: 1, modifiedNs: 1, changedNs: 1, inode: number))
            file.song = id
            file.tags.artists = [artist]
            file.tags.genres = [genre]
            try writer.save(file)
        }
    }

    private func scores(_ fixture: PlayLogFixture) throws -> [ScoreRow] {
        var rows: [ScoreRow] = []
        try ScoresFile.forEach(
            fixture.warehouse.artefact("popularity", CalendarDate("2026-11-19")!)
                + "/scores.tsv.zst"
        ) { rows.append($0) }
        return rows
    }

    private func demand(_ fixture: PlayLogFixture) throws -> [String: Double] {
        var rows: [String: Double] = [:]
        try DemandFile.forEach(
            fixture.warehouse.artefact("popularity", CalendarDate("2026-11-19")!)
                + "/demand.tsv.zst"
        ) { rows["\($0) \($1)"] = $2 }
        return rows
    }

    @Test func `regions, songs and genres that only Unicode calls equal are two`() throws {
        let fixture = try PlayLogFixture()
        let forms = ["\u{e9}", "e\u{301}"]
        try ledger(fixture, [(1, "Ann", "Rai\u{308}"), (2, "Bob", "Ra\u{ef}")])
        for day in 17...19 {
            var events: [TestEvent] = []
            for listener in 0..<10 * (day - 16) {
                for (place, form) in forms.enumerated() {
                    for song in [Self.song(place + 1), "song-\(form)"] {
                        for region in forms {
                            events.append(
                                TestEvent(
                                    id:
                                        "\(day) \(listener) \(song.utf8.count) \(place) \(region.utf8.count)",
                                    ts: "2026-11-\(day)T10:00:00Z", user: "u\(listener)",
                                    song: song, region: region))
                        }
                    }
                }
            }
            try fixture.write("2026-11-\(day).ndjson", events)
        }
        try fixture.count("2026-11-19")
        let releases = forms.map { #"{"song_id":"song-\#($0)","date":"2026-11-20"}"# }
        let summary = try build(
            fixture,
            releases:
                #"{"format":"spindle-releases","version":1,"releases":[\#(releases.joined(separator: ","))]}"#
        )
        #expect(summary.songs == 4)
        #expect(summary.raisedReleases == 2)
        func bytes(_ text: some Sequence<String>) -> [[UInt8]] { text.map { Array($0.utf8) } }
        let path = fixture.warehouse.artefact("popularity", CalendarDate("2026-11-19")!)
        let charts = try ChartsFile.read(path + "/charts.ndjson").filter {
            $0.chart == "region" && $0.period == .daily
        }
        #expect(
            bytes(charts.map(\.key))
                == bytes(forms.sorted { $0.precedesInBytes($1) }.flatMap { [$0, $0, $0, $0] }))
        #expect(charts.map(\.position) == [1, 2, 3, 4, 1, 2, 3, 4])
        #expect(charts.map(\.previousPosition) == charts.map(\.position))
        let trending = try TrendingFile.read(path + "/trending.ndjson")
        #expect(Set(bytes(trending.map(\.region))).count == 3)
        #expect(trending.map(\.position) == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
    }

    @Test func `scores rank songs overall and by region`() throws {
        let fixture = try PlayLogFixture()
        try tenDays(fixture)
        let summary = try build(fixture)
        #expect((summary.songs, summary.streams, summary.countedDays) == (3, 120 + 30 + 86, 10))
        let rows = try scores(fixture)
        #expect(
            rows.map { "\($0.region) \($0.rank)" }
                == ["* 1", "* 2", "* 3", "eu 1", "eu 2", "us 1", "us 2"])
        #expect(
            rows.map(\.songID)
                == [1, 3, 2, 3, 1, 1, 2].map(Self.song))
        let first = rows[0]
        #expect(
            (first.score, first.streams, first.chartStreams, first.listeners) == (100, 120, 120, 12)
        )
        let decay = pow(2, -1.0 / 7)
        let weight = (0..<10).reduce(0.0) { sum, _ in sum * decay + 12 }
        #expect(abs(first.weight - weight) < 1e-4)
        let second = (0..<10).reduce(0.0) { sum, day in sum * decay + (day < 9 ? 9 : 5) }
        let score = (100 * log(1 + second) / log(1 + weight)).rounded()
        #expect(rows[1].score == Int(score))
        // 12 listeners after 2; the others had 12 + 5 after 12 + 9.
        let busy = (17 + 1000) / (21 + 1000.0)
        #expect(abs(rows[2].trend - (12 - busy * 2) / (busy * 2 + 10).squareRoot()) < 0.005)
        // 24 in the last seven days, 6 in the three days of the week before that have logs.
        #expect(rows[2].weeklyTrend == 29.4)
        #expect((rows[2].skipRate, rows[2].completion, rows[2].completed) == (0, 0.333, 0))
    }

    @Test func `charts tell the week, the day and the places before`() throws {
        let fixture = try PlayLogFixture()
        try ledger(fixture, [(1, "Ann", "Punk"), (2, "Bob", "punk"), (3, "Bob", "Polka")])
        try tenDays(fixture)
        try build(fixture)
        let path = fixture.warehouse.artefact("popularity", CalendarDate("2026-11-19")!)
        let entries = try ChartsFile.read(path + "/charts.ndjson")
        func lines(_ period: ChartPeriod, _ chart: String, _ key: String) -> [String] {
            entries.filter { $0.period == period && $0.chart == chart && $0.key == key }.map {
                "\($0.position) \(Int($0.songID.prefix(2), radix: 16)!) \($0.points) \($0.streams) \($0.listenerDays) \($0.previousPosition.map(String.init) ?? "-") \($0.peakPosition) \($0.periods)"
            }
        }
        #expect(
            lines(.weekly, "overall", "*") == [
                "1 1 84 84 84 1 1 2", "2 3 59 59 59 2 2 2", "3 2 24 24 24 - 3 1",
            ])
        // Two listeners make no chart, neither of a day nor of a week.
        #expect(
            lines(.daily, "region", "us") == ["1 2 12 12 12 - 1 1", "2 1 4 4 4 1 1 10"])
        #expect(
            lines(.weekly, "region", "us") == ["1 1 28 28 28 1 1 2", "2 2 24 24 24 - 2 1"])
        // Two spellings are one genre.
        #expect(lines(.weekly, "genre", "Punk").map { $0.prefix(3) } == ["1 1", "2 2"])
        #expect(lines(.weekly, "genre", "Polka").map { $0.prefix(3) } == ["1 3"])
        let trending = try TrendingFile.read(path + "/trending.ndjson")
        #expect(
            trending.map { "\($0.region) \($0.position) \($0.streams) \($0.mean) \($0.isNew)" } == [
                "* 1 12 2.0 false", "us 1 12 2.0 false",
            ])
        #expect(try fixture.popularity("2026-11-19", "unresolved.tsv").count == 1)
        let genres = try fixture.popularity("2026-11-19", "genres.tsv")
        #expect(genres.count == 3)
        #expect(genres[2].hasPrefix("Punk\t2\t150\t150\t"))
    }

    @Test func `songs that the ledger does not know are listed, the most played first`() throws {
        let fixture = try PlayLogFixture()
        try ledger(fixture, [(3, "Ann", "Punk")])
        try tenDays(fixture)
        #expect(try build(fixture).unresolved == 2)
        #expect(
            try fixture.popularity("2026-11-19", "unresolved.tsv") == [
                "song_id\tplays\tstreams", "\(Self.song(1))\t120\t120", "\(Self.song(2))\t30\t30",
            ])
    }

    @Test func `demand keeps the total of each song`() throws {
        let fixture = try PlayLogFixture()
        try tenDays(fixture)
        let summary = try build(fixture)
        let demand = try demand(fixture)
        let first = demand["\(Self.song(1)) eu"]! + demand["\(Self.song(1)) us"]!
        #expect(abs(first - 12) < 0.001)
        #expect(demand["\(Self.song(1)) eu"]! > 7 && demand["\(Self.song(1)) eu"]! < 8.1)
        #expect(summary.expected.map(\.region) == ["eu", "us"])
        #expect(
            abs(summary.expected.reduce(0) { $0 + $1.streams } - demand.values.reduce(0, +)) < 0.001
        )
    }

    @Test func `an announced release is expected where its artist is heard`() throws {
        let fixture = try PlayLogFixture()
        try ledger(
            fixture,
            [
                (1, "Ann", "Punk"), (2, "Bob", "Punk"), (3, "Cy", "Polka"), (4, "Ann", "Punk"),
                (5, "Ann", "Punk"),
            ])
        try tenDays(fixture)
        try build(fixture)
        let before = try demand(fixture)
        let summary = try build(
            fixture,
            releases: """
                {"format":"spindle-releases","version":1,"releases":[
                {"song_id":"\(Self.song(4))","date":"2026-11-20","artists":["ann"]},
                {"song_id":"\(Self.song(5))","date":"2026-11-20","expected_daily_streams":300},
                {"song_id":"unknown","date":"2026-11-18","artists":["Nobody"]},
                {"song_id":"stale","date":"2026-11-16"},
                {"song_id":"\(Self.song(3))","date":"2026-11-21"},
                {"song_id":"\(Self.song(2))","date":"2026-11-18"}]}
                """)
        #expect(summary.raisedReleases == 3)
        let after = try demand(fixture)
        let own = before["\(Self.song(1)) eu"]!
        #expect(abs(after["\(Self.song(4)) eu"]! - 3 * own) < 0.001)
        #expect(abs(after["\(Self.song(5)) eu"]! - 300 * own / 12) < 0.01)
        let mean = (before["\(Self.song(1)) us"]! + before["\(Self.song(2)) us"]!) / 2
        #expect(abs(after["unknown us"]! - 3 * mean) < 0.001)
        #expect(after["stale us"] == nil)
        #expect(after["\(Self.song(3)) eu"] == nil)
        // It has been played, and goes by its plays.
        #expect(after["\(Self.song(2)) us"] == before["\(Self.song(2)) us"])
    }

    @Test(arguments: [
        ("[]", "is no file of releases"),
        ("{\"format\":\"spindle-releases\",\"version\":2}", "version 1"),
        (
            "{\"format\":\"spindle-releases\",\"version\":1,\"releases\":[{}]}",
            "release 1 has no song_id"
        ),
        (
            "{\"format\":\"spindle-releases\",\"version\":1,\"releases\":[{\"song_id\":\"a\",\"date\":\"soon\"}]}",
            "release 1 has no date"
        ),
    ])
    func `releases that make no sense are refused`(text: String, complaint: String) throws {
        let fixture = try PlayLogFixture()
        try tenDays(fixture)
        let error = #expect(throws: FormatError.self) { try build(fixture, releases: text) }
        #expect(error?.detail.contains(complaint) == true)
        #expect(!FileSystem.exists(fixture.warehouse.path + "/popularity"))
    }

    @Test func `a day that was not counted has no popularity`() throws {
        let fixture = try PlayLogFixture()
        let error = #expect(throws: FileError.self) { try build(fixture) }
        #expect(error?.isMissing == true)
    }

    @Test func `the same inputs give the same bytes`() throws {
        let fixture = try PlayLogFixture()
        try ledger(fixture, [(1, "Ann", "Punk"), (2, "Bob", "Ska"), (3, "Bob", "Polka")])
        try tenDays(fixture)
        try build(fixture)
        let first = try fixture.contents("popularity")
        #expect(first.count == 9)
        let inputs = try PopularityBuilder(warehouse: fixture.warehouse)
            .inputs(date: CalendarDate("2026-11-19")!)
        #expect(inputs.count == 31)
        try FileSystem.removeTree(fixture.warehouse.path + "/plays")
        try fixture.count("2026-11-19")
        try build(fixture)
        #expect(try fixture.contents("popularity") == first)
    }

    @Test func `a damaged partition is named`() throws {
        let fixture = try PlayLogFixture()
        try tenDays(fixture)
        let path = fixture.partition("2026-11-15") + "/counts.tsv.zst"
        let bytes = try FileSystem.readAll(path)
        try FileSystem.remove(path)
        let file = try FileDescriptor(path, .createNew)
        try bytes.dropLast(6).withUnsafeBytes { try file.write($0) }
        let error = #expect(throws: FormatError.self) { try build(fixture) }
        #expect(error?.path == path)
    }
}

extension Digest {
    /// A digest whose first byte is the number.
    fileprivate init(_ number: Int) {
        self.init(bytes: [UInt8(number)] + [UInt8](repeating: 0, count: 31))!
    }
}
