internal import SQLite
package import Storage

/// The memory of ingest: every source file that was ever seen, and every song.
package final class Ledger {
    let database: Database

    package enum Access { case readOnly, readWrite }

    /// - Throws: `FormatError` when the file is no ledger, is damaged or of a later version; `FileError` when it is missing and only to be read.
    package init(_ warehouse: Warehouse, _ access: Access) throws {
        let path = warehouse.ledgerPath
        if access == .readOnly, !FileSystem.exists(path) {
            throw FileError("open", path, code: 2)
        }
        do {
            if access == .readWrite, !FileSystem.exists(path) { try Self.create(path, warehouse) }
            database = try Database(path: path, mode: access == .readWrite ? .readWrite : .readOnly)
            if access == .readWrite {
                // FULL: a song that the ledger names survives a power cut.
                try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            }
            if access == .readWrite, try database.scalar("PRAGMA user_version") == 1 {
                try database.transaction { try database.execute(LedgerSchema.upgradeFrom1) }
            }
            let version = try database.scalar("PRAGMA user_version") ?? 0
            if version != LedgerSchema.version {
                throw FormatError(
                    path, "is not a ledger of version \(LedgerSchema.version) (it says \(version))",
                    hint: version == 1
                        ? "run spindle ingest once, which brings it up to date"
                        : "restore ledger.sqlite from a backup, or run the Spindle that wrote it")
            }
        } catch let error as DatabaseError where error.isCorruption {
            throw FormatError(
                path, "the ledger is damaged: \(error.message)",
                hint: """
                    restore it from a backup; or move it away and run spindle ingest, which reads \
                    every source file again and keeps all blobs
                    """)
        }
    }

    /// Makes an empty ledger, whole or not at all: a run that ends here leaves no file without
    /// tables, which every later one would have to take for damage.
    private static func create(_ path: String, _ warehouse: Warehouse) throws {
        let temporary = warehouse.temporaryPath("ledger.sqlite")
        try FileSystem.makeDirectories(warehouse.temporaryPath)
        do {
            let database = try Database(path: temporary)
            // The tables first: behind a write-ahead log they would lie in a second file, which a
            // full disk keeps SQLite from emptying when it closes, and which the rename leaves back.
            try database.transaction {
                try database.execute(LedgerSchema.sql)
                try database.execute("PRAGMA user_version = \(LedgerSchema.version)")
            }
            // Before it has its name: a change of mode that is killed leaves a journal that whoever
            // only reads cannot roll back.
            try database.execute("PRAGMA journal_mode = WAL")
        } catch {
            try? FileSystem.remove(temporary)
            throw error
        }
        // The commit has synced the file; this makes its name durable.
        try FileSystem.rename(temporary, to: path)
        try FileSystem.syncDirectory(warehouse.path)
    }

    package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try database.transaction(body)
    }

    /// Reads every page and finds what contradicts (PRAGMA quick_check).
    package func check() throws {
        var statement = try database.prepare("PRAGMA quick_check(1)")
        guard try statement.step(), statement.text(0) == "ok" else {
            throw FormatError(
                database.path, "the ledger is damaged: \(statement.text(0))",
                hint: "restore it from a backup, or move it away and run spindle ingest again")
        }
    }

    /// Keeps what the operator says of a source; nothing said, nothing kept.
    package func describe(source: String, owner: String?, region: String?) throws {
        var statement = try database.prepare(
            owner == nil && region == nil
                ? "DELETE FROM sources WHERE source = ?1"
                : "INSERT OR REPLACE INTO sources VALUES(?1, ?2, ?3)")
        try statement.bind(1, source)
        if owner != nil || region != nil {
            try statement.bind(2, owner)
            try statement.bind(3, region)
        }
        try statement.run()
    }

    // MARK: Meta

    package func meta(_ key: String) throws -> String? {
        var statement = try database.prepare("SELECT value FROM meta WHERE key = ?")
        try statement.bind(1, key)
        return try statement.step() ? statement.text(0) : nil
    }

    package func setMeta(_ key: String, _ value: String) throws {
        var statement = try database.prepare(
            "INSERT INTO meta VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
        try statement.bind(1, key)
        try statement.bind(2, value)
        try statement.run()
    }
}
