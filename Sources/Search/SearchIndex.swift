internal import Catalog
internal import SQLite
internal import Storage

/// Answers queries from a published `search.sqlite` and the catalogue beside it.
///
/// Opens the files as immutable, and prepares its statements once; one a thread.
package final class SearchIndex {
    let search: Database
    let catalog: Database
    let songCount: Int
    private let kinds: [SearchKind: KindTables]
    /// The most popular of an artist's or an album's songs.
    let songsOfArtist: NumbersOf
    let songsOfAlbum: NumbersOf
    let artistsOfSong: NumbersOf
    let albumOfSong: NumbersOf
    private let spelling: SpellingReader
    private var lastOfSongs: (query: SearchQuery, isMeantAsTyped: Bool)?
    let facets: FacetReader

    /// - Parameter directory: Holds `catalog.sqlite` and `search.sqlite`.
    /// - Throws: `FileError` when one is missing, `FormatError` when it is none of this version.
    package init(directory: String) throws {
        search = try Self.open(directory + "/search.sqlite")
        catalog = try CatalogReader.open(directory + "/catalog.sqlite")
        songCount = Int(
            try search.scalar("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'songs'") ?? 0)
        var kinds: [SearchKind: KindTables] = [:]
        for kind in SearchKind.allCases { kinds[kind] = try KindTables(search, kind) }
        self.kinds = kinds
        spelling = try SpellingReader(search, path: directory + "/search.sqlite")
        facets = try FacetReader(search: search, catalog: catalog)
        songsOfArtist = try NumbersOf(
            catalog,
            """
            SELECT DISTINCT rank FROM song_artists
            WHERE artist_number = ? AND role IN ('main', 'featured') ORDER BY rank LIMIT 100
            """)
        songsOfAlbum = try NumbersOf(
            catalog, "SELECT rank FROM songs WHERE album_number = ? ORDER BY rank LIMIT 50")
        artistsOfSong = try NumbersOf(
            catalog,
            """
            SELECT artist_number FROM song_artists
            WHERE rank = ? AND role IN ('main', 'featured') ORDER BY position
            """)
        albumOfSong = try NumbersOf(
            catalog, "SELECT album_number FROM songs WHERE rank = ? AND album_number IS NOT NULL")
        // Nobody writes, so one transaction does for all queries: to begin one costs as much as a
        // row does.
        try search.execute("BEGIN")
        try catalog.execute("BEGIN")
    }

    private static func open(_ path: String) throws -> Database {
        guard FileSystem.exists(path) else { throw FileError("open", path, code: 2) }
        do {
            let search = try Database(path: path, mode: .immutable)
            let version = try search.scalar("PRAGMA user_version")
            guard version == Int64(SearchSchema.version) else {
                throw FormatError(
                    path, "is of version \(version ?? 0), not \(SearchSchema.version)",
                    hint: "run spindle index again with this version")
            }
            return search
        } catch let error as DatabaseError {
            guard error.isCorruption else { throw error }
            throw FormatError(path, "is damaged: \(error)", hint: "run spindle index again")
        }
    }

    func tables(_ kind: SearchKind) -> KindTables { kinds[kind]! }

    /// The best rows, best first.
    package func search(
        _ query: SearchQuery, _ kind: SearchKind, limit: Int, offset: Int = 0
    ) throws -> SearchResult {
        try SearchRun(self, query, kind, spelling)?.result(limit: limit, offset: offset)
            ?? SearchResult()
    }

    /// Whether songs have what was typed: then albums and artists that do not are not looked for
    /// under other spellings. One is asked for songs first as a rule, so the answer is there.
    func isMeantAsTyped(_ query: SearchQuery) throws -> Bool {
        if let last = lastOfSongs, last.query == query { return last.isMeantAsTyped }
        guard let run = try SearchRun(self, query, .songs, spelling) else { return false }
        _ = try run.result(limit: 1, offset: 0)
        return lastOfSongs.map { $0.query == query && $0.isMeantAsTyped } ?? false
    }

    func note(_ query: SearchQuery, isMeantAsTyped: Bool) {
        lastOfSongs = (query, isMeantAsTyped)
    }
}

