/// The tables of `ledger.sqlite`: what has been seen of every source file.
enum LedgerSchema {
    static let version = 2

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
          is_vbr INTEGER NOT NULL,
          gapless_ms INTEGER,               -- without the encoder's delay and padding
          encoder TEXT,
          music_crc_good INTEGER            -- 1, 0; NULL where the encoder left no checksum
        ) WITHOUT ROWID;

        CREATE TABLE files(
          source TEXT NOT NULL,             -- the source folder, absolute
          path TEXT NOT NULL,               -- below it; the bytes of the name, UTF-8 or not
          state TEXT NOT NULL,              -- present, rejected, ignored, gone, excluded
          size_bytes INTEGER NOT NULL,
          modified_ns INTEGER NOT NULL,
          changed_ns INTEGER NOT NULL,
          inode INTEGER NOT NULL,
          song_id TEXT,                     -- for files that were ever good
          head TEXT, head_bytes INTEGER,    -- blobs before and behind the audio, NULL when empty
          tail TEXT, tail_bytes INTEGER,
          cover TEXT, cover_type TEXT,      -- the picture that stands for the song
          tags TEXT NOT NULL DEFAULT '{}',  -- JSON: lists by field (docs/formats/tags.md)
          title TEXT AS (tags ->> '$.title[0]'),
          artists TEXT AS (tags -> '$.artists'),
          album TEXT AS (tags ->> '$.album[0]'),
          warnings TEXT,                    -- one a line
          reason TEXT, detail TEXT,         -- of a rejected file
          added TEXT NOT NULL,              -- the night on which it was first seen,
          changed TEXT NOT NULL,            -- the one on which it was last read,
          gone TEXT,                        -- and the day on which it was missed or left out
          PRIMARY KEY(source, path)
        ) WITHOUT ROWID;

        CREATE TABLE covers(                -- every picture of a file's tags
          source TEXT NOT NULL, path TEXT NOT NULL,
          position INTEGER NOT NULL,        -- from 0, as in the tags
          digest TEXT NOT NULL,             -- SHA-256 of the blob
          type TEXT NOT NULL,               -- MIME type, by the bytes
          size_bytes INTEGER NOT NULL,
          picture_type INTEGER NOT NULL,    -- ID3v2.4 frames, section 4.14: 3 is the front cover
          description TEXT NOT NULL,
          PRIMARY KEY(source, path, position)
        ) WITHOUT ROWID;

        CREATE TABLE sources(               -- what the operator says of a source
          source TEXT PRIMARY KEY,
          owner TEXT, region TEXT
        ) WITHOUT ROWID;

        CREATE TABLE removals(              -- blobs of files that were forgotten, to be removed
          digest TEXT PRIMARY KEY
        ) WITHOUT ROWID;

        CREATE INDEX files_by_song ON files(song_id) WHERE song_id IS NOT NULL;
        """

    /// From version 1, whose files had a column for each of a few fields. Their stamps are taken
    /// away, so that the next ingest reads every file again and finds the rest.
    static let upgradeFrom1 = """
        ALTER TABLE files RENAME TO files_1;
        ALTER TABLE songs RENAME TO songs_1;
        DROP INDEX files_by_song;
        DROP TABLE removals;
        DROP TABLE meta;
        \(sql)
        INSERT INTO songs SELECT *, NULL, NULL, NULL FROM songs_1;
        INSERT INTO files(source, path, state, size_bytes, modified_ns, changed_ns, inode, song_id,
            head, head_bytes, tail, tail_bytes, cover, cover_type, tags, warnings, reason, detail,
            added, changed, gone)
          SELECT source, path, state, size_bytes, 0, 0, 0, song_id, head, head_bytes, tail,
            tail_bytes, cover, cover_type,
            json_object('title', json_array(ifnull(title, '')),
              'artists', json('[' || replace(json_quote(ifnull(artists, '')), '\\n', '","') || ']'),
              'album', json_array(ifnull(album, '')),
              'album_artists', json_array(ifnull(album_artist, '')),
              'genres', json('[' || replace(json_quote(ifnull(genres, '')), '\\n', '","') || ']')),
            warnings, reason, detail, added, changed, gone
          FROM files_1;
        INSERT INTO covers SELECT source, path, 0, cover, cover_type, 0, 3, '' FROM files
          WHERE cover IS NOT NULL;
        DROP TABLE files_1;
        DROP TABLE songs_1;
        PRAGMA user_version = \(version);
        """
}
