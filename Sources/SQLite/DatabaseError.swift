/// What SQLite answered, where, and to which statement.
package struct DatabaseError: Error, Equatable, CustomStringConvertible {
    /// SQLite's extended result code, as in <https://sqlite.org/rescode.html>.
    package let code: Int32
    package let message: String
    package let path: String
    package let sql: String?

    /// The file is not a database or its pages contradict each other.
    package var isCorruption: Bool { [11, 26].contains(code & 0xff) }

    /// The file system has no room left.
    package var isDiskFull: Bool { code & 0xff == 13 }

    package var description: String {
        let statement = sql.map { " in: \($0.prefix(160))" } ?? ""
        return "\(path): \(message) (SQLite code \(code))\(statement)"
    }
}