/// What was found of one kind.
package struct SearchResult: Sendable {
    package struct Hit: Sendable {
        /// The song's rank, or the number of the album or artist.
        package let row: Int
        package let score: SearchScore
    }

    package var hits: [Hit] = []
    /// How many there are, as far as was counted.
    package var total = 0
    /// Whether all were counted.
    package var isTotalExact = true
    /// The query with other words, where what was typed is found nowhere or hardly.
    package var didYouMean: String?

    /// Of several kinds: nothing is meant otherwise when one kind has it as it was typed.
    package static func didYouMean(_ results: [SearchResult]) -> String? {
        guard !results.contains(where: { $0.didYouMean == nil && $0.total > 0 }) else { return nil }
        return results.max {
            $0.didYouMean == nil
                || $1.didYouMean != nil
                    && ($0.hits.first?.score.total ?? 0)
                        < ($1.hits.first?.score.total ?? 0)
        }?.didYouMean
    }

    /// The kind with the best hit; of equals the artist goes before the album, and that before the
    /// song.
    package static func bestKind(
        songs: SearchResult, albums: SearchResult, artists: SearchResult
    ) -> String? {
        let kinds: [(SearchKind, SearchResult)] = [
            (.artists, artists), (.albums, albums), (.songs, songs),
        ]
        var best: (kind: SearchKind, total: Double)?
        for (kind, result) in kinds {
            guard let total = result.hits.first?.score.total else { continue }
            // An artist is as popular as the best song, which is called otherwise or the same.
            if best.map({ total > $0.total }) ?? true { best = (kind, total) }
        }
        // Of a genre, or where only filters were given, nothing is called so; and an album is as
        // popular as songs of it that do not meet them.
        let isOnlyMet = kinds.allSatisfy { _, result in
            result.hits.first.map { [.genre, .filters].contains($0.score.reason) } ?? true
        }
        return isOnlyMet && !songs.hits.isEmpty ? SearchKind.songs.rawValue : best?.kind.rawValue
    }
}

/// The statements of one kind.
final class KindTables {
    let kind: SearchKind
    private var matching: Statement
    private var document: Statement
    private var exact: Statement
    private var prefix: Statement

    init(_ search: Database, _ kind: SearchKind) throws {
        self.kind = kind
        let table = kind.rawValue
        matching = try search.prepare(
            "SELECT rowid FROM \(table) WHERE \(table) MATCH ?1")
        let further = kind == .songs ? "facets" : "best_rank"
        document = try search.prepare("SELECT text, \(further) FROM \(table)_docs WHERE row = ?")
        exact = try search.prepare("SELECT rows FROM \(table)_exact WHERE key = ?")
        prefix = try search.prepare(
            "SELECT rows, postings FROM \(table)_prefixes WHERE prefix = ?")
    }

    /// Calls with each matching row, best first, until it returns false.
    func forEachMatch(_ expression: String, _ body: (Int) throws -> Bool) throws {
        try matching.bind(1, expression)
        defer { matching.reset() }
        while try matching.step() {
            guard try body(matching.int(0)) else { return }
        }
    }

    /// Loads a row's texts.
    ///
    /// - Returns: The rank of the song, or of the best one; nil where there is no such row.
    func load(_ row: Int, into loaded: inout SearchDocument) throws -> Int? {
        try document.bind(1, row)
        defer { document.reset() }
        guard try document.step() else { return nil }
        guard kind == .songs else {
            document.withBytes(0) { loaded.load($0) }
            return document.int(1)
        }
        document.withBytes(0) { text in document.withBytes(1) { loaded.load(text, facets: $0) } }
        return row
    }

    func exactRows(_ plain: String) throws -> [Int] {
        try exact.bind(1, ExactKey.key(plain.utf8))
        defer { exact.reset() }
        guard try exact.step() else { return [] }
        return exact.withBytes(0) { RowList.decode($0, limit: SearchIndexBuilder.exactRows) }
    }

    /// The first rows of a beginning that many words have, and how many rows those words have
    /// together; nil where few have it.
    func dense(_ beginning: String) throws -> (rows: [Int], postings: Int)? {
        try prefix.bind(1, beginning)
        defer { prefix.reset() }
        guard try prefix.step() else { return nil }
        return (
            prefix.withBytes(0) { RowList.decode($0, limit: SearchIndexBuilder.prefixRows) },
            prefix.int(1)
        )
    }
}

/// What belongs to something with a number, as numbers.
final class NumbersOf {
    private var statement: Statement

    init(_ catalog: Database, _ sql: String) throws { statement = try catalog.prepare(sql) }

    func callAsFunction(_ number: Int) throws -> [Int] {
        var rows: [Int] = []
        try forEach(number) {
            rows.append($0)
            return true
        }
        return rows
    }

    /// Calls with one after the other until it returns false, and reads no more than that.
    func forEach(_ number: Int, _ body: (Int) throws -> Bool) throws {
        try statement.bind(1, number)
        defer { statement.reset() }
        while try statement.step() {
            guard try body(statement.int(0)) else { return }
        }
    }
}
