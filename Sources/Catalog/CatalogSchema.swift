/// The tables of `catalog.sqlite`; docs/formats/catalog.md describes them.
enum CatalogSchema {
    static let version = 3

    /// A column of `songs`, its type and meaning, in their order. What lists show comes first: SQLite
    /// reads a row from its beginning only as far as it is asked to.
    static let songs = """
        CREATE TABLE songs(
          rank INTEGER PRIMARY KEY,         -- 1 is the most popular: plain order is best first
          song_id TEXT NOT NULL,            -- SHA-256 of the audio; also the audio object's name
          title TEXT NOT NULL,
          artist TEXT NOT NULL,             -- the credit as displayed: "A feat. B"
          album_number INTEGER,             -- of albums
          track INTEGER, disc INTEGER,
          release_date TEXT,                -- YYYY[-MM[-DD]]
          duration_ms INTEGER NOT NULL,
          size_bytes INTEGER NOT NULL,      -- of the audio object
          bitrate_kbps INTEGER NOT NULL,
          sample_rate_hz INTEGER NOT NULL,
          channels INTEGER NOT NULL,
          cover TEXT, cover_type TEXT,      -- SHA-256 and MIME type
          composer TEXT, isrc TEXT,
          score INTEGER NOT NULL,           -- 0…100
          streams INTEGER NOT NULL,         -- within the popularity window
          added TEXT NOT NULL,              -- the night on which ingest first saw it
          subtitle TEXT,
          title_sort TEXT, album_sort TEXT,
          original_date TEXT, recording_date TEXT,  -- as precise as they were given
          gapless_ms INTEGER,               -- duration without the encoder's delay and padding
          bpm REAL, musical_key TEXT,               -- beats a minute, musical key
          isrcs TEXT, moods TEXT, languages TEXT, labels TEXT,  -- JSON lists of texts, or NULL
          catalog_numbers TEXT,             -- JSON list
          grouping TEXT, work TEXT, movement TEXT,
          replaygain_track_gain REAL, replaygain_track_peak REAL,  -- dB to ReplayGain 2's level; 1 is full scale
          replaygain_album_gain REAL, replaygain_album_peak REAL,
          musicbrainz_recording_id TEXT, musicbrainz_track_id TEXT,
          musicbrainz_work_ids TEXT,        -- JSON list
          acoustid TEXT, copyright TEXT,
          has_lyrics INTEGER NOT NULL, has_synced_lyrics INTEGER NOT NULL,
          owner TEXT, region TEXT           -- of the source, as the operator named them
        );
        """

