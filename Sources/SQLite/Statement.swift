internal import CSQLite

/// A prepared statement.
///
/// `~Copyable`, so that one owner finalizes it, once. Parameters count from 1 and columns from 0,
/// as in SQLite's own interface.
package struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let database: Database  // must outlive the statement
    private let sql: String

    init(_ database: Database, _ sql: String) throws(DatabaseError) {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(
            database.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw database.error(code, sql) }
        handle = prepared
        self.database = database
        self.sql = sql
    }

    deinit { sqlite3_finalize(handle) }

    // MARK: Parameters

    package mutating func bind(_ index: Int32, _ value: Int64) throws(DatabaseError) {
        try check(sqlite3_bind_int64(handle, index, value))
    }

    package mutating func bind(_ index: Int32, _ value: Int) throws(DatabaseError) {
        try check(sqlite3_bind_int64(handle, index, Int64(value)))
    }

    package mutating func bind(_ index: Int32, _ value: Int?) throws(DatabaseError) {
        guard let value else { return try check(sqlite3_bind_null(handle, index)) }
        try bind(index, value)
    }

    package mutating func bind(_ index: Int32, _ value: Double) throws(DatabaseError) {
        try check(sqlite3_bind_double(handle, index, value))
    }

    package mutating func bind(_ index: Int32, _ value: String?) throws(DatabaseError) {
        guard var value else { return try check(sqlite3_bind_null(handle, index)) }
        let code = value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                // A nil pointer would bind NULL; the empty string has one.
                spindle_sqlite3_bind_text_copy(
                    handle, index, $0.baseAddress ?? Self.empty, Int32($0.count))
            }
        }
        try check(code)
    }

    /// Binds text that may not be UTF-8, as file names may not.
    package mutating func bind(_ index: Int32, text bytes: [UInt8]) throws(DatabaseError) {
        let code = bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                spindle_sqlite3_bind_text_copy(
                    handle, index, $0.baseAddress ?? Self.empty, Int32($0.count))
            }
        }
        try check(code)
    }

    /// Binds UTF-8 without a copy of it: it must stay until the statement has run, and be bound
    /// anew before it runs again.
    package mutating func bind(_ index: Int32, lent bytes: UnsafeRawBufferPointer)
        throws(DatabaseError)
    {
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        try check(
            sqlite3_bind_text(handle, index, start ?? Self.empty, Int32(bytes.count), nil))
    }

    package mutating func bind(_ index: Int32, _ bytes: [UInt8]) throws(DatabaseError) {
        try check(
            bytes.withUnsafeBytes {
                $0.isEmpty
                    ? sqlite3_bind_zeroblob(handle, index, 0)
                    : spindle_sqlite3_bind_blob_copy(
                        handle, index, $0.baseAddress, Int32($0.count))
            })
    }

    /// Binds the value of another statement's column as it is, without looking at it.
    package mutating func bind(_ index: Int32, _ row: borrowing Statement, column: Int32)
        throws(DatabaseError)
    {
        try check(sqlite3_bind_value(handle, index, sqlite3_column_value(row.handle, column)))
    }

    /// All parameters are NULL again.
    package mutating func clearBindings() { sqlite3_clear_bindings(handle) }

    // MARK: Running

    /// Advances to the next row; false when there is none.
    package mutating func step() throws(DatabaseError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw database.error(code, sql)
        }
    }

    /// Makes the statement ready to run again, its parameters kept.
    package mutating func reset() {
        // The code repeats the error that step() threw already.
        sqlite3_reset(handle)
    }

    /// Runs a statement without rows and resets it.
    package mutating func run() throws(DatabaseError) {
        defer { reset() }
        while try step() {}
    }

    // MARK: Columns

    package func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    package func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }
    package func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }
    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    package func optionalInt(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }
    package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// The column as text; "" for NULL.
    package func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    package var columnCount: Int32 { sqlite3_column_count(handle) }

    package func columnName(_ column: Int32) -> String {
        sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
    }

    package func isText(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_TEXT
    }

    package func isReal(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_FLOAT
    }

    /// Lends the bytes of a text or a blob until the next step.
    package func withBytes<Result>(
        _ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let start = sqlite3_column_blob(handle, column)
        return try body(
            UnsafeRawBufferPointer(
                start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// The bytes of a text or a blob.
    package func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(
            UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    private func check(_ code: Int32) throws(DatabaseError) {
        guard code == SQLITE_OK else { throw database.error(code, sql) }
    }

    // The address of a C string that lives as long as the program.
    private static var empty: UnsafePointer<CChar> {
        UnsafeRawPointer(StaticString("").utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
