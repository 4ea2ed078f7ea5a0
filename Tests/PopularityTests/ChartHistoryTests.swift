import Storage
import Testing

@testable import Plays
@testable import Popularity

/// Peaks and weeks on chart over longer than a window.
@Suite struct ChartHistoryTests {
    private static let first = CalendarDate("2026-09-01")!

    /// Some weeks: the order of three songs turns, one is away for some time.
    private func plays(_ day: Int) -> [TestPlay] {
        var plays: [TestPlay] = []
        for song in 0..<4 {
            if song == 3, (8..<38).contains(day) { continue }
            for listener in 0..<5 + (song + day / 10) % 3 * 4 {
                plays.append(
                    TestPlay(user: "u\(listener)", song: "s\(song)", region: "eu"))
            }
        }
        return plays
    }

    private func partitions(_ fixture: PlayLogFixture, _ days: Range<Int>) throws {
        for day in days { try fixture.writePartition(Self.first + day, plays(day)) }
    }

    private func build(_ fixture: PlayLogFixture, _ day: Int) throws {
        let date = Self.first + day
        let folder = try StagedDirectory(in: fixture.warehouse, name: "popularity")
        _ = try PopularityBuilder(warehouse: fixture.warehouse).run(date: date, into: folder)
        try folder.commit(to: fixture.warehouse.artefact("popularity", date))
    }

    private func lines(_ fixture: PlayLogFixture, _ day: Int) throws -> [ChartLine] {
        try ChartsFile.read(
            fixture.warehouse.artefact("popularity", Self.first + day) + "/charts.ndjson")
    }

    /// The order of the songs that were heard on these days.
    private func order(_ days: ClosedRange<Int>) -> [String] {
        var streams: [String: Int] = [:]
        for day in days where day >= 0 {
            for play in plays(day) { streams[play.song, default: 0] += 1 }
        }
        return streams.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    /// Six weeks, night by night and then all at once: peaks and counts go back further than the
    /// window, and are the same whenever the nights were run.
    @Test func `charts know the first night, and a back-fill gives the same bytes`() throws {
        let nightly = try PlayLogFixture()
        for day in 0..<43 {
            try partitions(nightly, day..<day + 1)
            try build(nightly, day)
        }
        for line in try lines(nightly, 42) where line.chart == "overall" {
            let step = line.period.step
            let ends = stride(from: 42, through: 0, by: -step)
            let places = ends.compactMap {
                order($0 - (step - 1)...$0).firstIndex(of: line.songID).map { $0 + 1 }
            }
            #expect(line.periods == places.count, "\(line)")
            #expect(line.peakPosition == places.min(), "\(line)")
            #expect(line.periods > (line.period == .weekly ? 4 : 28) || line.songID == "s3")
        }
        // Away for a month, and back.
        let back = try lines(nightly, 38).first { $0.period == .daily && $0.songID == "s3" }
        #expect(back?.previousPosition == nil && back?.periods == 9)

        let filled = try PlayLogFixture()
        try partitions(filled, 0..<43)
        for day in 0..<43 { try build(filled, day) }
        #expect(try filled.contents("popularity") == nightly.contents("popularity"))
        // Once more over what is there, too.
        for day in 38..<43 { try build(filled, day) }
        #expect(try filled.contents("popularity") == nightly.contents("popularity"))
    }

    @Test func `a night that was left out costs nothing`() throws {
        let fixture = try PlayLogFixture()
        try partitions(fixture, 8..<43)
        for day in 37..<43 where day != 41 { try build(fixture, day) }
        // From the 10th day on, where the first night's window begins, the 14th included, which the
        // night that was left out would have told of.
        let line = try lines(fixture, 42).first { $0.period == .daily && $0.songID == "s0" }
        #expect(line?.periods == 33)
    }

    @Test func `a night is made again when the history before it is another`() throws {
        let fixture = try PlayLogFixture()
        try partitions(fixture, 0..<40)
        let builder = PopularityBuilder(warehouse: fixture.warehouse)
        func inputs() throws -> [String] {
            try builder.inputs(date: Self.first + 39).map { "\($0.name) \($0.fingerprint)" }
        }
        let before = try inputs()
        try build(fixture, 38)
        let after = try inputs()
        #expect(after.count == before.count + 1)
        try build(fixture, 37)
        try build(fixture, 38)
        #expect(try inputs().count == after.count)
        #expect(try inputs() != after)
    }

    @Test func `a listener alone, and a few who loop, make no chart`() throws {
        let fixture = try PlayLogFixture()
        var plays: [TestPlay] = []
        func play(_ song: String, _ users: ClosedRange<Int>, _ times: Int) {
            for user in users {
                for _ in 0..<times { plays.append(TestPlay(user: "u\(user)", song: song)) }
            }
        }
        play("honest", 1...9, 1)
        play("alone", 1...1, 40)
        play("two", 1...2, 12)
        // One loops, two are asked to help: 10 + 2 capped chart streams count as four.
        play("looped", 3...3, 30)
        play("looped", 4...5, 1)
        try fixture.writePartition(Self.first, plays)
        try build(fixture, 0)
        for period in ChartPeriod.allCases {
            let own = try lines(fixture, 0).filter { $0.period == period && $0.chart == "overall" }
            #expect(
                own.map { "\($0.songID) \($0.points) \($0.streams)" } == [
                    "honest 9 9", "looped 4 12",
                ])
        }
    }

    @Test func `without sketches the best day stands for a week's listeners`() throws {
        let fixture = try PlayLogFixture()
        for day in 0..<7 {
            try fixture.writePartition(
                Self.first + day,
                [
                    TestPlay(user: "u\(day)", song: "spread"), TestPlay(user: "a", song: "daily"),
                    TestPlay(user: "b", song: "daily"), TestPlay(user: "c", song: "daily"),
                ], hasSketches: false)
        }
        try build(fixture, 6)
        let weekly = try lines(fixture, 6).filter { $0.period == .weekly && $0.chart == "overall" }
        #expect(weekly.map { "\($0.songID) \($0.listeners)" } == ["daily 3"])
        for day in 0..<7 {
            try fixture.writePartition(
                Self.first + day, [TestPlay(user: "u\(day)", song: "spread")])
        }
        try build(fixture, 6)
        let spread = try lines(fixture, 6).filter { $0.period == .weekly && $0.chart == "overall" }
        #expect(spread.map { "\($0.songID) \($0.listeners) \($0.points)" } == ["spread 7 7"])
    }

    @Test(arguments: ["counts.tsv.zst", "listeners.hll.zst", "coplays.tsv.zst"])
    func `a partition's file that is cut is named`(name: String) throws {
        let fixture = try PlayLogFixture()
        try fixture.writePartition(Self.first, plays(0), coplays: [("s0", "s1", 5)])
        let path = fixture.warehouse.artefact("plays", Self.first) + "/" + name
        let bytes = try FileSystem.readAll(path)
        try FileSystem.remove(path)
        let file = try FileDescriptor(path, .createNew)
        try bytes.dropLast(5).withUnsafeBytes { try file.write($0) }
        let error = #expect(throws: FormatError.self) { try build(fixture, 0) }
        #expect(error?.path == path)
    }
}
