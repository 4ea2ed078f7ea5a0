internal import SQLite
package import Storage

/// Builds `catalog.sqlite` from the ledger and the popularity of a night.
///
/// In three passes: songs are staged in a file of their own while who and what they name is noted;
/// names are resolved; songs are written in the order of popularity, then albums. What grows with
/// songs is on disk, and memory with the number of different names; the same ledger and popularity
/// give the same bytes.
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

    private let ledger: Ledger
    private let directory: String
    private let aliases: ArtistAliases

    /// - Parameter directory: An empty folder, for the two files.
    package init(_ ledger: Ledger, directory: String, aliases: ArtistAliases = .none) {
        self.ledger = ledger
        self.directory = directory
        self.aliases = aliases
    }

    /// What was built, and what the operator should know of the aliases.
    package struct Outcome: Sendable {
        package let counts: Counts
        package let warnings: [String]
        /// The covers of songs, of which those of albums are some; each once, in order.
        package let covers: [Digest]
    }

    /// - Parameters:
    ///   - scores: Calls its argument for each song that has been played.
    ///   - charts: Entries whose song is not in the ledger are left out, and the others move up, in
    ///     their previous positions as well.
    ///   - meta: What else is to be found in the catalogue's table `meta`.
    package func build(
        scores: ((Score) throws -> Void) throws -> Void, charts: [ChartEntry],
        meta: [String: String]
    ) throws -> Outcome {
        let catalog = try Self.create(directory + "/catalog.sqlite")
        let workPath = directory + "/build.sqlite"
        var attach = try catalog.prepare("ATTACH ? AS work")
        try attach.bind(1, workPath)
        try attach.run()
        try catalog.execute(
            """
            PRAGMA work.journal_mode = OFF; PRAGMA work.synchronous = OFF;
            PRAGMA work.cache_size = -8192
            """)
        try catalog.execute("BEGIN")
        try catalog.execute(CatalogSchema.catalog)
        var identities = CatalogIdentities()
        let staging = try SongStaging(catalog)
        try staging.stage(scores)
        try staging.stage(ledger, &identities)
        identities.resolve(aliases)
        var counts = Counts()
        counts.songs = try CatalogSongs(catalog).write(&identities)
        try CatalogAlbums(catalog).write(identities.albums)
        counts.albums = Int(try catalog.scalar("SELECT count(*) FROM main.albums") ?? 0)
        (counts.artists, counts.genres) = try CatalogNames(catalog).write(identities)
        try catalog.execute(CatalogSchema.catalogIndexes)
        try insert(charts, into: catalog)
        var statement = try catalog.prepare("INSERT INTO meta VALUES(?, ?)")
        for (key, value) in meta.sorted(by: { $0.key < $1.key }) {
            try statement.bind(1, key)
            try statement.bind(2, value)
            try statement.run()
        }
        try catalog.execute("ANALYZE main")
        let covers = try Self.covers(catalog)
        try catalog.execute("COMMIT")
        try catalog.execute("DETACH work")
        try FileSystem.remove(workPath)
        return Outcome(counts: counts, warnings: identities.artists.warnings, covers: covers)
    }

    private static func covers(_ catalog: Database) throws -> [Digest] {
        var rows = try catalog.prepare(
            "SELECT DISTINCT cover FROM main.songs WHERE cover IS NOT NULL ORDER BY 1")
        var covers: [Digest] = []
        while try rows.step() {
            if let digest = Digest(hex: rows.text(0)) { covers.append(digest) }
        }
        return covers
    }

    /// A file that nobody reads before it is whole needs neither journal nor syncs.
    private static func create(_ path: String) throws -> Database {
        let database = try Database(path: path)
        try database.execute(
            """
            PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768
            """)
        return database
    }

    /// Positions and previous positions are counted without the songs that are left out.
    ///
    /// Who was in a chart the week before is known of those only that still are: where an unknown song
    /// has left the chart since, the previous positions behind it still count it.
    private func insert(_ charts: [ChartEntry], into catalog: Database) throws {
        var find = try catalog.prepare("SELECT rank FROM main.songs WHERE song_id = ?")
        var insert = try catalog.prepare("INSERT INTO charts VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")
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
            try insert.bind(8, entry.peakPosition.map { min($0, position) })
            try insert.bind(9, entry.weeks)
            try insert.run()
        }
    }

    private static func chartKey(_ entry: ChartEntry) -> [UInt8] {
        Array("\(entry.chart)\0\(entry.key)".utf8)
    }
}
