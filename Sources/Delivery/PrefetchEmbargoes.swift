internal import Popularity
internal import Storage

/// Songs that come out after the plan's day: they may be held, and are not to be served yet.
struct PrefetchEmbargoes {
    struct Embargo: Equatable {
        let notBefore: CalendarDate
        let expectedDailyStreams: Double
        /// So soon that edges with room left may have it already.
        let isComing: Bool
    }

    /// By place among the catalogue's songs.
    private var embargoes: [UInt32: Embargo] = [:]

    var isEmpty: Bool { embargoes.isEmpty }

    init() {}

    /// - Parameters:
    ///   - path: A calendar of format `spindle-releases`; nil where there is none.
    ///   - leadDays: How many days before its release a song may be fetched.
    init(contentsOf path: String?, planDate: CalendarDate, leadDays: Int, songs: SongList) throws {
        guard let path else { return }
        for release in try Release.read(path) where release.date > planDate {
            // What the catalogue does not have yet cannot be fetched.
            guard let id = Digest(hex: release.songID), let song = songs.index(of: id) else {
                continue
            }
            embargoes[UInt32(song)] = Embargo(
                notBefore: release.date, expectedDailyStreams: release.expectedDailyStreams ?? 0,
                isComing: release.date <= planDate + leadDays)
        }
    }

    subscript(song: UInt32) -> Embargo? { embargoes.isEmpty ? nil : embargoes[song] }

    /// Those to fetch ahead, the soonest first, of one day those with the most announced streams.
    var coming: [UInt32] {
        embargoes.filter { $0.value.isComing }.sorted { a, b in
            if a.value.notBefore != b.value.notBefore {
                return a.value.notBefore < b.value.notBefore
            }
            if a.value.expectedDailyStreams != b.value.expectedDailyStreams {
                return a.value.expectedDailyStreams > b.value.expectedDailyStreams
            }
            return a.key < b.key
        }.map(\.key)
    }
}
