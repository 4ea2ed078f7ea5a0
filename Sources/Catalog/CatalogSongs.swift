internal import SQLite
internal import Storage

/// The second pass: songs in the order of popularity, numbered, with their artists and genres.
struct CatalogSongs {
    private let catalog: Database

    init(_ catalog: Database) {
        self.catalog = catalog
    }

    /// Songs never played come last, in the order of ids. Artists, albums and genres get their
    /// numbers as they are met; those who only wrote something behind all that are listed.
    ///
    /// - Returns: How many songs there are.
    func write(_ identities: inout CatalogIdentities) throws -> Int {
        let names = try Self.songColumns(catalog)
        let further = Int32(names.count)
        let selected = names.map { name in
            switch name {
            case "rank": "NULL"
            case "album_number": "album_claim"
            default: name
            }
        }
        var rows = try catalog.prepare(
            """
            SELECT \((selected + SongStaging.further).joined(separator: ", "))
            FROM work.songs ORDER BY played_rank IS NULL, played_rank, song_id
            """)
        let marks = names.map { _ in "?" }.joined(separator: ",")
        var song = try catalog.prepare("INSERT INTO main.songs VALUES(\(marks))")
        let links = try SongLinks(catalog)
        let pages = try AlbumStaging(catalog, names)
        var numbers = Numbers(identities)
        let claim = Int32(4)
        var rank = 0
        while try rows.step() {
            rank += 1
            let people = identities.people(Self.numbers(rows, further))
            let genres = Self.numbers(rows, further + 1)
            let album = rows.optionalInt(claim).map { identities.albums.album($0) }
            try song.bind(1, rank)
            for column in 1..<further where column != claim {
                try song.bind(column + 1, rows, column: column)
            }
            try song.bind(claim + 1, album.map { numbers.album($0, rank, &identities) })
            try song.run()

            for (position, person) in people.enumerated() {
                let number = numbers.artist(person.artist, rank, &identities)
                try links.artist(rank, position, number, person.role)
                if person.role.isCredited {
                    identities.artists.updateArtist(person.artist) { $0.songCount += 1 }
                }
            }
            try links.genres(rank, genres, &identities, &numbers)
            if let album {
                try pages.add(rows, further, identities.albums.albums[album].number, rank)
            }
            try links.extras(
                rank, chapters: rows.text(further + 11), podcast: rows.text(further + 12))
        }
        return rank
    }

    private static func songColumns(_ catalog: Database) throws -> [String] {
        var names: [String] = []
        var rows = try catalog.prepare("SELECT name FROM pragma_table_info('songs', 'main')")
        while try rows.step() { names.append(rows.text(0)) }
        return names
    }

    private static func numbers(_ row: borrowing Statement, _ column: Int32) -> [UInt32] {
        row.withBytes(column) { bytes in
            (0..<bytes.count / 4).map {
                bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)
            }
        }
    }

    /// The numbers of artists and albums, given as they are first met.
    struct Numbers {
        private var listed = 0
        private var unlisted: Int
        private var albums = 0
        private var genres = 0

        init(_ identities: CatalogIdentities) {
            unlisted = identities.artists.artists.count { $0.isListed }
        }

        mutating func artist(_ artist: Int, _ rank: Int, _ identities: inout CatalogIdentities)
            -> Int
        {
            let known = identities.artists.artists[artist].number
            if known > 0 { return known }
            let isListed = identities.artists.artists[artist].isListed
            if isListed { listed += 1 } else { unlisted += 1 }
            let number = isListed ? listed : unlisted
            identities.artists.updateArtist(artist) { ($0.number, $0.bestRank) = (number, rank) }
            return number
        }

        mutating func album(_ album: Int, _ rank: Int, _ identities: inout CatalogIdentities) -> Int
        {
            let known = identities.albums.albums[album].number
            if known > 0 { return known }
            albums += 1
            let number = albums
            identities.albums.updateAlbum(album) { ($0.number, $0.bestRank) = (number, rank) }
            for artist in identities.albums.albums[album].artists {
                _ = self.artist(artist, rank, &identities)
                identities.artists.updateArtist(artist) { $0.albumCount += 1 }
            }
            return number
        }

        mutating func genre(_ genre: Int, _ identities: inout CatalogIdentities) -> Int {
            let known = identities.genres.genres[genre].number
            if known > 0 { return known }
            genres += 1
            let number = genres
            identities.genres.update(genre) { $0.number = number }
            return number
        }
    }
}
