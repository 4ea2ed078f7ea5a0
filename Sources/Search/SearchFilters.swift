/// The filters of one query: of songs, and by their songs of albums and artists.
final class SearchFilters {
    private let index: SearchIndex
    private let kind: SearchKind
    private let groups: [FacetReader.Group]
    /// Songs with the codes that are asked for, and with those that are ruled out.
    private let isrcSongs: [Int]?
    private let ruledOutSongs: [Int]
    private var song = SearchDocument()

    /// - Returns: nil when no song can meet them.
    init?(_ index: SearchIndex, _ query: SearchQuery, _ kind: SearchKind) throws {
        self.index = index
        self.kind = kind
        var asked: [Int]?
        var ruledOut: [Int] = []
        for case (.isrc(let code), let isNegative) in query.filters {
            let songs = try index.facets.songs(isrc: code)
            if isNegative {
                ruledOut += songs
            } else {
                asked = asked?.filter(songs.contains) ?? songs
            }
        }
        guard let groups = try index.facets.groups(query), asked != [] else { return nil }
        self.groups = groups
        isrcSongs = asked
        ruledOutSongs = ruledOut
    }

    var isEmpty: Bool { groups.isEmpty && isrcSongs == nil && ruledOutSongs.isEmpty }

    /// About how many songs meet them, were they spread evenly; `Int.max` where nothing is asked for.
    var expectedSongs: Int {
        let counts = groups.filter { !$0.isNegative }.map(\.songs)
        guard !counts.isEmpty else { return Int.max }
        let all = Double(max(1, index.songCount))
        return Int(counts.reduce(all) { $0 * min(1, Double($1) / all) })
    }

    var areOfCodes: Bool { isrcSongs != nil }

    /// - Parameter document: The song's.
    func areMet(by document: SearchDocument, song row: Int) throws -> Bool {
        guard isrcSongs?.contains(row) ?? true, !ruledOutSongs.contains(row) else { return false }
        return try groups.allSatisfy { try $0.isMet(by: document, row: row) }
    }

    private func areMet(bySong row: Int) throws -> Bool {
        guard try index.tables(.songs).load(row, into: &song) != nil else { return false }
        return try areMet(by: song, song: row)
    }

    /// Whether one of the first songs of an album or artist meets them.
    ///
    /// - Parameter look: Called for each song that is looked at; false when it must not be.
    func areMet(byOwner row: Int, _ look: () -> Bool) throws -> Bool {
        let songs = kind == .albums ? index.songsOfAlbum : index.songsOfArtist
        var isMet = false
        try songs.forEach(row) { song in
            guard look() else { return false }
            isMet = try areMet(bySong: song)
            return !isMet
        }
        return isMet
    }

    /// Calls with each song that has what is asked for, or with the albums or artists of each that
    /// meets the filters, the most popular songs first, until it returns false.
    ///
    /// - Parameter look: Called for each song of an album or artist; false ends it.
    func forEachRow(_ look: () -> Bool, _ body: (Int) throws -> Bool) throws {
        var met: Set<Int> = []
        let isRuledOut =
            isrcSongs != nil || !ruledOutSongs.isEmpty || groups.contains(where: \.isNegative)
        func take(_ song: Int) throws -> Bool {
            guard kind != .songs else { return try body(song) }
            guard look() else { return false }
            // The lists have what is asked for, and not what is ruled out.
            guard try !isRuledOut || areMet(bySong: song) else { return true }
            let owners =
                try kind == .albums ? index.albumOfSong(song) : index.artistsOfSong(song)
            for owner in owners where met.insert(owner).inserted {
                guard try body(owner) else { return false }
            }
            return true
        }
        if let isrcSongs {
            for song in isrcSongs where try !take(song) { return }
        } else {
            try index.facets.forEachSong(groups, take)
        }
    }
}
