internal import SQLite
package import Storage

/// Albums, artists and genres.
extension CatalogReader {
    // MARK: Of a song

    /// The artists of a song with their roles, in the order of the credit.
    package func artists(songRank rank: Int) throws -> [(artist: Artist, role: String)] {
        var statement = try prepare(
            """
            SELECT \(Self.artistColumns), role FROM artists JOIN song_artists USING(artist_number)
            WHERE song_artists.rank = ?1 ORDER BY position
            """, [.int(rank)])
        var result: [(Artist, String)] = []
        while try statement.step() {
            result.append((Self.artist(statement), statement.text(6)))
        }
        return result
    }

    package func genres(songRank rank: Int) throws -> [Genre] {
        try genres(
            "JOIN song_genres USING(genre_number) WHERE song_genres.rank = ?1 ORDER BY position",
            [.int(rank)])
    }

    package func chapters(songRank rank: Int) throws -> [Chapter] {
        var statement = try prepare(
            "SELECT start_ms, end_ms, title, url FROM chapters WHERE rank = ?1 ORDER BY position",
            [.int(rank)])
        var result: [Chapter] = []
        while try statement.step() {
            result.append(
                Chapter(
                    startMs: statement.int(0), endMs: statement.int(1), title: statement.text(2),
                    url: statement.optionalText(3)))
        }
        return result
    }

    /// A value of a column, in its own type.
    package enum Value: Equatable, Sendable {
        case text(String)
        case integer(Int)
        case real(Double)
    }

    /// What `Song` has no place for: the further columns of `songs` that are not NULL, by name.
    package func details(songRank rank: Int) throws -> [(name: String, value: Value)] {
        try details("SELECT * FROM songs WHERE rank = ?1", [.int(rank)], from: "subtitle")
    }

    /// The columns of `albums` that `Album` has no place for, where they are not NULL.
    package func details(albumID: String) throws -> [(name: String, value: Value)] {
        try details(
            "SELECT * FROM albums WHERE album_id = ?1", [.text(albumID)], from: "original_date")
    }

    private func details(_ sql: String, _ parameters: [Parameter], from first: String) throws
        -> [(name: String, value: Value)]
    {
        var statement = try prepare(sql, parameters)
        guard try statement.step() else { return [] }
        var result: [(String, Value)] = []
        var isFurther = false
        for column in 0..<statement.columnCount {
            let name = statement.columnName(column)
            isFurther = isFurther || name == first
            guard isFurther, !statement.isNull(column) else { continue }
            let value: Value =
                statement.isText(column)
                ? .text(statement.text(column))
                : statement.isReal(column)
                    ? .real(statement.double(column)) : .integer(statement.int(column))
            result.append((name, value))
        }
        return result
    }

    // MARK: Albums

    package func album(id: String) throws -> Album? {
        try albums("WHERE album_id = ?1", [.text(id)]).first
    }

    /// In the order of the most popular song.
    package func albums(limit: Int, offset: Int = 0) throws -> [Album] {
        try albums(
            "WHERE album_number > ?2 ORDER BY album_number LIMIT ?1",
            [.int(limit), .int(offset)])
    }

    /// The newest first, of one day the most popular; those of which only the year is known behind
    /// the days of that year.
    ///
    /// - Parameter day: None that is to be released later.
    package func newReleases(until day: CalendarDate, limit: Int, offset: Int = 0) throws -> [Album]
    {
        try albums(
            """
            WHERE release_date <= ?1 ORDER BY release_date DESC, album_number LIMIT ?2 OFFSET ?3
            """, [.text(day.description), .int(limit), .int(offset)])
    }

    /// The album artists.
    package func artists(albumID: String) throws -> [Artist] {
        try artists(
            """
            JOIN album_artists USING(artist_number)
            WHERE album_number = (SELECT album_number FROM albums WHERE album_id = ?1)
            ORDER BY position
            """, [.text(albumID)])
    }

    package func discs(albumID: String) throws -> [Disc] {
        var statement = try prepare(
            """
            SELECT disc, subtitle, track_total FROM discs
            WHERE album_number = (SELECT album_number FROM albums WHERE album_id = ?1)
            ORDER BY disc
            """, [.text(albumID)])
        var discs: [Disc] = []
        while try statement.step() {
            discs.append(
                Disc(
                    number: statement.int(0), subtitle: statement.optionalText(1),
                    trackTotal: statement.optionalInt(2)))
        }
        return discs
    }

    /// Albums of an artist, the newest first.
    package func albums(artistID: String, limit: Int = 500) throws -> [Album] {
        try albums(
            """
            WHERE album_number IN (
              SELECT album_number FROM album_artists
              WHERE artist_number = (SELECT artist_number FROM artists WHERE artist_id = ?1)
              ORDER BY album_number LIMIT ?2)
            ORDER BY release_date DESC, album_number
            """, [.text(artistID), .int(limit)])
    }

