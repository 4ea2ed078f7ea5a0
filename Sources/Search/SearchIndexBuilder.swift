internal import Catalog
internal import SQLite
internal import Storage

/// Builds `search.sqlite` from `catalog.sqlite`: the same catalogue gives the same bytes.
///
/// Songs, albums and artists are read in the order of their numbers and written once; what has to
/// be sorted is sorted by SQLite on disk. Memory does not grow with the catalogue.
package struct SearchIndexBuilder {
    private let directory: String
    private let catalog: Database
    private let search: Database

    /// Where words that begin so have more rows together, a list of the first is kept.
    private let densePostings: Int
    static let prefixRows = 300
    static let exactRows = 64

    /// - Parameter directory: Holds `catalog.sqlite`; `search.sqlite` is made there.
    package init(directory: String, densePostings: Int = 8192) throws {
        self.directory = directory
        self.densePostings = densePostings
        catalog = try Database(path: directory + "/catalog.sqlite", mode: .immutable)
        let path = directory + "/search.sqlite"
        try FileSystem.remove(path)
        // A file that nobody reads before it is whole needs neither journal nor syncs.
        search = try Database(path: path)
        try search.execute(
            """
            PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768;
            PRAGMA temp_store = FILE
            """)
    }

    package func build() throws {
        try search.execute("BEGIN")
        try search.execute(SearchSchema.tables)
        for table in Self.fullTextTables { try Self.beginLoad(search, table) }
        try search.execute("CREATE TABLE temp.exact(kind INTEGER, key INTEGER, row INTEGER)")
        let names = try SearchNames(catalog)
        let songs = try writeSongs(names)
        try writeAlbums(names)
        try writeArtists(names)
        for table in Self.fullTextTables {
            // One segment: the fastest to read, and the same bytes however they were merged.
            try search.execute("INSERT INTO \(table)(\(table)) VALUES('optimize')")
        }
        try writeExact()
        for kind in SearchKind.allCases { try SearchPrefixes(search, kind, densePostings).write() }
        try search.execute(
            """
            CREATE VIRTUAL TABLE temp.facet_terms USING fts5vocab(main, facets, row);
            INSERT INTO facet_counts SELECT term, doc FROM temp.facet_terms ORDER BY term;
            DROP TABLE temp.facet_terms
            """)
        let bits = try SpellingWriter(search).write()
        var meta = try search.prepare("INSERT INTO meta VALUES(?, ?)")
        for (key, value) in [("songs", songs), ("spelling_bits", bits)] {
            try meta.bind(1, key)
            try meta.bind(2, String(value))
            try meta.run()
        }
        try search.execute("COMMIT")
    }

    private static let fullTextTables = ["songs", "albums", "artists", "facets"]

    /// Large segments that nothing merges before the end: each row is merged once.
    private static func beginLoad(_ search: Database, _ table: String) throws {
        try search.execute(
            """
            INSERT INTO \(table)(\(table), rank) VALUES('automerge', 0);
            INSERT INTO \(table)(\(table), rank) VALUES('crisismerge', 10000);
            INSERT INTO \(table)(\(table), rank) VALUES('hashsize', 4194304);
            """)
    }

    // MARK: Rows

    /// - Returns: How many there are.
    private func writeSongs(_ names: SearchNames) throws -> Int {
        var rows = try catalog.prepare(
            """
            SELECT rank, title, title_sort, album_number, release_date, original_date, labels
            FROM songs ORDER BY rank
            """)
        let people = try SongCursor(
            catalog,
            """
            SELECT rank, artist_number FROM song_artists
            WHERE role NOT IN ('producer', 'lyricist') ORDER BY rank, position
            """)
        let genres = try SongCursor(
            catalog, "SELECT rank, genre_number FROM song_genres ORDER BY rank, position")
        let tree = try GenreParents(catalog)
        var text = try search.prepare(
            "INSERT INTO songs(rowid, title, artist, album) VALUES(?, ?, ?, ?)")
        var facet = try search.prepare("INSERT INTO facets(rowid, facet) VALUES(?, ?)")
        var doc = try search.prepare("INSERT INTO songs_docs VALUES(?, ?, ?)")
        var exact = try ExactRows(search, .songs)
        var knownLabels: [String: [String]] = [:]
        func labels(_ list: String) -> [String] {
            if let known = knownLabels[list] { return known }
            if knownLabels.count >= 20_000 { knownLabels.removeAll(keepingCapacity: true) }
            let tokens = Facets.labels(list)
            knownLabels[list] = tokens
            return tokens
        }
        var count = 0
        while try rows.step() {
            let rank = rows.int(0)
            count += 1
            var row = IndexedRow(title: rows.text(1), sort: rows.optionalText(2))
            var known: [Int] = []
            while let artist = try people.next(of: rank) {
                guard !known.contains(artist) else { continue }
                known.append(artist)
                row.addName(try names.artist(artist))
            }
            row.endField()
            if let album = rows.optionalInt(3) { row.addName(try names.album(album)) }
            var facets = Facets(dates: [rows.text(4), rows.text(5)])
            while let genre = try genres.next(of: rank) { facets.add(genres: tree.path(genre)) }
            facets.add(labels: labels(rows.text(6)))

            try text.bind(1, rank)
            for (column, tokens) in row.columns(3).enumerated() {
                try text.bind(Int32(column + 2), tokens)
            }
            try text.run()
            let facetText = facets.text
            if !facetText.isEmpty {
                try facet.bind(1, rank)
                try facet.bind(2, facetText)
                try facet.run()
            }
            try doc.bind(1, rank)
            try doc.bind(2, row.document)
            try doc.bind(3, facets.checked)
            try doc.run()
            try exact.add(rank, row.exactForms(.songs))
        }
        return count
    }

    private func writeAlbums(_ names: SearchNames) throws {
        var rows = try catalog.prepare(
            """
            SELECT album_number, title, album_sort, artist, best_rank FROM albums
            ORDER BY album_number
            """)
        let people = try SongCursor(
            catalog,
            "SELECT album_number, artist_number FROM album_artists ORDER BY album_number, position")
        var text = try search.prepare("INSERT INTO albums(rowid, title, artist) VALUES(?, ?, ?)")
        var doc = try search.prepare("INSERT INTO albums_docs VALUES(?, ?, ?)")
        var exact = try ExactRows(search, .albums)
        while try rows.step() {
            let number = rows.int(0)
            var row = IndexedRow(title: rows.text(1), sort: rows.optionalText(2))
            var hasArtist = false
            while let artist = try people.next(of: number) {
                row.addName(try names.artist(artist))
                hasArtist = true
            }
            if !hasArtist { row.addName(IndexedName(rows.text(3), sort: nil)) }
            try text.bind(1, number)
            for (column, tokens) in row.columns(2).enumerated() {
                try text.bind(Int32(column + 2), tokens)
            }
            try text.run()
            try doc.bind(1, number)
            try doc.bind(2, row.document)
            try doc.bind(3, rows.int(4))
            try doc.run()
            try exact.add(number, row.exactForms(.albums))
        }
    }

    private func writeArtists(_ names: SearchNames) throws {
        var rows = try catalog.prepare(
            """
            SELECT artist_number, name, sort_name,
              -- Whoever only has albums, as "Various Artists" does, is popular by others' songs.
              iif(song_count > 0, best_rank, (SELECT max(rank) FROM songs))
            FROM artists WHERE is_listed ORDER BY artist_number
            """)
        var text = try search.prepare("INSERT INTO artists(rowid, name) VALUES(?, ?)")
        var doc = try search.prepare("INSERT INTO artists_docs VALUES(?, ?, ?)")
        var exact = try ExactRows(search, .artists)
        while try rows.step() {
            let row = IndexedRow(title: rows.text(1), sort: rows.optionalText(2))
            try text.bind(1, rows.int(0))
            try text.bind(2, row.columns(1)[0])
            try text.run()
            try doc.bind(1, rows.int(0))
            try doc.bind(2, row.document)
            try doc.bind(3, rows.int(3))
            try doc.run()
            try exact.add(rows.int(0), row.exactForms(.artists))
        }
    }

    private func writeExact() throws {
        for (number, kind) in SearchKind.allCases.enumerated() {
            var rows = try search.prepare(
                "SELECT key, row FROM temp.exact WHERE kind = \(number) ORDER BY key, row")
            var insert = try search.prepare("INSERT INTO \(kind.rawValue)_exact VALUES(?, ?)")
            var key = -1
            var list: [Int] = []
            func flush() throws {
                guard !list.isEmpty else { return }
                try insert.bind(1, key)
                try insert.bind(2, RowList.encode(list))
                try insert.run()
            }
            while try rows.step() {
                if rows.int(0) != key {
                    try flush()
                    key = rows.int(0)
                    list.removeAll(keepingCapacity: true)
                }
                let row = rows.int(1)
                if list.count < Self.exactRows, list.last != row { list.append(row) }
            }
            try flush()
        }
        try search.execute("DROP TABLE temp.exact")
    }
}

