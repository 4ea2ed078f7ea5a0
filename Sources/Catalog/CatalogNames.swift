internal import SQLite
internal import Storage

/// Artists and genres, once all songs are written and counted.
struct CatalogNames {
    private let catalog: Database

    init(_ catalog: Database) {
        self.catalog = catalog
    }

    /// - Returns: How many artists and genres the catalogue has.
    func write(_ identities: CatalogIdentities) throws -> (artists: Int, genres: Int) {
        let artists = try write(identities.artists)
        try writeAlbumArtists(identities)
        let genres = try write(identities.genres)
        try alias(
            "album",
            identities.albums.formerIDs.map {
                (StableID.text($0.id), identities.albums.albums[$0.album].number)
            })
        try alias(
            "artist",
            identities.artists.formerIDs.map {
                (StableID.text($0.id), identities.artists.artists[$0.artist].number)
            })
        try alias(
            "genre",
            identities.genres.formerIDs.map {
                ($0.id, identities.genres.genres[$0.genre].number)
            })
        return (artists, genres)
    }

    private func write(_ table: ArtistTable) throws -> Int {
        var row = try catalog.prepare("INSERT INTO artists VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let met = table.artists.filter { $0.number > 0 }.sorted { $0.number < $1.number }
        for artist in met {
            try row.bind(1, artist.number)
            try row.bind(2, artist.id)
            try row.bind(3, artist.name)
            try row.bind(4, artist.songCount)
            try row.bind(5, artist.bestRank)
            try row.bind(6, artist.sortName ?? Self.sortName(artist.name))
            try row.bind(7, artist.albumCount)
            try row.bind(8, artist.isListed ? 1 : 0)
            try row.bind(9, artist.musicBrainzID)
            try row.run()
        }
        return met.count { $0.isListed }
    }

    private func writeAlbumArtists(_ identities: CatalogIdentities) throws {
        var row = try catalog.prepare("INSERT INTO album_artists VALUES(?, ?, ?)")
        for album in identities.albums.albums.sorted(by: { $0.number < $1.number })
        where album.number > 0 {
            for (position, artist) in album.artists.enumerated() {
                try row.bind(1, album.number)
                try row.bind(2, position + 1)
                try row.bind(3, identities.artists.artists[artist].number)
                try row.run()
            }
        }
    }

    private func write(_ table: GenreTable) throws -> Int {
        var row = try catalog.prepare("INSERT INTO genres VALUES(?, ?, ?, ?, ?, ?)")
        let met = table.genres.filter { $0.number > 0 }.sorted { $0.number < $1.number }
        for genre in met {
            try row.bind(1, genre.number)
            try row.bind(2, genre.id)
            try row.bind(3, genre.name)
            try row.bind(4, genre.songCount)
            try row.bind(5, genre.parent.map { table.genres[$0].number })
            try row.bind(6, genre.totalSongCount)
            try row.run()
        }
        try catalog.execute(
            "INSERT INTO main.genre_songs SELECT * FROM work.genre_songs ORDER BY 1, 2")
        return met.count
    }

    private func alias(_ kind: String, _ former: [(id: String, number: Int)]) throws {
        var row = try catalog.prepare("INSERT INTO \(kind)_aliases VALUES(?, ?)")
        for (id, number) in former where number > 0 {
            try row.bind(1, id)
            try row.bind(2, number)
            try row.run()
        }
    }

    /// Where no tag says how a name is sorted: an English article goes behind it, as libraries do;
    /// which word is an article in another language a name does not tell.
    static func sortName(_ name: String) -> String {
        for article in ["The ", "A ", "An "]
        where name.hasPrefix(article) && name.utf8.count > article.utf8.count {
            return name.dropFirst(article.count) + ", " + article.dropLast()
        }
        return name
    }
}
