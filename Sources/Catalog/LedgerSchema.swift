/// The tables of `ledger.sqlite`: what has been seen of every source file.
enum LedgerSchema {
    static let version = 1

    static let sql = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE songs(
          song_id TEXT PRIMARY KEY,         -- SHA-256 of the audio part
          size_bytes INTEGER NOT NULL,
          duration_ms INTEGER NOT NULL,
          bitrate_kbps INTEGER NOT NULL,
          sample_rate_hz INTEGER NOT NULL,
          channels INTEGER NOT NULL,
          frames INTEGER NOT NULL,
          is_vbr INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE files(
          source TEXT NOT NULL,             -- the source folder, absolute
          path TEXT NOT NULL,               -- below it; the bytes of the name, UTF-8 or not
          state TEXT NOT NULL,              -- present, rejected, ignored, gone
          size_bytes INTEGER NOT NULL,
          modified_ns INTEGER NOT NULL,
          changed_ns INTEGER NOT NULL,
          inode INTEGER NOT NULL,
          song_id TEXT,                     -- for present and for gone files
          head TEXT, head_bytes INTEGER,    -- blobs before and behind the audio, NULL when empty
          tail TEXT, tail_bytes INTEGER,
          cover TEXT, cover_type TEXT,
          title TEXT, artists TEXT,         -- lists have one value a line
          album TEXT, album_artist TEXT,
          track INTEGER, track_total INTEGER, disc INTEGER, disc_total INTEGER,
          release_date TEXT, genres TEXT, composer TEXT, isrc TEXT,
          is_compilation INTEGER,
          warnings TEXT,                    -- one a line
          reason TEXT, detail TEXT,         -- of a rejected file
          added TEXT NOT NULL,              -- the night on which it was first seen,
          changed TEXT NOT NULL,            -- the one on which it was last read,
          gone TEXT,                        -- and the day on which it was missed
          PRIMARY KEY(source, path)
        ) WITHOUT ROWID;

        CREATE TABLE removals(              -- blobs of files that were forgotten, to be removed
          digest TEXT PRIMARY KEY
        ) WITHOUT ROWID;

        CREATE INDEX files_by_song ON files(song_id) WHERE song_id IS NOT NULL;
        """
}
