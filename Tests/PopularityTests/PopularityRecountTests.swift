import SQLite
import Storage
import Testing

@testable import Plays
@testable import Popularity

/// A night's figures against the same from SQL over the plays, by rules that are written down here
/// once more.
@Suite struct PopularityRecountTests {
    private static let days = 30
    private static let last = CalendarDate("2026-11-19")!
    private static let regions = ["eu", "us", "za"]

    private struct Plays {
        let fixture: PlayLogFixture
        let database: Database
    }

    /// Plays of 30 days: a listener has a taste, some loop, some songs come late, one day is missing.
    private func randomPlays(_ seed: UInt64) throws -> Plays {
        var random = SeededGenerator(seed)
        let fixture = try PlayLogFixture()
        let database = try Database(path: fixture.path + "/recount.sqlite")
        try database.execute("BEGIN")
        try database.execute(
            """
            CREATE TABLE plays(seq INTEGER PRIMARY KEY, day INTEGER, user TEXT, song TEXT, region TEXT,
              ms INTEGER, duration INTEGER)
            """)
        var insert = try database.prepare("INSERT INTO plays VALUES(NULL, ?, ?, ?, ?, ?, ?)")
        for day in 0..<Self.days where day != 17 {
            var plays: [TestPlay] = []
            for _ in 0..<Int.random(in: 120...260, using: &random) {
                let user = Int.random(in: 0..<25, using: &random)
                let song = min(
                    Int.random(in: 0..<14, using: &random), Int.random(in: 0..<14, using: &random))
                // Three songs come out late; one listener moves about.
                if song > 10, day < 20 + song - 10 { continue }
                let region = user == 0 ? Int.random(in: 0..<3, using: &random) : user % 3
                let repeats = user == 1 && song == 4 ? 14 : 1
                for _ in 0..<repeats {
                    plays.append(
                        TestPlay(
                            user: "u\(user)", song: "song-\(song)", region: Self.regions[region],
                            playedMs: Int.random(in: 5_000...200_000, using: &random),
                            durationMs: song == 2 ? 0 : 180_000))
                }
            }
            try fixture.writePartition(Self.last - (Self.days - 1 - day), plays)
            for play in plays {
                try insert.bind(1, day)
                try insert.bind(2, play.user)
                try insert.bind(3, play.song)
                try insert.bind(4, play.region)
                try insert.bind(5, play.playedMs)
                try insert.bind(6, play.durationMs)
                try insert.run()
            }
        }
        try database.execute(
            """
            CREATE TABLE counted AS SELECT *, ms >= 30000 AS stream,
              ms >= 30000 AND row_number() OVER
                (PARTITION BY day, user, song, ms >= 30000 ORDER BY seq) <= 10 AS chart
            FROM plays;
            CREATE TABLE scoped AS SELECT *, region AS scope FROM counted
              UNION ALL SELECT *, '*' FROM counted;
            CREATE INDEX scoped_by_song ON scoped(scope, song, day, stream, user);
            -- What one listener can have had, and what then counts, by day.
            CREATE TABLE by_day AS
              SELECT scope, song, day, sum(stream) AS streams, sum(chart) AS chart,
                count(DISTINCT CASE WHEN stream THEN user END) AS listeners
              FROM scoped GROUP BY scope, song, day;
            CREATE TABLE by_day_points AS
              SELECT *, CASE WHEN chart = 0 THEN 0 ELSE min(chart, 2 * (chart - most)) END AS points
              FROM (SELECT *, min(10, chart - (listeners - 1)) AS most FROM by_day);
            """)
        try database.execute("COMMIT")
        return Plays(fixture: fixture, database: database)
    }

    private func build(_ fixture: PlayLogFixture, _ date: CalendarDate = last) throws -> String {
        let folder = try StagedDirectory(in: fixture.warehouse, name: "popularity")
        _ = try PopularityBuilder(warehouse: fixture.warehouse).run(date: date, into: folder)
        let target = fixture.warehouse.artefact("popularity", date)
        try folder.commit(to: target)
        return target
    }

    private func rows(_ database: Database, _ sql: String) throws -> [[String]] {
        var statement = try database.prepare(sql)
        var rows: [[String]] = []
        while try statement.step() {
            rows.append((0..<statement.columnCount).map { statement.text($0) })
        }
        return rows
    }

