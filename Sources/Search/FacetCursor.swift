internal import SQLite

/// Reads chunks of facets' songs, for any number of cursors.
final class FacetChunks {
    private var statement: Statement

    init(_ search: Database) throws {
        statement = try search.prepare(
            "SELECT key, rows FROM facet_rows WHERE key >= ?1 ORDER BY key LIMIT 1")
    }

    /// The first chunk that ends at or behind a row; nil when there is none.
    func next(_ facet: Int, from row: Int) throws -> (last: Int, bytes: [UInt8])? {
        try statement.bind(1, FacetCursor.key(facet, last: row))
        defer { statement.reset() }
        guard try statement.step(), statement.int(0) >> 40 == facet else { return nil }
        return (statement.int(0) & (1 << 40 - 1), statement.blob(1))
    }
}

/// Songs that have one facet, in the order of popularity.
final class FacetCursor {
    private let chunks: FacetChunks
    private let facet: Int
    private var bytes: [UInt8] = []
    private var position = 0
    /// Of the chunk that is being read.
    private var last = 0
    private var current = 0
    private var isEnded = false

    /// - Parameter facet: Its number.
    init(_ chunks: FacetChunks, _ facet: Int) {
        self.chunks = chunks
        self.facet = facet
    }

    /// The number of a row of `facet_rows`.
    static func key(_ facet: Int, last: Int) -> Int { facet << 40 | last }

    /// The first song at or behind a row; nil when there is none. Rows must not fall.
    func first(from row: Int) throws -> Int? {
        if isEnded { return nil }
        if row > last {
            guard let chunk = try chunks.next(facet, from: row) else {
                isEnded = true
                return nil
            }
            (last, bytes) = chunk
            (position, current) = (0, 0)
        }
        while current < row, let difference = RowList.next(bytes, &position) {
            current &+= difference
        }
        guard row...max(row, last) ~= current else {
            // A damaged chunk, which does not end with its last row.
            isEnded = true
            return nil
        }
        return current
    }
}

/// Whether songs have one facet, asked in any order; quickly where the rows rise.
final class FacetMembership {
    private let chunks: FacetChunks
    private let facet: Int
    private var cursor: FacetCursor
    private var last = 0

    /// - Parameter facet: Its number.
    init(_ chunks: FacetChunks, _ facet: Int) {
        self.chunks = chunks
        self.facet = facet
        cursor = FacetCursor(chunks, facet)
    }

    func contains(_ row: Int) throws -> Bool {
        if row < last { cursor = FacetCursor(chunks, facet) }
        last = row
        return try cursor.first(from: row) == row
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
