internal import Storage

/// Which album each song belongs to.
///
/// Songs that say the same of their album share a claim. Once all claims are known, each gets its
/// album. Memory grows with the number of different claims; where no album artist is named, by eight
/// bytes a song as well.
struct AlbumTable {
    /// What the tags of some songs say of their album.
    struct Claim {
        let title: String
        let titleIdentity: String
        let musicBrainzID: String?
        /// Names of `ArtistTable`; of the album artists, or, where none is named, of the song's first.
        let artists: [Int]
        /// How the album artists are credited.
        let credit: String
        let namesAlbumArtist: Bool
        let isCompilation: Bool
        /// Number of the folder and title that the songs share; where no album artist is named.
        let group: Int?
        var songCount = 0
    }

    struct Album {
        /// The id as a number.
        let idNumber: UInt64
        let musicBrainzID: String?
        /// Of `ArtistTable`.
        let artists: [Int]
        /// Many artists, so that the songs' own artists appear on it.
        var isCompilation: Bool
        var title = ""
        var credit = ""
        var id: String { StableID.text(idNumber) }

        // Filled in rank order.
        var number = 0
        var bestRank = 0
    }

    /// Songs of one title in one folder, for which no album artist is named.
    private struct Group {
        /// The number of the song's first artist, disc and track, packed.
        var songs: [UInt64] = []
    }

    private var claims: [Claim] = []
    private var claimNumbers: [Key: Int] = [:]
    private var groups: [Group] = []
    private var groupNumbers: [GroupKey: Int] = [:]
    /// Titles, folders and ids, each once.
    private var texts: [String: Int32] = [:]
    private(set) var albums: [Album] = []
    private var albumsOfClaims: [Int] = []
    private(set) var formerIDs: [(id: UInt64, album: Int)] = []
    /// Of files that are gone; counts where no file that is there says anything.
    var formerNames = FormerNames()

    /// What makes two claims the same claim, in numbers.
    private struct Key: Hashable {
        let title: Int32
        let musicBrainzID: Int32
        let folder: Int32
        let isCompilation: Bool
        let firstArtist: Int32
        let otherArtists: [Int]
    }

    private struct GroupKey: Hashable {
        let title: Int32
        let musicBrainzID: Int32
        let folder: Int32
    }

    private mutating func number(_ text: String) -> Int32 {
        if let known = texts[text] { return known }
        let number = Int32(texts.count)
        texts[text] = number
        return number
    }

    /// - Parameters:
    ///   - title: Without the disc.
    ///   - albumArtists: Names of `ArtistTable`; empty where none is named.
    ///   - firstArtist: The song's.
    ///   - folder: Source and folder of the file.
    /// - Returns: The claim's number.
    mutating func note(
        title: String, musicBrainzID: String?, albumArtists: [Int], credit: String,
        firstArtist: Int, isCompilation: Bool, folder: @autoclosure () -> String, disc: Int,
        track: Int
    ) -> Int {
        let mbid = musicBrainzID.flatMap { ArtistTable.musicBrainzID($0) }
        let named = !albumArtists.isEmpty
        let artists = named ? albumArtists : [firstArtist]
        let identifier = mbid.map { number($0) } ?? -1
        let folderNumber = named ? -1 : number(folder())
        let key = Key(
            title: number(title), musicBrainzID: identifier, folder: folderNumber,
            isCompilation: isCompilation, firstArtist: Int32(artists[0]),
            otherArtists: Array(artists.dropFirst()))
        if let known = claimNumbers[key] {
            claims[known].songCount += 1
            if let group = claims[known].group { add(to: group, firstArtist, disc, track) }
            return known
        }
        claimNumbers[key] = claims.count
        let identity = UnicodeText.identity(title)
        var group: Int?
        if !named {
            let groupKey = GroupKey(
                title: number(identity), musicBrainzID: identifier, folder: folderNumber)
            let known = groupNumbers[groupKey] ?? groups.count
            if known == groups.count {
                groups.append(Group())
                groupNumbers[groupKey] = known
            }
            group = known
            add(to: known, firstArtist, disc, track)
        }
        claims.append(
            Claim(
                title: title, titleIdentity: identity, musicBrainzID: mbid, artists: artists,
                credit: credit, namesAlbumArtist: named, isCompilation: isCompilation,
                group: group, songCount: 1))
        return claims.count - 1
    }

