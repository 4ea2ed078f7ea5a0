internal import SQLite
package import Storage

/// Writes to the ledger for one source folder and one night; its statements are prepared once.
package final class LedgerWriter {
    private let source: String
    private let date: CalendarDate
    private var songs: Statement
    private var files: Statement
    private var oldCovers: Statement
    private var covers: Statement
    private var states: Statement
    private var holders: Statement
    private var blobs: Statement
    private var renewals: Statement
    private var warnings: Statement

    private static let columns = [
        "source", "path", "state", "size_bytes", "modified_ns", "changed_ns", "inode", "song_id",
        "head", "head_bytes", "tail", "tail_bytes", "cover", "cover_type", "tags", "warnings",
        "reason", "detail", "added", "changed", "gone",
    ]

    package init(_ ledger: Ledger, source: String, date: CalendarDate) throws {
        self.source = source
        self.date = date
        let database = ledger.database
        songs = try database.prepare(
            "INSERT OR REPLACE INTO songs VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let names = Self.columns.joined(separator: ", ")
        let marks = Array(repeating: "?", count: Self.columns.count).joined(separator: ", ")
        // The night on which a file was first seen stays.
        let updates = Self.columns.filter { !["source", "path", "added"].contains($0) }
            .map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        files = try database.prepare(
            """
            INSERT INTO files(\(names)) VALUES(\(marks))
            ON CONFLICT(source, path) DO UPDATE SET \(updates)
            """)
        oldCovers = try database.prepare("DELETE FROM covers WHERE source = ? AND path = ?")
        covers = try database.prepare("INSERT INTO covers VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
        warnings = try database.prepare(
            "UPDATE files SET warnings = ? WHERE source = ? AND path = ?")
        states = try database.prepare(
            """
            SELECT state, song_id, songs.size_bytes, added, files.size_bytes, modified_ns,
              changed_ns, inode
            FROM files LEFT JOIN songs USING(song_id) WHERE source = ? AND path = ?
            """
        )
        renewals = try database.prepare(
            "UPDATE files SET added = ? WHERE source = ? AND path = ?")
        blobs = try database.prepare(
            """
            SELECT song_id FROM files WHERE source = ?1 AND path = ?2
            UNION SELECT head FROM files WHERE source = ?1 AND path = ?2
            UNION SELECT tail FROM files WHERE source = ?1 AND path = ?2
            UNION SELECT digest FROM covers WHERE source = ?1 AND path = ?2
            """)
        holders = try database.prepare(
            """
            SELECT 1 FROM files WHERE song_id = ? AND state = 'present'
            AND (source <> ? OR path <> ?) LIMIT 1
            """)
    }

    package func save(_ song: LedgerSong) throws {
        try songs.bind(1, song.id.hex)
        try songs.bind(2, song.sizeBytes)
        try songs.bind(3, song.durationMs)
        try songs.bind(4, song.bitrateKbps)
        try songs.bind(5, song.sampleRateHz)
        try songs.bind(6, song.channels)
        try songs.bind(7, song.frames)
        try songs.bind(8, song.isVBR ? 1 : 0)
        try songs.bind(9, song.gaplessMs)
        try songs.bind(10, song.encoder)
        try songs.bind(11, song.isMusicCRCGood.map { $0 ? 1 : 0 })
        try songs.run()
    }

    /// Adds a file or replaces what was known of it.
    ///
    /// - Parameter tagsJSON: The tags in the ledger's form, where they are at hand so; goes before `file.tags`.
    package func save(_ file: LedgerFile, tagsJSON: String? = nil) throws {
        try files.bind(1, source)
        try files.bind(2, text: file.path)
        try files.bind(3, file.state.rawValue)
        try files.bind(4, file.status.sizeBytes)
        try files.bind(5, file.status.modifiedNs)
        try files.bind(6, file.status.changedNs)
        try files.bind(7, file.status.inode)
        try files.bind(8, file.song?.hex)
        try files.bind(9, file.head?.digest.hex)
        try files.bind(10, file.head?.sizeBytes)
        try files.bind(11, file.tail?.digest.hex)
        try files.bind(12, file.tail?.sizeBytes)
        try files.bind(13, file.cover?.digest.hex)
        try files.bind(14, file.cover?.type)
        try files.bind(15, tagsJSON ?? file.tags.json)
        try files.bind(16, Self.lines(file.warnings))
        try files.bind(17, file.reason)
        try files.bind(18, file.detail)
        try files.bind(19, date.description)
        try files.bind(20, date.description)
        try files.bind(21, String?.none)
        try files.run()
        try oldCovers.bind(1, source)
        try oldCovers.bind(2, text: file.path)
        try oldCovers.run()
        for (position, cover) in file.covers.enumerated() {
            try covers.bind(1, source)
            try covers.bind(2, text: file.path)
            try covers.bind(3, position)
            try covers.bind(4, cover.digest.hex)
            try covers.bind(5, cover.type)
            try covers.bind(6, cover.sizeBytes)
            try covers.bind(7, cover.pictureType)
            try covers.bind(8, cover.description)
            try covers.run()
        }
    }

    /// Makes tonight the night on which a file was first seen: it is another song's now.
    package func renew(_ path: [UInt8]) throws {
        try renewals.bind(1, date.description)
        try renewals.bind(2, source)
        try renewals.bind(3, text: path)
        try renewals.run()
    }

    /// Replaces a file's warnings and nothing else.
    package func warn(_ path: [UInt8], _ warning: String) throws {
        try warnings.bind(1, Self.lines([warning]))
        try warnings.bind(2, source)
        try warnings.bind(3, text: path)
        try warnings.run()
    }

    /// What the ledger has of a file.
    package struct Known: Sendable {
        package let state: LedgerFile.State
        /// The audio that it held last.
        package let song: LedgerFile.Part?
        package let stamp: FileStamp
        /// The night on which it was first seen.
        package let added: String
    }

    /// What is known of a file; nil when it was never seen.
    package func known(_ path: [UInt8]) throws -> Known? {
        defer { states.reset() }
        try states.bind(1, source)
        try states.bind(2, text: path)
        guard try states.step(), let state = LedgerFile.State(rawValue: states.text(0)) else {
            return nil
        }
        let song = Digest(hex: states.text(1))
        return Known(
            state: state, song: song.map { .init(digest: $0, sizeBytes: states.int(2)) },
            stamp: FileStamp(
                sizeBytes: states.int(4), modifiedNs: states.int(5), changedNs: states.int(6),
                inode: states.int(7)),
            added: states.text(3))
    }

    /// What the row of a file names: audio, head, tail and pictures.
    package func blobs(_ path: [UInt8]) throws -> [Digest] {
        var found: [Digest] = []
        defer { blobs.reset() }
        try blobs.bind(1, source)
        try blobs.bind(2, text: path)
        while try blobs.step() {
            if let digest = Digest(hex: blobs.text(0)) { found.append(digest) }
        }
        return found
    }

    /// Whether another file that is present has the same audio.
    package func isHeldElsewhere(_ song: Digest, than path: [UInt8]) throws -> Bool {
        defer { holders.reset() }
        try holders.bind(1, song.hex)
        try holders.bind(2, source)
        try holders.bind(3, text: path)
        return try holders.step()
    }

    /// A value's own line breaks become spaces, so that a line is a value.
    private static func lines(_ values: [String]) -> String {
        values.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
            .joined(separator: "\n")
    }
}
