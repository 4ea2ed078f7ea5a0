internal import Plays
internal import Storage

/// The demand to expect of announced releases that nobody has played yet.
struct ReleaseDemand {
    /// By song, in byte order of the ids.
    private(set) var expected: [(songID: String, demand: [Double])] = []
    /// Songs that come out after the plan's day: nobody can play them yet.
    private(set) var withheld: Set<ByteKey> = []

    init(
        _ releases: [Release], planDate: CalendarDate, _ table: borrowing SongTable,
        _ ledger: borrowing LedgerIndex, _ model: DemandModel
    ) {
        withheld = Set(releases.filter { $0.date > planDate }.map { ByteKey($0.songID) })
        let regions = model.shares.count
        let due = releases.filter { release in
            if release.date == planDate { return true }
            guard release.date < planDate, release.date >= planDate - DemandModel.releaseDays else {
                return false
            }
            return Self.number(of: release.songID, in: table) == nil
        }
        guard !due.isEmpty else { return }

        // One pass over all songs for the means of all releases.
        let own = due.map { Self.kin(of: $0, ledger) }
        var byArtist = due.map { _ in DemandMean(regions: regions) }
        var byGenre = byArtist
        var overall = DemandMean(regions: regions)
        for song in 0..<table.ids.count {
            let known = ledger.song(table.ids[song])
            let demand = model.expected(song, in: table)
            let id = table.ids.text(song)
            if withheld.contains(ByteKey(id)) { continue }
            overall.add(demand)
            guard let known else { continue }
            for index in due.indices where !due[index].songID.hasSameBytes(as: id) {
                if ledger.artists(of: known).contains(where: { own[index].artists.contains($0) }) {
                    byArtist[index].add(demand)
                }
                if ledger.genres(of: known).contains(where: { own[index].genres.contains($0) }) {
                    byGenre[index].add(demand)
                }
            }
        }
        for (index, release) in due.enumerated() {
            let mean =
                byArtist[index].mean ?? byGenre[index].mean ?? overall.mean
                ?? Array(repeating: 0, count: regions)
            let total = mean.reduce(0, +)
            if let streams = release.expectedDailyStreams {
                // The label says how many; the kindred songs say where.
                let shares = total > 0 ? mean.map { $0 / total } : model.shares
                expected.append((release.songID, shares.map { $0 * streams }))
            } else {
                expected.append((release.songID, mean.map { $0 * DemandModel.releaseUplift }))
            }
        }
    }

    private static func number(of id: String, in table: borrowing SongTable) -> Int? {
        var id = id
        return id.withUTF8 { table.ids.existing(UnsafeRawBufferPointer($0)) }
    }

    /// The release's artists (as announced, or as its tags have them) and its genres.
    private static func kin(of release: Release, _ ledger: borrowing LedgerIndex)
        -> (artists: [Int], genres: [Int])
    {
        var id = release.songID
        let song = id.withUTF8 { ledger.song(UnsafeRawBufferPointer($0)) }
        let announced = ledger.artists(named: release.artists)
        return (
            announced.isEmpty ? song.map { ledger.artists(of: $0) } ?? [] : announced,
            song.map { ledger.genres(of: $0) } ?? []
        )
    }
}
