internal import SQLite

/// Filling the full-text tables at once.
enum SearchLoad {
    private static let tables = ["songs", "albums", "artists"]

    /// Large segments that nothing merges before the end: each row is merged once.
    static func begin(_ search: Database) throws {
        for table in tables {
            try search.execute(
                """
                INSERT INTO \(table)(\(table), rank) VALUES('automerge', 0);
                INSERT INTO \(table)(\(table), rank) VALUES('crisismerge', 10000);
                INSERT INTO \(table)(\(table), rank) VALUES('hashsize', 4194304);
                """)
        }
    }

    /// One segment each: the fastest to read, and the same bytes however they were merged.
    static func end(_ search: Database) throws {
        for table in tables {
            try search.execute("INSERT INTO \(table)(\(table)) VALUES('optimize')")
        }
    }
}
