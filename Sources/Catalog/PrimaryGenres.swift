internal import SQLite
package import Storage

/// Each song's first genre, one after another in the order of ranks, beside another list in that order.
package final class PrimaryGenres {
    private let database: Database
    private var rows: Statement

    /// - Parameter directory: Holds `catalog.sqlite`.
    package init(directory: String) throws {
        database = try Database(path: directory + "/catalog.sqlite", mode: .immutable)
        rows = try database.prepare(
            """
            SELECT song_id, name FROM songs
            LEFT JOIN song_genres ON song_genres.rank = songs.rank AND position = 1
            LEFT JOIN genres ON genres.genre_id = song_genres.genre_id
            ORDER BY songs.rank
            """)
    }

    /// - Returns: nil behind the last song.
    package func next() throws -> (song: Digest, genre: String?)? {
        guard try rows.step(), let id = Digest(hex: rows.text(0)) else { return nil }
        return (id, rows.optionalText(1))
    }
}
