import Storage

@testable import Plays
@testable import Popularity

/// Songs, their streams by region and day, and what is known of them.
struct DemandFixture {
    var days: Int
    /// By song, region and day.
    var songs: [[[Int]]] = []
    var isCounted: [Bool]
    private(set) var traits: SongTraits

    init(days: Int, songs: [[[Int]]], isCounted: [Bool]? = nil) {
        self.days = days
        self.songs = songs
        self.isCounted = isCounted ?? Array(repeating: true, count: days)
        traits = SongTraits(songs: songs.count)
    }

    mutating func set(
        _ song: Int, artist: Int? = nil, album: Int? = nil, genre: Int? = nil,
        releaseDay: Int? = nil
    ) {
        traits.set(song, artist: artist, album: album, genre: genre, releaseDay: releaseDay)
    }

    var history: DemandHistory {
        var history = DemandHistory(isCounted: isCounted)
        for song in songs {
            for (region, streams) in song.enumerated() {
                history.add(region: region, streams: streams)
            }
            history.endSong()
        }
        history.setRegions(songs.first?.count ?? 0)
        return history
    }

    /// What is expected of each song by region, on the day behind the last of those to go by.
    func expected(days: Range<Int>? = nil) -> [[Double]?] {
        let history = history
        let model = DemandModel(history, traits, days: days ?? 0..<self.days)
        var row = DemandRow(regions: history.regions)
        return (0..<history.songs).map { model.expected($0, history, traits, &row) }
    }
}

extension SeededGenerator {
    /// A Poisson count, by multiplying (Knuth); for means to some hundreds.
    mutating func poisson(_ mean: Double) -> Int {
        var left = mean
        var count = 0
        // In steps, as exp(-mean) of a large mean is 0.
        while left > 0 {
            let step = min(left, 16)
            left -= step
            var product = Double.random(in: 0..<1, using: &self)
            let limit = exponential(-step)
            while product > limit {
                count += 1
                product *= Double.random(in: 0..<1, using: &self)
            }
        }
        return count
    }

    private func exponential(_ x: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        // (e^(x/16))^16: the series of a small x needs few terms.
        for n in 1..<20 {
            term *= x / 16 / Double(n)
            sum += term
        }
        var result = 1.0
        for _ in 0..<16 { result *= sum }
        return result
    }
}