    @Test func `scores, trends and retention are those of SQL over the plays`() throws {
        let seed = testSeed()
        let plays = try randomPlays(seed)
        let path = try build(plays.fixture)
        var scores: [String: ScoreRow] = [:]
        try ScoresFile.forEach(path + "/scores.tsv.zst") {
            scores["\($0.region) \($0.songID)"] = $0
        }

        let counted = Set(
            try rows(plays.database, "SELECT DISTINCT day FROM plays").map { Int($0[0])! })
        #expect(counted.count == 29)
        let before = (22..<29).filter { counted.contains($0) }
        let expected = try rows(
            plays.database,
            """
            SELECT scope, song, count(*), sum(stream), sum(chart),
              count(DISTINCT CASE WHEN stream THEN user END),
              count(DISTINCT CASE WHEN stream AND day = 29 THEN user END),
              sum(CASE WHEN day BETWEEN 23 AND 29 THEN chart ELSE 0 END),
              sum(CASE WHEN day BETWEEN 16 AND 22 THEN chart ELSE 0 END),
              sum(duration > 0), sum(CASE WHEN duration > 0 AND ms * 10 >= duration * 9 THEN 1 ELSE 0 END),
              sum(CASE WHEN duration > 0 THEN min(1000, ms * 1000 / duration) ELSE 0 END)
            FROM scoped WHERE day >= 2 GROUP BY scope, song
            """)
        #expect(expected.count == scores.count, "seed \(seed)")
        func points(_ scope: String, _ song: String?, _ days: [Int]) throws -> Double {
            let list = days.map(String.init).joined(separator: ",")
            let of = song.map { "AND song = '\($0)'" } ?? ""
            return Double(
                try plays.database.scalar(
                    "SELECT sum(points) FROM by_day_points WHERE scope = '\(scope)' AND day IN (\(list)) \(of)"
                ) ?? 0)
        }
        for row in expected {
            let (scope, song) = (row[0], row[1])
            let numbers = row.dropFirst(2).map { Int($0)! }
            let score = try #require(scores["\(scope) \(song)"], "seed \(seed): \(row)")
            #expect(
                score.streams == numbers[1] && score.chartStreams == numbers[2], "\(seed) \(row)")
            #expect(score.windowListeners == numbers[3], "\(seed) \(row)")
            #expect(score.listeners == numbers[4], "\(seed) \(row)")
            var weight = 0.0
            for day in 2..<30 {
                let chart = try plays.database.scalar(
                    "SELECT chart FROM by_day WHERE scope = '\(scope)' AND song = '\(song)' AND day = \(day)"
                )
                weight = weight * 0.905_723_664_263_906_7 + Double(chart ?? 0)
            }
            #expect(abs(score.weight - weight) < 0.000_06, "\(seed) \(row)")
            // The day without logs, 17, is one of the seven before: six days stand against seven.
            let weekly = 100 * ((Double(numbers[5]) + 20) / (Double(numbers[6]) * 7 / 6 + 20) - 1)
            #expect(abs(score.weeklyTrend - weekly) < 0.051, "\(seed) \(row)")
            #expect(
                abs(score.skipRate! - Double(numbers[0] - numbers[1]) / Double(numbers[0]))
                    < 0.000_051)
            if numbers[7] == 0 {
                #expect(score.completion == nil && score.completed == nil)
            } else {
                let timed = Double(numbers[7])
                #expect(abs(score.completed! - Double(numbers[8]) / timed) < 0.000_051)
                #expect(abs(score.completion! - Double(numbers[9]) / 1000 / timed) < 0.000_051)
            }
            let (x, m) = (
                try points(scope, song, [29]),
                try points(scope, song, before) / Double(before.count)
            )
            let total = (
                try points(scope, nil, [29]), try points(scope, nil, before) / Double(before.count)
            )
            let busy = (total.0 - x + 1000) / (total.1 - m + 1000)
            let trend = numbers[4] < 3 ? 0 : (x - busy * m) / (busy * m + 10).squareRoot()
            #expect(abs(score.trend - trend) < 0.0051, "\(seed) \(row)")
        }
    }

    /// The chart of a day, or of the week that ends with it.
    private func chart(
        _ database: Database, _ scope: String, _ days: ClosedRange<Int>
    ) throws -> [[String]] {
        try rows(
            database,
            """
            WITH week AS (
              SELECT song, sum(chart) AS chart, sum(listeners) AS listener_days,
                sum(CASE WHEN chart > 0 THEN most ELSE 0 END) AS most,
                (SELECT count(DISTINCT user) FROM scoped AS s WHERE s.scope = '\(scope)' AND stream
                  AND s.song = d.song AND s.day BETWEEN \(days.lowerBound) AND \(days.upperBound))
                  AS listeners
              FROM by_day_points AS d
              WHERE scope = '\(scope)' AND day BETWEEN \(days.lowerBound) AND \(days.upperBound)
              GROUP BY song)
            SELECT song, min(chart, 2 * (chart - min(most, chart - (listeners - 1)))) AS points, chart,
              listeners, listener_days
            FROM week WHERE listeners >= 3 AND points > 0
            ORDER BY points DESC, chart DESC, listener_days DESC, song
            """)
    }

    @Test func `charts, positions before, peaks and weeks are those of SQL over the plays`() throws
    {
        let seed = testSeed()
        let plays = try randomPlays(seed)
        let lines = try ChartsFile.read(try build(plays.fixture) + "/charts.ndjson")
        for period in ChartPeriod.allCases {
            for scope in ["*"] + Self.regions {
                let charts = try (0..<period.count).map { back in
                    let day = 29 - period.step * back
                    return try chart(plays.database, scope, day - (period.step - 1)...day)
                }
                let previous = charts.dropFirst().first { !$0.isEmpty }!
                let own = lines.filter { $0.period == period && $0.key == scope }
                #expect(own.count == charts[0].count, "seed \(seed): \(period) \(scope)")
                for (index, (line, row)) in zip(own, charts[0]).enumerated() {
                    let place: Comment = "seed \(seed): \(period) \(scope) \(row)"
                    #expect(line.position == index + 1 && line.songID == row[0], place)
                    #expect(
                        [line.points, line.streams, line.listeners, line.listenerDays]
                            == row.dropFirst().map { Int($0)! }, place)
                    let places = charts.compactMap { $0.firstIndex { $0[0] == row[0] } }
                    #expect(line.peakPosition == places.min()! + 1, place)
                    #expect(line.periods == places.count, place)
                    #expect(
                        line.previousPosition
                            == previous.firstIndex { $0[0] == row[0] }.map { $0 + 1 }, place)
                }
            }
        }
    }
}
