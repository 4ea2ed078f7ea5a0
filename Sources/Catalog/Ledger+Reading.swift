internal import SQLite
package import Storage

/// A song with the tags of the file that speaks for it.
package struct LedgerEntry: Sendable {
    package let song: LedgerSong
    package let tags: Tags
    package let cover: LedgerFile.Cover?
    /// The night on which it was first seen.
    package let added: String
}

extension Ledger {
    private static let fileColumns = """
        path, state, files.size_bytes, modified_ns, changed_ns, inode, song_id, head, head_bytes, tail,
        tail_bytes, cover, cover_type, tags, warnings, reason, detail
        """

    /// One file by its source and path.
    package func file(source: String, path: [UInt8]) throws -> LedgerFile? {
        var statement = try database.prepare(
            "SELECT \(Self.fileColumns) FROM files WHERE source = ? AND path = ?")
        try statement.bind(1, source)
        try statement.bind(2, text: path)
        guard try statement.step() else { return nil }
        var file = try Self.file(statement)
        file.covers = try covers(source: source, path: path)
        return file
    }

    /// Calls `body` for every file, by source and path; of its pictures it has the one that stands
    /// for the song.
    package func forEachFile(
        state: LedgerFile.State? = nil, _ body: (_ source: String, LedgerFile) throws -> Void
    ) throws {
        var statement = try database.prepare(
            """
            SELECT \(Self.fileColumns), source FROM files
            WHERE ?1 IS NULL OR state = ?1 ORDER BY source, path
            """)
        try statement.bind(1, state?.rawValue)
        while try statement.step() { try body(statement.text(17), Self.file(statement)) }
    }

    /// Every picture of a file's tags.
    package func covers(source: String, path: [UInt8]) throws -> [LedgerFile.Cover] {
        var statement = try database.prepare(
            """
            SELECT digest, type, size_bytes, picture_type, description FROM covers
            WHERE source = ? AND path = ? ORDER BY position
            """)
        try statement.bind(1, source)
        try statement.bind(2, text: path)
        var covers: [LedgerFile.Cover] = []
        while try statement.step() {
            guard let digest = Digest(hex: statement.text(0)) else { continue }
            covers.append(
                .init(
                    digest: digest, type: statement.text(1), sizeBytes: statement.int(2),
                    pictureType: statement.int(3), description: statement.text(4)))
        }
        return covers
    }

    /// Calls `body` for every song that some source holds, in the order of ids. Where several files
    /// hold one song, the first by source and path speaks for it.
    package func forEachSong(_ body: (LedgerEntry) throws -> Void) throws {
        var statement = try database.prepare(
            """
            SELECT \(Self.fileColumns), songs.size_bytes, duration_ms, bitrate_kbps, sample_rate_hz,
              channels, frames, is_vbr, gapless_ms, encoder, music_crc_good, added
            FROM songs JOIN (SELECT * FROM files WHERE state = 'present') AS files USING(song_id)
            ORDER BY song_id, source, path
            """)
        var last: String?
        while try statement.step() {
            let id = statement.text(6)
            if id == last { continue }
            last = id
            let file = try Self.file(statement)
            guard let song = file.song else { continue }
            try body(
                LedgerEntry(
                    song: LedgerSong(
                        id: song, sizeBytes: statement.int(17), durationMs: statement.int(18),
                        bitrateKbps: statement.int(19), sampleRateHz: statement.int(20),
                        channels: statement.int(21), frames: statement.int(22),
                        isVBR: statement.int(23) != 0, gaplessMs: statement.optionalInt(24),
                        encoder: statement.optionalText(25),
                        isMusicCRCGood: statement.optionalInt(26).map { $0 != 0 }),
                    tags: file.tags, cover: file.cover, added: statement.text(27)))
        }
    }

    /// How many files are in each state, and how many songs are present.
    package func counts() throws -> (files: [String: Int], songs: Int) {
        var files: [String: Int] = [:]
        var statement = try database.prepare("SELECT state, count(*) FROM files GROUP BY state")
        while try statement.step() { files[statement.text(0)] = statement.int(1) }
        let songs = try database.scalar(
            "SELECT count(DISTINCT song_id) FROM files WHERE state = 'present'")
        return (files, Int(songs ?? 0))
    }

    /// The source folders of files that are present, with how many each has.
    package func sources() throws -> [(source: String, files: Int)] {
        var statement = try database.prepare(
            """
            SELECT source, count(*) FROM files WHERE state = 'present' GROUP BY source
            ORDER BY source
            """)
        var sources: [(String, Int)] = []
        while try statement.step() { sources.append((statement.text(0), statement.int(1))) }
        return sources
    }

    /// A digest of everything that later stages read: songs, tags, covers.
    package func contentDigest() throws -> Digest {
        var hash = SHA256()
        var rows = try database.prepare(
            """
            SELECT song_id, songs.size_bytes, duration_ms, bitrate_kbps, sample_rate_hz, channels,
              gapless_ms, tags, cover, cover_type, added, owner, region
            FROM songs JOIN (SELECT * FROM files WHERE state = 'present') AS files USING(song_id)
            LEFT JOIN sources USING(source)
            ORDER BY song_id, source, path
            """)
        var last = ""
        while try rows.step() {
            let id = rows.text(0)
            if id == last { continue }
            last = id
            hash.update((0..<13).map { rows.text($0) }.joined(separator: "\0") + "\n")
        }
        return hash.finish()
    }

    private static func file(_ row: borrowing Statement) throws -> LedgerFile {
        var file = LedgerFile(
            path: row.blob(0), state: LedgerFile.State(rawValue: row.text(1)) ?? .rejected,
            status: FileStamp(
                sizeBytes: row.int(2), modifiedNs: row.int(3), changedNs: row.int(4),
                inode: row.int(5)))
        file.song = Digest(hex: row.text(6))
        file.head = Digest(hex: row.text(7)).map { .init(digest: $0, sizeBytes: row.int(8)) }
        file.tail = Digest(hex: row.text(9)).map { .init(digest: $0, sizeBytes: row.int(10)) }
        file.cover = Digest(hex: row.text(11)).map { .init(digest: $0, type: row.text(12)) }
        file.tags = try Tags(json: Array(row.text(13).utf8), place: "ledger.sqlite")
        file.warnings = lines(row.text(14))
        file.reason = row.optionalText(15)
        file.detail = row.optionalText(16)
        return file
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init)
    }
}
