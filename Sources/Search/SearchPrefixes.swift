internal import SQLite

/// Finds the beginnings that many words have, and notes the first rows of each.
struct SearchPrefixes {
    private let search: Database
    private let kind: SearchKind
    private let densePostings: Int
    /// No beginning longer than this is looked at.
    private static let maximumLetters = 8

    init(_ search: Database, _ kind: SearchKind, _ limits: SearchIndexBuilder.Limits) {
        densePostings = limits.densePostings
        self.search = search
        self.kind = kind
    }

    func write() throws {
        let dense = try densePrefixes()
        var lists = try rows(of: dense.map(\.prefix).filter { !Self.isUnspaced($0) })
        for (prefix, _) in dense where Self.isUnspaced(prefix) {
            lists[prefix] = try matches(prefix)
        }
        var insert = try search.prepare("INSERT INTO \(kind.rawValue)_prefixes VALUES(?, ?, ?)")
        for (prefix, postings) in dense {
            try insert.bind(1, text: prefix)
            try insert.bind(2, postings)
            try insert.bind(3, RowList.encode(lists[prefix] ?? []))
            try insert.run()
        }
    }

    /// In the order of their bytes, with the rows that words beginning so have together.
    private func densePrefixes() throws -> [(prefix: [UInt8], postings: Int)] {
        try search.execute(
            "CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, \(kind.rawValue), row)")
        defer { try? search.execute("DROP TABLE temp.terms") }
        var terms = try search.prepare("SELECT term, doc FROM temp.terms")
        var dense: [(prefix: [UInt8], postings: Int)] = []
        // The last term, where its first letters end, and the rows of terms that begin so, so far.
        var last: [UInt8] = []
        var ends: [Int] = []
        var rows: [Int] = []
        func close(to length: Int) {
            while ends.count > length {
                let end = ends.removeLast()
                let postings = rows.removeLast()
                if postings > densePostings { dense.append((Array(last[..<end]), postings)) }
            }
        }
        while try terms.step() {
            let count = terms.int(1)
            terms.withBytes(0) { term in
                var same = 0
                while same < min(last.count, term.count), last[same] == term[same] { same += 1 }
                var kept = 0
                while kept < ends.count, ends[kept] <= same { kept += 1 }
                close(to: kept)
                last.removeAll(keepingCapacity: true)
                last.append(contentsOf: term)
                var end = ends.last ?? 0
                while end < term.count, ends.count < Self.maximumLetters {
                    end += 1
                    while end < term.count, term[end] & 0xc0 == 0x80 { end += 1 }
                    ends.append(end)
                    rows.append(0)
                }
            }
            for index in rows.indices { rows[index] += count }
        }
        close(to: 0)
        return dense.sorted { $0.prefix.lexicographicallyPrecedes($1.prefix) }
    }

    /// Of a script without spaces, whose words the texts do not show.
    private static func isUnspaced(_ prefix: [UInt8]) -> Bool {
        guard prefix[0] >= 0x80,
            let first = String(decoding: prefix, as: UTF8.self).unicodeScalars.first
        else { return false }
        return WordScan.isUnspaced(first.value)
    }

    /// What FTS5 finds. It reads all rows for it, which is why it is not asked for the others.
    private func matches(_ prefix: [UInt8]) throws -> [Int] {
        let table = kind.rawValue
        var rows = try search.prepare(
            "SELECT rowid FROM \(table) WHERE \(table) MATCH ?1 LIMIT \(SearchIndexBuilder.prefixRows)"
        )
        try rows.bind(1, "\"\(String(decoding: prefix, as: UTF8.self))\"*")
        var list: [Int] = []
        while try rows.step() { list.append(rows.int(0)) }
        return list
    }

    /// The first rows of each, from the texts as they are ranked: they hold all words of a row.
    private func rows(of prefixes: [[UInt8]]) throws -> [[UInt8]: [Int]] {
        guard !prefixes.isEmpty else { return [:] }
        let tree = PrefixTree(prefixes)
        var lists: [[Int]] = Array(repeating: [], count: prefixes.count)
        var open = prefixes.count
        var texts = try search.prepare("SELECT row, text FROM \(kind.rawValue)_docs ORDER BY row")
        while open > 0, try texts.step() {
            let row = texts.int(0)
            texts.withBytes(1) { text in
                tree.forEachPrefix(in: text) { prefix in
                    let count = lists[prefix].count
                    guard count < SearchIndexBuilder.prefixRows, lists[prefix].last != row else {
                        return
                    }
                    lists[prefix].append(row)
                    if count + 1 == SearchIndexBuilder.prefixRows { open -= 1 }
                }
            }
        }
        return Dictionary(uniqueKeysWithValues: zip(prefixes, lists))
    }
}

/// Finds which of many beginnings a text's words have.
private struct PrefixTree {
    /// Open addressing: a node and a byte in the upper bits, the node that follows in the lower.
    private var edges: [UInt64]
    private let mask: Int
    /// Of each node the beginning that ends there; -1 where none does.
    private var prefixes: [Int] = [-1]

    init(_ beginnings: [[UInt8]]) {
        let bytes = beginnings.reduce(0) { $0 + $1.count }
        var size = 64
        while size < 2 * bytes { size *= 2 }
        edges = Array(repeating: 0, count: size)
        mask = size - 1
        for (number, beginning) in beginnings.enumerated() {
            var node = 0
            for byte in beginning {
                let (place, next) = find(node, byte)
                if let next {
                    node = next
                } else {
                    edges[place] = Self.key(node, byte) << 32 | UInt64(prefixes.count)
                    node = prefixes.count
                    prefixes.append(-1)
                }
            }
            prefixes[node] = number
        }
    }

    private static func key(_ node: Int, _ byte: UInt8) -> UInt64 {
        UInt64(node) << 8 | UInt64(byte)
    }

    /// - Returns: Where the edge is or would be, and where it leads.
    private func find(_ node: Int, _ byte: UInt8) -> (place: Int, next: Int?) {
        let key = Self.key(node, byte)
        var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
        // No edge leads to the first node, so that an empty place is 0.
        while edges[place] != 0 {
            if edges[place] >> 32 == key { return (place, Int(edges[place] & 0xffff_ffff)) }
            place = (place + 1) & mask
        }
        return (place, nil)
    }

    func forEachPrefix(in text: UnsafeRawBufferPointer, _ body: (Int) -> Void) {
        var node: Int? = 0
        for byte in text {
            if byte <= 0x20 {
                // A blank, or what stands between names and fields.
                node = 0
            } else if let current = node {
                node = find(current, byte).next
                if let node, prefixes[node] >= 0 { body(prefixes[node]) }
            }
        }
    }
}
