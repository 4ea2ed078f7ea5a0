internal import SQLite
package import Storage

extension CatalogReader {
    /// What a song's tags and source say of its rights.
    package struct Traits {
        package var id: Digest
        /// Of the song, and of its album.
        package var labels: [String] = []
        package var genres: [String] = []
        package var owner: String?
        package var copyright: String?
    }

    /// Calls `body` with each song in the order of popularity.
    package func forEachSongTraits(_ body: (Traits) throws -> Void) throws {
        var songs = try catalog.prepare(
            """
            SELECT songs.rank, song_id, songs.labels, albums.label, owner,
              coalesce(songs.copyright, albums.copyright)
            FROM songs LEFT JOIN albums USING(album_number) ORDER BY songs.rank
            """)
        var genres = try catalog.prepare(
            """
            SELECT rank, name FROM song_genres JOIN genres USING(genre_number)
            ORDER BY rank, position
            """)
        var hasGenre = try genres.step()
        while try songs.step() {
            let rank = songs.int(0)
            guard let id = Digest(hex: songs.text(1)) else {
                throw FormatError(catalog.path, "song \(rank) has no valid song_id")
            }
            var traits = Traits(id: id)
            if let list = songs.optionalText(2) {
                traits.labels =
                    try JSONValue.parse(Array(list.utf8), path: catalog.path).strings ?? []
            }
            if let label = songs.optionalText(3) { traits.labels.append(label) }
            traits.owner = songs.optionalText(4)
            traits.copyright = songs.optionalText(5)
            while hasGenre, genres.int(0) <= rank {
                if genres.int(0) == rank { traits.genres.append(genres.text(1)) }
                hasGenre = try genres.step()
            }
            try body(traits)
        }
    }
}
