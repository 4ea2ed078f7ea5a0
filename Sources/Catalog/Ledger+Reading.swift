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
        tail_bytes, cover, cover_type, title, artists, album, album_artist, track, track_total,
        disc, disc_total, release_date, genres, composer, isrc, is_compilation, warnings, reason,
        detail
        """

    /// One file by its source and path.
    package func file(source: String, path: [UInt8]) throws -> LedgerFile? {
        var statement = try database.prepare(
            "SELECT \(Self.fileColumns) FROM files WHERE source = ? AND path = ?")
        try statement.bind(1, source)
        try statement.bind(2, text: path)
        return try statement.step() ? Self.file(statement) : nil
    }

    /// Calls `body` for every file, by source and path.
    package func forEachFile(
        state: LedgerFile.State? = nil, _ body: (_ source: String, LedgerFile) throws -> Void
    ) throws {
        var statement = try database.prepare(
            """
            SELECT \(Self.fileColumns), source FROM files
            WHERE ?1 IS NULL OR state = ?1 ORDER BY source, path
            """)
        try statement.bind(1, state?.rawValue)
        while try statement.step() { try body(statement.text(29), Self.file(statement)) }
    }

    /// Calls `body` for every song that some source holds, in the order of ids. Where several files
    /// hold one song, the first by source and path speaks for it.
    package func forEachSong(_ body: (LedgerEntry) throws -> Void) throws {
        var statement = try database.prepare(
            """
            SELECT \(Self.fileColumns), songs.size_bytes, duration_ms, bitrate_kbps, sample_rate_hz,
              channels, frames, is_vbr, added
            FROM songs JOIN (SELECT * FROM files WHERE state = 'present') AS files USING(song_id)
            ORDER BY song_id, source, path
            """)
        var last: String?
        while try statement.step() {
            let id = statement.text(6)
            if id == last { continue }
            last = id
            let file = Self.file(statement)
            guard let song = file.song else { continue }
            try body(
                LedgerEntry(
                    song: LedgerSong(
                        id: song, sizeBytes: statement.int(29), durationMs: statement.int(30),
                        bitrateKbps: statement.int(31), sampleRateHz: statement.int(32),
                        channels: statement.int(33), frames: statement.int(34),
                        isVBR: statement.int(35) != 0),
                    tags: file.tags, cover: file.cover, added: statement.text(36)))
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
        try forEachSong { entry in
            let tags = entry.tags
            let song = entry.song
            hash.update(
                [
                    song.id.hex, "\(song.sizeBytes)", "\(song.durationMs)", "\(song.bitrateKbps)",
                    "\(song.sampleRateHz)", "\(song.channels)", tags.title,
                    tags.artists.joined(separator: "\u{1}"), tags.album, tags.albumArtist,
                    "\(tags.track ?? -1)", "\(tags.trackTotal ?? -1)", "\(tags.disc ?? -1)",
                    "\(tags.discTotal ?? -1)", tags.releaseDate,
                    tags.genres.joined(separator: "\u{1}"), tags.composer, tags.isrc,
                    "\(tags.isCompilation)", entry.cover?.digest.hex ?? "",
                    entry.cover?.type ?? "", entry.added,
                ].joined(separator: "\0") + "\n")
        }
        return hash.finish()
    }

    private static func file(_ row: borrowing Statement) -> LedgerFile {
        var file = LedgerFile(
            path: row.blob(0), state: LedgerFile.State(rawValue: row.text(1)) ?? .rejected,
            status: FileStamp(
                sizeBytes: row.int(2), modifiedNs: row.int(3), changedNs: row.int(4),
                inode: row.int(5)))
        file.song = Digest(hex: row.text(6))
        file.head = Digest(hex: row.text(7)).map { .init(digest: $0, sizeBytes: row.int(8)) }
        file.tail = Digest(hex: row.text(9)).map { .init(digest: $0, sizeBytes: row.int(10)) }
        file.cover = Digest(hex: row.text(11)).map { .init(digest: $0, type: row.text(12)) }
        file.tags.title = row.text(13)
        file.tags.artists = lines(row.text(14))
        file.tags.album = row.text(15)
        file.tags.albumArtist = row.text(16)
        file.tags.track = row.optionalInt(17)
        file.tags.trackTotal = row.optionalInt(18)
        file.tags.disc = row.optionalInt(19)
        file.tags.discTotal = row.optionalInt(20)
        file.tags.releaseDate = row.text(21)
        file.tags.genres = lines(row.text(22))
        file.tags.composer = row.text(23)
        file.tags.isrc = row.text(24)
        file.tags.isCompilation = row.int(25) != 0
        file.warnings = lines(row.text(26))
        file.reason = row.optionalText(27)
        file.detail = row.optionalText(28)
        return file
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init)
    }
}
