package import SQLite
package import Storage

/// Answers questions from a published catalogue.
///
/// Opens the file as immutable; one reader a thread.
package final class CatalogReader {
    let catalog: Database

    /// - Parameter directory: Holds `catalog.sqlite`.
    /// - Throws: `FileError` when it is missing, `FormatError` when it is no catalogue of this version.
    package init(directory: String) throws {
        catalog = try Self.open(directory + "/catalog.sqlite")
    }

    package static func open(_ path: String) throws -> Database {
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

    static let songColumns = """
        songs.rank, song_id, songs.title, songs.artist, albums.album_id, albums.title, track, disc,
        songs.release_date, songs.duration_ms, size_bytes, bitrate_kbps, sample_rate_hz, channels,
        songs.cover, songs.cover_type, composer, isrc, score, songs.streams
        """
    private static let songTables = "songs LEFT JOIN albums USING(album_number)"

    package func song(id: String) throws -> Song? {
        try songs("WHERE song_id = ?1", [.text(id)]).first
    }

    /// The ids that begin with a text, in byte order.
    package func songIDs(beginningWith prefix: String, limit: Int) throws -> [String] {
        // Ids are hexadecimal; what comes behind all that begin with the prefix is the prefix and a g.
        var statement = try prepare(
            "SELECT song_id FROM songs WHERE song_id >= ?1 AND song_id < ?2 ORDER BY 1 LIMIT ?3",
            [.text(prefix), .text(prefix + "g"), .int(limit)])
        var ids: [String] = []
        while try statement.step() { ids.append(statement.text(0)) }
        return ids
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
            WHERE songs.album_number = (SELECT album_number FROM albums WHERE album_id = ?1)
            ORDER BY ifnull(disc, 1), track IS NULL, track, songs.rank
            """, [.text(albumID)])
    }

    /// Of any role, most popular first.
    package func songs(artistID: String, limit: Int, offset: Int = 0) throws -> [Song] {
        try songs(
            """
            WHERE songs.rank IN (
              SELECT DISTINCT rank FROM song_artists
              WHERE artist_number = (SELECT artist_number FROM artists WHERE artist_id = ?1)
              ORDER BY rank LIMIT ?2 OFFSET ?3)
            ORDER BY songs.rank
            """, [.text(artistID), .int(limit), .int(offset)])
    }

    /// With the songs of the genres below it, most popular first.
    package func songs(genreID: String, limit: Int, offset: Int = 0) throws -> [Song] {
        try songs(
            """
            WHERE songs.rank IN (
              SELECT rank FROM genre_songs
              WHERE genre_number = (SELECT genre_number FROM genres WHERE genre_id = ?1)
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

    /// How many songs there are, and their mean size and length; zeros where there are none.
    package func means() throws -> (songs: Int, sizeBytes: Double, durationMs: Double) {
        var statement = try prepare(
            "SELECT count(*), total(size_bytes), total(duration_ms) FROM songs", [])
        guard try statement.step() else { return (0, 0, 0) }
        let songs = statement.int(0)
        let count = Double(max(1, songs))
        return (songs, statement.double(1) / count, statement.double(2) / count)
    }

    package func songCount() throws -> Int {
        Int(try catalog.scalar("SELECT max(rank) FROM songs") ?? 0)
    }

    package func counts() throws -> (songs: Int, albums: Int, artists: Int, genres: Int) {
        (
            try songCount(), Int(try catalog.scalar("SELECT count(*) FROM albums") ?? 0),
            Int(try catalog.scalar("SELECT count(*) FROM artists WHERE is_listed") ?? 0),
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
            SELECT \(Self.songColumns), position, charts.streams, listeners, previous_position,
              peak_position, weeks
            FROM charts JOIN songs ON songs.rank = charts.song_rank
              LEFT JOIN albums USING(album_number)
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
                previousPosition: statement.optionalInt(23),
                peakPosition: statement.optionalInt(24), weeks: statement.optionalInt(25))
            result.append((entry, song))
        }
        return result
    }

    // MARK: By number

    /// Those that there are, in the order of the ranks given.
    package func songs(ranks: [Int]) throws -> [Song] {
        try ranks.flatMap { try songs("WHERE songs.rank = ?1", [.int($0)]) }
    }

    package func albums(numbers: [Int]) throws -> [Album] {
        try numbers.flatMap { try albums("WHERE album_number = ?1", [.int($0)]) }
    }

    package func artists(numbers: [Int]) throws -> [Artist] {
        try numbers.flatMap { try artists("WHERE artist_number = ?1", [.int($0)]) }
    }

    // MARK: Rows

    enum Parameter {
        case int(Int)
        case text(String)
    }

    func songs(_ clause: String, _ parameters: [Parameter]) throws -> [Song] {
        var statement = try prepare(
            "SELECT \(Self.songColumns) FROM \(Self.songTables) \(clause)", parameters)
        var result: [Song] = []
        while try statement.step() { result.append(Self.song(statement)) }
        return result
    }

    func prepare(_ sql: String, _ parameters: [Parameter]) throws -> Statement {
        var statement = try catalog.prepare(sql)
        for (index, parameter) in parameters.enumerated() {
            switch parameter {
            case .int(let value): try statement.bind(Int32(index + 1), value)
            case .text(let value): try statement.bind(Int32(index + 1), value)
            }
        }
        return statement
    }

    static func song(_ row: borrowing Statement) -> Song {
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
