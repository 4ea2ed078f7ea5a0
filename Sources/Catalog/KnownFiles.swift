internal import SQLite
internal import Storage

/// The files of a source that were there last time, one after another in byte order of their paths.
///
/// Read a page at a time: a query that stayed open for a whole run would keep SQLite from ever
/// emptying its write-ahead log.
package final class KnownFiles {
    package struct File: Sendable {
        package let path: [UInt8]
        package let state: LedgerFile.State
        package let stamp: FileStamp
        /// Why it was set aside.
        package let reason: String?
    }

    package private(set) var current: File?
    private let ledger: Ledger
    private var rows: Statement
    private var page: [File] = []
    private var next = 0
    /// Where the next page begins, and whether a file of that very name belongs to it.
    private var start: [UInt8]
    private var isAtStart = true
    private let end: [UInt8]?

    private static let pageFiles = 512

    /// - Parameter path: Only this file, or what lies below this folder; nil for the whole source.
    package init(_ ledger: Ledger, source: String, below path: [UInt8]? = nil) throws {
        self.ledger = ledger
        start = path ?? []
        // The sign after the slash ends what begins with the path and a slash.
        end = path.map { $0 + [48] }
        rows = try ledger.database.prepare(
            """
            SELECT path, state, size_bytes, modified_ns, changed_ns, inode, reason FROM files
            WHERE source = ?1 AND path >= ?2 AND (?3 IS NULL OR path < ?3) AND state <> 'gone'
            ORDER BY path LIMIT \(Self.pageFiles)
            """)
        try rows.bind(1, source)
        if let end { try rows.bind(3, text: end) } else { try rows.bind(3, String?.none) }
        try advance()
    }

    package func advance() throws {
        repeat {
            if next == page.count {
                guard isAtStart || page.count == Self.pageFiles else { return current = nil }
                try readPage()
                guard next < page.count else { return current = nil }
            }
            current = page[next]
            next += 1
        } while !isInside(current!.path)
    }

    /// "a-b" lies between "a" and "a/b", and is not below "a".
    private func isInside(_ path: [UInt8]) -> Bool {
        guard let end else { return true }
        return path.count == end.count - 1 || path[end.count - 1] == 47
    }

    private func readPage() throws {
        // The next path after one is that path and a NUL, which no path holds.
        if !isAtStart { start = page[page.count - 1].path + [0] }
        isAtStart = false
        page.removeAll(keepingCapacity: true)
        next = 0
        defer { rows.reset() }
        try rows.bind(2, text: start)
        while try rows.step() {
            page.append(
                File(
                    path: rows.blob(0),
                    state: LedgerFile.State(rawValue: rows.text(1)) ?? .rejected,
                    stamp: FileStamp(
                        sizeBytes: rows.int(2), modifiedNs: rows.int(3), changedNs: rows.int(4),
                        inode: rows.int(5)),
                    reason: rows.optionalText(6)))
        }
    }
}
