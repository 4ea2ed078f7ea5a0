/// What each region will want of each song on the plan's day: a mix of simple forecasts, whose
/// weights are learnt each night from the last days alone.
///
/// 1. Each region's level on the plan's day: `DemandLevel`.
/// 2. For each song and region twelve simple forecasts (`DemandFeatures`): the song's streams in the
///    region yesterday, by three exponentially weighted means, on the plan's weekday and in its half
///    of the week; its streams in all regions, divided as its artist's (its genre's, all) streams
///    are; the means of its album's and its artist's songs, divided likewise.
/// 3. In each of twelve strata (`DemandStratum`) the mix without negative weights that would have
///    been best on the last three days, each seen from the day before it: weighted least squares
///    with the weights of Poisson counts, drawn to a prior mix (`NormalEquations`).
/// 4. expected = the mix, times what makes the stratum's sum right.
///
/// Deterministic, linear in the rows of the window, and never negative. Releases that nobody has
/// heard yet are another matter (`ReleaseDemand`).
struct DemandModel {
    private static let trainingDays = 3
    /// Of more songs every second, third … is learnt from: more would change no weight by a
    /// hundredth. Their order is that of their ids, and says nothing.
    private static let trainingSongs = 200_000
    /// A count beyond this many times what was expected, and 25, is an event that no day before
    /// announced; more of it teaches nothing.
    private static let surprise = 5.0
    private static let surpriseFloor = 25.0

    let view: DemandView
    let groups: DemandGroups
    private let weights: [DemandFeatures.Vector]

    /// - Parameter days: The days to go by; the day behind the last is forecast.
    init(_ history: DemandHistory, _ traits: SongTraits, days: Range<Int>) {
        var equations = Array(repeating: NormalEquations(), count: DemandStratum.count)
        let training = days.dropFirst().filter { history.isCounted[$0] }.suffix(Self.trainingDays)
        for day in training {
            Self.learn(history, traits, days.lowerBound..<day, &equations)
        }
        weights = DemandStratum.priors.enumerated().map { stratum, prior in
            let mix = equations[stratum].solution(prior: prior)
            return mix * equations[stratum].calibration(mix)
        }
        view = DemandView(history, days, isPast: false)
        groups = DemandGroups(history, traits, view)
    }

    /// Each region's share of all streams on the plan's day.
    var shares: [Double] { view.shares }

    private static func learn(
        _ history: DemandHistory, _ traits: SongTraits, _ days: Range<Int>,
        _ equations: inout [NormalEquations]
    ) {
        let view = DemandView(history, days, isPast: true)
        guard view.shares.contains(where: { $0 > 0 }) else { return }
        let groups = DemandGroups(history, traits, view)
        var row = DemandRow(regions: view.shares.count)
        var entries: ContiguousArray<DemandHistory.Entry> = []
        var came = Array(repeating: 0.0, count: view.shares.count)
        let step = max(1, history.songs / Self.trainingSongs)
        for song in stride(from: view.target % step, to: history.songs, by: step)
        where row.read(song, history, traits, view, groups) {
            history.read(song, view.target..<view.target + 1, into: &entries)
            for entry in entries { came[entry.region] = entry.streams }
            for region in came.indices where view.levels[region] > 0 {
                let (features, stratum, level) = row.features(region)
                let streams = min(came[region], Self.surprise * level + Self.surpriseFloor)
                equations[stratum].add(features, streams, weight: 1 / (level + 0.05))
            }
            for entry in entries { came[entry.region] = 0 }
        }
    }

    /// The expected streams of a song in each region; nil for a song that was not heard before.
    ///
    /// - Parameter row: Room to work in.
    func expected(
        _ song: Int, _ history: DemandHistory, _ traits: SongTraits, _ row: inout DemandRow
    ) -> [Double]? {
        guard row.read(song, history, traits, view, groups) else { return nil }
        return view.shares.indices.map { region in
            let (features, stratum, _) = row.features(region)
            return (features * weights[stratum]).sum()
        }
    }
}

/// A song as the model sees it from a day; used again for each song.
struct DemandRow {
    private(set) var counts: SongCounts
    private(set) var taste: [Double]
    private var album = 0.0
    private var artist = 0.0

    init(regions: Int) {
        counts = SongCounts(regions: regions)
        taste = Array(repeating: 0, count: regions)
    }

    /// - Returns: Whether the song was heard on the view's days.
    mutating func read(
        _ song: Int, _ history: DemandHistory, _ traits: SongTraits, _ view: DemandView,
        _ groups: DemandGroups
    ) -> Bool {
        guard counts.read(song, history, traits, view) else { return false }
        let artistNumber = Int(traits.artists[song])
        groups.taste(artist: artistNumber, genre: Int(traits.genres[song]), into: &taste)
        // A song without company stands for itself.
        let daily = counts.overall[DemandView.Overall.ewma25]
        artist = groups.artistMean(artistNumber) ?? daily
        album = groups.albumMean(Int(traits.albums[song])) ?? daily
        return true
    }

    /// - Returns: With the streams a day by which the song has its stratum.
    @inline(__always)
    func features(_ region: Int) -> (DemandFeatures.Vector, stratum: Int, level: Double) {
        let own = counts.own[region]
        let overall = counts.overall * taste[region]
        var features = DemandFeatures.Vector.zero
        features[0] = own[DemandView.Own.yesterday]
        features[1] = own[DemandView.Own.ewma50]
        features[2] = own[DemandView.Own.ewma25]
        features[3] = own[DemandView.Own.ewma10]
        features[4] = own[DemandView.Own.weekday]
        features[5] = overall[DemandView.Overall.yesterday]
        features[6] = overall[DemandView.Overall.ewma50]
        features[7] = overall[DemandView.Overall.ewma25]
        features[8] = overall[DemandView.Overall.ewma10]
        features[9] = album * taste[region]
        features[10] = artist * taste[region]
        features[11] = own[DemandView.Own.halfWeek]
        let level = 0.5 * features[2] + 0.5 * features[7]
        let stratum = DemandStratum.of(
            level: level, fast: counts.overall[DemandView.Overall.ewma50],
            slow: counts.overall[DemandView.Overall.ewma10], age: counts.age)
        return (features, stratum, level)
    }
}
