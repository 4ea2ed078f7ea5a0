/// The tables of `catalog.sqlite` and `search.sqlite`.
enum CatalogSchema {
    static let version = 1

    static let catalog = """
        PRAGMA user_version = 1;

        CREATE TABLE songs(
          rank INTEGER PRIMARY KEY,         -- 1 is the most popular: plain order is best first
          song_id TEXT NOT NULL,            -- SHA-256 of the audio; also the audio object's name
          title TEXT NOT NULL,
          artist TEXT NOT NULL,             -- the credit as displayed
          album_id TEXT,
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
          added TEXT NOT NULL               -- the night on which ingest first saw it
        );
        CREATE TABLE albums(
          number INTEGER PRIMARY KEY,       -- by the rank of the most popular song
          album_id TEXT NOT NULL, title TEXT NOT NULL, artist TEXT NOT NULL, release_date TEXT,
          is_compilation INTEGER NOT NULL, cover TEXT, cover_type TEXT,
          song_count INTEGER NOT NULL, best_rank INTEGER NOT NULL
        );
        CREATE TABLE artists(
          number INTEGER PRIMARY KEY,       -- by the rank of the most popular song
          artist_id TEXT NOT NULL, name TEXT NOT NULL, song_count INTEGER NOT NULL,
          best_rank INTEGER NOT NULL
        );
        CREATE TABLE genres(
          genre_id TEXT PRIMARY KEY, name TEXT NOT NULL, song_count INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE song_artists(
          rank INTEGER NOT NULL, position INTEGER NOT NULL, artist_id TEXT NOT NULL,
          PRIMARY KEY(rank, position)
        ) WITHOUT ROWID;
        CREATE TABLE song_genres(
          rank INTEGER NOT NULL, position INTEGER NOT NULL, genre_id TEXT NOT NULL,
          PRIMARY KEY(rank, position)
        ) WITHOUT ROWID;
        CREATE TABLE charts(
          chart TEXT NOT NULL,              -- overall, region, genre, trending
          key TEXT NOT NULL,                -- region id, genre name, or *
          position INTEGER NOT NULL, song_rank INTEGER NOT NULL, streams INTEGER NOT NULL,
          listeners INTEGER NOT NULL, previous_position INTEGER,
          PRIMARY KEY(chart, key, position)
        ) WITHOUT ROWID;
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """

    /// Made after the rows, which is faster and packs the pages.
    static let catalogIndexes = """
        CREATE UNIQUE INDEX songs_by_id ON songs(song_id);
        CREATE INDEX songs_by_album ON songs(album_id, disc, track, rank) WHERE album_id IS NOT NULL;
        CREATE UNIQUE INDEX albums_by_id ON albums(album_id);
        CREATE INDEX albums_by_artist ON albums(artist, release_date);
        CREATE UNIQUE INDEX artists_by_id ON artists(artist_id);
        CREATE INDEX song_artists_by_artist ON song_artists(artist_id, rank);
        CREATE INDEX song_genres_by_genre ON song_genres(genre_id, rank);
        """

    /// Row numbers are those of the catalogue, so that matches come best first without sorting.
    /// The texts are in the form of `SearchText`; the tables hold no copy of them (`content=''`).
    static let search: String = {
        // Marks are parts of words: without Mn and Mc the Hindi words कि and की are one.
        let tokenizer = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'"
        return """
            PRAGMA user_version = 1;
            CREATE VIRTUAL TABLE songs USING fts5(
              title, artist, album, genre, content='', tokenize="\(tokenizer)",
              prefix='1 2 3');
            CREATE VIRTUAL TABLE albums USING fts5(
              title, artist, content='', tokenize="\(tokenizer)", prefix='1 2 3');
            CREATE VIRTUAL TABLE artists USING fts5(
              name, content='', tokenize="\(tokenizer)", prefix='1 2 3');
            """
    }()
}
