import SQLite
import Search
import Storage
import TestSupport
import Testing

@testable import Search

/// What bounds the work of a query, and what is found all the same; damaged indexes.
struct SearchLimitTests {
    private typealias Song = SearchFixture.Song

    @Test(arguments: [
        ("one more night of love in the sun", [1]), ("\"one more night of love in the sun\"", [1]),
        ("\"one more night of love in the rain\"", [2]), ("sun the in love of night more one", [1]),
        ("night -\"one more night of love in the rain\"", [1, 3]),
        ("night -\"one more night of love in the snow\"", [1, 2, 3]),
        ("one/more/night/of/love/in/the/sun", [1]), ("one/more/night/of/love/in/the/su", [1]),
        ("one/more/night/of/love/in/th", [1, 2]),
        ("one more nihgt of love in the sun", [1]), ("the the the the the night", [1, 2, 3]),
        ("一二三四五六七八", [4]), ("三四五六七八九", []), ("二三四五六七八", [4]),
    ])
    func `long phrases and many words are found whole`(text: String, ranks: [Int]) throws {
        let titles = [
            "One More Night of Love in the Sun", "One More Night of Love in the Rain",
            "The Night", "一二三四五六七八",
        ]
        try SearchFixture.with(titles: titles) { (fixture: SearchFixture) throws in
            #expect(try fixture.ranks(text).sorted() == ranks)
        }
    }

    @Test func `a rare beginning behind two words that everything has is found`() throws {
        var titles = (0..<4100).map { "The Love \($0)" }
        titles += ["The Love Xylophone", "Xylitol", "Xylem"]
        try SearchFixture.with(titles.map { Song(title: $0) }, densePostings: 2) {
            (fixture: SearchFixture) throws in
            #expect(try fixture.songs("the love xyl") == ["The Love Xylophone"])
            #expect(try fixture.songs("the love xy") == ["The Love Xylophone"])
        }
    }

    @Test func `traditional and simplified characters find each other`() throws {
        try SearchFixture.with(titles: ["後來的愛國者", "后来的爱国者"]) { (fixture: SearchFixture) throws in
            for text in ["後來", "后来", "愛國", "爱国", "國"] {
                #expect(try fixture.ranks(text).sorted() == [1, 2], "\(text)")
            }
        }
    }

    @Test(arguments: ["99", "-1", "9223372036854775807", "none"])
    func `an index that does not say how spellings are kept is refused`(bits: String) throws {
        try SearchFixture.with(titles: ["Love"]) { (fixture: SearchFixture) throws in
            let database = try Database(path: fixture.folder + "/search.sqlite")
            try database.execute("UPDATE meta SET value = '\(bits)' WHERE key = 'spelling_bits'")
            guard bits != "none" else {
                // Text is no number: none are kept, as in an index without words.
                _ = try SearchIndex(directory: fixture.folder)
                return
            }
            #expect(throws: FormatError.self) { try SearchIndex(directory: fixture.folder) }
        }
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `a damaged index ends in an error or in rows`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let songs = (0..<300).map {
            Song(
                title: "Night \($0) Love 愛\($0 % 7)", artists: ["Somebody \($0 % 9)"],
                album: "Album \($0 % 5)", year: 1960 + $0 % 60, genre: "Genre \($0 % 3)",
                label: "Label \($0 % 4)")
        }
        let texts = [
            "night", "n", "nihgt lvoe", "愛", "somebdy", "genre 1", "night year:1990s label:label",
            "love -label:2", "album 3 genre:genre", "year:1960..", "\"night 7\"", "night 299",
        ]
        try SearchFixture.with(songs, densePostings: 50) { (fixture: SearchFixture) throws in
            let path = fixture.folder + "/search.sqlite"
            let whole = try FileSystem.readAll(path)
            for _ in 0..<8 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...60, using: &random) {
                    // Behind the header, which tells another version.
                    bytes[Int.random(in: 100..<bytes.count, using: &random)] =
                        UInt8.random(in: 0...255, using: &random)
                }
                try FileSystem.remove(path)
                try write(bytes, to: path)
                // Whatever it throws is said; what must not be is a crash.
                guard let index = try? SearchIndex(directory: fixture.folder) else { continue }
                for text in texts {
                    for kind in SearchKind.allCases {
                        let found = try? index.search(SearchQuery(text), kind, limit: 20)
                        if let found { #expect(found.hits.count <= 20) }
                    }
                }
            }
        }
    }
}
