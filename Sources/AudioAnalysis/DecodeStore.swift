internal import Catalog
internal import Glibc
internal import SQLite
package import Storage

/// `decode.sqlite`: a row for each song that was decoded, and the fingerprints.
package final class DecodeStore {
    let database: Database

    package enum Access { case readOnly, readWrite }

    /// Opens what earlier runs have found.
    ///
    /// - Returns: nil when no run has got as far as making the tables.
    /// - Throws: As `init`.
    package static func existing(_ warehouse: Warehouse) throws -> DecodeStore? {
        guard FileSystem.exists(warehouse.decodePath), try !isUnmade(warehouse) else { return nil }
        return try DecodeStore(warehouse, .readOnly)
    }

    /// Whether a run was killed between making the file and making the tables in it.
    private static func isUnmade(_ warehouse: Warehouse) throws -> Bool {
        do {
            let database = try Database(path: warehouse.decodePath, mode: .readOnly)
            return try database.scalar("PRAGMA user_version") == 0
                && database.scalar("SELECT count(*) FROM sqlite_schema") == 0
        } catch let error as DatabaseError where error.isCorruption {
            return false
        }
    }

    /// - Throws: `FileError` when it is missing and only to be read; `FormatError` when it is no such file, damaged or of another version.
    package init(_ warehouse: Warehouse, _ access: Access) throws {
        let path = warehouse.decodePath
        let isNew = !FileSystem.exists(path)
        if access == .readOnly, isNew { throw FileError("open", path, code: ENOENT) }
        do {
            database = try Database(path: path, mode: access == .readWrite ? .readWrite : .readOnly)
            if access == .readWrite {
                // NORMAL: a power cut may cost the last rows, which are then measured again.
                try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
                // Killed before this commit, the file has version 0 and no tables, as now.
                if try database.scalar("PRAGMA user_version") == 0 {
                    try database.transaction {
                        try database.execute(DecodeSchema.sql)
                        try database.execute("PRAGMA user_version = \(DecodeSchema.version)")
                    }
                }
            }
            let version = try database.scalar("PRAGMA user_version") ?? 0
            guard version == DecodeSchema.version else {
                throw FormatError(
                    path, "is not a file of version \(DecodeSchema.version) (it says \(version))",
                    hint:
                        "move it away and run spindle decode again, or run the Spindle that wrote it"
                )
            }
        } catch let error as DatabaseError where error.isCorruption {
            throw FormatError(
                path, "the file is damaged: \(error)",
                hint: "move it away and run spindle decode again; it holds nothing else")
        }
    }

    package func meta(_ key: String) throws -> String? {
        var statement = try database.prepare("SELECT value FROM meta WHERE key = ?")
        try statement.bind(1, key)
        return try statement.step() ? statement.text(0) : nil
    }

    package func setMeta(_ key: String, _ value: String) throws {
        var statement = try database.prepare("INSERT OR REPLACE INTO meta VALUES(?, ?)")
        try statement.bind(1, key)
        try statement.bind(2, value)
        try statement.run()
    }

    /// A song whose verdict is not ok.
    package struct Defect: Sendable {
        package let song: Digest
        package let verdict: String
        package let failure: String?
        package let detail: String?
        /// Codes with their counts: "resync 2".
        package let warnings: [String]
        package let firstOffset: Int?
    }

    package func forEachDefect(_ body: (Defect) throws -> Void) throws {
        var row = try database.prepare(
            """
            SELECT song_id, verdict, failure, detail, warning_codes, first_warning_offset
            FROM songs WHERE verdict <> 'ok' ORDER BY verdict, song_id
            """)
        while try row.step() {
            guard let song = Digest(hex: row.text(0)) else { continue }
            try body(
                Defect(
                    song: song, verdict: row.text(1), failure: row.optionalText(2),
                    detail: row.optionalText(3),
                    warnings: row.text(4).split(separator: "\n").map(String.init),
                    firstOffset: row.optionalInt(5)))
        }
    }

    /// How many songs have each verdict.
    package func verdicts() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        var row = try database.prepare("SELECT verdict, count(*) FROM songs GROUP BY verdict")
        while try row.step() { counts[row.text(0)] = row.int(1) }
        return counts
    }

    package func verdict(_ song: Digest) throws -> String? {
        var row = try database.prepare("SELECT verdict FROM songs WHERE song_id = ?")
        try row.bind(1, song.hex)
        return try row.step() ? row.text(0) : nil
    }
}
