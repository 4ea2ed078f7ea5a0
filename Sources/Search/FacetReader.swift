internal import Catalog
internal import SQLite

/// What songs are filtered by: years, genres, labels.
final class FacetReader {
    /// Alternatives, of which a song must have one; or, where negative, none.
    struct Group {
        /// How a song's row tells.
        enum Check {
            case years(ClosedRange<Int>)
            case genres([[UInt8]])
            /// It does not: these songs have it, or, where it is asked for, the full-text table
            /// has to be asked.
            case songs(Set<Int>)
        }

        let tokens: [String]
        let isNegative: Bool
        let check: Check
        /// Songs that have one of them, at most.
        let songs: Int

        /// Only the full-text table knows which songs have it.
        var isOnlyListed: Bool {
            if case .songs = check, !isNegative { return true }
            return false
        }

        func isMet(by document: SearchDocument, row: Int) -> Bool {
            switch check {
            case .years(let range): document.hasYear(in: range) != isNegative
            case .genres(let names): names.contains { document.has(facet: $0) } != isNegative
            case .songs(let rows): !isNegative || !rows.contains(row)
            }
        }
    }

    /// A label that is ruled out is looked up beforehand, as far as that.
    private static let ruledOutSongs = 100_000

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
            let parts: [(tokens: [String], check: Group.Check)]
            switch filter {
            case .years(let range): parts = [(Facets.years(range), .years(range))]
            case .genre(let name):
                let tokens = try genreNumbers(name).map(Facets.genre)
                parts = [(tokens, .genres(tokens.map { Array($0.utf8) }))]
            // A label's words belong together.
            case .label(let name): parts = [(Facets.label(name), .songs([]))]
            case .isrc: continue
            }
            for (tokens, check) in parts {
                let isLabel = if case .songs = check { true } else { false }
                let counts = try tokens.map { try self.songs($0) }
                let known = zip(tokens, counts).filter { $0.1 > 0 }.map(\.0)
                if known.isEmpty || isLabel && known.count < tokens.count {
                    if isNegative { continue }
                    return nil
                }
                let songs = isLabel ? counts.min()! : counts.reduce(0, +)
                var group = Group(
                    tokens: known, isNegative: isNegative, check: check, songs: songs)
                if isLabel, isNegative {
                    var rows: Set<Int> = []
                    let all = Group(tokens: known, isNegative: false, check: check, songs: songs)
                    try forEachSong([all]) {
                        rows.insert($0)
                        return rows.count < Self.ruledOutSongs
                    }
                    group = Group(
                        tokens: known, isNegative: true, check: .songs(rows), songs: songs)
                }
                groups.append(group)
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
            "("
                + group.tokens.map { "\"\($0)\"" }.joined(
                    separator: group.isOnlyListed ? " AND " : " OR ") + ")"
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
