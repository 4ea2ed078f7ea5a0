internal import SQLite
internal import Storage

/// Writes what a song links to: artists with roles, genres, chapters, its podcast.
final class SongLinks {
    private var artists: Statement
    private var songGenres: Statement
    private var genreSongs: Statement
    private var chapters: Statement
    private var podcasts: Statement

    init(_ catalog: Database) throws {
        try catalog.execute("CREATE TABLE work.genre_songs(genre_number INTEGER, rank INTEGER)")
        artists = try catalog.prepare("INSERT INTO song_artists VALUES(?, ?, ?, ?)")
        songGenres = try catalog.prepare("INSERT INTO song_genres VALUES(?, ?, ?)")
        genreSongs = try catalog.prepare("INSERT INTO work.genre_songs VALUES(?, ?)")
        chapters = try catalog.prepare("INSERT INTO chapters VALUES(?, ?, ?, ?, ?, ?)")
        podcasts = try catalog.prepare("INSERT INTO podcasts VALUES(?, ?, ?, ?, ?, ?)")
    }

    func artist(_ rank: Int, _ position: Int, _ number: Int, _ role: ArtistRole) throws {
        try artists.bind(1, rank)
        try artists.bind(2, position + 1)
        try artists.bind(3, number)
        try artists.bind(4, role.name)
        try artists.run()
    }

    func genres(
        _ rank: Int, _ spellings: [UInt32], _ identities: inout CatalogIdentities,
        _ numbers: inout CatalogSongs.Numbers
    ) throws {
        var named: [Int] = []
        var all: [Int] = []
        for spelling in spellings {
            let genre = identities.genres.genre(Int(spelling))
            guard !named.contains(genre) else { continue }
            named.append(genre)
            let number = numbers.genre(genre, &identities)
            try songGenres.bind(1, rank)
            try songGenres.bind(2, named.count)
            try songGenres.bind(3, number)
            try songGenres.run()
            identities.genres.update(genre) { $0.songCount += 1 }
            for one in identities.genres.path(genre) where !all.contains(one) { all.append(one) }
        }
        for genre in all {
            let number = numbers.genre(genre, &identities)
            identities.genres.update(genre) { $0.totalSongCount += 1 }
            try genreSongs.bind(1, number)
            try genreSongs.bind(2, rank)
            try genreSongs.run()
        }
    }

    /// - Parameters:
    ///   - chapters: As `SongStaging` writes them; "" where there are none.
    ///   - podcast: The same.
    func extras(_ rank: Int, chapters text: String, podcast: String) throws {
        if !text.isEmpty {
            let values = try JSONValue.parse(Array(text.utf8), path: "chapters").array ?? []
            for (position, chapter) in values.enumerated() {
                try chapters.bind(1, rank)
                try chapters.bind(2, position + 1)
                try chapters.bind(3, chapter["start_ms"]?.int ?? 0)
                try chapters.bind(4, chapter["end_ms"]?.int ?? 0)
                try chapters.bind(5, chapter["title"]?.string ?? "")
                try chapters.bind(6, chapter["url"]?.string)
                try chapters.run()
            }
        }
        if !podcast.isEmpty {
            let values = try JSONValue.parse(Array(podcast.utf8), path: "podcast").strings ?? []
            try podcasts.bind(1, rank)
            for (index, value) in values.enumerated() {
                try podcasts.bind(Int32(index + 2), value.isEmpty ? nil : value)
            }
            try podcasts.run()
        }
    }
}
