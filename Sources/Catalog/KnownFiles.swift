internal import SQLite
internal import Storage

/// The files of a source that were there last time, one after another in byte order of their paths.
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

    package init(_ ledger: Ledger, source: String) throws {
        self.ledger = ledger
        rows = try ledger.database.prepare(
            """
            SELECT path, state, size_bytes, modified_ns, changed_ns, inode, reason FROM files
            WHERE source = ? AND state <> 'gone' ORDER BY path
            """)
        try rows.bind(1, source)
        try advance()
    }

    package func advance() throws {
        guard try rows.step() else { return current = nil }
        current = File(
            path: rows.blob(0), state: LedgerFile.State(rawValue: rows.text(1)) ?? .rejected,
            stamp: FileStamp(
                sizeBytes: rows.int(2), modifiedNs: rows.int(3), changedNs: rows.int(4),
                inode: rows.int(5)),
            reason: rows.optionalText(6))
    }
}
