import Search
import TestSupport
import Testing

@testable import Search

/// What is found of words that are spelled nearly so.
struct MisspellingTests {
    private typealias Song = SearchFixture.Song

    private let songs = [
        Song(title: "Bohemian Rhapsody", artists: ["Queen"]),
        Song(title: "Midnight Train", artists: ["Journey"]),
        Song(title: "Yesterday", artists: ["The Beatles"]), Song(title: "Heart", artists: ["Pet"]),
        Song(title: "Hart", artists: ["Rare"]), Song(title: "Sun", artists: ["Ra"]),
        Song(title: "Щедрик"), Song(title: "荒城の月"),
    ]

    @Test(arguments: [
        ("bohemian rapsody", "Bohemian Rhapsody", "bohemian rhapsody"),
        ("bohemain rhapsody", "Bohemian Rhapsody", "bohemian rhapsody"),
        ("boemian rhapsodyy", "Bohemian Rhapsody", "bohemian rhapsody"),
        ("rhpsdy", "", ""), ("rhapsdoyy", "Bohemian Rhapsody", "rhapsody"),
        ("beetles", "Yesterday", "beatles"), ("yesterdya", "Yesterday", "yesterday"),
        ("midnigt trian", "Midnight Train", "midnight train"),
        ("queem", "Bohemian Rhapsody", "queen"),
        ("щедрек", "Щедрик", "щедрик"), ("sum", "", ""), ("ssun", "Sun", "sun"),
        ("荒城の日", "", ""),
    ])
    func `a word of four letters is forgiven one edit, of nine two`(
        text: String, title: String, meant: String
    ) throws {
        let titles = title.isEmpty ? [] : [title]
        let correction = meant.isEmpty ? nil : meant
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.songs(text) == titles)
            #expect(try fixture.result(text).didYouMean == correction)
        }
    }

    @Test func `what is spelled as it was typed goes first`() throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            // "Heart" is the more popular.
            #expect(try fixture.songs("hart") == ["Hart", "Heart"])
            #expect(try fixture.songs("hear") == ["Heart"])
            #expect(try fixture.result("hart").hits.map(\.score.edits) == [0, 1])
        }
    }

    @Test func `fields are kept, and phrases are taken as they are`() throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.songs("artist:beetles") == ["Yesterday"])
            #expect(try fixture.result("artist:beetles").didYouMean == "artist:beatles")
            #expect(try fixture.songs("title:beetles") == [])
            #expect(try fixture.songs("\"bohemian rapsody\"") == [])
            #expect(try fixture.songs("midnigt -train") == [])
        }
    }

    @Test(arguments: [
        ("yesta", "Yesterday", "yesterday"), ("yetser", "Yesterday", "yesterday"),
        ("yesster", "Yesterday", "yesterday"), ("yeter", "Yesterday", "yesterday"),
        ("hesterd", "Yesterday", "yesterday"), ("yesterds", "Yesterday", "yesterday"),
        ("bohemian rhaps", "Bohemian Rhapsody", nil),
        ("bohemian rapso", "Bohemian Rhapsody", "bohemian rhapsody"),
        // The typo is in the word before.
        ("boemian rhap", "Bohemian Rhapsody", "bohemian rhap"),
        ("boemian rapso", "Bohemian Rhapsody", "bohemian rhapsody"),
        ("artist:beetl", "Yesterday", "artist:beatles"), ("щедрр", "Щедрик", "щедрик"),
        // Four letters are too few, a blank ends the word, and two edits are too many.
        ("yets", "", nil), ("yetser ", "", nil), ("yetsre", "", nil),
    ])
    func `an incomplete last word of five letters is forgiven one edit`(
        text: String, title: String, meant: String?
    ) throws {
        for densePostings in [8192, 1] {
            try SearchFixture.with(songs, densePostings: densePostings) {
                (fixture: SearchFixture) throws in
                #expect(try fixture.songs(text) == (title.isEmpty ? [] : [title]))
                #expect(try fixture.result(text).didYouMean == meant)
            }
        }
    }

    @Test func `a beginning that is spelled right stands alone`() throws {
        try SearchFixture.with(titles: ["Marina", "Marble Arch", "Merina"]) {
            (fixture: SearchFixture) throws in
            #expect(try fixture.songs("marin") == ["Marina"])
            #expect(try fixture.songs("marib") == ["Marina", "Marble Arch"])
        }
    }

    @Test func `of long words a near one goes before a farther one that others have`() throws {
        let titles = ["Constelating Far", "Constellations Near", "Constellation Near"]
        try SearchFixture.with(titles: titles) { (fixture: SearchFixture) throws in
            #expect(try fixture.songs("constelation near") == [titles[2]])
            #expect(try fixture.result("constelation near").didYouMean == "constellation near")
            // None of the nearest is beside the other word.
            #expect(try fixture.songs("constelation far") == ["Constelating Far"])
        }
    }

    @Test func `a word that two were taken for is meant once`() throws {
        try SearchFixture.with(titles: ["Turkish Delight"]) { (fixture: SearchFixture) throws in
            #expect(try fixture.result("turkish turkis").didYouMean == nil)
            #expect(try fixture.result("tukish turka").didYouMean == "turkish")
        }
    }

    @Test func `two words are corrected at once, though neither has a likely one`() throws {
        // Nine songs of words that are as near to what was typed, and more frequent.
        let others = "abcdefghi".map { String("tur\($0)ca \($0)urkish turc\($0)") }
        try SearchFixture.with(titles: others + others + ["Turkish Turk"]) {
            (fixture: SearchFixture) throws in
            #expect(try fixture.songs("tukish turkk") == ["Turkish Turk"])
            #expect(try fixture.result("tukish turkk").didYouMean == "turkish turk")
        }
    }

    @Test func `albums and artists are found so, too`() throws {
        try SearchFixture.with(songs) { (fixture: SearchFixture) throws in
            #expect(try fixture.result("beetles", .artists).hits.count == 1)
            #expect(try fixture.result("beetles", .artists).didYouMean == "beatles")
        }
    }

    @Test(
        arguments: [
            ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1), ("abc", "ab", 1),
            ("ab", "abc", 1),
            ("abcd", "badc", 2), ("abc", "xyz", nil), ("", "ab", 2), ("", "abc", nil),
            ("ca", "abc", nil),
        ] as [(String, String, Int?)])
    func `edits are counted`(a: String, b: String, edits: Int?) {
        func letters(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }
        var distance = EditDistance()
        #expect(distance.between(letters(a), letters(b), limit: 2) == edits)
        #expect(distance.between(letters(b), letters(a), limit: 2) == edits)
    }

    @Test(arguments: SeededGenerator.seeds(5))
    func `each word within its edits is found`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        let words = (0..<200).map { _ in
            String(
                (0..<Int.random(in: 4...14, using: &random)).map { _ in
                    letters.randomElement(using: &random)!
                })
        }
        try SearchFixture.with(titles: words) { (fixture: SearchFixture) throws in
            for word in words {
                var typed = Array(word)
                for _ in 0..<(word.count >= 11 ? 2 : 1) {
                    let at = Int.random(in: 0..<typed.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: typed.remove(at: at)
                    case 1: typed.insert(letters.randomElement(using: &random)!, at: at)
                    case 2: typed[at] = letters.randomElement(using: &random)!
                    default: if at > 0 { typed.swapAt(at, at - 1) }
                    }
                }
                #expect(
                    try fixture.songs(String(typed)).contains(word),
                    "seed \(seed): \(String(typed)) for \(word)")
            }
        }
    }

    @Test func `what was meant has as many pages as what was typed`() throws {
        let many = (0..<450).map { Song(title: "Wonderful Thing \($0)") }
        try SearchFixture.with(many) { (fixture: SearchFixture) throws in
            let first = try fixture.result("wonderfull")
            #expect(first.total == 300 && !first.isTotalExact)
            let last = try fixture.index.search(
                SearchQuery("wonderfull"), .songs, limit: 20, offset: 440)
            #expect(last.hits.count == 10 && last.total == 450 && last.isTotalExact)
        }
    }

    @Test func `a rare word that is there is no misspelling of another rare one`() throws {
        let some = [Song(title: "Für Elise"), Song(title: "Elisa")]
        try SearchFixture.with(some) { (fixture: SearchFixture) throws in
            let result = try fixture.result("elise")
            #expect(result.hits.map(\.score.edits) == [0, 1] && result.didYouMean == nil)
        }
        let famous = (0..<25).map { Song(title: "Song \($0)", artists: ["The Beatles"]) }
        try SearchFixture.with(famous + [Song(title: "Beetles")]) {
            (fixture: SearchFixture) throws in
            #expect(try fixture.songs("beetles").first == "Beetles")
            #expect(try fixture.result("beetles").didYouMean == "beatles")
        }
    }

    @Test func `albums and artists are not taken for others where songs have what was typed`()
        throws
    {
        let some = (0..<12).map { Song(title: "Beetles \($0)", artists: ["Somebody"]) }
        try SearchFixture.with(some + [Song(title: "Yesterday", artists: ["The Beatles"])]) {
            (fixture: SearchFixture) throws in
            #expect(try fixture.artists("beetles") == [])
            #expect(try fixture.artists("beatlse") == ["The Beatles"])
        }
    }
}