    private mutating func add(to group: Int, _ artist: Int, _ disc: Int, _ track: Int) {
        groups[group].songs.append(
            UInt64(artist) << 32 | UInt64(disc & 0xffff) << 16 | UInt64(track & 0xffff))
    }

    func album(_ claim: Int) -> Int { albumsOfClaims[claim] }

    mutating func updateAlbum(_ album: Int, _ change: (inout Album) -> Void) {
        change(&albums[album])
    }

    // MARK: Resolving

    /// - Parameters:
    ///   - table: Resolved.
    ///   - various: The number of the artist Various Artists.
    mutating func resolve(_ table: ArtistTable, various: Int) {
        claimNumbers = [:]
        groupNumbers = [:]
        texts = [:]
        let speakers = groups.map { Speaker($0.songs, table, various: various) }
        var artistsOfClaims: [[Int]] = []
        for claim in claims {
            var artists: [Int] = []
            if claim.namesAlbumArtist {
                for name in claim.artists {
                    for artist in table.artists(name) where !artists.contains(artist) {
                        artists.append(artist)
                    }
                }
                if artists.contains(various) { artists = [various] }
            } else if claim.isCompilation {
                artists = [various]
            } else {
                let own = table.artists(claim.artists[0])
                switch speakers[claim.group!] {
                case .various: artists = [various]
                case .artist(let one): artists = [one]
                case .each: artists = [own[0]]
                case .artistAndEach(let one, let guests):
                    artists = guests.contains(own[0]) ? [one] : [own[0]]
                }
            }
            artistsOfClaims.append(artists)
        }
        // A release has one list of album artists: the one that most of its songs give.
        var byRelease: [String: [(artists: [Int], songs: Int)]] = [:]
        for (number, claim) in claims.enumerated() {
            guard let mbid = claim.musicBrainzID else { continue }
            let artists = artistsOfClaims[number]
            if let known = byRelease[mbid]?.firstIndex(where: { $0.artists == artists }) {
                byRelease[mbid]![known].songs += claim.songCount
            } else {
                byRelease[mbid, default: []].append((artists, claim.songCount))
            }
        }
        func identity(_ artists: [Int]) -> String {
            artists.map { table.artists[$0].identity }.joined(separator: "\u{1f}")
        }
        var artistsOfReleases: [String: [Int]] = [:]
        for (mbid, lists) in byRelease {
            let most = lists.map(\.songs).max()!
            let best = lists.filter { $0.songs == most }.min {
                identity($0.artists).utf8.lexicographicallyPrecedes(identity($1.artists).utf8)
            }!
            // Many artists and no word of an album artist: a compilation.
            let total = lists.reduce(0) { $0 + $1.songs }
            artistsOfReleases[mbid] =
                lists.count > 2 && most * 2 <= total ? [various] : best.artists
        }
        // Where a title and artist has one release, songs that name no release belong to it.
        var releases: [String: Set<String>] = [:]
        for claim in claims {
            guard let mbid = claim.musicBrainzID else { continue }
            let artists = identity(artistsOfReleases[mbid]!)
            releases["\(claim.titleIdentity)\0\(artists)", default: []].insert(mbid)
        }
        let formerReleases = formerReleases(table)
        var numbers: [UInt64: Int] = [:]
        var titles: [SpellingVotes] = []
        var credits: [SpellingVotes] = []
        var compilations: [Int] = []
        var songCounts: [Int] = []
        var former: [UInt64: (album: Int, songs: Int)] = [:]
        for (number, claim) in claims.enumerated() {
            let own = artistsOfClaims[number]
            let plain = [claim.titleIdentity, identity(own)]
            var mbid = claim.musicBrainzID
            let place = "\(plain[0])\0\(plain[1])"
            if mbid == nil, let only = releases[place] ?? formerReleases[place], only.count == 1 {
                mbid = only.first
            }
            let artists = mbid.flatMap { artistsOfReleases[$0] } ?? own
            let key = StableID.albumNumber(
                mbid.map { [ArtistTable.identity(ofMusicBrainzID: $0)] } ?? plain)
            let album = numbers[key] ?? albums.count
            if album == albums.count {
                numbers[key] = album
                albums.append(
                    Album(
                        idNumber: key, musicBrainzID: mbid, artists: artists,
                        isCompilation: artists == [various]))
                titles.append(SpellingVotes())
                credits.append(SpellingVotes())
                compilations.append(0)
                songCounts.append(0)
            }
            titles[album].add(claim.title, claim.songCount)
            if claim.namesAlbumArtist {
                credits[album].add(claim.credit, claim.songCount)
            }
            compilations[album] += claim.isCompilation ? claim.songCount : 0
            songCounts[album] += claim.songCount
            albumsOfClaims.append(album)
            // Under which ids it would be known without MusicBrainz ids, or by another spelling.
            var ids = [StableID.albumNumber(plain)]
            for name in claim.artists where table.names[name].identity != plain[1] {
                ids.append(
                    StableID.albumNumber([claim.titleIdentity, table.names[name].identity]))
            }
            for mbid in formerReleases[place] ?? [] {
                ids.append(StableID.albumNumber([ArtistTable.identity(ofMusicBrainzID: mbid)]))
            }
            for id in ids where id != key {
                if let known = former[id], known.songs >= claim.songCount { continue }
                former[id] = (album, claim.songCount)
            }
        }
        for album in albums.indices {
            albums[album].title = titles[album].winner ?? ""
            let artists = albums[album].artists
            albums[album].credit =
                artists.count == 1
                ? table.artists[artists[0]].name
                : credits[album].winner
                    ?? Tags.credit(artists.map { table.artists[$0].name })
            albums[album].isCompilation =
                artists == [various] || compilations[album] * 2 > songCounts[album]
        }
        let current = Set(albums.map(\.idNumber))
        formerIDs = former.filter { !current.contains($0.key) }
            .map { (id: $0.key, album: $0.value.album) }.sorted { $0.id < $1.id }
        claims = []
        groups = []
    }

