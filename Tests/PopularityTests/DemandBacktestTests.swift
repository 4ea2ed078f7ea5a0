import Catalog
import Glibc
import Storage
import Testing

@testable import Plays
@testable import Popularity

@Suite struct DemandBacktestTests {
    private static let regions = ["eu", "us"]
    private static let days = 12

    /// Streams of songs 1 to 6 by day and region, from the number of their first day on.
    private static func streams(_ song: Int, _ region: Int, _ day: Int) -> Int {
        switch song {
        case 1: region == 0 ? 9 : 3
        case 2: region == 1 ? day % 4 + 1 : 0
        case 3: (day * 7 + region * 3) % 5
        case 4: day >= 8 && region == 0 ? 12 - (day - 8) * 3 : 0
        case 5: day == 11 ? 4 : 0
        default: day % 5 == 0 ? 1 : 0
        }
    }

    private static func song(_ number: Int) -> String {
        Digest(bytes: [UInt8(number)] + [UInt8](repeating: 0, count: 31))!.hex
    }

    private static func date(_ day: Int) -> CalendarDate { CalendarDate("2026-11-08")! + day }

    private static func sizeBytes(_ song: Int) -> Int {
        [0, 4000, 500, 700, 9000, 1000, 800][song]
    }

    /// Counts the days but those that are skipped.
    private func fixture(skipping skipped: Set<Int> = []) throws -> PlayLogFixture {
        let fixture = try PlayLogFixture()
        for day in 0..<Self.days where !skipped.contains(day) {
            var events: [TestEvent] = []
            for song in 1...6 {
                for (place, region) in Self.regions.enumerated() {
                    for number in 0..<Self.streams(song, place, day) {
                        events.append(
                            TestEvent(
                                id: "\(day)-\(song)-\(region)-\(number)",
                                ts: "\(Self.date(day))T10:00:00Z", user: "\(region)-\(number)",
                                song: Self.song(song), region: region))
                    }
                }
            }
            try fixture.write("\(Self.date(day)).ndjson", events)
        }
        try fixture.count("\(Self.date(Self.days - 1))")
        return fixture
    }

    private func ledger(_ fixture: PlayLogFixture) throws {
        let ledger = try Ledger(fixture.warehouse, .readWrite)
        let writer = try LedgerWriter(ledger, source: "/music", date: CalendarDate("2026-10-01")!)
        // Song 6 is not known.
        for song in 1...5 {
            let id = Digest(hex: Self.song(song))!
            try writer.save(
                LedgerSong(
                    id: id, sizeBytes: Self.sizeBytes(song), durationMs: 180_000, bitrateKbps: 128,
                    sampleRateHz: 44_100, channels: 2, frames: 1, isVBR: false))
            var file = LedgerFile(
                path: Array("\(song).mp3".utf8), state: .present,
                status: FileStamp(sizeBytes: 1, modifiedNs: 1, changedNs: 1, inode: song))
            file.song = id
            file.tags.artists = ["Artist \(song / 3)"]
            file.tags.genres = ["Punk"]
            try writer.save(file)
        }
    }

    private func report(
        _ fixture: PlayLogFixture, from: Int? = nil, to: Int = days - 1, releases: String? = nil
    ) throws -> BacktestReport {
        var path: String?
        if let releases {
            try fixture.write("../releases.json", releases)
            path = fixture.path + "/releases.json"
        }
        return try DemandBacktest(warehouse: fixture.warehouse, releases: path)
            .run(from: from.map(Self.date), to: Self.date(to))
    }

    /// What the naive forecasts say of the days held out, computed here from the streams alone.
    private func naive(_ forecaster: Forecaster, _ song: Int, _ region: Int, _ day: Int) -> Double {
        func came(_ day: Int) -> Double { Double(Self.streams(song, region, day)) }
        return switch forecaster {
        case .yesterday: came(day - 1)
        case .weekday: came(day - 7)
        case .mean: (1...7).reduce(0) { $0 + came(day - $1) } / 7
        default: came(day)
        }
    }

