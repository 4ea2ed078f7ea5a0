import SQLite

/// What a test wants of `catalog.sqlite`, read with plain SQL.
struct CatalogueRows {
    struct Song {
        let rank: Int
        let id: String
        let title: String
        let sizeBytes: Int
        let durationMs: Int
        let score: Int
        let streams: Int
        let releaseDate: String?
        let isrc: String?
        let artists: [String]
        let album: String?
        let cover: String?
    }

    private(set) var songs: [Song] = []
    private(set) var genres: [String: Set<String>] = [:]

    /// - Parameter folder: A snapshot, or a night's catalogue.
    init(_ folder: String) throws {
        let database = try Database(path: folder + "/catalog.sqlite", mode: .immutable)
        var artists: [Int: [String]] = [:]
        var credits = try database.prepare(
            """
            SELECT rank, name FROM song_artists JOIN artists USING(artist_number)
            WHERE role IN ('main', 'featured') ORDER BY rank, position
            """)
        while try credits.step() { artists[credits.int(0), default: []].append(credits.text(1)) }
        var rows = try database.prepare(
            """
            SELECT rank, song_id, songs.title, size_bytes, songs.duration_ms, score, streams,
              songs.release_date, isrc, albums.title, songs.cover
            FROM songs LEFT JOIN albums USING(album_number) ORDER BY rank
            """)
        while try rows.step() {
            songs.append(
                Song(
                    rank: rows.int(0), id: rows.text(1), title: rows.text(2),
                    sizeBytes: rows.int(3), durationMs: rows.int(4), score: rows.int(5),
                    streams: rows.int(6), releaseDate: rows.optionalText(7),
                    isrc: rows.optionalText(8), artists: artists[rows.int(0)] ?? [],
                    album: rows.optionalText(9), cover: rows.optionalText(10)))
        }
        var links = try database.prepare(
            """
            SELECT song_id, name FROM songs JOIN song_genres USING(rank) JOIN genres USING(genre_number)
            """)
        while try links.step() { genres[links.text(0), default: []].insert(links.text(1)) }
    }

    var byID: [String: Song] { Dictionary(uniqueKeysWithValues: songs.map { ($0.id, $0) }) }
}
