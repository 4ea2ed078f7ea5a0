internal import Catalog
internal import SQLite

/// Ranks of songs by hashes of what names them.
///
/// 12 bytes an entry at a load of three quarters at most. 64 bits of hash: among 10 million songs
/// the chance that any two names meet is one in 400,000.
struct SongIndex: ~Copyable {
    private var hashes: UnsafeMutablePointer<UInt64>
    private var ranks: UnsafeMutablePointer<UInt32>
    private var mask = (1 << 12) - 1
    private var count = 0

    private init() {
        hashes = .allocate(capacity: mask + 1)
        hashes.initialize(repeating: 0, count: mask + 1)
        ranks = .allocate(capacity: mask + 1)
        ranks.initialize(repeating: 0, count: mask + 1)
    }

    deinit {
        hashes.deallocate()
        ranks.deallocate()
    }

    /// The rank of the most popular song with this name; nil when none has it.
    func rank(_ parts: String...) -> Int? {
        let hash = Self.hash(parts)
        var index = Int(truncatingIfNeeded: hash) & mask
        while hashes[index] != 0 {
            if hashes[index] == hash { return Int(ranks[index]) }
            index = (index + 1) & mask
        }
        return nil
    }

    private mutating func insert(_ rank: Int, _ parts: String...) {
        if count * 4 >= (mask + 1) * 3 { grow() }
        insert(Self.hash(parts), UInt32(rank))
    }

    /// The first stays: songs come in the order of their popularity.
    private mutating func insert(_ hash: UInt64, _ rank: UInt32) {
        var index = Int(truncatingIfNeeded: hash) & mask
        while hashes[index] != 0 {
            if hashes[index] == hash { return }
            index = (index + 1) & mask
        }
        hashes[index] = hash
        ranks[index] = rank
        count += 1
    }

    private mutating func grow() {
        let (oldHashes, oldRanks, oldCount) = (hashes, ranks, mask + 1)
        mask = oldCount * 2 - 1
        count = 0
        hashes = .allocate(capacity: mask + 1)
        hashes.initialize(repeating: 0, count: mask + 1)
        ranks = .allocate(capacity: mask + 1)
        ranks.initialize(repeating: 0, count: mask + 1)
        for index in 0..<oldCount where oldHashes[index] != 0 {
            insert(oldHashes[index], oldRanks[index])
        }
        oldHashes.deallocate()
        oldRanks.deallocate()
    }

    private static func hash(_ parts: [String]) -> UInt64 {
        var text = parts.joined(separator: "\0")
        // 0 marks an empty place.
        return text.withUTF8 { max(1, ByteHash.hash64(UnsafeRawBufferPointer($0))) }
    }

    // MARK: From the catalogue

    /// By artist, as credited and each by himself, and title.
    static func names(_ catalog: Database) throws -> SongIndex {
        var index = SongIndex()
        var songs = try catalog.prepare("SELECT rank, artist, title FROM songs ORDER BY rank")
        var artists = try catalog.prepare(
            """
            SELECT rank, name FROM song_artists JOIN artists USING(artist_number)
            WHERE role IN ('main', 'featured') ORDER BY rank, position
            """)
        var hasArtist = try artists.step()
        while try songs.step() {
            let rank = songs.int(0)
            let title = SongName.title(songs.text(2))
            index.insert(rank, SongName.artist(songs.text(1)), title)
            while hasArtist, artists.int(0) <= rank {
                if artists.int(0) == rank {
                    index.insert(rank, SongName.artist(artists.text(1)), title)
                }
                hasArtist = try artists.step()
            }
        }
        return index
    }

    /// By ISRC, of which a song may have several.
    static func isrcs(_ catalog: Database) throws -> SongIndex {
        var index = SongIndex()
        var songs = try catalog.prepare(
            """
            SELECT rank, isrc FROM songs WHERE isrc IS NOT NULL UNION ALL
            SELECT rank, value FROM songs, json_each(isrcs) WHERE isrcs IS NOT NULL ORDER BY 1
            """)
        while try songs.step() {
            index.insert(songs.int(0), SongIndex.folded(isrc: songs.text(1)))
        }
        return index
    }

    /// By MusicBrainz's id of the recording.
    static func recordings(_ catalog: Database) throws -> SongIndex {
        var index = SongIndex()
        var songs = try catalog.prepare(
            """
            SELECT rank, musicbrainz_recording_id FROM songs
            WHERE musicbrainz_recording_id IS NOT NULL ORDER BY rank
            """)
        while try songs.step() { index.insert(songs.int(0), songs.text(1).lowercased()) }
        return index
    }

    /// `US-RC1-76-07839` and `usrc17607839` are one.
    static func folded(isrc: String) -> String {
        String(isrc.uppercased().filter { $0 != "-" && $0 != " " })
    }
}
