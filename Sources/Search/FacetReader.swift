internal import Catalog
internal import SQLite

/// What songs are filtered by: years, genres, labels.
final class FacetReader {
    /// Alternatives, of which a song must have one; or, where negative, none.
    struct Group {
        let tokens: [String]
        let isNegative: Bool
        /// Songs that have one of them, at most.
        let songs: Int

        func isMet(by document: SearchDocument) -> Bool {
            bytes.contains { document.has(facet: $0) } != isNegative
        }

        private let bytes: [[UInt8]]

        init(_ tokens: [String], isNegative: Bool, songs: Int) {
            (self.tokens, self.isNegative, self.songs) = (tokens, isNegative, songs)
            bytes = tokens.map { Array($0.utf8) }
        }
    }

    private var matching: Statement
    private var counts: Statement
    private var isrc: Statement
    private let catalog: Database
    private var genres: [(number: Int, words: [String])]?

    init(search: Database, catalog: Database) throws {
        self.catalog = catalog
        matching = try search.prepare("SELECT rowid FROM facets WHERE facets MATCH ?1")
        counts = try search.prepare("SELECT songs FROM facet_counts WHERE facet = ?")
        isrc = try catalog.prepare("SELECT rank FROM songs WHERE isrc = ?1 ORDER BY rank LIMIT 300")
    }

    /// - Returns: nil when no song can meet a filter.
    func groups(_ query: SearchQuery) throws -> [Group]? {
        var groups: [Group] = []
        for (filter, isNegative) in query.filters {
            var alternatives: [[String]]
            switch filter {
            case .years(let range): alternatives = [Facets.years(range)]
            case .genre(let name): alternatives = [try genreNumbers(name).map(Facets.genre)]
            // Each word of the label is a filter of its own.
            case .label(let name): alternatives = Facets.label(name).map { [$0] }
            case .isrc: continue
            }
            for tokens in alternatives {
                var songs = 0
                var known: [String] = []
                for token in tokens {
                    let count = try self.songs(token)
                    if count > 0 { known.append(token) }
                    songs += count
                }
                if known.isEmpty {
                    if isNegative { continue }
                    return nil
                }
                groups.append(Group(known, isNegative: isNegative, songs: songs))
            }
        }
        return groups
    }

    private func songs(_ token: String) throws -> Int {
        try counts.bind(1, token)
        defer { counts.reset() }
        return try counts.step() ? counts.int(0) : 0
    }

    /// Calls with each song that has what the groups ask for, most popular first, until it returns
    /// false.
    func forEachSong(_ groups: [Group], _ body: (Int) throws -> Bool) throws {
        let parts = groups.filter { !$0.isNegative }.map { group in
            "(" + group.tokens.map { "\"\($0)\"" }.joined(separator: " OR ") + ")"
        }
        guard !parts.isEmpty else { return }
        try matching.bind(1, parts.joined(separator: " AND "))
        defer { matching.reset() }
        while try matching.step() {
            guard try body(matching.int(0)) else { return }
        }
    }

    func songs(isrc code: String) throws -> [Int] {
        try isrc.bind(1, code)
        defer { isrc.reset() }
        var rows: [Int] = []
        while try isrc.step() { rows.append(isrc.int(0)) }
        return rows
    }

    /// The genre of that name; where there is none, those that have all its words.
    private func genreNumbers(_ name: String) throws -> [Int] {
        let words = SearchText(name).words.map(\.plain)
        if genres == nil {
            var list: [(Int, [String])] = []
            var rows = try catalog.prepare("SELECT genre_number, name FROM genres")
            while try rows.step() {
                list.append((rows.int(0), SearchText(rows.text(1)).words.map(\.plain)))
            }
            genres = list
        }
        let exact = genres!.filter { $0.words == words || $0.words.joined() == words.joined() }
        if !exact.isEmpty { return exact.map(\.number) }
        return genres!.filter { Set(words).isSubset(of: $0.words) }.map(\.number)
    }
}
