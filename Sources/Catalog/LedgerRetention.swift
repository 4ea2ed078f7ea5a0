internal import SQLite
package import Storage

/// Forgets files that have been gone for long, and the blobs that nobody else needs.
///
/// In two steps, so that a run that is killed loses no blob to sight: the rows go and their blobs
/// are noted in the table `removals` in one transaction; a note goes when its blob is gone.
package struct LedgerRetention {
    private let database: Database
    private let store: BlobStore
    private let blobsPath: String

    /// - Parameter ledger: Opened for writing.
    package init(_ ledger: Ledger, _ warehouse: Warehouse) {
        database = ledger.database
        store = BlobStore(warehouse)
        blobsPath = warehouse.blobsPath
    }

    /// Forgets the files that went before a day.
    ///
    /// - Returns: How many.
    package func forget(goneBefore day: CalendarDate) throws -> Int {
        try database.transaction {
            var note = try database.prepare(
                """
                INSERT OR IGNORE INTO removals
                SELECT digest FROM (
                  SELECT song_id AS digest FROM files WHERE state = 'gone' AND gone < ?1
                  UNION SELECT head FROM files WHERE state = 'gone' AND gone < ?1
                  UNION SELECT tail FROM files WHERE state = 'gone' AND gone < ?1
                  UNION SELECT digest FROM files JOIN covers USING(source, path)
                    WHERE state = 'gone' AND gone < ?1)
                WHERE digest IS NOT NULL
                """)
            try note.bind(1, day.description)
            try note.run()
            var covers = try database.prepare(
                """
                DELETE FROM covers WHERE (source, path) IN (
                  SELECT source, path FROM files WHERE state = 'gone' AND gone < ?)
                """)
            try covers.bind(1, day.description)
            try covers.run()
            var forget = try database.prepare("DELETE FROM files WHERE state = 'gone' AND gone < ?")
            try forget.bind(1, day.description)
            try forget.run()
            let count = database.changes
            try database.execute(
                """
                DELETE FROM songs WHERE song_id NOT IN (
                  SELECT song_id FROM files WHERE song_id IS NOT NULL)
                """)
            return count
        }
    }

    /// Removes the noted blobs that neither a file of the ledger nor `isNeeded` speaks for.
    ///
    /// - Parameter isNeeded: Whether a published snapshot holds it; such a blob stays noted.
    /// - Returns: How many were removed.
    package func removeBlobs(unless isNeeded: (Digest) -> Bool) throws -> Int {
        // A file may have come back since its blobs were noted.
        try database.execute(
            """
            DELETE FROM removals WHERE digest IN (
              SELECT song_id FROM files UNION SELECT head FROM files
              UNION SELECT tail FROM files UNION SELECT digest FROM covers)
            """)
        var noted: [Digest] = []
        var rows = try database.prepare("SELECT digest FROM removals ORDER BY digest")
        while try rows.step() {
            if let digest = Digest(hex: rows.text(0)) { noted.append(digest) }
        }
        let removable = noted.filter { !isNeeded($0) }
        for digest in removable { try store.remove(digest) }
        try database.transaction {
            var done = try database.prepare("DELETE FROM removals WHERE digest = ?")
            for digest in removable {
                try done.bind(1, digest.hex)
                try done.run()
            }
        }
        return removable.count
    }

    /// Removes the blobs that no row names any more: tags and audio that a later version of their
    /// file has replaced, and what a run had stored when it was killed.
    ///
    /// - Parameters:
    ///   - days: Since they were stored, or were replaced.
    ///   - isNeeded: Whether a published snapshot holds it.
    /// - Complexity: A walk over all blobs; memory for one folder of them.
    /// - Returns: How many were removed.
    package func removeStrays(
        olderThanDays days: Int, now: Timestamp = .now, unless isNeeded: (Digest) -> Bool
    ) throws -> Int {
        try database.execute(
            """
            DROP TABLE IF EXISTS temp.named;
            CREATE TEMP TABLE named(digest TEXT PRIMARY KEY) WITHOUT ROWID;
            INSERT OR IGNORE INTO named
              SELECT digest FROM (
                SELECT song_id AS digest FROM files UNION ALL SELECT head FROM files
                UNION ALL SELECT tail FROM files UNION ALL SELECT digest FROM covers
                UNION ALL SELECT digest FROM removals)
              WHERE digest IS NOT NULL;
            """)
        var named = try database.prepare("SELECT 1 FROM named WHERE digest = ?")
        let oldest = (now.milliseconds - days * 86_400_000) * 1_000_000
        var count = 0
        for first in try list(blobsPath) {
            for second in try list("\(blobsPath)/\(first)") {
                let folder = "\(blobsPath)/\(first)/\(second)"
                for name in try list(folder) {
                    defer { named.reset() }
                    try named.bind(1, name)
                    guard let digest = Digest(hex: name), try !named.step(), !isNeeded(digest),
                        let status = try FileStatus.of(folder + "/" + name),
                        status.changedNs <= oldest
                    else { continue }
                    try store.remove(digest)
                    count += 1
                }
            }
        }
        try database.execute("DROP TABLE temp.named")
        return count
    }

    private func list(_ folder: String) throws(FileError) -> [String] {
        do { return try FileSystem.list(folder) } catch  where error.isMissing { return [] }
    }
}
