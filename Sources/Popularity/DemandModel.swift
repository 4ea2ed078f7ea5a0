/// What each region will want of each song on the plan's day.
///
/// 1. b: the exponentially weighted mean of the song's daily streams in the region (each day back
///    counts 3/4 of the next; days that were not counted are left out). With eight counted days or
///    more, three tenths of it are the streams of the same weekday a week before.
/// 2. expected = (N·b + κ·G·q)/(N + κ), with N the song's streams of the window in all regions, G
///    its b over all regions, q the region's share of all songs' b, κ = 20. A song with many
///    streams is expected where it was heard; of one with few, who hears it is mostly chance, and
///    it goes by the regions' sizes. The sum over regions stays G.
/// 3. An announced release gets the mean of its artist's other songs (of its genre's, of all songs,
///    where the artist has none) times an uplift, region by region.
struct DemandModel {
    static let smoothing = 0.25
    static let weekdayShare = 0.3
    static let shrinkage = 20.0
    /// A new release against its artist's other songs.
    static let releaseUplift = 3.0
    /// Days after which a release without plays is no longer raised.
    static let releaseDays = 3

    /// Each region's share of all songs' daily streams.
    let shares: [Double]

    init(_ table: borrowing SongTable, regions: Int) {
        var sums = [Double](repeating: 0, count: regions)
        for cell in table.cells { sums[cell.region] += cell.dailyStreams }
        let total = sums.reduce(0, +)
        shares = sums.map { total > 0 ? $0 / total : 0 }
    }

    /// b of the above.
    ///
    /// - Parameter streams: By day, the oldest first, up to the day before the plan's.
    static func dailyStreams(_ streams: [Int], isCounted: [Bool]) -> Double {
        var sum = 0.0
        var weights = 0.0
        var weight = 1.0
        for index in streams.indices.reversed() {
            if isCounted[index] {
                sum += weight * Double(streams[index])
                weights += weight
            }
            weight *= 1 - smoothing
        }
        guard weights > 0 else { return 0 }
        let mean = sum / weights
        let weekday = streams.count - 7
        guard isCounted.count(where: { $0 }) >= 8, weekday >= 0, isCounted[weekday] else {
            return mean
        }
        return (1 - weekdayShare) * mean + weekdayShare * Double(streams[weekday])
    }

    /// The expected streams of a song in each region.
    func expected(_ song: Int, in table: borrowing SongTable) -> [Double] {
        let range = table.cells(of: song)
        var own = [Double](repeating: 0, count: shares.count)
        var total = 0.0
        for index in range {
            let cell = table.cells[index]
            own[cell.region] = cell.dailyStreams
            total += cell.dailyStreams
        }
        let streams = Double(table.streams[song])
        return own.indices.map {
            (streams * own[$0] + Self.shrinkage * total * shares[$0]) / (streams + Self.shrinkage)
        }
    }
}

/// Sums of demand by region over a group of songs, for its mean.
struct DemandMean {
    private var sums: [Double]
    private(set) var songs = 0

    init(regions: Int) { sums = Array(repeating: 0, count: regions) }

    mutating func add(_ demand: [Double]) {
        for region in sums.indices { sums[region] += demand[region] }
        songs += 1
    }

    /// By region; nil where there is no demand to go by.
    var mean: [Double]? {
        sums.contains { $0 > 0 } ? sums.map { $0 / Double(songs) } : nil
    }
}
