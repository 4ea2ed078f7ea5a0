internal import SQLite

/// Finds the beginnings that many words have, and notes the first rows of each.
struct SearchPrefixes {
    private let search: Database
    private let kind: SearchKind
    private let densePostings: Int
    /// No beginning longer than this is looked at.
    private static let maximumLetters = 8

    init(_ search: Database, _ kind: SearchKind, _ densePostings: Int) {
        self.densePostings = densePostings
        self.search = search
        self.kind = kind
    }

    func write() throws {
        let dense = try densePrefixes()
        let table = kind.rawValue
        var rows = try search.prepare(
            "SELECT rowid FROM \(table) WHERE \(table) MATCH ?1 LIMIT \(SearchIndexBuilder.prefixRows)"
        )
        var insert = try search.prepare("INSERT INTO \(table)_prefixes VALUES(?, ?)")
        for prefix in dense {
            try rows.bind(1, "\"\(prefix)\"*")
            var list: [Int] = []
            while try rows.step() { list.append(rows.int(0)) }
            rows.reset()
            try insert.bind(1, prefix)
            try insert.bind(2, RowList.encode(list))
            try insert.run()
        }
    }

    private func densePrefixes() throws -> [String] {
        try search.execute(
            "CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, \(kind.rawValue), row)")
        defer { try? search.execute("DROP TABLE temp.terms") }
        var rows = try search.prepare("SELECT term, doc FROM temp.terms")
        var dense: [String] = []
        // Of each length the beginning that the terms have now, and the rows of them so far.
        var open: [(prefix: [UInt8], rows: Int)] = []
        func close(to length: Int) {
            while open.count > length {
                let (prefix, rows) = open.removeLast()
                if rows > densePostings {
                    dense.append(String(decoding: prefix, as: UTF8.self))
                }
            }
        }
        while try rows.step() {
            let beginnings = rows.withBytes(0, Self.beginnings)
            var common = 0
            while common < open.count, common < beginnings.count,
                open[common].prefix == beginnings[common]
            {
                common += 1
            }
            close(to: common)
            for beginning in beginnings[common...] { open.append((beginning, 0)) }
            let count = rows.int(1)
            for index in open.indices { open[index].rows += count }
        }
        close(to: 0)
        return dense.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The first letter, the first two, and so on.
    private static func beginnings(_ term: UnsafeRawBufferPointer) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for index in 0..<term.count {
            let isEnd = index + 1 == term.count || term[index + 1] & 0xc0 != 0x80
            if isEnd { result.append(Array(term[...index])) }
            if result.count == maximumLetters { break }
        }
        return result
    }
}
