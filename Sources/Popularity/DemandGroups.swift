/// What artists, albums and genres were streamed before a target: the company that a song with few
/// streams of its own is judged by.
struct DemandGroups {
    /// Streams after which a genre's own taste for regions weighs as much as the regions' sizes.
    private static let genreShrinkage = 200.0
    /// The same for an artist against the genre.
    private static let artistShrinkage = 50.0
    /// Songs younger than this tell nothing of what their artist's songs do in the long run.
    static let newDays = 14

    private var artistRegions: [Double]
    private var artistSums: [Double]
    private var genreRegions: [Double]
    private var genreSums: [Double]
    private var artistMeans: [Mean]
    private var albumMeans: [Mean]
    private let shares: [Double]

    private struct Mean {
        var sum = 0.0
        var songs = 0.0
        var value: Double? { songs > 0 ? sum / songs : nil }
    }

    init(_ history: DemandHistory, _ traits: SongTraits, _ view: DemandView) {
        let regions = view.shares.count
        shares = view.shares
        artistRegions = Array(repeating: 0, count: traits.artistCount * regions)
        artistSums = Array(repeating: 0, count: traits.artistCount)
        genreRegions = Array(repeating: 0, count: traits.genreCount * regions)
        genreSums = Array(repeating: 0, count: traits.genreCount)
        artistMeans = Array(repeating: Mean(), count: traits.artistCount)
        albumMeans = Array(repeating: Mean(), count: traits.albumCount)
        var counts = SongCounts(regions: regions)
        for song in 0..<history.songs where counts.read(song, history, traits, view) {
            let artist = Int(traits.artists[song])
            let genre = Int(traits.genres[song])
            let album = Int(traits.albums[song])
            let daily = counts.overall[DemandView.Overall.ewma25]
            if album >= 0 {
                albumMeans[album].sum += daily
                albumMeans[album].songs += 1
            }
            if artist >= 0, counts.age > Self.newDays {
                artistMeans[artist].sum += daily
                artistMeans[artist].songs += 1
            }
            for region in 0..<regions {
                let sum = counts.own[region][DemandView.Own.sum]
                if artist >= 0 {
                    artistRegions[artist * regions + region] += sum
                    artistSums[artist] += sum
                }
                if genre >= 0 {
                    genreRegions[genre * regions + region] += sum
                    genreSums[genre] += sum
                }
            }
        }
    }

    /// Daily streams of an artist's songs that are not new; nil where there are none.
    func artistMean(_ artist: Int) -> Double? {
        artist >= 0 ? artistMeans[artist].value : nil
    }

    /// Daily streams of an album's songs.
    func albumMean(_ album: Int) -> Double? { album >= 0 ? albumMeans[album].value : nil }

    /// How a song's streams are expected to divide among the regions, before its own are looked at:
    /// as its artist's do, as far as those are many, else as its genre's, else as all.
    func taste(artist: Int, genre: Int, into taste: inout [Double]) {
        for region in shares.indices {
            var share = shares[region]
            if genre >= 0 {
                share =
                    (genreRegions[genre * shares.count + region] + Self.genreShrinkage * share)
                    / (genreSums[genre] + Self.genreShrinkage)
            }
            if artist >= 0 {
                share =
                    (artistRegions[artist * shares.count + region] + Self.artistShrinkage * share)
                    / (artistSums[artist] + Self.artistShrinkage)
            }
            taste[region] = share
        }
    }
}

/// One song's streams before a target, summed with the weights of a view; used again for each song.
struct SongCounts {
    /// By region, as `DemandView.Own` says.
    private(set) var own: [SIMD8<Double>]
    /// As `DemandView.Overall` says.
    private(set) var overall = SIMD4<Double>.zero
    /// Days since it came out; very many where that is not known or long ago.
    private(set) var age = Int.max
    private var entries: ContiguousArray<DemandHistory.Entry> = []

    init(regions: Int) { own = Array(repeating: .zero, count: regions) }

    /// - Returns: Whether the song had streams on the view's days.
    mutating func read(
        _ song: Int, _ history: DemandHistory, _ traits: SongTraits, _ view: DemandView
    ) -> Bool {
        var days = view.days
        age = .max
        if let release = traits.releaseDays[song], release < view.target {
            age = view.target - release
            if release > days.lowerBound { days = release..<days.upperBound }
        }
        history.read(song, days, into: &entries)
        guard !entries.isEmpty else { return false }
        for region in own.indices { own[region] = .zero }
        overall = .zero
        for entry in entries {
            let index = view.index(entry.day, entry.region)
            own[entry.region] += entry.streams * view.own[index]
            overall += entry.streams * view.overall[index]
        }
        if days.lowerBound > view.days.lowerBound {
            for region in own.indices {
                own[region] *= view.ownSince[view.index(days.lowerBound, region)]
            }
            overall *= view.overallSince[days.lowerBound - view.days.lowerBound]
        }
        return true
    }
}
