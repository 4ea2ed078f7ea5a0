internal import Plays
internal import Storage

/// The demand to expect of announced releases that nobody has played yet.
///
/// 1. m: the mean of what is expected of the other songs of the release's artists, by region; of its
///    genres' songs, of all songs, where they have none.
/// 2. u: what a first day is against that: over all songs that came out within the window
///    Σ streams of their first day / Σ daily streams of their artists' older songs, drawn to 3 as if
///    by five more releases.
/// 3. expected = (n·f + u·m)/(n + 1), f the mean of the first days of the n songs of these artists
///    that came out within the window.
///
/// First days count as shares of their regions' streams, as all days do.
struct ReleaseDemand {
    /// A first day against the artist's other songs, before there is any to learn from.
    static let priorUplift = 3.0
    static let priorReleases = 5.0
    /// Days after which a release without plays is no longer raised.
    static let raisedDays = 3

    /// By song, in byte order of the ids.
    private(set) var expected: [(songID: String, demand: [Double])] = []
    /// Songs that come out after the plan's day: nobody can play them yet.
    private(set) var withheld: Set<ByteKey> = []

    init(
        _ releases: [Release], planDate: CalendarDate, _ ids: borrowing ByteTable,
        _ history: DemandHistory, _ traits: SongTraits, _ ledger: borrowing LedgerIndex,
        _ model: DemandModel
    ) {
        withheld = Set(releases.filter { $0.date > planDate }.map { ByteKey($0.songID) })
        var row = DemandRow(regions: model.shares.count)
        let due = releases.filter { release in
            if release.date == planDate { return true }
            guard release.date < planDate, release.date >= planDate - Self.raisedDays else {
                return false
            }
            var id = release.songID
            let song = id.withUTF8 { ids.existing(UnsafeRawBufferPointer($0)) }
            return song.flatMap { model.expected($0, history, traits, &row) } == nil
        }
        guard !due.isEmpty else { return }

        // One pass over all songs for all releases.
        var kindred = due.map { Kindred($0, ledger, regions: model.shares.count) }
        var overall = DemandMean(regions: model.shares.count)
        var firstDays = FirstDays(history, model.view)
        for song in 0..<ids.count where !isWithheld(ids[song]) {
            guard let demand = model.expected(song, history, traits, &row) else { continue }
            overall.add(demand)
            let first = firstDays.read(song, traits, artistMean: model.groups)
            guard let known = ledger.song(ids[song]) else { continue }
            let artists = ledger.artists(of: known)
            let genres = ledger.genres(of: known)
            for index in kindred.indices where !isSame(due[index].songID, ids[song]) {
                if artists.contains(where: { kindred[index].artists.contains($0) }) {
                    if row.counts.age > DemandGroups.newDays { kindred[index].songs.add(demand) }
                    if let first { kindred[index].firstDays.add(first) }
                }
                if genres.contains(where: { kindred[index].genres.contains($0) }) {
                    kindred[index].genreSongs.add(demand)
                }
            }
        }
        for (release, kindred) in zip(due, kindred) {
            let demand = kindred.expected(
                uplift: firstDays.uplift, overall: overall, shares: model.shares)
            guard let streams = release.expectedDailyStreams else {
                expected.append((release.songID, demand))
                continue
            }
            // The label says how many; the kindred songs say where.
            let total = demand.reduce(0, +)
            let shares = total > 0 ? demand.map { $0 / total } : model.shares
            expected.append((release.songID, shares.map { $0 * streams }))
        }
    }

    func isWithheld(_ id: UnsafeRawBufferPointer) -> Bool {
        !withheld.isEmpty && withheld.contains(ByteKey(String(decoding: id, as: UTF8.self)))
    }
}

private func isSame(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
    text.utf8.elementsEqual(bytes)
}

/// What a release is judged by.
private struct Kindred {
    /// As announced, or as its tags have them.
    let artists: [Int]
    let genres: [Int]
    /// Its artists' songs that are not new.
    var songs: DemandMean
    /// Those of its genres.
    var genreSongs: DemandMean
    /// The first days of its artists' releases.
    var firstDays: DemandMean

    init(_ release: Release, _ ledger: borrowing LedgerIndex, regions: Int) {
        var id = release.songID
        let song = id.withUTF8 { ledger.song(UnsafeRawBufferPointer($0)) }
        let announced = ledger.artists(named: release.artists)
        artists = announced.isEmpty ? song.map { ledger.artists(of: $0) } ?? [] : announced
        genres = song.map { ledger.genres(of: $0) } ?? []
        songs = DemandMean(regions: regions)
        genreSongs = songs
        firstDays = songs
    }

    func expected(uplift: Double, overall: DemandMean, shares: [Double]) -> [Double] {
        let mean =
            songs.mean ?? genreSongs.mean ?? overall.mean ?? shares.map { _ in 0 }
        let count = Double(firstDays.songs)
        let first = firstDays.mean ?? shares.map { _ in 0 }
        return zip(first, mean).map { ($0 * count + $1 * uplift) / (count + 1) }
    }
}

/// The first days of the songs that came out within the window.
private struct FirstDays {
    private let history: DemandHistory
    private let view: DemandView
    private var entries: ContiguousArray<DemandHistory.Entry> = []
    private var releases = 0.0
    private var streams = 0.0
    private var means = 0.0

    init(_ history: DemandHistory, _ view: DemandView) {
        self.history = history
        self.view = view
    }

    /// Reads one song and adds it to what the uplift is learnt from.
    ///
    /// - Returns: Its first day's streams by region; nil where it did not come out within the window.
    mutating func read(_ song: Int, _ traits: SongTraits, artistMean groups: DemandGroups)
        -> [Double]?
    {
        guard let day = traits.releaseDays[song], view.days.contains(day), history.isCounted[day]
        else { return nil }
        history.read(song, day..<day + 1, into: &entries)
        var first = view.levels.map { _ in 0.0 }
        for entry in entries {
            first[entry.region] +=
                entry.streams * view.levels[entry.region]
                / Double(history.totals[entry.region][day])
        }
        if let mean = groups.artistMean(Int(traits.artists[song])), mean > 0 {
            releases += 1
            streams += first.reduce(0, +)
            means += mean
        }
        return first
    }

    /// Of the first day against the daily streams of the artist's older songs.
    var uplift: Double {
        guard means > 0 else { return ReleaseDemand.priorUplift }
        let prior = ReleaseDemand.priorReleases * means / releases
        return (streams + ReleaseDemand.priorUplift * prior) / (means + prior)
    }
}

/// Sums of demand by region over a group of songs, for its mean.
private struct DemandMean {
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