    static let catalog = """
        PRAGMA user_version = \(version);

        \(songs)
        CREATE TABLE albums(
          album_number INTEGER PRIMARY KEY, -- by the rank of the most popular song
          album_id TEXT NOT NULL, title TEXT NOT NULL,
          artist TEXT NOT NULL,             -- the album artists as displayed
          release_date TEXT,
          is_compilation INTEGER NOT NULL, cover TEXT, cover_type TEXT,
          song_count INTEGER NOT NULL, best_rank INTEGER NOT NULL,
          duration_ms INTEGER NOT NULL, disc_count INTEGER NOT NULL,
          original_date TEXT, label TEXT, catalog_number TEXT, barcode TEXT, media TEXT,
          release_country TEXT, release_status TEXT, release_types TEXT,  -- types are a JSON list
          album_sort TEXT, copyright TEXT,
          musicbrainz_album_id TEXT, musicbrainz_release_group_id TEXT
        );
        CREATE TABLE discs(                 -- of albums whose tags tell more than a number
          album_number INTEGER NOT NULL, disc INTEGER NOT NULL, subtitle TEXT,
          track_total INTEGER,              -- as the tags say; songs may be missing
          PRIMARY KEY(album_number, disc)
        ) WITHOUT ROWID;
        CREATE TABLE artists(
          artist_number INTEGER PRIMARY KEY,  -- by the rank of the most popular song
          artist_id TEXT NOT NULL, name TEXT NOT NULL,
          song_count INTEGER NOT NULL,      -- credited for or featured in
          best_rank INTEGER NOT NULL,       -- of any role
          sort_name TEXT NOT NULL,
          album_count INTEGER NOT NULL,     -- as album artist
          is_listed INTEGER NOT NULL,       -- 0: only composer, lyricist and the like; numbered last
          musicbrainz_artist_id TEXT
        );
        CREATE TABLE genres(
          genre_number INTEGER PRIMARY KEY, -- by the rank of the most popular song
          genre_id TEXT NOT NULL, name TEXT NOT NULL,
          song_count INTEGER NOT NULL,      -- of songs that name it
          parent_number INTEGER,            -- NULL for a root
          total_song_count INTEGER NOT NULL -- with those of the genres below it
        );
        CREATE TABLE song_artists(
          rank INTEGER NOT NULL, position INTEGER NOT NULL, artist_number INTEGER NOT NULL,
          role TEXT NOT NULL,               -- main, featured, remixer, composer, conductor, lyricist, performer, producer
          PRIMARY KEY(rank, position)
        ) WITHOUT ROWID;
        CREATE TABLE album_artists(
          album_number INTEGER NOT NULL, position INTEGER NOT NULL, artist_number INTEGER NOT NULL,
          PRIMARY KEY(album_number, position)
        ) WITHOUT ROWID;
        CREATE TABLE song_genres(           -- as the tags name them
          rank INTEGER NOT NULL, position INTEGER NOT NULL, genre_number INTEGER NOT NULL,
          PRIMARY KEY(rank, position)
        ) WITHOUT ROWID;
        CREATE TABLE genre_songs(           -- a genre's songs and those of the genres below it
          genre_number INTEGER NOT NULL, rank INTEGER NOT NULL,
          PRIMARY KEY(genre_number, rank)
        ) WITHOUT ROWID;
        CREATE TABLE chapters(
          rank INTEGER NOT NULL, position INTEGER NOT NULL, start_ms INTEGER NOT NULL,
          end_ms INTEGER NOT NULL, title TEXT NOT NULL, url TEXT,
          PRIMARY KEY(rank, position)
        ) WITHOUT ROWID;
        CREATE TABLE podcasts(              -- of the songs that are episodes
          rank INTEGER PRIMARY KEY, podcast_id TEXT, url TEXT, description TEXT, category TEXT,
          keywords TEXT
        );
        -- Ids that meant one of these when less was known of it.
        CREATE TABLE artist_aliases(
          former_id TEXT PRIMARY KEY, artist_number INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE album_aliases(
          former_id TEXT PRIMARY KEY, album_number INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE genre_aliases(
          former_id TEXT PRIMARY KEY, genre_number INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE charts(
          chart TEXT NOT NULL,              -- overall, region, genre, trending
          key TEXT NOT NULL,                -- region id, genre name, or *
          position INTEGER NOT NULL, song_rank INTEGER NOT NULL, streams INTEGER NOT NULL,
          listeners INTEGER NOT NULL, previous_position INTEGER,
          peak_position INTEGER, weeks INTEGER,  -- NULL for trending
          PRIMARY KEY(chart, key, position)
        ) WITHOUT ROWID;
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """

    /// Made after the rows, which is faster and packs the pages.
    static let catalogIndexes = """
        CREATE UNIQUE INDEX songs_by_id ON songs(song_id);
        CREATE INDEX songs_by_album ON songs(album_number, disc, track, rank)
          WHERE album_number IS NOT NULL;
        CREATE INDEX songs_by_isrc ON songs(isrc) WHERE isrc IS NOT NULL;
        CREATE UNIQUE INDEX albums_by_id ON albums(album_id);
        CREATE INDEX albums_by_release ON albums(release_date DESC, album_number)
          WHERE release_date IS NOT NULL;
        CREATE UNIQUE INDEX artists_by_id ON artists(artist_id);
        CREATE INDEX song_artists_by_artist ON song_artists(artist_number, rank);
        CREATE INDEX album_artists_by_artist ON album_artists(artist_number, album_number);
        CREATE UNIQUE INDEX genres_by_id ON genres(genre_id);
        """
}
