import Search
import TestSupport
import Testing

/// Which songs a query finds, and in which order.
struct SongSearchTests {
    private typealias Song = SearchFixture.Song

    static let titles = [
        "荒城の月", "さくら さくら", "Für Elise", "L'amour est un oiseau rebelle", "Don't Stop", "हिन्दी गीत",
        "गीत की", "कि", "สวัสดี", "아리랑", "Motörhead", "Επιτάφιος Σείκιλος", "Rock 'n' Roll All Nite",
        "Щедрик", "の人々", "ガラスの月", "R.E.M. Sleep", "Me & You", "Shine On, Pt. 2", "Łódź by Night",
        "!!!", "99 Luftballons", "Ágætis byrjun", "Straße", "Half-Life",
    ]

    @Test(
        arguments: [
            ("fur elise", [2]), ("FÜR", [2]), ("fuer elise", [2]), ("für eli", [2]),
            ("elise fur", [2]),
            ("amour", [3]), ("lamour", [3]), ("l'amour", [3]), ("l amour", [3]),
            ("oiseau l’amour", [3]),
            ("dont stop", [4]), ("don't", [4]), ("don’t st", [4]), ("motorhead", [10]),
            ("motoerhead", [10]),
            ("MOTÖR", [10]), ("rock n roll", [12]), ("rock and roll", []), ("rocknroll", []),
            ("rem", [16]), ("r.e.m.", [16]), ("r e m", [16]), ("me and you", [17]),
            ("me & you", [17]),
            ("you me", [17]), ("part 2", [18]), ("part two", [18]), ("pt. ii", [18]),
            ("pt 2", [18]),
            ("lodz", [19]), ("łódź", [19]), ("!!!", [20]), ("99", [21]), ("ninety nine", []),
            ("agaetis", [22]), ("strasse", [23]), ("halflife", [24]), ("half life", [24]),
            ("half-life", [24]),
            ("half-li", [24]),
            // Scripts without spaces: any part, one sign or more, in its order.
            ("荒城の月", [0]), ("城", [0]), ("城の", [0]), ("の月", [0, 15]), ("月の", []), ("月", [0, 15]),
            ("くら", [1]), ("リラン", []), ("리랑", [9]), ("인", []), ("人々", [14]), ("ガラ", [15]),
            ("がらす", [15]), ("ｶﾞﾗ", [15]), ("हिन्दी", [5]), ("गीत", [5, 6]), ("की", [6]), ("कि", [7]),
            ("สวัส", [8]), ("ดี", [8]), ("ดา", []),
            ("επιταφιος", [11]), ("Ἐπιτάφιος σεικ", [11]), ("щедр", [13]), ("ЩЕДРИК", [13]),
            // What means something to FTS5 means nothing here.
            ("fur OR sakura", []), ("\"fur", [2]), ("fur*", [2]), ("^fur", [2]), ("(fur)", [2]),
            ("NOT fur", []), ("", []), ("***", []), ("x\u{0}y", []), ("elise -", [2]),
            ("- elise", [2]),
            ("elise \"", [2]), (": elise", [2]), ("NEAR(fur elise)", []),
        ] as [(String, [Int])])
    func `a query finds the songs with every word`(text: String, found: [Int]) throws {
        try SearchFixture.with(titles: Self.titles) { (fixture: SearchFixture) throws in
            let titles = try fixture.songs(text)
            #expect(Set(titles) == Set(found.map { Self.titles[$0] }))
            #expect(titles.count == found.count)
        }
    }

