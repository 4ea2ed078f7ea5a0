import Catalog
import SQLite
import Storage
import TestSupport
import Testing

/// A ledger of version 1, whose files had a column for each of a few fields.
struct LedgerUpgradeTests {
    private static let version1 = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE songs(song_id TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL,
          duration_ms INTEGER NOT NULL, bitrate_kbps INTEGER NOT NULL,
          sample_rate_hz INTEGER NOT NULL, channels INTEGER NOT NULL, frames INTEGER NOT NULL,
          is_vbr INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE files(source TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL,
          size_bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, changed_ns INTEGER NOT NULL,
          inode INTEGER NOT NULL, song_id TEXT, head TEXT, head_bytes INTEGER, tail TEXT,
          tail_bytes INTEGER, cover TEXT, cover_type TEXT, title TEXT, artists TEXT, album TEXT,
          album_artist TEXT, track INTEGER, track_total INTEGER, disc INTEGER, disc_total INTEGER,
          release_date TEXT, genres TEXT, composer TEXT, isrc TEXT, is_compilation INTEGER,
          warnings TEXT, reason TEXT, detail TEXT, added TEXT NOT NULL, changed TEXT NOT NULL,
          gone TEXT, PRIMARY KEY(source, path)) WITHOUT ROWID;
        CREATE TABLE removals(digest TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE INDEX files_by_song ON files(song_id) WHERE song_id IS NOT NULL;
        PRAGMA user_version = 1;
        """

    @Test func `is brought up to date by who writes, and its files are read again`() throws {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            let id = LedgerFixture.id(1)
            let cover = SHA256.hash("cover")
            do {
                let old = try Database(path: warehouse.ledgerPath)
                try old.execute(Self.version1)
                try old.execute(
                    """
                    INSERT INTO songs VALUES('\(id.hex)', 7, 8, 9, 44100, 2, 10, 1);
                    INSERT INTO files VALUES('/music', 'a.mp3', 'present', 1, 2, 3, 4, '\(id.hex)',
                      NULL, NULL, NULL, NULL, '\(cover.hex)', 'image/png', 'T "1"', 'A' || char(10)
                      || 'B\\', '', NULL, 1, 2, 3, 4, '2026', '', '', '', 0, 'w', NULL, NULL,
                      '2026-11-01', '2026-11-02', NULL);
                    INSERT INTO files VALUES('/music', 'b.mp3', 'rejected', 1, 2, 3, 4, NULL,
                      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                      NULL, NULL, NULL, NULL, NULL, NULL, '', 'empty', '0 bytes',
                      '2026-11-01', '2026-11-02', NULL);
                    """)
            }
            let refusal = #expect(throws: FormatError.self) { try Ledger(warehouse, .readOnly) }
            #expect(refusal?.hint?.contains("spindle ingest") == true)

            let ledger = try Ledger(warehouse, .readWrite)
            try ledger.check()
            let file = try #require(
                try ledger.file(source: "/music", path: Array("a.mp3".utf8)))
            #expect(file.tags.title == "T \"1\"")
            #expect(file.tags.artists == ["A", "B\\"])
            #expect(file.tags.album == "" && file.tags.genres == [])
            #expect(file.cover?.digest == cover && file.cover?.type == "image/png")
            #expect(file.song == id && file.warnings == ["w"])
            #expect(file.status.modifiedNs == 0 && file.status.inode == 0)
            var songs: [LedgerEntry] = []
            try ledger.forEachSong { songs.append($0) }
            #expect(songs.map(\.song.durationMs) == [8])
            #expect(songs.first?.song.isVBR == true && songs.first?.added == "2026-11-01")
            #expect(try ledger.counts().files == ["present": 1, "rejected": 1])
            _ = try Ledger(warehouse, .readOnly)
        }
    }
}
