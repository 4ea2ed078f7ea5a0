internal import CSQLite

/// A connection to one SQLite file.
///
/// Deliberately not `Sendable`: each thread opens its own.
package final class Database {
    package enum Mode {
        /// Creates the file when it is missing.
        case readWrite
        case readOnly
        /// For published files, which nobody changes: no locks, pages mapped into memory.
        case immutable
    }

    package let path: String
    let handle: OpaquePointer

    /// - Parameter path: A file's path.
    /// - Throws: `DatabaseError` when the file cannot be opened; that it is no database shows at the first statement.
    package init(path: String, mode: Mode = .readWrite) throws(DatabaseError) {
        self.path = path
        _ = Self.isConfigured
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI
        // The empty authority keeps a path that begins with two slashes a path.
        var name = (path.hasPrefix("/") ? "file://" : "file:") + Self.percentEncoded(path)
        switch mode {
        case .readWrite: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .readOnly: flags |= SQLITE_OPEN_READONLY
        case .immutable:
            flags |= SQLITE_OPEN_READONLY
            name += "?immutable=1"
        }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw DatabaseError(code: code, message: message, path: path, sql: nil)
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, 10_000)
        if mode == .immutable {
            try execute("PRAGMA mmap_size = 1099511627776; PRAGMA query_only = 1")
        }
    }

    deinit { sqlite3_close_v2(handle) }

    /// Nobody asks how much memory SQLite has, and to count it threads would wait for one another at
    /// each allocation (<https://sqlite.org/compile.html#default_memstatus>).
    private static let isConfigured = spindle_sqlite3_keep_no_memory_statistics() == SQLITE_OK

    /// Runs one or more statements whose rows are not wanted.
    package func execute(_ sql: String) throws(DatabaseError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code, sql) }
    }

    package func prepare(_ sql: String) throws(DatabaseError) -> Statement {
        try Statement(self, sql)
    }

    /// Commits what `body` did, or nothing of it when `body` throws.
    package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // The first error is the one to tell; SQLite may have rolled back by itself.
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// The first column of the first row, or nil where there is no row or a NULL.
    package func scalar(_ sql: String) throws(DatabaseError) -> Int64? {
        var statement = try prepare(sql)
        return try statement.step() && !statement.isNull(0) ? statement.int64(0) : nil
    }

    /// Rows that the last statement changed.
    package var changes: Int { Int(sqlite3_changes64(handle)) }

    func error(_ code: Int32, _ sql: String?) -> DatabaseError {
        DatabaseError(
            code: code, message: String(cString: sqlite3_errmsg(handle)), path: path, sql: sql)
    }

    /// `?`, `#` and `%` have a meaning in SQLite's file URIs (<https://sqlite.org/uri.html>).
    private static func percentEncoded(_ path: String) -> String {
        var encoded = ""
        // Not by characters: a sign and the accent that follows it are one.
        for scalar in path.unicodeScalars {
            switch scalar {
            case "%": encoded += "%25"
            case "?": encoded += "%3f"
            case "#": encoded += "%23"
            default: encoded.unicodeScalars.append(scalar)
            }
        }
        return encoded
    }
}
