internal import SQLite

/// Songs that have one facet, in the order of popularity, read in chunks.
final class FacetCursor {
    private var chunks: Statement
    private var bytes: [UInt8] = []
    private var position = 0
    /// Of the chunk that is being read.
    private var last = 0
    private var current = 0
    private var isEnded = false

    private let facet: Int

    /// - Parameter facet: Its number.
    init(_ search: Database, _ facet: Int) throws {
        self.facet = facet
        chunks = try search.prepare(
            "SELECT key, rows FROM facet_rows WHERE key >= ?1 ORDER BY key LIMIT 1")
    }

    /// The number of a row of `facet_rows`.
    static func key(_ facet: Int, last: Int) -> Int { facet << 40 | last }

    /// The first song at or behind a row; nil when there is none. Rows must not fall.
    func first(from row: Int) throws -> Int? {
        if isEnded { return nil }
        if row > last {
            try chunks.bind(1, Self.key(facet, last: row))
            defer { chunks.reset() }
            guard try chunks.step(), chunks.int(0) >> 40 == facet else {
                isEnded = true
                return nil
            }
            last = chunks.int(0) & (1 << 40 - 1)
            bytes = chunks.blob(1)
            (position, current) = (0, 0)
        }
        while current < row, let difference = RowList.next(bytes, &position) {
            current += difference
        }
        if current < row {
            // A damaged chunk, which ends before its last row.
            isEnded = true
            return nil
        }
        return current
    }
}

/// Songs that have one of several facets, in the order of popularity.
struct FacetUnion {
    private let cursors: [FacetCursor]
    private var current: [Int]

    init(_ cursors: [FacetCursor]) {
        self.cursors = cursors
        current = Array(repeating: 0, count: cursors.count)
    }

    /// The first song at or behind a row; nil when there is none. Rows must not fall.
    mutating func first(from row: Int) throws -> Int? {
        var first = Int.max
        for index in cursors.indices {
            if current[index] < row { current[index] = try cursors[index].first(from: row) ?? .max }
            first = min(first, current[index])
        }
        return first == .max ? nil : first
    }
}
