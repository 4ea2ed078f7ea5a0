/// How rows come that may fit: by words that FTS5 looks for, or from a list.
///
/// Rows that come are held against all of the query, so a plan may leave words out: what FTS5 does
/// with many frequent words takes longest.
struct SearchPlan {
    private(set) var expression: String?
    private(set) var list: [Int]?
    /// No more songs than that have all the words, as far as is known.
    private(set) var songsAtMost = Int.max

    private struct Clause {
        let expression: String
        /// In how many songs it is, at most or about.
        let songs: Int
        /// Whether that is known.
        let isCounted: Bool
    }

    /// More words do not make the rows fewer by much.
    private static let maximumClauses = 4
    /// So many rows of words that begin so FTS5 reads in a few milliseconds.
    private static let readablePostings = 65_536
    /// About how many songs a phrase has, or part of a text without spaces.
    private static let songsOfPhrase = 1000
    private static let songsOfBeginning = 8192
    /// A field's beginning that is shorter is looked for among the first rows that have it in any.
    private static let fieldLetters = 3

    /// - Parameter looks: Texts that may be looked at.
    init(
        _ query: SearchQuery, _ tables: KindTables, _ spelling: SpellingReader, endsWhole: Bool,
        looks: Int
    ) throws {
        var clauses: [Clause] = []
        var negative: [String] = []
        /// Beginnings that FTS5 may look for beside frequent words.
        var beginnings: [(expression: String, postings: Int)] = []
        for term in query.terms {
            guard let column = Self.column(of: term, tables.kind) else { continue }
            if term.isNegative {
                // Of a longer phrase the texts tell.
                if SearchExpression.isWhole(term) {
                    negative.append(column + SearchExpression.term(term, isPrefix: false))
                }
                continue
            }
            let isPrefix = term.isPrefix && !endsWhole || term.isOneSign
            let expression = column + SearchExpression.term(term, isPrefix: isPrefix)
            if isPrefix, let beginning = term.beginning,
                term.field == nil || beginning.unicodeScalars.count < Self.fieldLetters,
                let dense = try tables.dense(beginning)
            {
                take(dense.rows)
                beginnings.append((expression, dense.postings))
                continue
            }
            let dense = try Self.denseRows(term.corrections, tables)
            if !dense.isEmpty {
                take(dense)
                continue
            }
            guard !clauses.contains(where: { $0.expression == expression }) else { continue }
            clauses.append(try Self.clause(term, expression, isPrefix: isPrefix, spelling))
        }
        songsAtMost = clauses.filter(\.isCounted).map(\.songs).min() ?? Int.max
        if let rarest = clauses.map(\.songs).min(), rarest > looks,
            let beginning = beginnings.min(by: { $0.postings < $1.postings }),
            beginning.postings <= Self.readablePostings
        {
            clauses.append(
                Clause(
                    expression: beginning.expression, songs: beginning.postings, isCounted: false))
        }
        guard !clauses.isEmpty else { return }
        if clauses.count > Self.maximumClauses {
            let rarest = clauses.indices.sorted {
                (clauses[$0].songs, $0) < (clauses[$1].songs, $1)
            }
            clauses = rarest.prefix(Self.maximumClauses).sorted().map { clauses[$0] }
        }
        let positive = clauses.map(\.expression).joined(separator: " AND ")
        expression =
            negative.isEmpty
            ? positive
            : "(\(positive))" + negative.prefix(Self.maximumClauses).map { " NOT " + $0 }.joined()
    }

    /// Neither: what is asked for is only held against rows.
    var isEmpty: Bool { expression == nil && list == nil }

    /// Keeps the shortest list.
    private mutating func take(_ rows: [Int]) {
        if list.map({ rows.count < $0.count }) ?? true { list = rows }
    }

    private static func clause(
        _ term: SearchQuery.Term, _ expression: String, isPrefix: Bool, _ spelling: SpellingReader
    ) throws -> Clause {
        guard term.words.count == 1, !term.words[0].isUnspaced, term.words[0].parts.count == 1,
            term.words[0].variants.isEmpty
        else {
            return Clause(
                expression: expression, songs: term.isOneSign ? songsOfBeginning : songsOfPhrase,
                isCounted: false)
        }
        if isPrefix {
            return Clause(expression: expression, songs: songsOfBeginning, isCounted: false)
        }
        let own = try spelling.presence(of: term.words[0].parts[0]).songs
        return Clause(
            expression: expression, songs: term.corrections.reduce(own) { $0 &+ $1.songs },
            isCounted: term.corrections.allSatisfy { !$0.isBeginning })
    }

    /// The first rows of those beginnings that have lists; the others are left to the texts then.
    private static func denseRows(_ corrections: [SearchQuery.Correction], _ tables: KindTables)
        throws -> [Int]
    {
        var rows: Set<Int> = []
        for correction in corrections where correction.isBeginning {
            rows.formUnion(try tables.dense(correction.word)?.rows ?? [])
        }
        return rows.sorted()
    }

    /// "title : " for a field; nil for one that the kind does not have.
    private static func column(of term: SearchQuery.Term, _ kind: SearchKind) -> String? {
        guard let field = term.field else { return "" }
        return kind.column(field).map { "\($0) : " }
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
