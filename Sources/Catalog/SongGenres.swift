internal import SQLite
package import Storage

/// Each song's genres, one song after another in the order of ranks, beside another list in that order.
package final class SongGenres {
    private let database: Database
    private var rows: Statement

    /// - Parameter directory: Holds `catalog.sqlite`.
    package init(directory: String) throws {
        database = try Database(path: directory + "/catalog.sqlite", mode: .immutable)
        rows = try database.prepare(
            """
            SELECT song_id, (
              SELECT group_concat(name, char(10))
              FROM song_genres JOIN genres USING(genre_number) WHERE song_genres.rank = songs.rank)
            FROM songs ORDER BY rank
            """)
    }

    /// - Returns: nil behind the last song.
    package func next() throws -> (song: Digest, genres: [String])? {
        guard try rows.step(), let id = Digest(hex: rows.text(0)) else { return nil }
        return (id, rows.text(1).split(separator: "\n").map(String.init))
    }
}
