internal import SQLite
internal import Storage

/// Builds `catalog.sqlite` and `search.sqlite` from the ledger and the popularity of a night.
///
/// Songs are sorted by SQLite in a file of their own beside the result, so that memory stays
/// bounded; the same ledger and popularity give the same bytes.
package struct CatalogBuilder {
    /// What popularity says of one song.
    package struct Score: Sendable {
        package let songID: String
        /// From 1, the most popular first.
        package let rank: Int
        /// 0…100.
        package let score: Int
        package let streams: Int

        package init(songID: String, rank: Int, score: Int, streams: Int) {
            self.songID = songID
            self.rank = rank
            self.score = score
            self.streams = streams
        }
    }

    package struct Counts: Equatable, Sendable {
        package var songs = 0
        package var albums = 0
        package var artists = 0
        package var genres = 0
    }

    static let unknownArtist = "[Unknown Artist]"
    static let variousArtists = "Various Artists"

    private let ledger: Ledger
    private let directory: String

    /// - Parameter directory: An empty folder, for the two files.
    package init(_ ledger: Ledger, directory: String) {
        self.ledger = ledger
        self.directory = directory
    }

    /// - Parameters:
    ///   - scores: Calls its argument for each song that has been played.
    ///   - charts: Entries whose song is not in the ledger are left out, and the others move up, in
    ///     their previous positions as well.
    ///   - meta: What else is to be found in the catalogue's table `meta`.
    package func build(
        scores: ((Score) throws -> Void) throws -> Void, charts: [ChartEntry],
        meta: [String: String]
    ) throws -> Counts {
        let catalog = try Self.create(directory + "/catalog.sqlite")
        let search = try Self.create(directory + "/search.sqlite")
        let workPath = directory + "/build.sqlite"
        var attach = try catalog.prepare("ATTACH ? AS work")
        try attach.bind(1, workPath)
        try attach.run()
        try catalog.execute("PRAGMA work.journal_mode = OFF; PRAGMA work.synchronous = OFF")
        try catalog.execute("BEGIN")
        try catalog.execute(CatalogSchema.catalog)
        try catalog.execute(Self.workSchema)
        try stage(scores, in: catalog)
        try search.execute("BEGIN")
        try search.execute(CatalogSchema.search)
        let songs = try fill(catalog, search)
        try finish(catalog, search)
        try catalog.execute(CatalogSchema.catalogIndexes)
        try insert(charts, into: catalog)
        var statement = try catalog.prepare("INSERT INTO meta VALUES(?, ?)")
        for (key, value) in meta.sorted(by: { $0.key < $1.key }) {
            try statement.bind(1, key)
            try statement.bind(2, value)
            try statement.run()
        }
        try catalog.execute("ANALYZE main")
        let counts = Counts(
            songs: songs, albums: Int(try catalog.scalar("SELECT count(*) FROM albums") ?? 0),
            artists: Int(try catalog.scalar("SELECT count(*) FROM artists") ?? 0),
            genres: Int(try catalog.scalar("SELECT count(*) FROM genres") ?? 0))
        try catalog.execute("COMMIT")
        try search.execute("COMMIT")
        try catalog.execute("DETACH work")
        try FileSystem.remove(workPath)
        return counts
    }

    /// A file that nobody reads before it is whole needs neither journal nor syncs.
    private static func create(_ path: String) throws -> Database {
        let database = try Database(path: path)
        try database.execute(
            """
            PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536
            """)
        return database
    }

    private static let workSchema = """
        CREATE TABLE work.scores(song_id TEXT PRIMARY KEY, rank INTEGER, score INTEGER,
          streams INTEGER) WITHOUT ROWID;
        CREATE TABLE work.songs(song_id TEXT, title TEXT, artists TEXT, album TEXT,
          album_artist TEXT, track INTEGER, disc INTEGER, release_date TEXT, genres TEXT,
          duration_ms INTEGER, size_bytes INTEGER, bitrate_kbps INTEGER, sample_rate_hz INTEGER,
          channels INTEGER, cover TEXT, cover_type TEXT, composer TEXT, isrc TEXT,
          is_compilation INTEGER, added TEXT);
        CREATE TABLE work.albums(album_id TEXT PRIMARY KEY, title TEXT, artist TEXT,
          release_date TEXT, is_compilation INTEGER, cover TEXT, cover_type TEXT,
          song_count INTEGER, best_rank INTEGER) WITHOUT ROWID;
        CREATE TABLE work.artists(artist_id TEXT PRIMARY KEY, name TEXT, song_count INTEGER,
          best_rank INTEGER) WITHOUT ROWID;
        CREATE TABLE work.genres(genre_id TEXT PRIMARY KEY, name TEXT, song_count INTEGER)
          WITHOUT ROWID;
        """

    private func stage(
        _ scores: ((Score) throws -> Void) throws -> Void, in catalog: Database
    ) throws {
        var score = try catalog.prepare("INSERT INTO work.scores VALUES(?, ?, ?, ?)")
        try scores { row in
            try score.bind(1, row.songID)
            try score.bind(2, row.rank)
            try score.bind(3, row.score)
            try score.bind(4, row.streams)
            try score.run()
        }
        var song = try catalog.prepare(
            "INSERT INTO work.songs VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        try ledger.forEachSong { entry in
            let tags = entry.tags
            try song.bind(1, entry.song.id.hex)
            try song.bind(2, UnicodeText.composed(tags.title))
            try song.bind(3, tags.artists.map(UnicodeText.composed).joined(separator: "\n"))
            try song.bind(4, UnicodeText.composed(tags.album))
            try song.bind(5, UnicodeText.composed(tags.albumArtist))
            try song.bind(6, tags.track)
            try song.bind(7, tags.disc)
            try song.bind(8, tags.releaseDate.nilIfEmpty)
            try song.bind(9, tags.genres.map(UnicodeText.composed).joined(separator: "\n"))
            try song.bind(10, entry.song.durationMs)
            try song.bind(11, entry.song.sizeBytes)
            try song.bind(12, entry.song.bitrateKbps)
            try song.bind(13, entry.song.sampleRateHz)
            try song.bind(14, entry.song.channels)
            try song.bind(15, entry.cover?.digest.hex)
            try song.bind(16, entry.cover?.type)
            try song.bind(17, tags.composer.nilIfEmpty)
            try song.bind(18, tags.isrc.nilIfEmpty)
            try song.bind(19, tags.isCompilation ? 1 : 0)
            try song.bind(20, entry.added)
            try song.run()
        }
    }

    /// Numbers the songs by popularity and writes them with their links; those never played come
    /// last, in the order of ids.
    private func fill(_ catalog: Database, _ search: Database) throws -> Int {
        var rows = try catalog.prepare(
            """
            SELECT songs.*, ifnull(score, 0), ifnull(streams, 0)
            FROM work.songs LEFT JOIN work.scores USING(song_id)
            ORDER BY scores.rank IS NULL, scores.rank, song_id
            """)
        var song = try catalog.prepare(
            "INSERT INTO main.songs VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        var songArtist = try catalog.prepare("INSERT INTO song_artists VALUES(?, ?, ?)")
        var songGenre = try catalog.prepare("INSERT INTO song_genres VALUES(?, ?, ?)")
        var artist = try catalog.prepare(
            """
            INSERT INTO work.artists VALUES(?, ?, 1, ?)
            ON CONFLICT DO UPDATE SET song_count = song_count + 1
            """)
        var genre = try catalog.prepare(
            """
            INSERT INTO work.genres VALUES(?, ?, 1)
            ON CONFLICT DO UPDATE SET song_count = song_count + 1
            """)
        // The most popular song speaks for its album; what it does not say, the next ones do.
        var album = try catalog.prepare(
            """
            INSERT INTO work.albums VALUES(?, ?, ?, ?, ?, ?, ?, 1, ?)
            ON CONFLICT DO UPDATE SET song_count = song_count + 1,
              release_date = ifnull(release_date, excluded.release_date),
              cover_type = iif(cover IS NULL, excluded.cover_type, cover_type),
              cover = ifnull(cover, excluded.cover)
            """)
        var text = try search.prepare(
            "INSERT INTO songs(rowid, title, artist, album, genre) VALUES(?, ?, ?, ?, ?)")
        var rank = 0
        while try rows.step() {
            rank += 1
            let title = rows.text(1)
            var artists = rows.text(2).split(separator: "\n").map(String.init)
            if artists.isEmpty { artists = [Self.unknownArtist] }
            let credit = Tags.credit(artists)
            let albumTitle = rows.text(3)
            let isCompilation = rows.int(18) != 0
            let albumArtist =
                rows.text(4).nilIfEmpty ?? (isCompilation ? Self.variousArtists : artists[0])
            let albumID =
                albumTitle.isEmpty ? nil : StableID.album(albumTitle, artist: albumArtist)
            let genres = rows.text(8).split(separator: "\n").map(String.init)

            try song.bind(1, rank)
            try song.bind(2, rows.text(0))
            try song.bind(3, title)
            try song.bind(4, credit)
            try song.bind(5, albumID)
            try song.bind(6, rows.optionalInt(5))
            try song.bind(7, rows.optionalInt(6))
            try song.bind(8, rows.optionalText(7))
            for column: Int32 in 9...13 { try song.bind(column, rows.int(column)) }
            for column: Int32 in 14...17 { try song.bind(column, rows.optionalText(column)) }
            try song.bind(18, rows.int(20))
            try song.bind(19, rows.int(21))
            try song.bind(20, rows.text(19))
            try song.run()

            for (position, name) in unique(artists, by: StableID.artist).enumerated() {
                try songArtist.bind(1, rank)
                try songArtist.bind(2, position + 1)
                try songArtist.bind(3, name.id)
                try songArtist.run()
                try artist.bind(1, name.id)
                try artist.bind(2, name.value)
                try artist.bind(3, rank)
                try artist.run()
            }
            for (position, name) in unique(genres, by: StableID.genre).enumerated() {
                try songGenre.bind(1, rank)
                try songGenre.bind(2, position + 1)
                try songGenre.bind(3, name.id)
                try songGenre.run()
                try genre.bind(1, name.id)
                try genre.bind(2, name.value)
                try genre.run()
            }
            if let albumID {
                try album.bind(1, albumID)
                try album.bind(2, albumTitle)
                try album.bind(3, albumArtist)
                try album.bind(4, rows.optionalText(7))
                try album.bind(5, isCompilation ? 1 : 0)
                try album.bind(6, rows.optionalText(14))
                try album.bind(7, rows.optionalText(15))
                try album.bind(8, rank)
                try album.run()
            }
            try text.bind(1, rank)
            try text.bind(2, SearchText.indexed(title))
            try text.bind(3, SearchText.indexed(artists.joined(separator: " ")))
            try text.bind(4, SearchText.indexed(albumTitle))
            try text.bind(5, SearchText.indexed(genres.joined(separator: " ")))
            try text.run()
        }
        return rank
    }

    /// Albums and artists by their most popular song, with their search texts.
    private func finish(_ catalog: Database, _ search: Database) throws {
        try catalog.execute(
            """
            INSERT INTO main.albums
              SELECT row_number() OVER (ORDER BY best_rank, album_id), * FROM work.albums
              ORDER BY best_rank, album_id;
            INSERT INTO main.artists
              SELECT row_number() OVER (ORDER BY best_rank, artist_id), * FROM work.artists
              ORDER BY best_rank, artist_id;
            INSERT INTO main.genres SELECT * FROM work.genres ORDER BY genre_id;
            """)
        var albums = try catalog.prepare(
            "SELECT number, title, artist FROM main.albums ORDER BY number")
        var albumText = try search.prepare(
            "INSERT INTO albums(rowid, title, artist) VALUES(?, ?, ?)")
        while try albums.step() {
            try albumText.bind(1, albums.int(0))
            try albumText.bind(2, SearchText.indexed(albums.text(1)))
            try albumText.bind(3, SearchText.indexed(albums.text(2)))
            try albumText.run()
        }
        var artists = try catalog.prepare("SELECT number, name FROM main.artists ORDER BY number")
        var artistText = try search.prepare("INSERT INTO artists(rowid, name) VALUES(?, ?)")
        while try artists.step() {
            try artistText.bind(1, artists.int(0))
            try artistText.bind(2, SearchText.indexed(artists.text(1)))
            try artistText.run()
        }
        // One segment each: the fastest to read, and the same bytes however they were merged.
        for table in ["songs", "albums", "artists"] {
            try search.execute("INSERT INTO \(table)(\(table)) VALUES('optimize')")
        }
    }

    /// Positions and previous positions are counted without the songs that are left out.
    ///
    /// Who was in a chart the day before is known of those only that still are: where an unknown song
    /// has left the chart since, the previous positions behind it still count it.
    private func insert(_ charts: [ChartEntry], into catalog: Database) throws {
        var find = try catalog.prepare("SELECT rank FROM main.songs WHERE song_id = ?")
        var insert = try catalog.prepare("INSERT INTO charts VALUES(?, ?, ?, ?, ?, ?, ?)")
        var known: [(entry: ChartEntry, rank: Int)] = []
        // By bytes: keys that only Unicode calls equal are two charts.
        var unknownBefore: [[UInt8]: [Int]] = [:]
        for entry in charts {
            defer { find.reset() }
            try find.bind(1, entry.songID)
            if try find.step() {
                known.append((entry, find.int(0)))
            } else if let previous = entry.previousPosition {
                unknownBefore[Self.chartKey(entry), default: []].append(previous)
            }
        }
        var positions: [[UInt8]: Int] = [:]
        for (entry, rank) in known {
            let key = Self.chartKey(entry)
            let position = positions[key, default: 0] + 1
            positions[key] = position
            let previous = entry.previousPosition.map { previous in
                previous - (unknownBefore[key] ?? []).count { $0 < previous }
            }
            try insert.bind(1, entry.chart)
            try insert.bind(2, entry.key)
            try insert.bind(3, position)
            try insert.bind(4, rank)
            try insert.bind(5, entry.streams)
            try insert.bind(6, entry.listeners)
            try insert.bind(7, previous)
            try insert.run()
        }
    }

    private static func chartKey(_ entry: ChartEntry) -> [UInt8] {
        Array("\(entry.chart)\0\(entry.key)".utf8)
    }

    /// Names that are the same name count once.
    private func unique(_ names: [String], by id: (String) -> String) -> [(
        id: String, value: String
    )] {
        var seen: Set<String> = []
        return names.compactMap { name in
            let id = id(name)
            return seen.insert(id).inserted ? (id, name) : nil
        }
    }
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
