internal import Catalog
internal import SQLite

/// One query over one kind.
///
/// Rows come from the full-text tables in the order of popularity, so that the first of them are
/// enough; then they are ranked by how well their texts fit. What FTS5 would take long for, short
/// beginnings and filters beside frequent words, is held against the texts instead.
final class SearchRun {
    private struct Candidate {
        let row: Int
        let score: SearchScore
        let corrections: [Int: String]
    }

    /// A way to come by rows: words that FTS5 looks for, or else a list.
    private struct Plan {
        var expression: String?
        var list: [Int]?
        /// No more songs than that have all the words.
        var songsAtMost = Int.max
    }

    private let index: SearchIndex
    private let tables: KindTables
    private var query: SearchQuery
    private let kind: SearchKind
    private let spelling: SpellingReader
    private var document = SearchDocument()
    private var groups: [FacetReader.Group] = []
    private var isrcRows: [Int]?
    private var ranked: [Candidate] = []
    private var known: Set<Int> = []
    private var isComplete = true

    /// Rows that are ranked; further ones follow in the order of popularity.
    private static let rankedRows = 300
    private static let maximumRows = 1000
    /// Texts that are looked at for one list of rows.
    private static let maximumLooks = 4000
    /// A field's beginning that is shorter is looked for among the first rows that have it in any.
    private static let fieldLetters = 3
    /// With so many rows nobody asks whether the query was meant otherwise.
    private static let enoughRows = 10
    private static let hardlyAny = 3

    init(_ index: SearchIndex, _ query: SearchQuery, _ kind: SearchKind, _ spelling: SpellingReader)
    {
        self.index = index
        self.query = query
        self.kind = kind
        self.spelling = spelling
        tables = index.tables(kind)
    }

    func result(limit: Int, offset: Int) throws -> SearchResult {
        var result = SearchResult()
        guard !query.isEmpty, try prepareFilters(),
            let judge = SearchJudge(query, kind, songs: index.songCount)
        else { return result }
        if kind == .songs { try query.lookUp(spelling) }
        if query.mayBeFound(endsWhole: true) { try collectExact(judge) }
        try collect(query, judge, endsWhole: true)
        if query.terms.contains(where: \.isPrefix) { try collect(query, judge, endsWhole: false) }
        ranked.sort { Self.isBefore($0, $1) }
        if mayBeMisspelled { try collectMisspelled(&result) }
        var rows = ranked
        if !isComplete, offset + limit > rows.count { try appendFurther(judge, &rows) }
        result.total = rows.count
        result.isTotalExact = isComplete
        result.hits = rows.dropFirst(offset).prefix(limit).map {
            .init(row: $0.row, score: $0.score)
        }
        return result
    }

    /// Words that stand together somewhere were meant so; a single one may be rare and yet meant
    /// otherwise.
    private var mayBeMisspelled: Bool {
        known.isEmpty
            || known.count < Self.enoughRows && query.terms.count { !$0.isNegative } == 1
    }

    private static func isBefore(_ a: Candidate, _ b: Candidate) -> Bool {
        a.score.total != b.score.total ? a.score.total > b.score.total : a.row < b.row
    }

    /// - Returns: false when nothing can be found.
    private func prepareFilters() throws -> Bool {
        guard !query.filters.isEmpty else { return true }
        // Filters are of songs.
        guard kind == .songs, let groups = try index.facets.groups(query) else { return false }
        self.groups = groups
        for case (.isrc(let code), false) in query.filters {
            isrcRows = try index.facets.songs(isrc: code)
        }
        return true
    }

    // MARK: Rows

    /// Looks at a row, and keeps it when it fits.
    private func consider(_ row: Int, _ judge: SearchJudge, isExactForm: Bool = false) throws
        -> Candidate?
    {
        guard let rank = try tables.load(row, into: &document),
            groups.allSatisfy({ $0.isMet(by: document, row: row) }),
            let verdict = judge.judge(document, rank: rank, isExactForm: isExactForm)
        else { return nil }
        return Candidate(row: row, score: verdict.score, corrections: verdict.corrections)
    }

    /// What is called just as the query, and the songs of the artist or album that is.
    private func collectExact(_ judge: SearchJudge) throws {
        guard let plain = query.plain, !plain.isEmpty else { return }
        var forms = [plain]
        let bytes = Array(plain.utf8)[...]
        let short = ExactKey.short(bytes, kind: kind)
        if short.count < bytes.count { forms.append(String(decoding: short, as: UTF8.self)) }
        for form in forms {
            for row in try tables.exactRows(form) { try keep(row, judge, isExactForm: true) }
        }
        guard kind == .songs else { return }
        for artist in try index.tables(.artists).exactRows(plain).prefix(4) {
            for row in try index.songsOfArtist(artist) { try keep(row, judge) }
        }
        for album in try index.tables(.albums).exactRows(plain).prefix(4) {
            for row in try index.songsOfAlbum(album) { try keep(row, judge) }
        }
    }

    private func keep(_ row: Int, _ judge: SearchJudge, isExactForm: Bool = false) throws {
        guard !known.contains(row),
            let candidate = try consider(row, judge, isExactForm: isExactForm)
        else { return }
        known.insert(row)
        ranked.append(candidate)
    }

    private func collect(_ query: SearchQuery, _ judge: SearchJudge, endsWhole: Bool) throws {
        guard query.mayBeFound(endsWhole: endsWhole) else { return }
        var found = 0
        try forEachRow(query, endsWhole: endsWhole) { row in
            if known.contains(row) {
                found += 1
            } else if let candidate = try consider(row, judge) {
                known.insert(row)
                ranked.append(candidate)
                found += 1
            }
            if found == Self.rankedRows { isComplete = false }
            return found < Self.rankedRows
        }
    }

