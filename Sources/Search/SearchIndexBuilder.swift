internal import Catalog
internal import SQLite
internal import Storage

/// Builds `search.sqlite` from `catalog.sqlite`: the same catalogue gives the same bytes.
///
/// One thread reads songs, albums and artists in the order of their numbers and folds them, the
/// other one writes each once; what has to be sorted is sorted in runs of bounded size. Memory
/// does not grow with the catalogue.
package struct SearchIndexBuilder {
    private let directory: String
    private let search: Database

    private let limits: Limits
    static let prefixRows = 300
    static let exactRows = 64

    /// By which memory is bounded; and what is listed beforehand.
    package struct Limits: Sendable {
        /// Where words that begin so have more rows together, a list of the first is kept.
        package var densePostings = 8192
        /// Keys of names that are sorted at once, of 16 bytes; of songs, albums and artists each.
        package var exactEntries = 1 << 20
        /// Songs' lists of years, genres and labels that are gathered before they are written.
        package var facetBytes = 16 << 20
        /// What is read at once of such a list; four fit a page.
        package var facetChunkBytes = 1000

        package init() {}
    }

    /// - Parameter directory: Holds `catalog.sqlite`; `search.sqlite` is made there.
    package init(directory: String, limits: Limits = Limits()) throws {
        self.directory = directory
        self.limits = limits
        let path = directory + "/search.sqlite"
        try FileSystem.remove(path)
        // A file that nobody reads before it is whole needs neither journal nor syncs, nor zeros
        // where something was.
        search = try Database(path: path)
        try search.execute(
            """
            PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768;
            PRAGMA temp_store = FILE; PRAGMA secure_delete = OFF
            """)
    }

    package func build() throws {
        try search.execute("BEGIN")
        try search.execute(SearchSchema.tables)
        for kind in SearchKind.allCases { try beginLoad(kind.rawValue) }
        let songs = try writeRows()
        for kind in SearchKind.allCases { try SearchPrefixes(search, kind, limits).write() }
        let bits = try SpellingWriter(search).write()
        var meta = try search.prepare("INSERT INTO meta VALUES(?, ?)")
        for (key, value) in [("songs", songs), ("spelling_bits", bits)] {
            try meta.bind(1, key)
            try meta.bind(2, String(value))
            try meta.run()
        }
        try search.execute("COMMIT")
    }

    /// Large segments that nothing merges before the end: each row is merged once.
    private func beginLoad(_ table: String) throws {
        try search.execute(
            """
            INSERT INTO \(table)(\(table), rank) VALUES('automerge', 0);
            INSERT INTO \(table)(\(table), rank) VALUES('crisismerge', 10000);
            INSERT INTO \(table)(\(table), rank) VALUES('hashsize', 4194304);
            """)
    }

    /// One segment: the fastest to read, and the same bytes however they were merged.
    private func optimize() throws {
        for kind in SearchKind.allCases {
            try search.execute(
                "INSERT INTO \(kind.rawValue)(\(kind.rawValue)) VALUES('optimize')")
        }
    }

    /// - Returns: How many songs there are.
    private func writeRows() throws -> Int {
        let queue = RowQueue()
        let (directory, limits) = (directory, limits)
        let thread = RowThread(queue) { try SearchRowReader.run(directory, limits, $0) }
        defer { thread.end() }
        var writer = try RowWriter(search, .songs)
        var songs = 0
        var isOptimized = false
        while let batch = try queue.take() {
            if batch.kind != writer.kind { writer = try RowWriter(search, batch.kind) }
            if !isOptimized, !batch.exact.isEmpty {
                try optimize()
                isOptimized = true
            }
            try writer.write(batch)
            if batch.kind == .songs { songs += batch.rows.count }
        }
        if !isOptimized { try optimize() }
        return songs
    }
}

/// Writes the rows of one kind.
private final class RowWriter {
    let kind: SearchKind
    private let columns: Int
    private var text: Statement
    private var document: Statement
    private var exact: Statement
    private var facet: Statement
    private var facetRows: Statement

    init(_ search: Database, _ kind: SearchKind) throws {
        self.kind = kind
        columns = kind.fields.count
        let table = kind.rawValue
        let names = kind.fields.map { kind.column($0)! }.joined(separator: ", ")
        text = try search.prepare(
            """
            INSERT INTO \(table)(rowid, \(names))
            VALUES(?1\((0..<columns).map { ", ?\($0 + 2)" }.joined()))
            """)
        document = try search.prepare("INSERT INTO \(table)_docs VALUES(?, ?, ?)")
        exact = try search.prepare("INSERT INTO \(table)_exact VALUES(?, ?)")
        facetRows = try search.prepare("INSERT INTO facet_rows VALUES(?, ?)")
        facet = try search.prepare(
            """
            INSERT INTO facets(facet, songs) VALUES(?, ?)
            ON CONFLICT DO UPDATE SET songs = songs + excluded.songs RETURNING number
            """)
    }

    func write(_ batch: RowBatch) throws {
        try batch.bytes.withUnsafeBytes { bytes in
            var start = 0
            for row in batch.rows {
                try write(row, bytes, start)
                start = max(row.documentEnd, row.facetsEnd)
            }
        }
        for list in batch.exact {
            try exact.bind(1, list.key)
            try exact.bind(2, list.rows)
            try exact.run()
        }
        for list in batch.facets { try write(list) }
    }

    private func write(_ list: FacetLists.List) throws {
        try facet.bind(1, list.facet)
        try facet.bind(2, list.songs)
        var number = 0
        while try facet.step() { number = facet.int(0) }
        facet.reset()
        for chunk in list.chunks {
            try facetRows.bind(1, FacetCursor.key(number, last: chunk.last))
            try facetRows.bind(2, chunk.rows)
            try facetRows.run()
        }
    }

    private func write(
        _ row: RowBatch.Row, _ bytes: UnsafeRawBufferPointer, _ start: Int
    ) throws {
        func text(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        }
        let (first, second, third) = row.columnEnds
        try self.text.bind(1, row.number)
        try self.text.bind(2, lent: text(start, first))
        if columns > 1 { try self.text.bind(3, lent: text(first, second)) }
        if columns > 2 { try self.text.bind(4, lent: text(second, third)) }
        try self.text.run()
        try document.bind(1, row.number)
        try document.bind(2, lent: text(third, row.documentEnd))
        if kind == .songs {
            try document.bind(3, lent: text(row.documentEnd, row.facetsEnd))
        } else {
            try document.bind(3, row.bestRank)
        }
        try document.run()
    }
}