    @Test func `the exact title goes before the artist's songs, those before parts of names`()
        throws
    {
        let songs =
            [
                Song(title: "Lovers", artists: ["A"]), Song(title: "Love Me", artists: ["B"]),
                Song(title: "Other", artists: ["Love"]), Song(title: "Love", artists: ["C"]),
                Song(title: "Far", artists: ["D"], album: "Love"),
                Song(title: "Lobe", artists: ["E"]),
            ] + (0..<50).map { Song(title: "Filler \($0)") }
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(
                try fixture.songs("love") == ["Love", "Other", "Far", "Love Me", "Lovers", "Lobe"])
            #expect(try fixture.result("love").hits[0].score.reason == .exactName)
            #expect(try fixture.result("love").hits[1].score.reason == .exactArtist)
            #expect(try fixture.result("love").hits[2].score.reason == .exactAlbum)
            #expect(try fixture.result("love").didYouMean == nil)
        }
    }

    @Test func `an artist who is far more popular goes before a song of that name`() throws {
        var songs = (0..<3).map { Song(title: "Hit \($0)", artists: ["Queen"]) }
        songs += (0..<3000).map { Song(title: "Filler \($0)", artists: ["Band \($0 % 7)"]) }
        songs.append(Song(title: "Queen", artists: ["Unknown"]))
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.songs("queen", limit: 2) == ["Hit 0", "Hit 1"])
            #expect(try fixture.songs("queen").contains("Queen"))
            let results = try SearchKind.allCases.map { try fixture.result("queen", $0) }
            #expect(
                SearchResult.bestKind(songs: results[0], albums: results[1], artists: results[2])
                    == "artists")
        }
    }

    @Test func `an exact title is found below any number of more popular songs`() throws {
        var songs = (0..<2000).map { Song(title: "Love \($0)") }
        songs.append(Song(title: "Love"))
        songs.append(Song(title: "Love (Remastered 2009)"))
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.ranks("love", limit: 2) == [2001, 2002])
            #expect(try fixture.ranks("love 1999", limit: 1) == [2000])
        }
    }

    @Test func `pages follow one another, each song once`() throws {
        let songs = (0..<1500).map { Song(title: $0 % 3 == 0 ? "Love \($0)" : "No Love \($0)") }
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            for text in ["love", "lov", "l"] {
                var all: [Int] = []
                for offset in stride(from: 0, to: 1100, by: 50) {
                    all += try fixture.ranks(text, limit: 50, offset: offset)
                }
                #expect(all.count == 1000, "\(text)")
                #expect(Set(all).count == 1000)
                #expect(try fixture.ranks(text, limit: 100, offset: 25) == Array(all[25..<125]))
                #expect(try fixture.result(text).isTotalExact == false)
            }
            let few = try fixture.result("love 149")
            #expect(few.isTotalExact)
            #expect(few.total == few.hits.count)
        }
    }

    @Test func `beginnings that many words have are found as others are`() throws {
        var songs = (0..<900).map { Song(title: "Star \($0)", artists: ["Band \($0 % 5)"]) }
        songs.append(Song(title: "Stoa Zebra"))
        songs.append(Song(title: "Zebra Stable"))
        songs.append(Song(title: "月\u{3042}"))
        try SearchFixture.with(songs, densePostings: 500) { (fixture: SearchFixture) throws in
            #expect(try fixture.ranks("s", limit: 3) == [1, 2, 3])
            #expect(try fixture.ranks("star", limit: 3) == [1, 2, 3])
            #expect(try Set(fixture.songs("zebra st")) == ["Stoa Zebra", "Zebra Stable"])
            #expect(try fixture.songs("zebra sto") == ["Stoa Zebra"])
            #expect(try fixture.songs("899 s") == ["Star 899"])
            #expect(try fixture.songs("title:s", limit: 1) == ["Star 0"])
            #expect(try fixture.songs("artist:som").count == 3)
            #expect(try fixture.songs("月") == ["月あ"])
        }
    }

    @Test func `words of a phrase stand within one name`() throws {
        let songs = [
            SearchFixture.Song(title: "Love Me", artists: ["Do"], genre: "Jazz"),
            SearchFixture.Song(title: "Love Me Do", artists: ["Somebody"], genre: "Jazz"),
        ]
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.songs("\"me do\"") == ["Love Me Do"])
            #expect(try fixture.songs("genre:jazz \"me do\"") == ["Love Me Do"])
            #expect(try fixture.songs("love -\"me do\"") == ["Love Me"])
        }
    }
}