    /// By title and artists, as `resolve` has them.
    private func formerReleases(_ table: ArtistTable) -> [String: Set<String>] {
        guard !formerNames.releases.isEmpty else { return [:] }
        var identities: [String: String] = [:]
        for (number, name) in table.names.enumerated() {
            identities[name.identity] = table.artists[table.artists(number)[0]].identity
        }
        var result: [String: Set<String>] = [:]
        for (release, mbids) in formerNames.releases {
            let artists = release.artists.compactMap { identities[$0] }
            guard artists.count == release.artists.count else { continue }
            let place = "\(release.titleIdentity)\0\(artists.joined(separator: "\u{1f}"))"
            result[place, default: []].formUnion(mbids)
        }
        return result
    }

    /// Whose album the songs of one title in one folder are, where no tag says so.
    private enum Speaker {
        /// Many artists, each with few songs, and no track number twice.
        case various
        case artist(Int)
        /// One artist's, with songs by these others between his.
        case artistAndEach(Int, guests: Set<Int>)
        /// Albums of one title that lie in one folder.
        case each

        init(_ songs: [UInt64], _ table: ArtistTable, various: Int) {
            var songsOfArtists: [Int: Int] = [:]
            var artistOfTrack: [UInt64: Int] = [:]
            var numbered: Set<Int> = []
            var clashes: Set<Int> = []
            for song in songs {
                let artist = table.artists(Int(song >> 32))[0]
                songsOfArtists[artist, default: 0] += 1
                guard song & 0xffff != 0 else { continue }
                numbered.insert(artist)
                let place = song & 0xffff_ffff
                if let other = artistOfTrack[place], other != artist {
                    clashes.formUnion([other, artist])
                }
                artistOfTrack[place] = artist
            }
            guard songsOfArtists.count > 1 else {
                self = songsOfArtists.keys.first.map { .artist($0) } ?? .each
                return
            }
            let most = songsOfArtists.max { ($0.value, $1.key) < ($1.value, $0.key) }!
            if most.value * 2 > songs.count {
                let guests = numbered.subtracting(clashes).subtracting([most.key])
                self = .artistAndEach(most.key, guests: guests.union([most.key]))
            } else if songsOfArtists.count > 2, clashes.isEmpty,
                // Without numbers there is less to go by: then nobody may be there twice.
                numbered.count == songsOfArtists.count
                    || songsOfArtists.count > 3 && songsOfArtists.count == songs.count
            {
                self = .various
            } else {
                self = .each
            }
        }
    }
}
