internal import SQLite
package import Storage

/// Answers questions from a published catalogue and its search index.
///
/// Opens the files as immutable; one reader a thread.
package final class CatalogReader {
    private let catalog: Database
    private let search: Database

    /// - Parameter directory: Holds `catalog.sqlite` and `search.sqlite`.
    /// - Throws: `FileError` when one is missing, `FormatError` when it is no catalogue of this version.
    package init(directory: String) throws {
        catalog = try Self.open(directory + "/catalog.sqlite")
        search = try Self.open(directory + "/search.sqlite")
    }

    private static func open(_ path: String) throws -> Database {
        guard FileSystem.exists(path) else { throw FileError("open", path, code: 2) }
        do {
            let database = try Database(path: path, mode: .immutable)
            let version = try database.scalar("PRAGMA user_version")
            guard version == Int64(CatalogSchema.version) else {
                throw FormatError(
                    path, "is of version \(version ?? 0), not \(CatalogSchema.version)",
                    hint: "run spindle index again with this version")
            }
            return database
        } catch let error as DatabaseError where error.isCorruption {
            throw FormatError(path, "is damaged: \(error.message)", hint: "run spindle index again")
        }
    }

    // MARK: Songs

    private static let songColumns = """
        songs.rank, song_id, songs.title, songs.artist, songs.album_id, albums.title, track, disc,
        songs.release_date, duration_ms, size_bytes, bitrate_kbps, sample_rate_hz, channels,
        songs.cover, songs.cover_type, composer, isrc, score, songs.streams
        """
    private static let songTables = "songs LEFT JOIN albums ON albums.album_id = songs.album_id"

    package func song(id: String) throws -> Song? {
        try songs("WHERE song_id = ?1", [.text(id)]).first
    }

    /// In the order of popularity.
    package func songs(limit: Int, offset: Int = 0) throws -> [Song] {
        try songs(
            "WHERE songs.rank > ?2 ORDER BY songs.rank LIMIT ?1", [.int(limit), .int(offset)])
    }

    /// In the order of discs and tracks.
    package func songs(albumID: String) throws -> [Song] {
        try songs(
            """
            WHERE songs.album_id = ?1
            ORDER BY ifnull(disc, 1), track IS NULL, track, songs.rank
            """, [.text(albumID)])
    }

    package func songs(artistID: String, limit: Int, offset: Int = 0) throws -> [Song] {
        try songs(
            """
            WHERE songs.rank IN (
              SELECT DISTINCT rank FROM song_artists WHERE artist_id = ?1
              ORDER BY rank LIMIT ?2 OFFSET ?3)
            ORDER BY songs.rank
            """, [.text(artistID), .int(limit), .int(offset)])
    }

    package func songs(genreID: String, limit: Int, offset: Int = 0) throws -> [Song] {
        try songs(
            """
            WHERE songs.rank IN (
              SELECT DISTINCT rank FROM song_genres WHERE genre_id = ?1
              ORDER BY rank LIMIT ?2 OFFSET ?3)
            ORDER BY songs.rank
            """, [.text(genreID), .int(limit), .int(offset)])
    }

    /// Calls `body` for every song, most popular first, with what delivery needs.
    package func forEachSong(_ body: (_ rank: Int, _ id: Digest, _ sizeBytes: Int) throws -> Void)
        throws
    {
        var statement = try catalog.prepare(
            "SELECT rank, song_id, size_bytes FROM songs ORDER BY rank")
        while try statement.step() {
            guard let id = Digest(hex: statement.text(1)) else {
                throw FormatError(catalog.path, "song \(statement.int(0)) has no valid song_id")
            }
            try body(statement.int(0), id, statement.int(2))
        }
    }

    /// The blobs that the catalogue's songs and covers are.
    package func forEachBlob(_ body: (Digest) -> Void) throws {
        var statement = try catalog.prepare(
            """
            SELECT song_id FROM songs UNION SELECT cover FROM songs WHERE cover IS NOT NULL
            UNION SELECT cover FROM albums WHERE cover IS NOT NULL
            """)
        while try statement.step() {
            if let digest = Digest(hex: statement.text(0)) { body(digest) }
        }
    }

    package func songCount() throws -> Int {
        Int(try catalog.scalar("SELECT max(rank) FROM songs") ?? 0)
    }

    /// The artists of a song, in the order of the credit.
    package func artists(songRank rank: Int) throws -> [Artist] {
        try artists(
            """
            JOIN song_artists USING(artist_id) WHERE song_artists.rank = ?1 ORDER BY position
            """, [.int(rank)])
    }

    package func genres(songRank rank: Int) throws -> [Genre] {
        try genres(
            "JOIN song_genres USING(genre_id) WHERE song_genres.rank = ?1 ORDER BY position",
            [.int(rank)])
    }

    // MARK: Albums, artists, genres

    package func album(id: String) throws -> Album? {
        try albums("WHERE album_id = ?1", [.text(id)]).first
    }

    /// In the order of the most popular song.
    package func albums(limit: Int, offset: Int = 0) throws -> [Album] {
        try albums("WHERE number > ?2 ORDER BY number LIMIT ?1", [.int(limit), .int(offset)])
    }

    /// Albums on which an artist has at least one song.
    package func albums(artistID: String) throws -> [Album] {
        try albums(
            """
            WHERE album_id IN (
              SELECT songs.album_id FROM song_artists JOIN songs ON songs.rank = song_artists.rank
              WHERE artist_id = ?1)
            ORDER BY release_date, title, number
            """, [.text(artistID)])
    }

    package func artist(id: String) throws -> Artist? {
        try artists("WHERE artist_id = ?1", [.text(id)]).first
    }

    /// In the order of the most popular song.
    package func artists(limit: Int, offset: Int = 0) throws -> [Artist] {
        try artists("WHERE number > ?2 ORDER BY number LIMIT ?1", [.int(limit), .int(offset)])
    }

    package func genre(id: String) throws -> Genre? {
        try genres("WHERE genre_id = ?1", [.text(id)]).first
    }

    /// Those with most songs first.
    package func genres() throws -> [Genre] {
        try genres("ORDER BY song_count DESC, name", [])
    }

    package func counts() throws -> (songs: Int, albums: Int, artists: Int, genres: Int) {
        (
            try songCount(), Int(try catalog.scalar("SELECT count(*) FROM albums") ?? 0),
            Int(try catalog.scalar("SELECT count(*) FROM artists") ?? 0),
            Int(try catalog.scalar("SELECT count(*) FROM genres") ?? 0)
        )
    }

    package func meta(_ key: String) throws -> String? {
        var statement = try catalog.prepare("SELECT value FROM meta WHERE key = ?")
        try statement.bind(1, key)
        return try statement.step() ? statement.text(0) : nil
    }

    // MARK: Charts

    /// The charts there are, with their keys and lengths.
    package func charts() throws -> [(chart: String, key: String, count: Int)] {
        var statement = try catalog.prepare(
            "SELECT chart, key, count(*) FROM charts GROUP BY chart, key ORDER BY chart, key")
        var result: [(String, String, Int)] = []
        while try statement.step() {
            result.append((statement.text(0), statement.text(1), statement.int(2)))
        }
        return result
    }

    package func chart(_ chart: String, key: String, limit: Int, offset: Int = 0) throws
        -> [(entry: ChartEntry, song: Song)]
    {
        var statement = try catalog.prepare(
            """
            SELECT \(Self.songColumns), position, charts.streams, listeners, previous_position
            FROM charts JOIN songs ON songs.rank = charts.song_rank
              LEFT JOIN albums ON albums.album_id = songs.album_id
            WHERE chart = ?1 AND key = ?2 AND position > ?3 ORDER BY position LIMIT ?4
            """)
        try statement.bind(1, chart)
        try statement.bind(2, key)
        try statement.bind(3, offset)
        try statement.bind(4, limit)
        var result: [(ChartEntry, Song)] = []
        while try statement.step() {
            let song = Self.song(statement)
            let entry = ChartEntry(
                chart: chart, key: key, position: statement.int(20), songID: song.id,
                streams: statement.int(21), listeners: statement.int(22),
                previousPosition: statement.optionalInt(23))
            result.append((entry, song))
        }
        return result
    }

    // MARK: Search

    /// Songs, most popular first, in which every word of the text occurs; the last word may be incomplete.
    package func searchSongs(_ text: String, limit: Int, offset: Int = 0) throws -> [Song] {
        let ranks = try match("songs", text, limit: limit, offset: offset)
        return try ranks.flatMap { try songs("WHERE songs.rank = ?1", [.int($0)]) }
    }

    package func searchAlbums(_ text: String, limit: Int, offset: Int = 0) throws -> [Album] {
        let numbers = try match("albums", text, limit: limit, offset: offset)
        return try numbers.flatMap { try albums("WHERE number = ?1", [.int($0)]) }
    }

    package func searchArtists(_ text: String, limit: Int, offset: Int = 0) throws -> [Artist] {
        let numbers = try match("artists", text, limit: limit, offset: offset)
        return try numbers.flatMap { try artists("WHERE number = ?1", [.int($0)]) }
    }

    /// Without ORDER BY: FTS5 yields row numbers in rising order, which is the order of popularity.
    private func match(_ table: String, _ text: String, limit: Int, offset: Int) throws -> [Int] {
        guard let query = SearchText.query(text) else { return [] }
        var statement = try search.prepare(
            "SELECT rowid FROM \(table) WHERE \(table) MATCH ?1 LIMIT ?2 OFFSET ?3")
        try statement.bind(1, query)
        try statement.bind(2, limit)
        try statement.bind(3, offset)
        var rows: [Int] = []
        while try statement.step() { rows.append(statement.int(0)) }
        return rows
    }

    // MARK: Rows

    private enum Parameter {
        case int(Int)
        case text(String)
    }

    private func songs(_ clause: String, _ parameters: [Parameter]) throws -> [Song] {
        var statement = try prepare(
            "SELECT \(Self.songColumns) FROM \(Self.songTables) \(clause)", parameters)
        var result: [Song] = []
        while try statement.step() { result.append(Self.song(statement)) }
        return result
    }

    private func albums(_ clause: String, _ parameters: [Parameter]) throws -> [Album] {
        var statement = try prepare(
            """
            SELECT album_id, title, artist, release_date, is_compilation, cover, cover_type,
              song_count
            FROM albums \(clause)
            """, parameters)
        var result: [Album] = []
        while try statement.step() {
            result.append(
                Album(
                    id: statement.text(0), title: statement.text(1), artist: statement.text(2),
                    releaseDate: statement.optionalText(3), isCompilation: statement.int(4) != 0,
                    cover: statement.optionalText(5), coverType: statement.optionalText(6),
                    songCount: statement.int(7)))
        }
        return result
    }

    private func artists(_ clause: String, _ parameters: [Parameter]) throws -> [Artist] {
        var statement = try prepare(
            "SELECT artists.artist_id, name, song_count FROM artists \(clause)", parameters)
        var result: [Artist] = []
        while try statement.step() {
            result.append(
                Artist(id: statement.text(0), name: statement.text(1), songCount: statement.int(2)))
        }
        return result
    }

    private func genres(_ clause: String, _ parameters: [Parameter]) throws -> [Genre] {
        var statement = try prepare(
            "SELECT genres.genre_id, name, song_count FROM genres \(clause)", parameters)
        var result: [Genre] = []
        while try statement.step() {
            result.append(
                Genre(id: statement.text(0), name: statement.text(1), songCount: statement.int(2)))
        }
        return result
    }

    private func prepare(_ sql: String, _ parameters: [Parameter]) throws -> Statement {
        var statement = try catalog.prepare(sql)
        for (index, parameter) in parameters.enumerated() {
            switch parameter {
            case .int(let value): try statement.bind(Int32(index + 1), value)
            case .text(let value): try statement.bind(Int32(index + 1), value)
            }
        }
        return statement
    }

    private static func song(_ row: borrowing Statement) -> Song {
        Song(
            rank: row.int(0), id: row.text(1), title: row.text(2), artist: row.text(3),
            albumID: row.optionalText(4), album: row.optionalText(5), track: row.optionalInt(6),
            disc: row.optionalInt(7), releaseDate: row.optionalText(8), durationMs: row.int(9),
            sizeBytes: row.int(10), bitrateKbps: row.int(11), sampleRateHz: row.int(12),
            channels: row.int(13), cover: row.optionalText(14), coverType: row.optionalText(15),
            composer: row.optionalText(16), isrc: row.optionalText(17), score: row.int(18),
            streams: row.int(19))
    }
}
