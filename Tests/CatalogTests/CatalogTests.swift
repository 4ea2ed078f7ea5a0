import Storage
import TestSupport
import Testing

@testable import Catalog

/// The catalogue as it is built from a ledger, and what its reader answers.
struct CatalogTests {
    private static func score(_ number: Int, rank: Int, streams: Int = 10) -> CatalogBuilder.Score {
        .init(
            songID: LedgerFixture.id(number).hex, rank: rank, score: max(0, 100 - rank),
            streams: streams)
    }

    private static func chart(
        _ number: Int, _ position: Int, chart: String = "overall", key: String = "*",
        previous: Int? = nil
    ) -> ChartEntry {
        ChartEntry(
            chart: chart, key: key, position: position, songID: LedgerFixture.id(number).hex,
            streams: 100 - position,
            listeners: 50 - position, previousPosition: previous)
    }

    /// Builds a catalogue of these files and asks it.
    private func withCatalog(
        _ files: [(number: Int, file: LedgerFile)], scores: [CatalogBuilder.Score] = [],
        charts: [ChartEntry] = [],
        _ body: (CatalogReader, CatalogBuilder.Counts) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            let ledger = try LedgerFixture.ledger(Warehouse(path: folder + "/w"), files)
            // A folder whose name means something to SQL and to URIs.
            let directory = folder + "/it'\u{301}s 50%?#"
            try FileSystem.makeDirectories(directory)
            let counts = try CatalogBuilder(ledger, directory: directory).build(
                scores: { add in for score in scores { try add(score) } }, charts: charts,
                meta: ["night": "2026-11-19"]
            ).counts
            #expect(try FileSystem.list(directory) == ["catalog.sqlite"])
            try body(try CatalogReader(directory: directory), counts)
        }
    }

    private func plain(_ numbers: ClosedRange<Int>) -> [(number: Int, file: LedgerFile)] {
        numbers.map { ($0, LedgerFixture.file($0)) }
    }

    // MARK: Order

    @Test func `songs are numbered by popularity, those never played last by id`() throws {
        let scores = [
            Self.score(3, rank: 1), Self.score(99, rank: 2), Self.score(1, rank: 3),
            Self.score(5, rank: 7),
        ]
        try withCatalog(plain(1...8), scores: scores) { catalog, counts in
            let songs = try catalog.songs(limit: 100)
            #expect(counts.songs == 8)
            #expect(songs.map(\.rank) == Array(1...8))
            let rest = [2, 4, 6, 7, 8].map { LedgerFixture.id($0).hex }.sorted()
            #expect(songs.map(\.id) == [3, 1, 5].map { LedgerFixture.id($0).hex } + rest)
            #expect(songs.map(\.score) == [99, 97, 93, 0, 0, 0, 0, 0])
            #expect(songs.map(\.streams) == [10, 10, 10, 0, 0, 0, 0, 0])
            #expect(try catalog.songs(limit: 2, offset: 3).map(\.rank) == [4, 5])
            #expect(try catalog.songCount() == 8)
            var walked: [Int] = []
            try catalog.forEachSong { rank, id, size in
                walked.append(rank)
                #expect(id.hex == songs[rank - 1].id && size == songs[rank - 1].sizeBytes)
            }
            #expect(walked == Array(1...8))
            #expect(try catalog.meta("night") == "2026-11-19")
        }
    }

    @Test func `a song has all that the ledger knows of it`() throws {
        let file = LedgerFixture.file(1) { file in
            file.tags.title = "Cafe\u{301}"
            file.tags.artists = ["A", "B", "a"]
            file.tags.album = "Album"
            file.tags.genres = ["Punk", "Folk", "PUNK"]
            (file.tags.track, file.tags.disc) = (3, 2)
            file.tags.releaseDate = "2026-11"
            file.tags.composer = "C"
            file.tags.isrc = "QZ"
            file.cover = .init(digest: SHA256.hash("cover"), type: "image/png")
        }
        try withCatalog(
            [(1, file), (2, LedgerFixture.file(2) { $0.tags.artists = [] })],
            scores: [Self.score(1, rank: 1)]
        ) { catalog, counts in
            let song = try #require(try catalog.song(id: LedgerFixture.id(1).hex))
            #expect(song.title.unicodeScalars.count == 4)
            #expect(song.artist == "A, B & a")
            #expect(song.album == "Album")
            #expect(song.albumID == StableID.album("Album", artist: "A"))
            #expect(song.track == 3 && song.disc == 2)
            #expect(song.releaseDate == "2026-11")
            #expect(
                song.durationMs == 200_001 && song.sizeBytes == 1_001 && song.bitrateKbps == 128)
            #expect(song.sampleRateHz == 44_100 && song.channels == 2)
            #expect(song.cover == SHA256.hash("cover").hex && song.coverType == "image/png")
            #expect(song.composer == "C" && song.isrc == "QZ")
            // The same artist or genre under another case counts once.
            #expect(try catalog.artists(songRank: 1).map(\.artist.name) == ["A", "B", "C"])
            #expect(try catalog.genres(songRank: 1).map(\.name) == ["Punk", "Folk"])
            #expect(try catalog.artists(songRank: 1).map(\.role) == ["main", "main", "composer"])
            // C has only composed, and is not listed.
            #expect(counts == .init(songs: 2, albums: 1, artists: 3, genres: 2))
            let other = try #require(try catalog.song(id: LedgerFixture.id(2).hex))
            #expect(other.artist == "[Unknown Artist]")
            #expect(
                other.albumID == nil && other.album == nil && other.track == nil
                    && other.releaseDate == nil)
            #expect(
                other.cover == nil && other.coverType == nil && other.composer == nil
                    && other.isrc == nil)
            #expect(try catalog.song(id: "none") == nil)
        }
    }

    // MARK: Albums, artists, genres

    @Test func `albums are told by title and artist, and a compilation is one`() throws {
        func file(
            _ number: Int, _ artist: String, _ album: String,
            _ change: (inout LedgerFile) -> Void = { _ in }
        ) -> (Int, LedgerFile) {
            (
                number,
                LedgerFixture.file(number) { file in
                    file.tags.artists = [artist]
                    file.tags.album = album
                    change(&file)
                }
            )
        }
        let files = [
            file(1, "A", "Greatest Hits") { $0.tags.track = 2 }, file(2, "B", "Greatest Hits"),
            file(3, "A", "GREATEST  hits") { $0.tags.track = 1 },
            file(4, "C", "World") { $0.tags.isCompilation = true },
            file(5, "D", "World") { $0.tags.isCompilation = true },
            file(6, "E", "World") { $0.tags.albumArtist = "Various Artists" },
            file(7, "A", "Greatest Hits") {
                $0.tags.disc = 2; $0.tags.track = 1;
                $0.cover = .init(digest: SHA256.hash("c"), type: "image/jpeg");
                $0.tags.releaseDate = "1999"
            },
            file(8, "A", "Greatest Hits"),
        ]
        try withCatalog(
            files, scores: [Self.score(2, rank: 1), Self.score(1, rank: 2), Self.score(5, rank: 3)]
        ) { catalog, counts in
            #expect(counts.albums == 3)
            let albums = try catalog.albums(limit: 10)
            #expect(albums.map(\.title) == ["Greatest Hits", "Greatest Hits", "World"])
            #expect(albums.map(\.artist) == ["B", "A", "Various Artists"])
            #expect(albums.map(\.songCount) == [1, 4, 3])
            // Who stands for many has a page, and no place among artists.
            #expect(try !catalog.artists(limit: 99).map(\.name).contains("Various Artists"))
            #expect(try catalog.artist(id: StableID.artist("Various Artists")) != nil)
            #expect(albums.map(\.isCompilation) == [false, false, true])
            // What the best song does not say, the next ones do.
            #expect(
                albums[1].cover == SHA256.hash("c").hex && albums[1].coverType == "image/jpeg"
                    && albums[1].releaseDate == "1999")
            #expect(albums[0].cover == nil && albums[0].coverType == nil)
            #expect(try catalog.album(id: albums[1].id) == albums[1])
            #expect(try catalog.album(id: "0000000000000000") == nil)
            #expect(try catalog.albums(limit: 1, offset: 1) == [albums[1]])
            #expect(
                try catalog.songs(albumID: albums[1].id).map(\.id)
                    == [3, 1, 8, 7].map { LedgerFixture.id($0).hex })
            #expect(
                try catalog.albums(artistID: StableID.artist("A")).map(\.title) == ["Greatest Hits"]
            )
            #expect(try catalog.albums(artistID: StableID.artist("D")).isEmpty)
            #expect(
                try catalog.albumsOfOthers(artistID: StableID.artist("D")).map(\.title)
                    == ["World"])
        }
    }

    @Test func `artists and genres lead to their songs, best first`() throws {
        let files = (1...6).map { number in
            (
                number,
                LedgerFixture.file(number) { file in
                    file.tags.artists = number % 2 == 0 ? ["Even", "All"] : ["All"]
                    file.tags.genres = number % 3 == 0 ? ["Folk", "Punk"] : ["Punk"]
                }
            )
        }
        try withCatalog(files, scores: (1...6).map { Self.score($0, rank: 7 - $0) }) {
            catalog, counts in
            #expect(
                try catalog.artists(limit: 10).map { "\($0.name) \($0.songCount)" }.sorted() == [
                    "All 6", "Even 3",
                ])
            #expect(
                try catalog.songs(artistID: StableID.artist("even"), limit: 10).map(\.rank) == [
                    1, 3, 5,
                ])
            #expect(
                try catalog.songs(artistID: StableID.artist("even"), limit: 1, offset: 1).map(
                    \.rank) == [3])
            #expect(
                try catalog.genres().map { "\($0.name) \($0.songCount)" } == ["Punk 6", "Folk 2"])
            #expect(
                try catalog.songs(genreID: StableID.genre("Folk"), limit: 10).map(\.rank) == [1, 4])
            #expect(try catalog.genre(id: StableID.genre("folk"))?.name == "Folk")
            #expect(try catalog.artist(id: StableID.artist("EVEN"))?.songCount == 3)
            #expect(try catalog.artist(id: "x") == nil)
            let all = try catalog.counts()
            #expect(all.songs == 6 && all.albums == 0 && all.artists == 2 && all.genres == 2)
        }
    }

    @Test func `each song's genres are told in the order of ranks`() throws {
        let files = [
            (1, LedgerFixture.file(1) { $0.tags.genres = ["Punk", "Folk"] }),
            (2, LedgerFixture.file(2)),
        ]
        try withTemporaryFolder { folder in
            let ledger = try LedgerFixture.ledger(Warehouse(path: folder + "/w"), files)
            try FileSystem.makeDirectories(folder + "/c")
            _ = try CatalogBuilder(ledger, directory: folder + "/c").build(
                scores: { try $0(Self.score(2, rank: 1)) }, charts: [], meta: [:])
            let genres = try SongGenres(directory: folder + "/c")
            let first = try genres.next(), second = try genres.next()
            #expect(first?.song == LedgerFixture.id(2) && first?.genres == [])
            #expect(second?.song == LedgerFixture.id(1) && second?.genres == ["Punk", "Folk"])
            #expect(try genres.next() == nil)
        }
    }

    // MARK: Charts

    @Test func `charts leave out songs that are not there, and the others move up`() throws {
        let charts = [
            Self.chart(2, 1, previous: 4), Self.chart(99, 2), Self.chart(1, 3),
            Self.chart(3, 1, chart: "region", key: "eu"),
            Self.chart(98, 1, chart: "genre", key: "Punk"),
        ]
        try withCatalog(plain(1...3), charts: charts) { catalog, _ in
            let overall = try catalog.chart("overall", key: "*", limit: 10)
            #expect(overall.map(\.entry.position) == [1, 2])
            #expect(overall.map(\.song.id) == [2, 1].map { LedgerFixture.id($0).hex })
            #expect(overall.map(\.entry.previousPosition) == [4, nil])
            #expect(overall.map(\.entry.streams) == [99, 97])
            #expect(overall.map(\.entry.listeners) == [49, 47])
            #expect(
                try catalog.chart("overall", key: "*", limit: 1, offset: 1).map(\.entry.position)
                    == [2])
            #expect(
                try catalog.charts().map { "\($0.chart) \($0.key) \($0.count)" } == [
                    "overall * 2", "region eu 1",
                ])
            #expect(try catalog.chart("none", key: "*", limit: 10).isEmpty)
        }
    }

    @Test func `previous positions move up with the others`() throws {
        let charts = [
            Self.chart(1, 1, previous: 1), Self.chart(98, 2, previous: 2),
            Self.chart(2, 3, previous: 5),
            Self.chart(99, 4, previous: 3), Self.chart(3, 5, previous: 4), Self.chart(97, 6),
            Self.chart(1, 1, chart: "region", key: "\u{e9}", previous: 3),
            Self.chart(1, 1, chart: "region", key: "e\u{301}", previous: 3),
            Self.chart(99, 2, chart: "region", key: "e\u{301}", previous: 2),
        ]
        try withCatalog(plain(1...3), charts: charts) { catalog, _ in
            let overall = try catalog.chart("overall", key: "*", limit: 10)
            #expect(overall.map(\.entry.position) == [1, 2, 3])
            #expect(overall.map(\.entry.previousPosition) == [1, 3, 2])
            for (key, previous) in [("\u{e9}", 3), ("e\u{301}", 2)] {
                let region = try catalog.chart("region", key: key, limit: 10)
                #expect(region.map(\.entry.position) == [1])
                #expect(region.map(\.entry.previousPosition) == [previous])
            }
        }
    }

    // MARK: Files

    @Test func `the same ledger and popularity give the same bytes`() throws {
        var digests: Set<[Digest]> = []
        for _ in 0..<2 {
            try withTemporaryFolder { folder in
                let ledger = try LedgerFixture.ledger(
                    Warehouse(path: folder + "/w"),
                    (0..<2_000).map { number in
                        (
                            number,
                            LedgerFixture.file(number) { file in
                                file.tags.album = "Album \(number % 100)"
                                file.tags.genres = ["Genre \(number % 7)"]
                            }
                        )
                    })
                try FileSystem.makeDirectories(folder + "/c")
                _ = try CatalogBuilder(ledger, directory: folder + "/c").build(
                    scores: { add in
                        for number in 0..<1_000 { try add(Self.score(number, rank: number + 1)) }
                    },
                    charts: (0..<50).map { Self.chart($0, $0 + 1) }, meta: ["b": "2", "a": "1"])
                digests.insert(
                    try ["catalog"].map {
                        try SHA256.hash(fileAt: "\(folder)/c/\($0).sqlite")
                    })
            }
        }
        #expect(digests.count == 1)
    }

    @Test func `a catalogue of 20,000 songs is built in seconds`() throws {
        let files = (0..<20_000).map { number in
            (
                number,
                LedgerFixture.file(number) { file in
                    file.tags.artists = ["Artist \(number % 1_000)", "Guest \(number % 77)"]
                    file.tags.album = "Album \(number % 2_000)"
                    file.tags.genres = ["Genre \(number % 20)"]
                }
            )
        }
        let start = ContinuousClock.now
        try withCatalog(files, scores: (0..<20_000).map { Self.score($0, rank: $0 + 1) }) {
            (catalog: CatalogReader, counts: CatalogBuilder.Counts) throws in
            #expect(counts == .init(songs: 20_000, albums: 2_000 * 1, artists: 1_077, genres: 20))
            #expect(try catalog.songs(limit: 1, offset: 777).first?.title == "Song 777")
        }
        // Some two seconds on a quiet machine; the limit only catches what grows with the square.
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test(arguments: ["missing", "text", "empty"])
    func `a catalogue that cannot be read is refused with what to do`(fault: String) throws {
        try withTemporaryFolder { folder in
            let ledger = try LedgerFixture.ledger(Warehouse(path: folder + "/w"), plain(1...3))
            try FileSystem.makeDirectories(folder + "/c")
            _ = try CatalogBuilder(ledger, directory: folder + "/c").build(
                scores: { _ in }, charts: [], meta: [:])
            _ = try CatalogReader(directory: folder + "/c")
            let path = folder + "/c/catalog.sqlite"
            try FileSystem.remove(path)
            if fault == "missing" {
                let error = #expect(throws: FileError.self) {
                    try CatalogReader(directory: folder + "/c")
                }
                #expect(error?.path == path && error?.cause == .inputMissing)
            } else {
                try write(
                    fault == "text" ? String(repeating: "no catalogue ", count: 500) : "", to: path)
                let error = #expect(throws: FormatError.self) {
                    try CatalogReader(directory: folder + "/c")
                }
                #expect(error?.path == path && error?.hint != nil)
            }
        }
    }

    @Test func `an empty ledger gives an empty catalogue`() throws {
        try withCatalog([]) { catalog, counts in
            #expect(counts == .init())
            let songs = try catalog.songs(limit: 5)
            #expect(songs.isEmpty)
            #expect(try catalog.songCount() == 0)
        }
    }
}
