internal import Storage

/// Who and what the songs of a ledger name: noted song by song, then resolved at once.
struct CatalogIdentities {
    var artists = ArtistTable()
    var albums = AlbumTable()
    var genres = GenreTable()
    private var various = 0

    /// What a song refers to, in numbers; small enough to be kept until all are resolved.
    struct References {
        /// A name of `ArtistTable`, its role, and whether only a known artist counts.
        var people: [UInt32] = []
        var genres: [UInt32] = []
        var album: Int?
        var disc: Int?
        var discSubtitle: String?
    }

    private static let roles: [(field: TagField, role: ArtistRole)] = [
        (.remixers, .remixer), (.composers, .composer), (.conductors, .conductor),
        (.lyricists, .lyricist), (.performers, .performer), (.producers, .producer),
    ]

    mutating func note(_ entry: LedgerEntry) -> References {
        let tags = entry.tags
        var references = References()
        var main = -1
        for (name, mbid, sort, role, isWhole) in Self.credits(tags) {
            let number = artists.note(
                name, musicBrainzID: mbid, sort: sort, isWhole ? [.credited, .whole] : .credited)
            if main < 0 { main = number }
            references.people.append(Self.pack(number, role))
        }
        if main < 0 {
            main = artists.note(ArtistTable.unknown, [.credited, .whole])
            references.people.append(Self.pack(main, .main))
        }
        if let found = ArtistCredit.guests(inTitle: tags.title) {
            // A word like "with" before something that is nobody's name counts for nothing.
            let number = artists.note(
                UnicodeText.composed(found.guests), found.isCertain ? .credited : [])
            references.people.append(
                Self.pack(number, .featured, ifKnown: !found.isCertain))
        }
        for (field, role) in Self.roles {
            for value in tags[field] {
                var name = value[...]
                // "name (instrument)".
                if role == .performer, name.hasSuffix(")"), let open = name.lastIndex(of: "(") {
                    name = name[..<open]
                    while name.last == " " { name.removeLast() }
                }
                guard !name.isEmpty else { continue }
                let number = artists.note(UnicodeText.composed(String(name)), [])
                references.people.append(Self.pack(number, role))
            }
        }
        for genre in tags.genres { references.genres.append(UInt32(genres.note(genre))) }
        noteAlbum(entry, main, &references)
        return references
    }

    private mutating func noteAlbum(
        _ entry: LedgerEntry, _ main: Int, _ references: inout References
    ) {
        let tags = entry.tags
        references.disc = tags.disc
        references.discSubtitle = tags[.discSubtitle].first
        guard let whole = tags[.album].first else { return }
        let title = AlbumTitle(UnicodeText.composed(whole))
        references.disc = tags.disc ?? title.disc
        references.discSubtitle = references.discSubtitle ?? title.discSubtitle
        var named: [Int] = []
        var texts: [String] = []
        let ids = tags[.musicBrainzAlbumArtistIDs]
        let values = tags[.albumArtists]
        let sorts = tags[.albumArtistSorts]
        for (index, value) in values.enumerated() {
            let text = UnicodeText.composed(value)
            // A guest of one song makes no other album.
            let name = ids.count == values.count ? text : ArtistCredit.split(text)?.rest ?? text
            texts.append(name)
            named.append(
                artists.note(
                    name, musicBrainzID: ids.count == values.count ? ids[index] : nil,
                    sort: sorts.count == values.count ? sorts[index] : nil,
                    [.albumArtist, .whole]))
        }
        references.album = albums.note(
            title: title.base, musicBrainzID: tags[.musicBrainzAlbumID].first,
            albumArtists: named,
            credit: tags[.albumArtistCredit].first.map(UnicodeText.composed) ?? Tags.credit(texts),
            firstArtist: main, isCompilation: tags.isCompilation,
            folder: entry.source + "\0" + entry.folder, disc: references.disc ?? 1,
            track: tags.track ?? 0)
    }

    /// The artists of a song and their guests. As many MusicBrainz ids as artists say that the tags
    /// have told them apart already.
    private static func credits(_ tags: Tags) -> [(
        name: String, mbid: String?, sort: String?, role: ArtistRole, isWhole: Bool
    )] {
        let names = tags.artists.map(UnicodeText.composed)
        let ids = tags[.musicBrainzArtistIDs]
        let sorts = tags[.artistSorts]
        if !ids.isEmpty, ids.count == names.count {
            // Behind the first, who stands behind "feat." in the credit is a guest.
            let credit = tags[.artistCredit].first.flatMap { ArtistCredit.split($0) }
            return names.enumerated().map { index, name in
                let isGuest =
                    index > 0
                    && credit.map { !$0.rest.contains(name) && $0.guests.contains(name) }
                        ?? false
                return (
                    name, ids[index], sorts.count == names.count ? sorts[index] : nil,
                    isGuest ? .featured : .main, true
                )
            }
        }
        var result: [(String, String?, String?, ArtistRole, Bool)] = []
        let credit =
            names.count > 1 ? tags[.artistCredit].first.flatMap { ArtistCredit.split($0) } : nil
        for (index, name) in names.enumerated() {
            let sort = sorts.count == names.count ? sorts[index] : nil
            if let parts = ArtistCredit.split(name) {
                result.append((parts.rest, nil, nil, .main, false))
                result.append((parts.guests, nil, nil, .featured, false))
            } else {
                let isGuest =
                    index > 0
                    && credit.map { !$0.rest.contains(name) && $0.guests.contains(name) }
                        ?? false
                result.append((name, nil, sort, isGuest ? .featured : .main, true))
            }
        }
        if !ids.isEmpty, ids.count == result.count {
            for index in result.indices { result[index].1 = ids[index] }
        }
        return result
    }

    // MARK: Resolving

    mutating func remember(_ names: FormerNames) {
        artists.formerNames = names
        albums.formerNames = names
    }

    mutating func resolve(_ aliases: ArtistAliases) {
        let name = artists.note(VariousArtists.name, [])
        artists.resolve(aliases)
        various = artists.artists(name)[0]
        albums.resolve(artists, various: various)
        artists.forgetNames()
        genres.resolve()
        for album in albums.albums {
            for artist in album.artists { artists.updateArtist(artist) { $0.isListed = true } }
        }
    }

    /// The artists of a song with their roles, each role once.
    func people(_ packed: [UInt32]) -> [(artist: Int, role: ArtistRole)] {
        var people: [(artist: Int, role: ArtistRole)] = []
        for reference in packed {
            let name = Int(reference >> 4)
            let role = ArtistRole(rawValue: UInt8(reference & 7))!
            if reference & 8 != 0, !artists.isKnown(name) { continue }
            for artist in artists.artists(name) {
                // A main artist whom the title names again is no guest.
                let isThere = people.contains {
                    $0.artist == artist
                        && ($0.role == role || role == .featured && $0.role == .main)
                }
                if !isThere { people.append((artist, role)) }
            }
        }
        return people
    }

    private static func pack(_ name: Int, _ role: ArtistRole, ifKnown: Bool = false) -> UInt32 {
        UInt32(name) << 4 | (ifKnown ? 8 : 0) | UInt32(role.rawValue)
    }
}
