import Search
import Storage
import TestSupport
import Testing

/// Fields, phrases, filters; and what is none.
struct SearchFilterTests {
    private typealias Song = SearchFixture.Song

    private let songs = [
        Song(
            title: "Love Me Do", artists: ["The Beatles"], album: "Please Please Me", year: 1963,
            genre: "Rock", label: "Parlophone", isrc: "GBAYE0601410"),
        Song(
            title: "Me Love", artists: ["Sean Kingston"], album: "Sean Kingston", year: 2007,
            genre: "Reggae", label: "Blue Note"),
        Song(
            title: "Please", artists: ["U2", "Love"], album: "Pop", year: 1997, genre: "Rock",
            label: "Blue Horizon"),
        Song(title: "Oi", artists: ["Cock Sparrer"], year: 1982, genre: "Punk"),
        Song(title: "Oi Again", artists: ["Cock Sparrer"], year: 1983, genre: "Punk/Street Punk"),
    ]

    @Test(
        arguments: [
            ("title:love", [1, 2]), ("artist:love", [3]), ("album:please", [1]),
            ("ARTIST:beatles", [1]),
            ("love artist:beatles", [1]), ("artist:beat", [1]), ("artist:\"the beatles\"", [1]),
            ("artist:nobody", []), ("\"love me\"", [1]), ("\"me love\"", [2]), ("“love me”", [1]),
            ("title:\"me love\"", [2]), ("love -me", [3]), ("love -\"love me\"", [2, 3]),
            ("love -artist:beatles", [2, 3]), ("me -love", []),
            ("year:1963", [1]), ("year:1960..1999", [1, 3, 4, 5]), ("year:1990..", [2, 3]),
            ("year:..1979", [1]), ("year:1980s", [4, 5]), ("year:1963..1963 love", [1]),
            ("love -year:1963", [2, 3]), ("love year:2000s", [2]), ("year:1999", []),
            ("genre:rock", [1, 3]), ("genre:ROCK love", [1, 3]), ("genre:punk", [4, 5]),
            ("genre:\"street punk\"", [5]), ("genre:street", [5]),
            ("oi -genre:\"street punk\"", [4]),
            ("genre:none", []), ("love -genre:none", [1, 2, 3]), ("-genre:rock", [1, 3]),
            ("label:blue", [2, 3]), ("label:\"blue note\"", [2]), ("love -label:blue", [1]),
            ("label:note", [2]), ("isrc:GBAYE0601410", [1]), ("isrc:gb-aye-06-01410", [1]),
            ("isrc:XX", []), ("genre:rock year:1997", [3]), ("-oi", [4, 5]),
            ("year:1990-1999", [3]), ("year:1990–2007", [2, 3]), ("ARTIST：beatles", [1]),
            ("love -isrc:GBAYE0601410", [2, 3]), ("isrc:GBAYE0601410 isrc:XX", []),
            ("isrc:GBAYE0601410 genre:punk", []), ("-love -genre:rock", [2]),
            ("\"love me do\" label:parlophone", [1]), ("love label:parlophone -label:blue", [1]),
            // No filters: plain words.
            ("year:abc", []), ("year:1999..1990", []), ("love:me", [1, 2]), ("title:", []),
            ("artist: beatles", []), ("please:", [1, 3]), ("--love", [1, 2, 3]),
        ] as [(String, [Int])])
    func `a query with fields and filters finds these`(text: String, ranks: [Int]) throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.ranks(text).sorted() == ranks)
        }
    }

    @Test func `filters beside words that many songs have`() throws {
        let many = (0..<900).map {
            Song(
                title: "Night \($0)", year: 1950 + $0 % 70, genre: $0 % 100 == 99 ? "Rare" : "Rock",
                label: $0 == 850 ? "Only" : nil)
        }
        try SearchFixture.with(many, densePostings: 500) { (fixture: SearchFixture) throws in
            #expect(try fixture.ranks("night genre:rare") == (1...9).map { $0 * 100 })
            #expect(try fixture.ranks("genre:rare -night") == [])
            #expect(try fixture.ranks("genre:rare n") == (1...9).map { $0 * 100 })
            #expect(try fixture.ranks("night label:only") == [851])
            #expect(try fixture.ranks("genre:rare year:1979") == [100, 800])
            #expect(try fixture.ranks("genre:rare year:1960") == [])
            #expect(try fixture.ranks("night 899 genre:rare") == [900])
            #expect(try fixture.ranks("genre:rock night -year:1950..2018", limit: 2) == [70, 140])
        }
    }

    @Test func `albums and artists have their fields`() throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.result("please", .albums).hits.map(\.row) == [1])
            #expect(try fixture.result("album:pop artist:u2", .albums).hits.map(\.row) == [3])
            #expect(try fixture.result("sean", .artists).hits.count == 1)
            #expect(try fixture.result("beatles", .artists).hits[0].score.reason == .exactName)
            #expect(try fixture.result("artist:beatles", .artists).hits.count == 1)
            #expect(try fixture.result("album:pop", .artists).hits.isEmpty)
        }
    }

    @Test(
        arguments: [
            ("year:1963", [1], ["The Beatles"]), ("sean year:2007", [2], ["Sean Kingston"]),
            ("sean year:1963", [], []), ("please genre:rock", [1], []), ("pop genre:rock", [3], []),
            ("genre:punk", [], ["Cock Sparrer"]),
            ("genre:rock", [1, 3], ["The Beatles", "U2", "Love"]),
            ("isrc:GBAYE0601410", [1], ["The Beatles"]), ("isrc:XX", [], []),
            ("beatles isrc:GBAYE0601410", [1], ["The Beatles"]),
            ("sean isrc:GBAYE0601410", [], []), ("isrc:GBAYE0601410 genre:punk", [], []),
            (
                "year:1960..2010 -genre:reggae", [1, 3],
                ["The Beatles", "U2", "Love", "Cock Sparrer"]
            ),
            ("label:blue", [2, 3], ["Sean Kingston", "U2", "Love"]),
            ("sean label:blue", [2], ["Sean Kingston"]), ("sean label:horizon", [], []),
            ("sean -label:blue", [], []), ("please artist:beatles year:1960s", [1], []),
            ("artist:u2 genre:rock", [3], ["U2"]),
        ] as [(String, [Int], [String])])
    func `albums and artists are found by filters of their songs`(
        text: String, albums: [Int], artists: [String]
    ) throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.result(text, .albums).hits.map(\.row).sorted() == albums)
            #expect(try fixture.artists(text).sorted() == artists.sorted())
        }
    }

    @Test(
        arguments: [
            ("punk", ["Punk", "Oi", "Oi Again"]), ("street punk", ["Oi Again"]),
            ("punk oi", ["Oi", "Oi Again"]), ("oi street punk", ["Oi Again"]),
            ("reggae", ["Me Love"]), ("reggae -love", []), ("punks", ["Punk"]),
            ("rock", ["Love Me Do", "Please", "Punk"]), ("rock love", ["Please", "Love Me Do"]),
            ("title:reggae", []), ("punk rock", ["Punk"]), ("\"street punk\"", ["Oi Again"]),
        ] as [(String, [String])])
    func `songs of a genre stand behind those that have the words`(text: String, titles: [String])
        throws
    {
        let songs = songs + [Song(title: "Punk", artists: ["U2"], genre: "Rock")]
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.songs(text) == titles)
        }
    }

    @Test func `artists of a genre are found by its name, and its songs come first`() throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            let songs = try fixture.result("punk")
            let artists = try fixture.result("punk", .artists)
            let albums = try fixture.result("punk", .albums)
            #expect(songs.hits.map(\.score.reason) == [.genre, .genre])
            #expect(artists.hits.count == 1)
            #expect(SearchResult.didYouMean([songs, artists, albums]) == nil)
            #expect(
                SearchResult.bestKind(songs: songs, albums: albums, artists: artists) == "songs")
        }
    }

    @Test(arguments: ["punk", "genre:punk"])
    func `an album that is popular by other songs is not shown before songs of the genre`(
        text: String
    ) throws {
        let songs = [
            Song(title: "A", album: "X", genre: "Rock"),
            Song(title: "B", album: "X", genre: "Punk"),
        ]
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(
                SearchResult.bestKind(
                    songs: try fixture.result(text), albums: try fixture.result(text, .albums),
                    artists: try fixture.result(text, .artists)) == "songs")
        }
    }

    @Test func `who turns pages of a genre comes to its end`() throws {
        let many = (0..<700).map { Song(title: "Song \($0)", genre: $0 % 2 == 0 ? "Soul" : "Folk") }
        try SearchFixture.with(many) { (fixture: SearchFixture) throws in
            var seen: [Int] = []
            for offset in stride(from: 0, to: 400, by: 20) {
                seen += try fixture.ranks("soul", offset: offset)
            }
            #expect(seen == (0..<350).map { 2 * $0 + 1 })
        }
    }

    @Test func `other names and other scripts of an artist are found`() throws {
        let songs = [
            Song(title: "First Love", artists: ["宇多田ヒカル"], sorts: ["宇多田ヒカル": "Utada, Hikaru"]),
            Song(title: "Катюша", artists: ["Хор"], titleSort: "Katyusha"),
        ]
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.songs("utada") == ["First Love"])
            #expect(try fixture.songs("hikaru utada") == ["First Love"])
            #expect(try fixture.songs("宇多田") == ["First Love"])
            #expect(try fixture.songs("artist:hikar") == ["First Love"])
            #expect(try fixture.songs("ヒカル love") == ["First Love"])
            #expect(try fixture.songs("katyusha") == ["Катюша"])
            #expect(try fixture.result("utada hikaru", .artists).hits.count == 1)
        }
    }

    @Test func `nothing that is typed is an error or takes long`() throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            let long = String(repeating: "love ", count: 2000)
            let marks = "a" + String(repeating: "\u{301}", count: 10_000)
            let texts = [
                long, marks, String(repeating: "\"", count: 999),
                String(repeating: "-", count: 999),
                String(repeating: "artist:", count: 999), "\u{0}", "\u{fffd}", "AND OR NOT NEAR",
                "title : love", "{title} : x", "love*", "\"love\" * ^", "rowid:1",
                "songs MATCH 'x'",
                "'; DROP TABLE songs; --", "(((((", "year:1..2..3", "year:..", "isrc:-",
                "genre:\"\"",
                "artist:\"", "-\"", "\u{202e}love", String(repeating: "a", count: 10_240),
            ]
            for text in texts {
                for kind in SearchKind.allCases { _ = try fixture.result(text, kind) }
            }
            #expect(try fixture.songs(long).count == 3)
        }
    }

    @Test(arguments: SeededGenerator.seeds(8)) func `no query fails`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "love", "me", "\"", "-", "artist:", "year:", "1990", "..", "genre:", " ", " ", "の", "月",
            "*", "(",
            "é", "\u{301}", "'", "label:", "isrc:", "&", "$", "!", "\u{0}", "plese",
        ]
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            for _ in 0..<200 {
                let text = (0..<Int.random(in: 1...9, using: &random))
                    .map { _ in pieces.randomElement(using: &random)! }.joined()
                for kind in SearchKind.allCases {
                    #expect(throws: Never.self, "\(text)") { try fixture.result(text, kind) }
                }
            }
        }
    }

    @Test func `the same catalogue gives the same bytes`() throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            let first = try FileSystem.readAll(fixture.folder + "/search.sqlite")
            try SearchIndexBuilder(directory: fixture.folder).build()
            #expect(try FileSystem.readAll(fixture.folder + "/search.sqlite") == first)
        }
    }

    @Test func `an index of another version is refused, and a damaged one`() throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            let path = fixture.folder + "/search.sqlite"
            var bytes = try FileSystem.readAll(path)
            bytes[63] = 99
            try write(bytes, to: path)
            #expect(throws: FormatError.self) { try SearchIndex(directory: fixture.folder) }
            try write(Array("no database, whatever its name says".utf8), to: path)
            #expect(throws: FormatError.self) { try SearchIndex(directory: fixture.folder) }
            try FileSystem.remove(path)
            #expect(throws: FileError.self) { try SearchIndex(directory: fixture.folder) }
        }
    }
}
