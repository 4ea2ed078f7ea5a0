internal import SQLite
package import Storage

/// What one run has found missing and what it has added, until both are known and moves can be told.
///
/// In temporary tables, which SQLite keeps in a file without a name: a library that is gone as a
/// whole takes no memory.
package final class LedgerChanges {
    /// Why a file that was known was not seen.
    package enum Absence: String, Sendable {
        case gone
        /// The operator's patterns leave it out.
        case excluded
    }

    /// An arrival that turned out to be a file moved.
    package struct Move: Sendable {
        package let source: String
        package let path: [UInt8]
        package let was: Arrival
    }

    /// What an arrival was counted as when it was committed.
    package enum Arrival: Int, Sendable {
        /// Not there last time, with audio that nobody had, or that another file had.
        case new, newDuplicate
        /// There last time, with other audio.
        case changed, changedDuplicate

        package var isNew: Bool { self == .new || self == .newDuplicate }
        package var isDuplicate: Bool { self == .newDuplicate || self == .changedDuplicate }
    }

    /// A duplicate of a file that has other audio now, or an arrival with the audio that such a file
    /// had: swapped names, and names that were given on.
    package struct Correction: Sendable {
        package let source: String
        package let was: Arrival
        package let isMove: Bool
    }

    /// Files that are missing from a source.
    package struct Missing: Equatable, Sendable {
        /// That were present.
        package var gone = 0
        package var excluded = 0

        package init(gone: Int = 0, excluded: Int = 0) {
            self.gone = gone
            self.excluded = excluded
        }
    }

    private let database: Database
    private var arrivals: Statement
    private var replaced: Statement
    private var missing: Statement

    /// - Parameter ledger: Opened for writing; forgets what an earlier run of it has noted.
    package init(_ ledger: Ledger) throws {
        database = ledger.database
        try database.execute(
            """
            CREATE TEMP TABLE IF NOT EXISTS arrivals(
              source TEXT, path TEXT, song_id TEXT, kind INTEGER,
              PRIMARY KEY(source, path)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS temp.arrivals_by_song ON arrivals(song_id);
            CREATE TEMP TABLE IF NOT EXISTS missing(
              source TEXT, path TEXT, absence TEXT, PRIMARY KEY(source, path)) WITHOUT ROWID;
            CREATE TEMP TABLE IF NOT EXISTS replaced(
              song_id TEXT PRIMARY KEY, added TEXT) WITHOUT ROWID;
            DELETE FROM temp.arrivals;
            DELETE FROM temp.replaced;
            DELETE FROM temp.missing;
            """)
        arrivals = try database.prepare("INSERT OR REPLACE INTO arrivals VALUES(?, ?, ?, ?)")
        replaced = try database.prepare(
            """
            INSERT INTO replaced VALUES(?1, ?2)
            ON CONFLICT DO UPDATE SET added = min(added, ?2)
            """)
        missing = try database.prepare("INSERT OR REPLACE INTO missing VALUES(?, ?, ?)")
    }

    /// Notes a file that was not there last time, or not with this audio.
    package func noteArrival(_ source: String, _ path: [UInt8], _ song: Digest, _ kind: Arrival)
        throws
    {
        try arrivals.bind(1, source)
        try arrivals.bind(2, text: path)
        try arrivals.bind(3, song.hex)
        try arrivals.bind(4, kind.rawValue)
        try arrivals.run()
    }

    /// Notes audio whose file has other audio now, with the night on which it was first seen.
    package func noteReplaced(_ song: Digest, added: String) throws {
        try replaced.bind(1, song.hex)
        try replaced.bind(2, added)
        try replaced.run()
    }

    package func noteMissing(_ source: String, _ path: [UInt8], _ absence: Absence) throws {
        try missing.bind(1, source)
        try missing.bind(2, text: path)
        try missing.bind(3, absence.rawValue)
        try missing.run()
    }

    /// Forgets what was noted of a source: it could not be looked at as a whole.
    package func forgetMissing(from source: String) throws {
        var forget = try database.prepare("DELETE FROM missing WHERE source = ?")
        try forget.bind(1, source)
        try forget.run()
    }

    /// Whether files that were present are missing below a folder.
    package func hasMissing(from source: String, below folder: String) throws -> Bool {
        var rows = try database.prepare(
            """
            SELECT 1 FROM missing JOIN files USING(source, path)
            WHERE source = ?1 AND path > ?2 || '/' AND path < ?2 || '0' AND state = 'present'
            LIMIT 1
            """)
        try rows.bind(1, source)
        try rows.bind(2, folder)
        return try rows.step()
    }

    /// Gives each missing file's place to an arrival with the same audio: the night on which it was
    /// first seen goes along, and the old row goes.
    ///
    /// Of several the one with the same tags, the same inode, in the same source is taken.
    package func resolveMoves() throws -> [Move] {
        var lost = try database.prepare(
            """
            SELECT source, path, song_id, head, tail, inode, added
            FROM missing JOIN files USING(source, path)
            WHERE (source, path) > (?, ?) AND state = 'present' AND song_id IN (
              SELECT song_id FROM arrivals)
            ORDER BY source, path LIMIT 1
            """)
        var match = try database.prepare(
            """
            SELECT arrivals.source, arrivals.path, kind
            FROM arrivals JOIN files USING(source, path) WHERE arrivals.song_id = ?1
            ORDER BY (head IS ?2 AND tail IS ?3) DESC, inode = ?4 DESC, source = ?5 DESC,
              source, path LIMIT 1
            """)
        var keep = try database.prepare(
            """
            UPDATE files SET added = min(added, ?, ifnull(
              (SELECT replaced.added FROM replaced WHERE song_id = files.song_id), added))
            WHERE source = ? AND path = ?
            """)
        let removals = ["main.covers", "main.files", "temp.missing"].map {
            "DELETE FROM \($0) WHERE source = ?1 AND path = ?2"
        }
        var last = (source: "", path: [UInt8]())
        var moves: [Move] = []
        while true {
            try lost.bind(1, last.source)
            try lost.bind(2, text: last.path)
            guard try lost.step() else { break }
            last = (lost.text(0), lost.blob(1))
            try match.bind(1, lost.text(2))
            try match.bind(2, lost.optionalText(3))
            try match.bind(3, lost.optionalText(4))
            try match.bind(4, lost.int(5))
            try match.bind(5, last.source)
            let added = lost.text(6)
            lost.reset()
            guard try match.step() else {
                match.reset()
                continue
            }
            let move = Move(
                source: match.text(0), path: match.blob(1),
                was: Arrival(rawValue: match.int(2))!)
            match.reset()
            try keep.bind(1, added)
            try keep.bind(2, move.source)
            try keep.bind(3, text: move.path)
            try keep.run()
            for sql in removals { try run(sql, last.source, last.path) }
            try run(
                "DELETE FROM arrivals WHERE source = ?1 AND path = ?2", move.source, move.path)
            moves.append(move)
        }
        return moves
    }

    /// Sets right what was counted of the arrivals that are left when moves are known, and gives
    /// audio that has only changed its place the night back on which it was first seen.
    package func resolveReplaced() throws -> [Correction] {
        // One after another in the order of an index, as there may be a whole library of them.
        var next = try database.prepare(
            """
            SELECT song_id, source, path, kind, replaced.added
            FROM arrivals LEFT JOIN replaced USING(song_id)
            WHERE (song_id, source, path) > (?, ?, ?)
              AND (kind IN (1, 3) OR replaced.added IS NOT NULL)
            ORDER BY song_id, source, path LIMIT 1
            """)
        // Duplicates that are not sorted out yet hold nothing for each other.
        var holder = try database.prepare(
            """
            SELECT 1 FROM files WHERE song_id = ?1 AND state = 'present'
              AND NOT EXISTS (
                SELECT 1 FROM missing WHERE (source, path) = (files.source, files.path))
              AND NOT EXISTS (
                SELECT 1 FROM arrivals
                WHERE (source, path) = (files.source, files.path) AND kind IN (1, 3))
            LIMIT 1
            """)
        var keep = try database.prepare(
            "UPDATE files SET added = min(added, ?) WHERE source = ? AND path = ?")
        var last = (song: "", source: "", path: [UInt8]())
        var heldSong = ""
        var corrections: [Correction] = []
        while true {
            defer { next.reset() }
            try next.bind(1, last.song)
            try next.bind(2, last.source)
            try next.bind(3, text: last.path)
            guard try next.step(), let kind = Arrival(rawValue: next.int(3)) else { break }
            last = (next.text(0), next.text(1), next.blob(2))
            let added = next.optionalText(4)
            if let added {
                try keep.bind(1, added)
                try keep.bind(2, last.source)
                try keep.bind(3, text: last.path)
                try keep.run()
            }
            var isCorrected = kind.isNew && added != nil
            if kind.isDuplicate {
                if heldSong != last.song {
                    defer { holder.reset() }
                    try holder.bind(1, last.song)
                    if try holder.step() { heldSong = last.song }
                }
                isCorrected = heldSong != last.song
                // It holds the audio for those behind it.
                heldSong = last.song
            }
            if isCorrected {
                corrections.append(
                    Correction(
                        source: last.source, was: kind, isMove: kind.isNew && added != nil))
            }
        }
        return corrections
    }

    private func run(_ sql: String, _ source: String, _ path: [UInt8]) throws {
        var statement = try database.prepare(sql)
        try statement.bind(1, source)
        try statement.bind(2, text: path)
        try statement.run()
    }

    /// How many files that were present are missing from a source.
    package func missing(from source: String) throws -> Missing {
        var rows = try database.prepare(
            """
            SELECT absence, count(*) FROM missing JOIN files USING(source, path)
            WHERE source = ? AND state = 'present' GROUP BY absence
            """)
        try rows.bind(1, source)
        var result = Missing()
        while try rows.step() {
            switch Absence(rawValue: rows.text(0)) {
            case .gone: result.gone = rows.int(1)
            case .excluded: result.excluded = rows.int(1)
            case nil: break
            }
        }
        return result
    }

    /// Marks a source's missing files: what was kept is gone or excluded, what was not is forgotten.
    ///
    /// - Parameter day: The day on which they were found missing: nights may be run later.
    package func markMissing(from source: String, on day: CalendarDate) throws {
        let those = "(source, path) IN (SELECT source, path FROM missing WHERE source = ?1"
        for sql in [
            """
            UPDATE files SET state = 'gone', gone = ?2
            WHERE \(those) AND absence = 'gone')
            AND (state IN ('present', 'excluded') OR state = 'rejected' AND head IS NOT NULL)
            """,
            """
            UPDATE files SET state = 'excluded', gone = ?2
            WHERE \(those) AND absence = 'excluded') AND state = 'present'
            """,
        ] {
            var statement = try database.prepare(sql)
            try statement.bind(1, source)
            try statement.bind(2, day.description)
            try statement.run()
        }
        var forget = try database.prepare(
            "DELETE FROM files WHERE \(those)) AND state IN ('rejected', 'ignored')")
        try forget.bind(1, source)
        try forget.run()
    }
}
