import Testing

@testable import Plays
@testable import Popularity

@Suite struct DemandModelTests {
    // MARK: Packed streams

    @Test func `packed streams are read back, within any days`() {
        var chance = SeededGenerator(testSeed())
        let days = 40
        let songs = (0..<200).map { _ in
            (0..<3).map { _ in
                (0..<days).map { _ in
                    switch Int.random(in: 0..<20, using: &chance) {
                    case 0: Int.random(in: 1..<40, using: &chance)
                    case 1: Int.random(in: 1...5_000_000, using: &chance)
                    case 2...4: 1
                    default: 0
                    }
                }
            }
        }
        let history = DemandFixture(days: days, songs: songs).history
        #expect((history.songs, history.regions, history.days) == (200, 3, 40))
        var entries: ContiguousArray<DemandHistory.Entry> = []
        for (song, regions) in songs.enumerated() {
            let low = Int.random(in: 0..<days, using: &chance)
            let range = low..<Int.random(in: low...days, using: &chance)
            history.read(song, range, into: &entries)
            var read = Array(repeating: Array(repeating: 0, count: days), count: 3)
            for entry in entries { read[entry.region][entry.day] += Int(entry.streams) }
            #expect(read.map { Array($0[range]) } == regions.map { Array($0[range]) })
            let first = (0..<days).first { day in regions.contains { $0[day] > 0 } }
            let found = history.firstDay(of: song, &entries)
            #expect(found == first)
        }
        for region in 0..<3 {
            for day in 0..<days {
                #expect(
                    history.totals[region][day] == songs.reduce(0) { $0 + $1[region][day] })
            }
        }
    }

    // MARK: The level

    @Test(
        arguments: [
            ([], 0), ([nil, nil], 0), ([120], 120), ([100, 140], 120), ([100, nil, 140], 120),
            // Two even weeks: no season, no growth.
            (Array(repeating: 100, count: 14), 100),
            // √(121/100) of growth goes on.
            (Array(repeating: 100, count: 7) + Array(repeating: 121, count: 7), 121 * 1.1),
            // Never more than a quarter.
            (Array(repeating: 100, count: 7) + Array(repeating: 900, count: 7), 900 * 1.25),
            // The plan's weekday had 275 where its week had a mean of 125: (275 + 25)/(125 + 25) = 2.
            ([275, 100, 100, 100, 100, 100, 100], 250),
            // An outage a week ago is one of three weeks, of which the middle one counts.
            (
                [
                    175, 100, 100, 100, 100, 100, 100, 175, 100, 100, 100, 100, 100, 100, 0, 100,
                    100, 100,
                ]
                    + [100, 100, 100],
                600.0 / 7 * (600.0 / 775).squareRoot() * (200 / (775.0 / 7 + 25))
            ),
        ] as [([Double?], Double)])
    func `a region's level follows week, growth and weekday`(
        streams: [Double?], expected: Double
    ) {
        #expect(abs(DemandLevel.expected(streams) - expected) < 1e-9 * max(1, expected))
    }

    // MARK: Parts of the model, on series made for them

    /// Songs of even shares in two regions, whose weekends are twice and half their other days.
    private func seasons(days: Int) -> DemandFixture {
        let songs = (1...30).map { song in
            [0, 1].map { region in
                (0..<days).map { day in
                    day % 7 < 5 ? 40 * song : (region == 0 ? 80 * song : 20 * song)
                }
            }
        }
        return DemandFixture(days: days, songs: songs)
    }

    @Test(arguments: [(21, 1.0, 1.0), (26, 2.0, 0.5), (27, 2.0, 0.5), (28, 1.0, 1.0)])
    func `weekdays are forecast region by region`(days: Int, first: Double, second: Double) {
        let expected = seasons(days: days).expected()
        for song in [1, 10, 30] {
            let came = [first, second].map { 40 * $0 * Double(song) }
            let forecast = expected[song - 1]!
            #expect(abs(forecast[0] / came[0] - 1) < 0.05, "\(song): \(forecast) \(came)")
            #expect(abs(forecast[1] / came[1] - 1) < 0.05, "\(song): \(forecast) \(came)")
        }
    }

    /// Forty old songs of 50 streams a day, and three songs a day that begin with 100 to 200 and
    /// lose three tenths a day.
    private func releases(isKnown: Bool) -> DemandFixture {
        let days = 21
        var songs = (0..<40).map { _ in [Array(repeating: 50, count: days)] }
        var released: [Int] = []
        for day in 1..<days {
            for index in 0..<3 {
                var streams = Double(100 + 50 * index)
                songs.append([
                    (0..<days).map {
                        guard $0 >= day else { return 0 }
                        defer { streams *= 0.7 }
                        return Int(streams.rounded())
                    }
                ])
                released.append(day)
            }
        }
        var fixture = DemandFixture(days: days, songs: songs)
        for (index, day) in released.enumerated() where isKnown {
            fixture.set(40 + index, releaseDay: day)
        }
        return fixture
    }

    @Test func `how new songs decay is learnt from those before them`() {
        let fixture = releases(isKnown: true)
        let expected = fixture.expected()
        // Those that came out 1, 2, 4 and 8 days before the plan's day.
        for age in [1, 2, 4, 8] {
            for index in 0..<3 {
                let song = 40 + 3 * (20 - age) + index
                let yesterday = Double(fixture.songs[song][0].last!)
                #expect(
                    abs(expected[song]![0] - 0.7 * yesterday) < 0.12 * yesterday + 1,
                    "age \(age): \(expected[song]![0]) after \(yesterday)")
            }
        }
        #expect((0..<40).allSatisfy { abs(expected[$0]![0] - 50) < 5 })
    }

    @Test func `a new song does not count its days before it came out`() {
        // One that came out yesterday and one of which that is not known, with the same streams.
        var songs = (0..<20).map { _ in [Array(repeating: 30, count: 14)] }
        songs += Array(repeating: [Array(repeating: 0, count: 13) + [60]], count: 2)
        var fixture = DemandFixture(days: 14, songs: songs)
        fixture.set(20, releaseDay: 13)
        let history = fixture.history
        let view = DemandView(history, 0..<14, isPast: false)
        var counts = SongCounts(regions: 1)
        _ = counts.read(20, history, fixture.traits, view)
        #expect(counts.age == 1)
        let level = view.levels[0] / 720 * 60
        for mean in [DemandView.Own.ewma50, DemandView.Own.ewma25, DemandView.Own.ewma10] {
            #expect(abs(counts.own[0][mean] - level) < 1e-9)
        }
        _ = counts.read(21, history, fixture.traits, view)
        #expect(counts.age == Int.max)
        #expect(counts.own[0][DemandView.Own.ewma10] < 0.2 * level)
        #expect(abs(counts.own[0][DemandView.Own.yesterday] - level) < 1e-9)
    }

    @Test func `a rare song goes where its artist and its genre are heard, a hit where it is`() {
        let days = 14
        func even(_ a: Int, _ b: Int) -> [[Int]] {
            [Array(repeating: a, count: days), Array(repeating: b, count: days)]
        }
        let once = [
            Array(repeating: 0, count: days - 3) + [1, 0, 0], Array(repeating: 0, count: days),
        ]
        // Both regions are alike; artist 0 and genre 0 are heard in the second only.
        var fixture = DemandFixture(
            days: days,
            songs: [even(0, 40), even(60, 20), even(20, 20), once, once, once, even(200, 2)])
        for (song, artist, genre) in [
            (0, 0, 0), (1, 1, 1), (2, 2, 1), (3, 0, 1), (4, 3, 0), (6, 0, 0),
        ] {
            fixture.set(song, artist: artist, genre: genre)
        }
        let expected = fixture.expected().map { $0! }
        func share(_ song: Int) -> Double { expected[song][1] / expected[song].reduce(0, +) }
        #expect(share(6) < 0.05, "a hit is where it is heard: \(expected[6])")
        // Of three songs heard once, in the first region: by artist, by genre, by the regions.
        let regions = fixture.history.totals.map { Double($0.last!) }
        let second = regions[1] / regions.reduce(0, +)
        #expect(share(5) < second)
        #expect(share(5) > 0.1, "one stream is little to go by: \(expected[5])")
        #expect(share(0) > 0.95)
    }

    @Test func `an artist's taste counts as its streams become many, its genre's before`() {
        let days = 10
        func even(_ a: Int, _ b: Int) -> [[Int]] {
            [Array(repeating: a, count: days), Array(repeating: b, count: days)]
        }
        var fixture = DemandFixture(
            days: days, songs: [even(0, 100), even(5, 0), even(100, 0), even(1, 1)])
        for (song, artist, genre) in [(0, 0, 0), (1, 1, 0), (2, 2, 1), (3, -1, -1)] {
            fixture.set(song, artist: artist, genre: genre)
        }
        let history = fixture.history
        let view = DemandView(history, 0..<days, isPast: false)
        let groups = DemandGroups(history, fixture.traits, view)
        var taste = [0.0, 0.0]
        groups.taste(artist: -1, genre: -1, into: &taste)
        #expect(abs(taste[0] - 106.0 / 207) < 1e-9)
        // Genre 0 has 50 streams in the first region and 1000 in the second, artist 1 the 50.
        groups.taste(artist: -1, genre: 0, into: &taste)
        let genre = (50 + 200 * 106.0 / 207) / 1250
        #expect(abs(taste[0] - genre) < 1e-9)
        groups.taste(artist: 1, genre: 0, into: &taste)
        #expect(abs(taste[0] - (50 + 50 * genre) / 100) < 1e-9)
        #expect(abs(taste[0] + taste[1] - 1) < 1e-12)
        #expect(groups.artistMean(-1) == nil && groups.albumMean(-1) == nil)
        #expect(abs(groups.artistMean(1)! - 5) < 1e-9)
    }

    @Test func `a region whose logs are missing is not a region without listeners`() {
        let days = 14
        func songs(_ missing: Set<Int>) -> [[[Int]]] {
            (1...20).map { song in
                [
                    (0..<days).map { missing.contains($0) ? 0 : 10 * song },
                    Array(repeating: 5 * song, count: days),
                ]
            }
        }
        let whole = DemandFixture(days: days, songs: songs([])).expected()
        let gaps = DemandFixture(days: days, songs: songs([5, 9, 13])).expected()
        for (a, b) in zip(whole, gaps) {
            #expect(zip(a!, b!).allSatisfy { abs($0 - $1) < 0.02 * $0 }, "\(a!) \(b!)")
        }
    }

    // MARK: Whatever comes

    @Test func `forecasts are numbers, not negative, and sum to the level`() {
        let seed = testSeed()
        var chance = SeededGenerator(seed)
        for _ in 0..<30 {
            let days = Int.random(in: 1...30, using: &chance)
            let regions = Int.random(in: 1...4, using: &chance)
            let isCounted = (0..<days).map {
                $0 == days - 1 || Int.random(in: 0..<5, using: &chance) > 0
            }
            let songs = (0..<40).map { _ in
                let mean = Double.random(in: 0..<3, using: &chance)
                return (0..<regions).map { _ in
                    (0..<days).map { day in
                        isCounted[day] && Int.random(in: 0..<4, using: &chance) > 0
                            ? chance.poisson(mean * mean * mean) : 0
                    }
                }
            }
            var fixture = DemandFixture(days: days, songs: songs, isCounted: isCounted)
            for song in 0..<30 {
                fixture.set(
                    song, artist: song / 4, album: song / 8, genre: song % 3,
                    releaseDay: song % 5 == 0 ? Int.random(in: 0..<days, using: &chance) : nil)
            }
            let expected = fixture.expected().compactMap { $0 }.flatMap { $0 }
            #expect(expected.allSatisfy { $0.isFinite && $0 >= 0 })
            let levels = DemandView(fixture.history, 0..<days, isPast: false).levels
            let level = levels.reduce(0, +)
            let sum = expected.reduce(0, +)
            #expect(sum > 0.5 * level && sum < 2 * level, "\(sum) of \(level)")
        }
    }

    @Test func `one day is enough, and what was never heard has no forecast`() {
        let fixture = DemandFixture(days: 1, songs: [[[70], [30]], [[0], [0]], [[2], [0]]])
        let expected = fixture.expected()
        #expect(expected[1] == nil)
        #expect(abs(expected[0]![0] - 70) < 7 && abs(expected[0]![1] - 30) < 7)
        #expect(expected[2]![0] > expected[2]![1] && expected[2]![1] > 0)
        #expect(DemandFixture(days: 1, songs: [[[0]]]).expected() == [nil])
    }

    @Test func `days that are not gone by change no bit`() {
        var chance = SeededGenerator(testSeed())
        let days = 20
        var fixture = DemandFixture(
            days: days,
            songs: (0..<60).map { song in
                (0..<3).map { _ in (0..<days).map { _ in chance.poisson(Double(song % 12)) } }
            })
        for song in 0..<50 {
            fixture.set(
                song, artist: song / 5, album: song / 10, genre: song % 4,
                releaseDay: song % 7 == 0 ? song % days : nil)
        }
        let before = fixture.expected(days: 2..<17)
        #expect(fixture.expected(days: 2..<17) == before)
        for song in fixture.songs.indices {
            for region in 0..<3 {
                for day in [0, 1, 17, 18, 19] {
                    fixture.songs[song][region][day] = chance.poisson(20)
                }
            }
        }
        #expect(fixture.expected(days: 2..<17) == before)
        fixture.songs[0][0][16] += 5
        #expect(fixture.expected(days: 2..<17) != before)
    }

    @Test func `the fit is the best one without negative weights`() {
        var chance = SeededGenerator(testSeed())
        func random() -> Double { Double.random(in: -1...1, using: &chance) }
        for _ in 0..<20 {
            var equations = NormalEquations()
            var rows: [(x: DemandFeatures.Vector, y: Double, weight: Double)] = []
            for _ in 0..<100 {
                var x = DemandFeatures.Vector.zero
                for place in 0..<DemandFeatures.count { x[place] = 3 * random() }
                let row = (x, 5 * random() + 2 * x[0] - x[1], abs(random()) + 0.1)
                rows.append(row)
                equations.add(row.0, row.1, weight: row.2)
            }
            var prior = DemandFeatures.Vector.zero
            for place in 0..<DemandFeatures.count { prior[place] = abs(random()) }
            let beta = equations.solution(prior: prior)
            // Half the slope of Σ w·(y − βx)² + Σ r·(β − prior)² at the solution.
            for place in 0..<DemandFeatures.count {
                let square = rows.reduce(0) { $0 + $1.weight * $1.x[place] * $1.x[place] }
                var slope = (20 + square / 100) * (beta[place] - prior[place])
                for row in rows {
                    slope -= row.weight * (row.y - (beta * row.x).sum()) * row.x[place]
                }
                #expect(beta[place] >= 0)
                #expect(beta[place] > 0 ? abs(slope) < 1e-6 : slope > -1e-6)
            }
            let sums = rows.reduce((0.0, 0.0)) { ($0.0 + $1.y, $0.1 + (beta * $1.x).sum()) }
            #expect(
                abs(equations.calibration(beta) - (sums.0 + 50) / (sums.1 + 50)) < 1e-9)
        }
        #expect(
            NormalEquations().solution(prior: DemandStratum.priors[0]) == DemandStratum.priors[0])
    }

    @Test func `every stratum has a name and a prior that keeps or loses streams`() {
        #expect(DemandStratum.priors.count == DemandStratum.count)
        for (stratum, prior) in DemandStratum.priors.enumerated() {
            #expect(prior.min() >= 0)
            #expect(stratum >= 9 ? prior.sum() < 1 : abs(prior.sum() - 1) < 1e-12)
        }
    }

    @Test(arguments: [
        (0.05, 1.0, 1.0, Int.max, 0), (0.1, 1, 1, .max, 1), (30, 200, 200, .max, 5),
        (2, 40, 10, .max, 6), (6, 40, 10, .max, 7), (6, 10, 40, .max, 8),
        // 1.3·100 + 3·√100 + 1
        (30, 161, 100, .max, 5), (30, 161.1, 100, .max, 7),
        (30, 161.1, 100, 1, 9), (0.05, 1, 1, 2, 9), (0.05, 1, 1, 3, 10), (1, 1, 1, 7, 11),
        (1, 1, 1, 14, 11), (1, 1, 1, 15, 2),
    ])
    func `strata part songs by level, movement and age`(
        level: Double, fast: Double, slow: Double, age: Int, stratum: Int
    ) {
        #expect(DemandStratum.of(level: level, fast: fast, slow: slow, age: age) == stratum)
    }

    @Test(
        arguments: [
            // Heard on its day or later; on the evening before in the west; long before it.
            (5, 5, nil, 5), (8, 5, nil, 5), (4, 5, nil, 4), (3, 5, nil, nil),
            // No date: as it was ingested, when it was heard soon.
            (5, nil, 5, 5), (8, nil, 5, 8), (9, nil, 5, nil), (4, nil, 5, nil), (5, nil, nil, nil),
            // A date goes before, also one before the window.
            (5, 4, 5, 4), (5, -3, 5, nil),
        ] as [(Int, Int?, Int?, Int?)])
    func `a song's release is told by its date, or else by its ingest`(
        firstHeard: Int, date: Int?, added: Int?, day: Int?
    ) {
        #expect(SongTraits.releaseDay(firstHeard: firstHeard, date: date, added: added) == day)
    }
}