    /// Calls with rows that may fit, most popular first.
    private func forEachRow(
        _ query: SearchQuery, endsWhole: Bool, _ body: (Int) throws -> Bool
    ) throws {
        var looks = 0
        func look(_ row: Int) throws -> Bool {
            looks += 1
            if looks > Self.maximumLooks {
                isComplete = false
                return false
            }
            return try body(row)
        }
        if let isrcRows {
            for row in isrcRows where try !look(row) { return }
            return
        }
        let plan = try plan(query, endsWhole: endsWhole)
        let filtered = groups.filter { !$0.isNegative }.map(\.songs).min() ?? Int.max
        if filtered < plan.songsAtMost || groups.contains(where: \.isOnlyListed)
            || (plan.expression == nil && plan.list == nil)
        {
            try index.facets.forEachSong(groups, look)
        } else if let expression = plan.expression {
            try tables.forEachMatch(expression, look)
        } else if let list = plan.list {
            for row in list where try !look(row) { return }
            if list.count == SearchIndexBuilder.prefixRows { isComplete = false }
        }
    }

    private func plan(_ query: SearchQuery, endsWhole: Bool) throws -> Plan {
        var plan = Plan()
        var positive: [String] = []
        var negative: [String] = []
        for term in query.terms {
            guard let column = column(of: term) else { continue }
            if term.isNegative {
                negative.append(column + SearchExpression.term(term, isPrefix: false))
                continue
            }
            let isPrefix = term.isPrefix && !endsWhole || term.isOneSign
            if isPrefix, let beginning = term.beginning,
                term.field == nil || beginning.unicodeScalars.count < Self.fieldLetters,
                let rows = try tables.denseRows(beginning)
            {
                if plan.list.map({ rows.count < $0.count }) ?? true { plan.list = rows }
                continue
            }
            let dense = try denseRows(term.corrections)
            if !dense.isEmpty {
                if plan.list.map({ dense.count < $0.count }) ?? true { plan.list = dense }
                continue
            }
            positive.append(column + SearchExpression.term(term, isPrefix: isPrefix))
            if !groups.isEmpty, !isPrefix, term.field == nil, term.corrections.isEmpty,
                term.words.count == 1,
                !term.words[0].isUnspaced, term.words[0].parts.count == 1
            {
                plan.songsAtMost = min(
                    plan.songsAtMost, try spelling.presence(of: term.words[0].parts[0]).songs)
            }
        }
        guard !positive.isEmpty else { return plan }
        plan.expression = positive.joined(separator: " AND ")
        if !negative.isEmpty {
            plan.expression = "(\(plan.expression!))" + negative.map { " NOT " + $0 }.joined()
        }
        return plan
    }

    /// The first rows of those beginnings that have lists; the others are left to the texts then.
    private func denseRows(_ corrections: [SearchQuery.Correction]) throws -> [Int] {
        var rows: Set<Int> = []
        for correction in corrections where correction.isBeginning {
            rows.formUnion(try tables.denseRows(correction.word) ?? [])
        }
        return rows.sorted()
    }

    /// "title : " for a field; nil for one that the kind does not have.
    private func column(of term: SearchQuery.Term) -> String? {
        guard let field = term.field else { return "" }
        return kind.column(field).map { "\($0) : " }
    }

    // MARK: What was meant

    /// Rows for words that are spelled nearly so, behind all others.
    private func collectMisspelled(_ result: inout SearchResult) throws {
        let before = ranked
        ranked = []
        var tried = query
        for forgiveness in query.forgiveness(nothingFound: known.isEmpty) {
            var corrected = query
            guard try corrected.correct(spelling, forgiveness), corrected != tried,
                let judge = SearchJudge(corrected, kind, songs: index.songCount)
            else { continue }
            tried = corrected
            let wasComplete = isComplete
            try collect(corrected, judge, endsWhole: true)
            if known.isEmpty, corrected.isCorrectedBeforeBeginning {
                try collect(corrected, judge, endsWhole: false)
            }
            // As it was typed it is complete; of what was meant there may always be more.
            isComplete = wasComplete
            guard !ranked.isEmpty else { continue }
            ranked.sort { Self.isBefore($0, $1) }
            if before.count < Self.hardlyAny {
                result.didYouMean = corrected.text(with: ranked[0].corrections)
            }
            break
        }
        ranked = before + ranked
    }

    /// More rows for those who turn many pages, in the order of popularity.
    private func appendFurther(_ judge: SearchJudge, _ rows: inout [Candidate]) throws {
        isComplete = true
        var further: [Candidate] = []
        try forEachRow(query, endsWhole: !query.terms.contains(where: \.isPrefix)) { row in
            if !known.contains(row), let candidate = try consider(row, judge) {
                further.append(candidate)
            }
            if rows.count + further.count == Self.maximumRows { isComplete = false }
            return rows.count + further.count < Self.maximumRows
        }
        rows += further
    }
}

extension SearchQuery.Term {
    /// One sign of a script without spaces begins any number of pairs.
    fileprivate var isOneSign: Bool {
        words.count == 1 && words[0].isUnspaced && words[0].parts[0].unicodeScalars.count == 1
    }

    /// What a single word begins with.
    fileprivate var beginning: String? {
        words.count == 1 && words[0].parts.count == 1 ? words[0].parts[0] : nil
    }
}