    @Test(arguments: [Forecaster.yesterday, .weekday, .mean, .perfect])
    func `errors and hits are those that another computation finds`(forecaster: Forecaster) throws {
        let fixture = try fixture()
        try ledger(fixture)
        let held = 9..<Self.days
        let report = try report(fixture, from: 9)
        #expect(report.days.map(\.date) == held.map(Self.date))
        #expect(
            report.days.map(\.streams)
                == held.map { day in
                    (1...6).reduce(0) { $0 + Self.streams($1, 0, day) + Self.streams($1, 1, day) }
                })
        var absolute = 0.0
        var deviance = 0.0
        var sums = Array(repeating: (expected: 0.0, came: 0.0), count: 2)
        var cells = 0
        for day in held {
            // Song 5 is first heard on the last day.
            for song in 1...6 where song != 5 || day == 11 {
                for region in 0...1 {
                    let expected = naive(forecaster, song, region, day)
                    let came = Double(Self.streams(song, region, day))
                    cells += 1
                    absolute += abs(expected - came)
                    let floored = expected > 0.01 ? expected : 0.01
                    deviance += 2 * (floored - came)
                    if came > 0 { deviance += 2 * came * (log(came) - log(floored)) }
                    sums[region].expected += expected
                    sums[region].came += came
                }
            }
        }
        let errors = report[forecaster].errors
        let came = sums[0].came + sums[1].came
        let near = { (a: Double, b: Double) in abs(a - b) < 1e-5 }
        #expect(errors.cells == cells)
        #expect(near(errors.meanAbsoluteError, absolute / Double(cells)))
        #expect(near(errors.weightedPercentageError, absolute / came))
        #expect(near(errors.meanDeviance, deviance / Double(cells)))
        #expect(near(errors.bias, (sums[0].expected + sums[1].expected) / came - 1))
        for region in 0...1 {
            let place = report.regions.firstIndex(of: Self.regions[region])!
            #expect(
                near(errors.biasByRegion[place], sums[region].expected / sums[region].came - 1))
        }
        try expectHits(report, forecaster, held)
    }

    /// Every subset of the songs that may be pinned, in the order of the forecast: what fits is.
    private func expectHits(
        _ report: BacktestReport, _ forecaster: Forecaster, _ held: Range<Int>
    ) throws {
        #expect(report.catalogBytes == 15_200)
        // 0.1, 1, 5 and 10 % of 15,200 bytes: only the last holds any song of 500 bytes and more.
        var hits = Array(repeating: 0.0, count: 4)
        var bytes = hits
        var total = (streams: 0.0, bytes: 0.0)
        for day in held {
            for region in 0...1 {
                func came(_ song: Int) -> Double { Double(Self.streams(song, region, day)) }
                for song in 1...5 {
                    total.streams += came(song)
                    total.bytes += came(song) * Double(Self.sizeBytes(song))
                }
                for (place, room) in [15, 152, 760, 1520].enumerated() {
                    var left = room
                    var order: [(density: Double, song: Int)] = []
                    for song in 1...5 {
                        let expected = naive(forecaster, song, region, day)
                        guard expected > 0 else { continue }
                        order.append((expected / Double(Self.sizeBytes(song)), song))
                    }
                    order.sort { a, b in
                        a.density != b.density ? a.density > b.density : a.song < b.song
                    }
                    for (_, song) in order where Self.sizeBytes(song) <= left {
                        left -= Self.sizeBytes(song)
                        hits[place] += came(song)
                        bytes[place] += came(song) * Double(Self.sizeBytes(song))
                    }
                }
            }
        }
        let found = report[forecaster].hits
        #expect(hits[1] == 0 && hits[2] > 0 && hits[3] > 0)
        for place in 0..<4 {
            #expect(abs(found.requestRatios[place] - hits[place] / total.streams) < 1e-9)
            #expect(abs(found.byteRatios[place] - bytes[place] / total.bytes) < 1e-9)
        }
    }

    @Test func `what the model is held to is what the night would have said`() throws {
        let fixture = try fixture()
        try ledger(fixture)
        let report = try report(fixture, from: 11)
        // The night of day 10, whose plan is for day 11.
        let folder = try StagedDirectory(in: fixture.warehouse, name: "popularity")
        let summary = try PopularityBuilder(warehouse: fixture.warehouse)
            .run(date: Self.date(10), into: folder)
        try folder.commit(to: fixture.warehouse.artefact("popularity", Self.date(10)))
        var absolute = 0.0
        var demand: [String: Double] = [:]
        try DemandFile.forEach(
            fixture.warehouse.artefact("popularity", Self.date(10)) + "/demand.tsv.zst"
        ) { demand["\($0) \($1)"] = $2 }
        for song in 1...6 {
            for (place, region) in Self.regions.enumerated() {
                absolute += abs(
                    (demand["\(Self.song(song)) \(region)"] ?? 0)
                        - Double(Self.streams(song, place, 11)))
            }
        }
        let errors = report[.model].errors
        #expect(abs(errors.meanAbsoluteError * Double(errors.cells) - absolute) < 0.002)
        let came = Double(report.days[0].streams)
        let expected = summary.expected.reduce(0) { $0 + $1.streams }
        #expect(abs(errors.bias - (expected / came - 1)) < 1e-4)
    }

    @Test func `nothing changes in the warehouse, and the same days give the same report`() throws {
        let fixture = try fixture()
        try ledger(fixture)
        let before = try fixture.contents("plays")
        let first = try report(fixture).json.bytes
        #expect(try fixture.contents("plays") == before)
        #expect(try FileSystem.list(fixture.warehouse.path).contains("popularity") == false)
        #expect(try report(fixture).json.bytes == first)
    }

    @Test func `days that were not counted are passed over`() throws {
        let fixture = try fixture(skipping: [8, 10])
        let report = try report(fixture)
        #expect(report.days.map(\.date) == [5, 6, 7, 9, 11].map(Self.date))
        // Yesterday of day 11 is day 9.
        let last = try self.report(fixture, from: 11)
        let sums = [9, 11].map { day in
            (1...6).reduce(0) { $0 + Self.streams($1, 0, day) + Self.streams($1, 1, day) }
        }
        #expect(abs(last[.yesterday].errors.bias - (Double(sums[0]) / Double(sums[1]) - 1)) < 1e-6)
        let error = #expect(throws: FormatError.self) { try self.report(fixture, from: 0, to: 0) }
        #expect(error?.detail.contains("has a counted day before it") == true)
    }

    @Test func `without a ledger songs are of one size`() throws {
        let report = try report(try fixture())
        #expect(!report.hasLedger)
        #expect((report.catalogSongs, report.catalogBytes) == (6, 6))
        #expect(report[.perfect].hits.requestRatios == [0, 0, 0, 0])
    }

    @Test func `a release that nobody heard counts as expected in vain`() throws {
        let fixture = try fixture()
        let plain = try report(fixture, from: 10, to: 10)
        let report = try report(
            fixture, from: 10, to: 10,
            releases: """
                {"format":"spindle-releases","version":1,"releases":[
                {"song_id":"unheard","date":"2026-11-18","expected_daily_streams":50}]}
                """)
        let cells = Double(report[.model].errors.cells)
        #expect(report[.model].errors.cells == plain[.model].errors.cells + 2)
        #expect(
            abs(
                report[.model].errors.meanAbsoluteError * cells
                    - plain[.model].errors.meanAbsoluteError * (cells - 2) - 50) < 0.01)
        #expect(report[.perfect].errors.meanAbsoluteError == 0)
    }

    // MARK: Arithmetic by hand

    @Test(
        arguments: [
            ([1, 2, 3], [10, 20, 30], 1), ([1, 2, 3], [3, 2, 1], -1), ([1, 1, 1], [3, 2, 1], 0),
            ([], [], 0), ([5], [7], 0),
            // Ranks 0.5 0.5 2 3 against 0 1 2 3: 4.5/√(4.5·5)
            ([1, 1, 2, 3], [1, 2, 3, 4], 0.9486832980505138),
        ] as [([Double], [Double], Double)])
    func `ranks are correlated with ties in their middle`(
        a: [Double], b: [Double], expected: Double
    ) {
        #expect(abs(ForecastErrors.rankCorrelation(a, b) - expected) < 1e-12)
    }

    @Test func `an edge takes the densest songs that fit, and none that is not expected`() {
        var hits = EdgeHits()
        // 10 % of 10,000 bytes. By density: 3, 0, 2 (does not fit any more), 1; 4 is not expected.
        hits.add(
            expected: [5, 1, 4, 8, 0], came: [1, 10, 100, 1000, 10_000],
            sizesBytes: [500, 300, 600, 200, 1], catalogBytes: 10_000)
        let total = 11_111.0
        #expect(hits.requestRatios[3] == (1000 + 1 + 10) / total)
        // 5 %: 200 + 300; what is too large is passed over.
        #expect(hits.requestRatios[2] == 1010 / total)
        #expect(hits.requestRatios[1] == 0)
        #expect(
            abs(hits.byteRatios[3] - 203_500.0 / (500 + 3000 + 60_000 + 200_000 + 10_000)) < 1e-12)
        // A song that cannot be pinned is not asked of the edge.
        var other = EdgeHits()
        other.add(expected: [1, 1], came: [1, 5], sizesBytes: [10, 0], catalogBytes: 1000)
        #expect(other.requestRatios[3] == 1)
    }
}
