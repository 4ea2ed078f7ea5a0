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

    /// What further rows are held against.
    private struct Further {
        let query: SearchQuery
        let judge: SearchJudge
        let filters: SearchFilters
        let isGenre: Bool
    }

    private let index: SearchIndex
    private let tables: KindTables
    private var query: SearchQuery
    private let asked: SearchQuery
    private let kind: SearchKind
    private let spelling: SpellingReader
    private var document = SearchDocument()
    private var filters: SearchFilters
    private var ranked: [Candidate] = []
    private var known: Set<Int> = []
    private var isComplete = true
    private var looks = 0

    /// Rows that are ranked; further ones follow in the order of popularity.
    private static let rankedRows = 300
    private static let maximumRows = 1000
    /// Texts that are looked at for what was typed, and again for what was meant. With filters each
    /// costs more, and of albums and artists those of songs are among them.
    private var maximumLooks: Int { filters.isEmpty ? 4000 : kind == .songs ? 2500 : 1000 }
    /// Of those, for words beside the name of a genre.
    private static let genreLooks = 1000
    /// With so many rows nobody asks whether the query was meant otherwise.
    private static let enoughRows = 10
    private static let hardlyAny = 3
    private static let manySongs = 20

    /// - Returns: nil when nothing can be found.
    init?(
        _ index: SearchIndex, _ query: SearchQuery, _ kind: SearchKind, _ spelling: SpellingReader
    ) throws {
        guard !query.isEmpty, let filters = try SearchFilters(index, query, kind) else {
            return nil
        }
        self.filters = filters
        self.index = index
        self.query = query
        asked = query
        self.kind = kind
        self.spelling = spelling
        tables = index.tables(kind)
    }

    func result(limit: Int, offset: Int) throws -> SearchResult {
        var result = SearchResult()
        guard let judge = SearchJudge(query, kind, songs: index.songCount) else { return result }
        if kind == .songs { try query.lookUp(spelling) }
        if query.mayBeFound(endsWhole: true) { try collectExact(judge) }
        try collect(query, judge, endsWhole: true)
        if query.terms.contains(where: \.isPrefix) {
            // Half of the looks are for beginnings, however many whole words took.
            looks = min(looks, maximumLooks / 2)
            try collect(query, judge, endsWhole: false)
        }
        ranked.sort { Self.isBefore($0, $1) }
        var further = Further(query: query, judge: judge, filters: filters, isGenre: false)
        if let genre = try collectGenre() {
            further = genre
            if kind == .songs { index.note(asked, isMeantAsTyped: true) }
        } else {
            if kind == .songs { index.note(asked, isMeantAsTyped: !mayBeMisspelled) }
            if mayBeMisspelled, try kind == .songs || !index.isMeantAsTyped(asked) {
                if let meant = try collectMisspelled(&result) { further = meant }
            }
        }
        var rows = ranked
        if !isComplete, offset + limit > rows.count { try append(further, &rows) }
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

    // MARK: Rows

    /// Looks at a row, and keeps it when it fits.
    private func consider(
        _ row: Int, _ judge: SearchJudge, isExactForm: Bool = false, areFiltersMet: Bool = false
    ) throws -> Candidate? {
        guard let rank = try tables.load(row, into: &document),
            try kind != .songs || filters.areMet(by: document, song: row),
            let verdict = judge.judge(document, rank: rank, isExactForm: isExactForm),
            try kind == .songs || areFiltersMet || filters.isEmpty
                || filters.areMet(byOwner: row, look)
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
        try forEachRow(query, endsWhole: endsWhole) { row, areFiltersMet in
            if known.contains(row) {
                found += 1
            } else if let candidate = try consider(row, judge, areFiltersMet: areFiltersMet) {
                known.insert(row)
                ranked.append(candidate)
                found += 1
            }
            if found == Self.rankedRows { isComplete = false }
            return found < Self.rankedRows
        }
    }

    /// Calls with rows that may fit, most popular first, and whether they are known to meet the
    /// filters.
    private func forEachRow(
        _ query: SearchQuery, endsWhole: Bool, _ body: (Int, Bool) throws -> Bool
    ) throws {
        let plan = try SearchPlan(
            query, tables, spelling, endsWhole: endsWhole, looks: maximumLooks)
        if plan.isEmpty || filters.areOfCodes || filters.expectedSongs < plan.songsAtMost {
            try filters.forEachRow(look) { row in
                if kind != .songs { return try body(row, true) }
                return try look() && body(row, false)
            }
        } else if let expression = plan.expression {
            try tables.forEachMatch(expression) { try look() && body($0, false) }
        } else if let list = plan.list {
            for row in list {
                guard look(), try body(row, false) else { return }
            }
            if list.count == SearchIndexBuilder.prefixRows { isComplete = false }
        }
    }

    /// - Returns: false when enough texts were looked at.
    private func look() -> Bool {
        looks += 1
        if looks > maximumLooks { isComplete = false }
        return looks <= maximumLooks
    }

    // MARK: What was meant

    /// Rows for words that are spelled nearly so, behind all others.
    ///
    /// - Returns: By what further ones are found; nil where there are none.
    private func collectMisspelled(_ result: inout SearchResult) throws -> Further? {
        var further: Further?
        let before = ranked
        ranked = []
        looks = 0
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
            guard !ranked.isEmpty else {
                isComplete = wasComplete
                continue
            }
            // Of looks that were too few the first reading that finds anything says nothing.
            isComplete = wasComplete && ranked.count < Self.rankedRows
            if !isComplete {
                further = Further(
                    query: corrected, judge: judge, filters: filters, isGenre: false)
            }
            ranked.sort { Self.isBefore($0, $1) }
            if before.isEmpty || before.count < Self.hardlyAny && isFarMoreFrequent(corrected) {
                result.didYouMean = corrected.text(with: ranked[0].corrections)
            }
            break
        }
        ranked = before + ranked
        return further
    }

    /// Whether what was meant is in many more songs than what was typed: a rare word that is found is
    /// most likely meant.
    private func isFarMoreFrequent(_ corrected: SearchQuery) -> Bool {
        let meant = ranked[0].corrections
        let positive = corrected.terms.filter { !$0.isNegative }
        return meant.contains { number, word in
            guard positive.indices.contains(number) else { return false }
            let songs = positive[number].corrections.first { $0.word == word }?.songs ?? 0
            return songs >= Self.manySongs
        }
    }

    // MARK: Genres and further rows

    /// Rows of the genre that some words are the name of, behind those that have the words.
    ///
    /// - Returns: By what further ones are found; nil where there are none.
    private func collectGenre() throws -> Further? {
        guard isComplete, known.count < Self.rankedRows else { return nil }
        for reading in try query.genreReadings(index.facets.isGenre) {
            let hasWords = reading.terms.contains { !$0.isNegative }
            guard !hasWords || known.count < Self.enoughRows,
                let filters = try SearchFilters(index, reading, kind),
                let judge = SearchJudge(reading, kind, songs: index.songCount)
            else { continue }
            let before = (ranked: ranked, filters: self.filters)
            ranked = []
            self.filters = filters
            looks = max(0, maximumLooks - Self.genreLooks)
            try collect(reading, judge, endsWhole: true)
            if reading.terms.contains(where: \.isPrefix) {
                try collect(reading, judge, endsWhole: false)
            }
            let found = ranked.sorted { Self.isBefore($0, $1) }.map(Self.ofGenre)
            ranked = before.ranked + found
            self.filters = before.filters
            guard found.isEmpty else {
                return Further(query: reading, judge: judge, filters: filters, isGenre: true)
            }
        }
        return nil
    }

    private static func ofGenre(_ candidate: Candidate) -> Candidate {
        Candidate(row: candidate.row, score: candidate.score.ofGenre, corrections: [:])
    }

    /// More rows for those who turn many pages, in the order of popularity.
    private func append(_ further: Further, _ rows: inout [Candidate]) throws {
        isComplete = true
        looks = 0
        filters = further.filters
        var found: [Candidate] = []
        let query = further.query
        try forEachRow(query, endsWhole: !query.terms.contains(where: \.isPrefix)) {
            row, areFiltersMet in
            if !known.contains(row),
                let candidate = try consider(row, further.judge, areFiltersMet: areFiltersMet)
            {
                found.append(further.isGenre ? Self.ofGenre(candidate) : candidate)
            }
            if rows.count + found.count == Self.maximumRows { isComplete = false }
            return rows.count + found.count < Self.maximumRows
        }
        rows += found
    }
}
