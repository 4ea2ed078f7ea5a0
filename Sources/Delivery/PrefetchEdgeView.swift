internal import Storage

/// The songs that matter at one edge: held there, asked for, or coming out soon.
struct PrefetchEdgeView {
    let edge: Topology.Edge
    private let songs: SongList
    private let gone: [(song: Digest, sizeBytes: Int)]
    private let embargoes: PrefetchEmbargoes
    private(set) var candidates: [PrefetchPlanner.Candidate] = []
    /// For each candidate its place among the catalogue's songs; those that left stand behind them.
    private var places: [UInt32] = []
    private(set) var expectedRequests = 0.0
    private(set) var expectedRequestBytes = 0.0

    /// - Parameter share: Of the region's demand.
    init(
        edge: Topology.Edge, share: Double, songs: SongList, demand: RegionDemand,
        holdings: PrefetchHoldings, embargoes: PrefetchEmbargoes
    ) {
        self.edge = edge
        self.songs = songs
        self.embargoes = embargoes
        gone = holdings.gone
        for song in 0..<songs.count {
            let embargo = embargoes[UInt32(song)]
            // Nobody can hear it yet, whatever the demand says.
            let hits = embargo == nil ? demand.streams(song, in: edge.region) * share : 0
            expectedRequests += hits
            expectedRequestBytes += hits * Double(songs.sizesBytes[song])
            let isHeld = holdings.isHeld[song]
            // Releases come behind the rest, in an order of their own.
            guard hits > 0 || isHeld, embargo?.isComing != true else { continue }
            add(UInt32(song), hits: hits, isHeld: isHeld)
        }
        for song in embargoes.coming {
            add(song, hits: 0, isHeld: holdings.isHeld[Int(song)], isComing: true)
        }
        for (offset, stranger) in gone.enumerated() {
            places.append(UInt32(songs.count + offset))
            candidates.append(
                PrefetchPlanner.Candidate(
                    sizeBytes: stranger.sizeBytes, expectedHits: 0, isHeld: true, isGone: true))
        }
    }

    private mutating func add(_ song: UInt32, hits: Double, isHeld: Bool, isComing: Bool = false) {
        places.append(song)
        candidates.append(
            PrefetchPlanner.Candidate(
                sizeBytes: songs.sizesBytes[Int(song)], expectedHits: hits, isHeld: isHeld,
                isComing: isComing))
    }

    /// A candidate's place among the catalogue's songs; nil when it left.
    func place(_ candidate: Int) -> Int? {
        let place = Int(places[candidate])
        return place < songs.count ? place : nil
    }

    func song(_ candidate: Int) -> Digest {
        place(candidate).map { songs.ids[$0] } ?? gone[Int(places[candidate]) - songs.count].song
    }

    func notBefore(_ candidate: Int) -> CalendarDate? { embargoes[places[candidate]]?.notBefore }
}
