internal import SQLite
package import Storage

/// A song with the tags of the file that speaks for it.
package struct LedgerEntry: Sendable {
    package let song: LedgerSong
    package let tags: Tags
    package let cover: LedgerFile.Cover?
    /// The night on which the song was first seen, in whichever file.
    package fileprivate(set) var added: String
    /// Where the file lies that speaks for it: its source, and the folder below it.
    package let source: String
    package let folder: String
    /// Of the source, as the operator names them.
    package let owner: String?
    package let region: String?
}

extension LedgerEntry {
    /// How much the tags say, for choosing among files of one song: what identifies it weighs most.
    var completeness: Int {
        let tags = tags
        func has(_ fields: [TagField]) -> Int { fields.count { !tags[$0].isEmpty } }
        return 2
            * has([.title, .artists, .album, .musicBrainzRecordingID, .musicBrainzAlbumID])
            + has([
                .albumArtists, .track, .disc, .releaseDate, .recordingDate, .genres, .isrcs,
                .musicBrainzArtistIDs, .labels, .composers,
            ]) + (cover == nil ? 0 : 1)
    }
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

    /// The first file by source and path that has or had a song's audio.
    package func file(song: Digest) throws -> (source: String, file: LedgerFile)? {
        var statement = try database.prepare(
            """
            SELECT \(Self.fileColumns), source FROM files WHERE song_id = ?
            ORDER BY state = 'gone', source, path LIMIT 1
            """)
        try statement.bind(1, song.hex)
        guard try statement.step() else { return nil }
        var file = try Self.file(statement)
        let source = statement.text(17)
        file.covers = try covers(source: source, path: file.path)
        return (source, file)
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
    /// hold one song, the one whose tags say most speaks for it; of equals the first by source and
    /// path.
    ///
    /// - Parameter former: Is told the tags of files that sources held once; the nights on which
    ///   those were first seen then count as well.
    package func forEachSong(
        former: ((Tags) -> Void)? = nil, _ body: (LedgerEntry) throws -> Void
    ) throws {
        // Two walks from end to end and a sort, rather than a jump into a large file for each song:
        // the signs keep SQLite from its index. It sorts in runs of the cache's size.
        try database.execute("PRAGMA cache_size = -32768")
        var files = try database.prepare(
            """
            SELECT song_id, tags, cover, cover_type, added, path, source, owner, region, state
            FROM files LEFT JOIN sources USING(source)
            WHERE (state = 'present' OR ?1 AND state IN ('gone', 'excluded'))
              AND +song_id IS NOT NULL
            ORDER BY +song_id, source, path
            """)
        try files.bind(1, former == nil ? 0 : 1)
        var songs = try database.prepare(
            """
            SELECT song_id, size_bytes, duration_ms, bitrate_kbps, sample_rate_hz, channels,
              frames, is_vbr, gapless_ms, encoder, music_crc_good
            FROM songs ORDER BY song_id
            """)
        var song: LedgerSong?
        var best: LedgerEntry?
        // Of the song's files that are gone.
        var formerAdded: (song: Digest, added: String)?
        while try files.step() {
            guard let id = Digest(hex: files.text(0)) else { continue }
            if let held = best, held.song.id != id {
                try body(held)
                best = nil
            }
            if formerAdded?.song != id { formerAdded = nil }
            if let former, files.text(9) != LedgerFile.State.present.rawValue {
                former(try files.withBytes(1) { try Tags(json: $0, place: "ledger.sqlite") })
                let added = files.text(4)
                formerAdded = (id, min(added, formerAdded?.added ?? added))
                if let held = best { best?.added = min(added, held.added) }
                continue
            }
            while song.map({ $0.id < id }) ?? true, try songs.step() {
                song = Self.song(songs)
            }
            guard let song, song.id == id else { continue }
            var entry = try Self.entry(song, files)
            entry.added = min(entry.added, best?.added ?? entry.added)
            entry.added = min(entry.added, formerAdded?.added ?? entry.added)
            if let held = best, held.completeness >= entry.completeness {
                best?.added = entry.added
            } else {
                best = entry
            }
        }
        if let best { try body(best) }
    }

    private static let pageSongs = 1024

    /// Calls `body` for every song that some source holds, in the order of ids.
    ///
    /// Read a page at a time: a walk of hours would keep SQLite from emptying the write-ahead log of
    /// those who write meanwhile. A song that comes while it runs may be missed.
    package func forEachPresentSong(_ body: (LedgerSong) throws -> Void) throws {
        var rows = try database.prepare(
            """
            SELECT song_id, size_bytes, duration_ms, bitrate_kbps, sample_rate_hz, channels,
              frames, is_vbr, gapless_ms, encoder, music_crc_good
            FROM songs WHERE song_id > ? AND EXISTS (
              SELECT 1 FROM files WHERE files.song_id = songs.song_id AND state = 'present')
            ORDER BY song_id LIMIT \(Self.pageSongs)
            """)
        var last = ""
        while true {
            try rows.bind(1, last)
            var page: [LedgerSong] = []
            while try rows.step() { if let song = Self.song(rows) { page.append(song) } }
            rows.reset()
            guard let end = page.last else { return }
            last = end.id.hex
            for song in page { try body(song) }
        }
    }

    private static func song(_ row: borrowing Statement) -> LedgerSong? {
        guard let id = Digest(hex: row.text(0)) else { return nil }
        return LedgerSong(
            id: id, sizeBytes: row.int(1), durationMs: row.int(2), bitrateKbps: row.int(3),
            sampleRateHz: row.int(4), channels: row.int(5), frames: row.int(6),
            isVBR: row.int(7) != 0, gaplessMs: row.optionalInt(8), encoder: row.optionalText(9),
            isMusicCRCGood: row.optionalInt(10).map { $0 != 0 })
    }

    private static func entry(_ song: LedgerSong, _ row: borrowing Statement) throws -> LedgerEntry
    {
        let folder = row.withBytes(5) { path in
            let end = path.lastIndex(of: UInt8(ascii: "/")) ?? 0
            return String(decoding: path[..<end], as: UTF8.self)
        }
        return LedgerEntry(
            song: song,
            tags: try row.withBytes(1) { try Tags(json: $0, place: "ledger.sqlite") },
            cover: Digest(hex: row.text(2)).map { .init(digest: $0, type: row.text(3)) },
            added: row.text(4), source: row.text(6), folder: folder, owner: row.optionalText(7),
            region: row.optionalText(8))
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

    /// A file that is present and holds a picture, with its album, for people to find it.
    ///
    /// - Complexity: O(pictures): there is no index for it.
    package func fileWithCover(_ digest: Digest) throws -> String? {
        var rows = try database.prepare(
            """
            SELECT source, path, album FROM covers JOIN files USING(source, path)
            WHERE digest = ? AND state = 'present' LIMIT 1
            """)
        try rows.bind(1, digest.hex)
        guard try rows.step() else { return nil }
        let album = rows.optionalText(2).map { ", of \($0)" } ?? ""
        return "\(rows.text(0))/\(rows.text(1))\(album)"
    }

    /// How many files of a source are in each state.
    package func counts(of source: String) throws -> [String: Int] {
        var files: [String: Int] = [:]
        var statement = try database.prepare(
            "SELECT state, count(*) FROM files WHERE source = ? GROUP BY state")
        try statement.bind(1, source)
        while try statement.step() { files[statement.text(0)] = statement.int(1) }
        return files
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

    /// All sources that files were ever of, in byte order.
    ///
    /// - Complexity: A look-up for each.
    package func sourceNames() throws -> [String] {
        var next = try database.prepare("SELECT min(source) FROM files WHERE source > ?")
        var names: [String] = []
        // "" is a source as well, and nothing comes before it.
        if try database.scalar("SELECT 1 FROM files WHERE source = '' LIMIT 1") != nil {
            names.append("")
        }
        while true {
            defer { next.reset() }
            try next.bind(1, names.last ?? "")
            guard try next.step(), let name = next.optionalText(0) else { return names }
            names.append(name)
        }
    }

    /// A digest of everything that later stages read: songs, the tags of all their files, covers,
    /// and in which folders they lie together.
    package func contentDigest() throws -> Digest {
        var hash = SHA256()
        var rows = try database.prepare(
            """
            WITH numbered AS (
              SELECT source, row_number() OVER (ORDER BY source) AS number
              FROM (SELECT DISTINCT source FROM files))
            SELECT song_id, songs.size_bytes, duration_ms, bitrate_kbps, sample_rate_hz, channels,
              gapless_ms, tags, cover, cover_type, added, owner, region, number,
              rtrim(path, replace(path, '/', ''))
            FROM songs JOIN (SELECT * FROM files WHERE state = 'present') AS files USING(song_id)
            JOIN numbered USING(source) LEFT JOIN sources USING(source)
            ORDER BY song_id, source, path
            """)
        // Sources by their number, as copies on two machines lie in different places.
        while try rows.step() {
            hash.update((0..<15).map { rows.text($0) }.joined(separator: "\0") + "\n")
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