/// Notes which rows are called just so.
private struct ExactRows: ~Copyable {
    private var insert: Statement

    init(_ search: Database, _ kind: SearchKind) throws {
        let number = SearchKind.allCases.firstIndex(of: kind)!
        insert = try search.prepare("INSERT INTO temp.exact VALUES(\(number), ?, ?)")
    }

    mutating func add(_ row: Int, _ forms: [String]) throws {
        for form in forms {
            try insert.bind(1, ExactKey.key(form))
            try insert.bind(2, row)
            try insert.run()
        }
    }
}

/// Pairs of a row number and a value, in the order of the rows, read in step with the rows.
private final class SongCursor {
    private var rows: Statement
    private var current: (row: Int, value: Int)?

    init(_ catalog: Database, _ sql: String) throws {
        rows = try catalog.prepare(sql)
        try step()
    }

    private func step() throws {
        current = try rows.step() ? (rows.int(0), rows.int(1)) : nil
    }

    /// The next value of a row; nil when there is none left.
    func next(of row: Int) throws -> Int? {
        while let now = current, now.row <= row {
            try step()
            if now.row == row { return now.value }
        }
        return nil
    }
}

/// The genre tree, upwards.
private struct GenreParents {
    private var parents: [Int: Int] = [:]

    init(_ catalog: Database) throws {
        var rows = try catalog.prepare(
            "SELECT genre_number, parent_number FROM genres WHERE parent_number IS NOT NULL")
        while try rows.step() { parents[rows.int(0)] = rows.int(1) }
    }

    /// A genre and those above it.
    func path(_ genre: Int) -> [Int] {
        var path = [genre]
        while let parent = parents[path.last!], !path.contains(parent) { path.append(parent) }
        return path
    }
}
