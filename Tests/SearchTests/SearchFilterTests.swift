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
            #expect(try fixture.result("sean year:2007", .artists).hits.isEmpty)
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
