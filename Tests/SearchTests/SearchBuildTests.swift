import SQLite
import Storage
import TestSupport
import Testing

@testable import Search

struct SearchBuildTests {
    /// Many songs of few words, in several scripts.
    private static func songs(_ count: Int, seed: UInt64 = 1) -> [SearchFixture.Song] {
        var random = SeededGenerator(seed: seed)
        let words = [
            "Love", "lover", "Löwe", "night", "Nights", "the", "любовь", "люди", "荒城の月", "城",
            "사랑", "a-ha", "don't", "L'amour", "日", "🎵", "!!!", "Part", "2", "(Live)",
        ]
        return (0..<count).map { number in
            let title = (0...Int.random(in: 0...3, using: &random)).map { _ in
                words.randomElement(using: &random)!
            }
            return SearchFixture.Song(
                title: title.joined(separator: " "),
                artists: [words.randomElement(using: &random)!],
                sorts: ["荒城の月": "Kojo no Tsuki"],
                album: words.randomElement(using: &random)!,
                year: Int.random(in: 1985...2005, using: &random),
                genre: ["Rock", "Pop", "Jazz"].randomElement(using: &random)!,
                label: ["Blue Note", "Red", "Note"].randomElement(using: &random)!)
        }
    }

    @Test func `what does not fit in memory at once gives the same index`() throws {
        let songs = Self.songs(600)
        var small = SearchIndexBuilder.Limits()
        small.exactEntries = 7
        small.facetBytes = 5000
        small.facetChunkBytes = 5
        try SearchFixture.with(songs) { (whole: SearchFixture) throws in
            try SearchFixture.with(songs, limits: small) { (parts: SearchFixture) throws in
                let a = try Database(path: whole.folder + "/search.sqlite", mode: .immutable)
                let b = try Database(path: parts.folder + "/search.sqlite", mode: .immutable)
                for table in ["songs_exact", "albums_exact", "artists_exact", "facets"] {
                    let columns = table == "facets" ? "facet, songs" : "key, hex(rows)"
                    let rows = try Self.rows(a, "SELECT \(columns) FROM \(table) ORDER BY 1")
                    #expect(!rows.isEmpty)
                    #expect(try Self.rows(b, "SELECT \(columns) FROM \(table) ORDER BY 1") == rows)
                }
                #expect(
                    try b.scalar("SELECT count(*) FROM facet_rows")!
                        > a.scalar("SELECT count(*) FROM facet_rows")! * 2)
                for query in [
                    "year:1994", "year:1990s", "year:1988..2001 genre:rock", "label:note",
                    "label:\"blue note\" year:1991..1992 genre:jazz", "genre:pop -label:red",
                    "love genre:jazz -year:1990s",
                ] {
                    let ranks = try whole.ranks(query, limit: 1000)
                    #expect(!ranks.isEmpty, "\(query)")
                    #expect(try parts.ranks(query, limit: 1000) == ranks, "\(query)")
                }
            }
        }
    }

    @Test func `filters find just the songs that have them, in their order`() throws {
        let songs = Self.songs(600, seed: 2)
        var small = SearchIndexBuilder.Limits()
        small.facetChunkBytes = 3
        try SearchFixture.with(songs, limits: small) { (fixture: SearchFixture) throws in
            func expect(_ query: String, _ fits: (SearchFixture.Song) -> Bool) throws {
                let ranks = songs.indices.filter { fits(songs[$0]) }.map { $0 + 1 }
                #expect(!ranks.isEmpty)
                #expect(try fixture.ranks(query, limit: 1000) == ranks, "\(query)")
            }
            try expect("year:1994") { $0.year == 1994 }
            try expect("year:1988..2001") { (1988...2001).contains($0.year!) }
            try expect("label:note genre:jazz") { $0.label != "Red" && $0.genre == "Jazz" }
            try expect("label:\"blue note\" year:1990s") {
                $0.label == "Blue Note" && $0.year! / 10 == 199
            }
            try expect("genre:pop -year:1990s") { $0.genre == "Pop" && $0.year! / 10 != 199 }
        }
    }

    @Test(arguments: [1, 2, 3])
    func `the first rows of a beginning are those that the full-text table has`(seed: UInt64) throws
    {
        try SearchFixture.with(Self.songs(500, seed: seed), densePostings: 5) {
            (fixture: SearchFixture) throws in
            let search = try Database(path: fixture.folder + "/search.sqlite", mode: .immutable)
            for kind in SearchKind.allCases {
                let table = kind.rawValue
                var prefixes = try search.prepare("SELECT prefix, rows FROM \(table)_prefixes")
                var count = 0
                while try prefixes.step() {
                    count += 1
                    let rows = prefixes.withBytes(1) { RowList.decode($0, limit: 1000) }
                    var matching = try search.prepare(
                        "SELECT rowid FROM \(table) WHERE \(table) MATCH ? LIMIT 300")
                    try matching.bind(1, "\"\(prefixes.text(0))\"*")
                    var expected: [Int] = []
                    while try matching.step() { expected.append(matching.int(0)) }
                    #expect(rows == expected, "\(table): \(prefixes.text(0))")
                }
                #expect(kind != .songs || count > 40)
            }
        }
    }

    @Test func `a catalogue that cannot be read ends the build with its error`() throws {
        try withTemporaryFolder { folder in
            #expect(throws: DatabaseError.self) {
                try SearchIndexBuilder(directory: folder).build()
            }
            try SearchFixture.write(Self.songs(50), to: folder + "/catalog.sqlite")
            try Database(path: folder + "/catalog.sqlite").execute("DROP TABLE album_artists")
            #expect(throws: DatabaseError.self) {
                try SearchIndexBuilder(directory: folder).build()
            }
            #expect(try FileSystem.list(folder).filter { $0.hasSuffix(".part") } == [])
        }
    }

    @Test func `who reads is told to stop when nobody writes any more`() throws {
        let queue = RowQueue()
        // It would never end by itself.
        let thread = RowThread(queue) { queue in while queue.put(RowBatch(.songs)) {} }
        #expect(try queue.take() != nil)
        thread.end()
        #expect(!queue.put(RowBatch(.songs)))
    }

    @Test func `what was read before an error is written, then it is thrown`() throws {
        let queue = RowQueue()
        let thread = RowThread(queue) { queue in
            _ = queue.put(RowBatch(.albums))
            throw FormatError("a file", "is damaged")
        }
        defer { thread.end() }
        #expect(try queue.take()?.kind == .albums)
        #expect(throws: FormatError.self) { try queue.take() }
    }

    private static func rows(_ database: Database, _ sql: String) throws -> [String] {
        var statement = try database.prepare(sql)
        var rows: [String] = []
        while try statement.step() { rows.append(statement.text(0) + " " + statement.text(1)) }
        return rows
    }
}
