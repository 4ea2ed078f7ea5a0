import SQLite
import Search
import Storage
import TestSupport

@testable import Catalog

/// A catalogue of songs in the order of popularity, and its search index.
struct SearchFixture {
    struct Song {
        var title: String
        var artists: [String] = ["Somebody"]
        var sorts: [String: String] = [:]
        var titleSort: String?
        var album: String?
        var year: Int?
        var genre: String?
        var label: String?
        var isrc: String?
    }

    let folder: String
    let index: SearchIndex
    let catalog: CatalogReader

    static func with(
        _ songs: [Song], densePostings: Int = 8192, limits: SearchIndexBuilder.Limits = .init(),
        _ body: (SearchFixture) throws -> Void
    ) throws {
        var limits = limits
        limits.densePostings = densePostings
        try withTemporaryFolder { folder in
            try write(songs, to: folder + "/catalog.sqlite")
            try SearchIndexBuilder(directory: folder, limits: limits).build()
            try body(
                SearchFixture(
                    folder: folder, index: try SearchIndex(directory: folder),
                    catalog: try CatalogReader(directory: folder)))
        }
    }

    static func with(titles: [String], _ body: (SearchFixture) throws -> Void) throws {
        try with(titles.map { Song(title: $0) }, body)
    }

    func songs(_ text: String, limit: Int = 20, offset: Int = 0) throws -> [String] {
        let result = try index.search(SearchQuery(text), .songs, limit: limit, offset: offset)
        return try catalog.songs(ranks: result.hits.map(\.row)).map(\.title)
    }

    func artists(_ text: String) throws -> [String] {
        let result = try index.search(SearchQuery(text), .artists, limit: 20)
        return try catalog.artists(numbers: result.hits.map(\.row)).map(\.name)
    }

    func ranks(_ text: String, limit: Int = 20, offset: Int = 0) throws -> [Int] {
        try index.search(SearchQuery(text), .songs, limit: limit, offset: offset).hits.map(\.row)
    }

    func result(_ text: String, _ kind: SearchKind = .songs) throws -> SearchResult {
        try index.search(SearchQuery(text), kind, limit: 20)
    }

    static func write(_ songs: [Song], to path: String) throws {
        let database = try Database(path: path)
        try database.execute(CatalogSchema.catalog)
        try database.execute("BEGIN")
        var artists: [String: Int] = [:]
        var albums: [String: Int] = [:]
        var genres: [String: Int] = [:]
        func run(_ sql: String, _ values: [Any?]) throws {
            var statement = try database.prepare(sql)
            for (index, value) in values.enumerated() {
                switch value {
                case let number as Int: try statement.bind(Int32(index + 1), number)
                default: try statement.bind(Int32(index + 1), value as? String)
                }
            }
            try statement.run()
        }
        for (index, song) in songs.enumerated() {
            let rank = index + 1
            for name in song.artists where artists[name] == nil {
                artists[name] = artists.count + 1
                try run(
                    "INSERT INTO artists VALUES(?, ?, ?, 1, ?, ?, 0, 1, NULL)",
                    [artists[name]!, "artist-\(name)", name, rank, song.sorts[name] ?? name])
            }
            if let album = song.album, albums[album] == nil {
                albums[album] = albums.count + 1
                try run(
                    """
                    INSERT INTO albums(album_number, album_id, title, artist, is_compilation,
                      song_count, best_rank, duration_ms, disc_count)
                    VALUES(?, ?, ?, ?, 0, 1, ?, 1, 1)
                    """, [albums[album]!, "album-\(album)", album, song.artists[0], rank])
                try run(
                    "INSERT INTO album_artists VALUES(?, 1, ?)",
                    [albums[album]!, artists[song.artists[0]]!])
            }
            if let genre = song.genre, genres[genre] == nil {
                genres[genre] = genres.count + 1
                // "Punk/Oi!" is below "Punk".
                let parent = genre.split(separator: "/").dropLast().first.map { genres[String($0)] }
                try run(
                    "INSERT INTO genres VALUES(?, ?, ?, 1, ?, 1)",
                    [
                        genres[genre]!, "genre-\(genre)",
                        String(genre.split(separator: "/").last!), parent ?? nil,
                    ])
            }
            try run(
                """
                INSERT INTO songs(rank, song_id, title, title_sort, artist, album_number,
                  release_date, isrc, labels, duration_ms, size_bytes, bitrate_kbps, sample_rate_hz,
                  channels, score, streams, added, has_lyrics, has_synced_lyrics)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, 1, 1, 1, 0, 0, '2026-01-01', 0, 0)
                """,
                [
                    rank, "song-\(rank)", song.title, song.titleSort,
                    song.artists.joined(separator: ", "), song.album.map { albums[$0]! },
                    song.year.map(String.init), song.isrc,
                    song.label.map { "[\"\($0)\"]" },
                ])
            for (position, name) in song.artists.enumerated() {
                try run(
                    "INSERT INTO song_artists VALUES(?, ?, ?, 'main')",
                    [rank, position + 1, artists[name]!])
            }
            if let genre = song.genre {
                try run("INSERT INTO song_genres VALUES(?, 1, ?)", [rank, genres[genre]!])
            }
        }
        try database.execute(CatalogSchema.catalogIndexes)
        try database.execute("COMMIT")
    }
}
