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
            /// It does not; the lists of the words of a label do.
            case label([FacetMembership])
        }

        /// Their numbers.
        let facets: [Int]
        let isNegative: Bool
        let check: Check
        /// Songs that have one of them, at most.
        let songs: Int

        /// A label's words are all needed.
        var areAllNeeded: Bool {
            if case .label = check { true } else { false }
        }

        func isMet(by document: SearchDocument, row: Int) throws -> Bool {
            switch check {
            case .years(let range): document.hasYear(in: range) != isNegative
            case .genres(let names): names.contains { document.has(facet: $0) } != isNegative
            case .label(let words): try words.allSatisfy { try $0.contains(row) } != isNegative
            }
        }
    }

    private let chunks: FacetChunks
    private var numbers: Statement
    private var isrc: Statement
    private let catalog: Database
    private var genres: GenreNames?

    init(search: Database, catalog: Database) throws {
        self.catalog = catalog
        chunks = try FacetChunks(search)
        numbers = try search.prepare("SELECT number, songs FROM facets WHERE facet = ?")
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
            case .label(let name): parts = [(Facets.label(name), .label([]))]
            case .isrc: continue
            }
            for (tokens, check) in parts {
                let isLabel = if case .label = check { true } else { false }
                let known = try tokens.compactMap { try facet($0) }
                if known.isEmpty || isLabel && known.count < tokens.count {
                    if isNegative { continue }
                    return nil
                }
                let counts = known.map(\.songs)
                groups.append(
                    Group(
                        facets: known.map(\.number), isNegative: isNegative,
                        check: isLabel
                            ? .label(known.map { FacetMembership(chunks, $0.number) }) : check,
                        songs: isLabel ? counts.min()! : counts.reduce(0, &+)))
            }
        }
        return groups
    }

    private func facet(_ token: String) throws -> (number: Int, songs: Int)? {
        try numbers.bind(1, token)
        defer { numbers.reset() }
        return try numbers.step() ? (numbers.int(0), numbers.int(1)) : nil
    }

    /// Calls with each song that has what the groups ask for, most popular first, until it returns
    /// false.
    func forEachSong(_ groups: [Group], _ body: (Int) throws -> Bool) throws {
        // Labels' words are all needed, of other facets one of each group.
        var lists: [FacetUnion] = []
        for group in groups where !group.isNegative {
            let cursors = group.facets.map { FacetCursor(chunks, $0) }
            lists += group.areAllNeeded ? cursors.map { FacetUnion([$0]) } : [FacetUnion(cursors)]
        }
        guard !lists.isEmpty else { return }
        var row = 1
        while true {
            var agreeing = 0
            var index = 0
            while agreeing < lists.count {
                guard let next = try lists[index].first(from: row) else { return }
                agreeing = next == row ? agreeing + 1 : 1
                row = next
                index = (index + 1) % lists.count
            }
            guard try body(row) else { return }
            row += 1
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
        let genres = try knownGenres()
        if let exact = genres.byName[GenreNames.key(words)] { return exact }
        return genres.names.filter { Set(words).isSubset(of: $0.words) }.map(\.number)
    }

    /// Whether a genre is called so.
    func isGenre(_ words: [String]) throws -> Bool {
        try knownGenres().byName[GenreNames.key(words)] != nil
    }

    private func knownGenres() throws -> GenreNames {
        if let genres { return genres }
        var names = GenreNames()
        var rows = try catalog.prepare("SELECT genre_number, name FROM genres")
        while try rows.step() {
            names.add(rows.int(0), SearchText(rows.text(1)).words.map(\.plain))
        }
        genres = names
        return names
    }
}

/// Genres by what they are called.
private struct GenreNames {
    private(set) var names: [(number: Int, words: [String])] = []
    private(set) var byName: [String: [Int]] = [:]

    /// Hip hop, hip-hop and hiphop are one.
    static func key(_ words: [String]) -> String { words.joined().filter { $0 != " " } }

    mutating func add(_ number: Int, _ words: [String]) {
        names.append((number, words))
        byName[Self.key(words), default: []].append(number)
    }
}