    /// Albums of others on which an artist has a song, the newest first.
    package func albumsOfOthers(artistID: String, limit: Int = 500) throws -> [Album] {
        try albums(
            """
            WHERE album_number IN (
              SELECT album_number FROM song_artists JOIN songs USING(rank)
              WHERE artist_number = (SELECT artist_number FROM artists WHERE artist_id = ?1)
                AND role IN ('main', 'featured', 'remixer') AND album_number IS NOT NULL
              EXCEPT SELECT album_number FROM album_artists
              WHERE artist_number = (SELECT artist_number FROM artists WHERE artist_id = ?1)
              ORDER BY album_number LIMIT ?2)
            ORDER BY release_date DESC, album_number
            """, [.text(artistID), .int(limit)])
    }

    // MARK: Artists

    package func artist(id: String) throws -> Artist? {
        try artists("WHERE artist_id = ?1", [.text(id)]).first
    }

    /// Those credited for songs or albums, in the order of the most popular song. Who stands for
    /// many is nobody to listen to, unless songs say so themselves.
    package func artists(limit: Int, offset: Int = 0) throws -> [Artist] {
        try artists(
            """
            WHERE artist_number > ?2 AND is_listed AND NOT (song_count = 0 AND name = ?3)
            ORDER BY artist_number LIMIT ?1
            """, [.int(limit), .int(offset), .text(VariousArtists.name)])
    }

    // MARK: Genres

    package func genre(id: String) throws -> Genre? {
        try genres("WHERE genre_id = ?1", [.text(id)]).first
    }

    /// All, those with most songs first.
    package func genres() throws -> [Genre] {
        try genres("ORDER BY total_song_count DESC, name", [])
    }

    /// The genres right below one, those with most songs first.
    package func genres(below id: String) throws -> [Genre] {
        try genres(
            """
            WHERE parent_number = (SELECT genre_number FROM genres WHERE genre_id = ?1)
            ORDER BY total_song_count DESC, name
            """, [.text(id)])
    }

    // MARK: Former ids

    package enum Kind: String, Sendable { case artist, album, genre }

    /// The id that an artist, album or genre has now.
    ///
    /// - Returns: nil for an id that it never had.
    package func currentID(_ kind: Kind, formerID: String) throws -> String? {
        let name = kind.rawValue
        var statement = try prepare(
            """
            SELECT \(name)_id FROM \(name)_aliases JOIN \(name)s USING(\(name)_number)
            WHERE former_id = ?1
            """, [.text(formerID)])
        return try statement.step() ? statement.text(0) : nil
    }

    // MARK: Rows

    func albums(_ clause: String, _ parameters: [Parameter]) throws -> [Album] {
        var statement = try prepare(
            """
            SELECT album_id, title, artist, release_date, is_compilation, cover, cover_type,
              song_count, duration_ms, disc_count
            FROM albums \(clause)
            """, parameters)
        var result: [Album] = []
        while try statement.step() {
            result.append(
                Album(
                    id: statement.text(0), title: statement.text(1), artist: statement.text(2),
                    releaseDate: statement.optionalText(3), isCompilation: statement.int(4) != 0,
                    cover: statement.optionalText(5), coverType: statement.optionalText(6),
                    songCount: statement.int(7), durationMs: statement.int(8),
                    discCount: statement.int(9)))
        }
        return result
    }

    private static let artistColumns = """
        artist_id, name, sort_name, song_count, album_count, musicbrainz_artist_id
        """

    private static func artist(_ row: borrowing Statement) -> Artist {
        Artist(
            id: row.text(0), name: row.text(1), sortName: row.text(2), songCount: row.int(3),
            albumCount: row.int(4), musicBrainzID: row.optionalText(5))
    }

    func artists(_ clause: String, _ parameters: [Parameter]) throws -> [Artist] {
        var statement = try prepare(
            "SELECT \(Self.artistColumns) FROM artists \(clause)", parameters)
        var result: [Artist] = []
        while try statement.step() { result.append(Self.artist(statement)) }
        return result
    }

    private func genres(_ clause: String, _ parameters: [Parameter]) throws -> [Genre] {
        var statement = try prepare(
            """
            SELECT genres.genre_id, genres.name, genres.song_count, genres.total_song_count,
              (SELECT genre_id FROM genres AS parents
               WHERE parents.genre_number = genres.parent_number)
            FROM genres \(clause)
            """, parameters)
        var result: [Genre] = []
        while try statement.step() {
            result.append(
                Genre(
                    id: statement.text(0), name: statement.text(1), songCount: statement.int(2),
                    totalSongCount: statement.int(3), parentID: statement.optionalText(4)))
        }
        return result
    }
}
