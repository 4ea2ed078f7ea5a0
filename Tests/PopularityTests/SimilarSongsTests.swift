import Storage
import Testing

@testable import Plays
@testable import Popularity

@Suite struct SimilarSongsTests {
    private static let last = CalendarDate("2026-11-19")!

    private struct Row: Equatable, CustomStringConvertible {
        let song, other: String
        let position, listeners: Int
        let score: Double
        var description: String { "\(song) \(position) \(other) \(score) \(listeners)" }
    }

    private func build(_ fixture: PlayLogFixture) throws -> [Row] {
        let folder = try StagedDirectory(in: fixture.warehouse, name: "popularity")
        _ = try PopularityBuilder(warehouse: fixture.warehouse).run(date: Self.last, into: folder)
        let path = fixture.warehouse.artefact("popularity", Self.last)
        try folder.commit(to: path)
        var rows: [Row] = []
        try SimilarFile.forEach(path + "/similar.tsv.zst") {
            rows.append(Row(song: $0, other: $2, position: $1, listeners: $4, score: $3))
        }
        return rows
    }

    /// Plays by which songs have these audiences.
    private func audiences(_ counts: [String: Int]) -> [TestPlay] {
        counts.flatMap { song, count in
            (0..<count).map { TestPlay(user: "u\($0)", song: song) }
        }
    }

    @Test func `pairs of several days are summed, and those of a few do not win`() throws {
        let fixture = try PlayLogFixture()
        let counts = ["a": 100, "b": 100, "c": 25, "rare": 3]
        try fixture.writePartition(
            Self.last - 1, audiences(counts), coplays: [("a", "b", 30), ("rare", "a", 3)])
        try fixture.writePartition(
            Self.last, audiences(counts),
            coplays: [("b", "a", 30), ("a", "c", 40), ("b", "c", 2)])
        // a with b: 60/(√(200·200) + 20); a with c: 40/(√(200·50) + 20); rare: 3/(√(200·6) + 20);
        // b with c were two: no pair.
        #expect(
            try build(fixture).map(\.description) == [
                "a 1 c 0.3333 40", "a 2 b 0.2727 60", "a 3 rare 0.0549 3", "b 1 a 0.2727 60",
                "c 1 a 0.3333 40", "rare 1 a 0.0549 3",
            ])
    }

    @Test func `a sampled listener stands for others`() throws {
        let fixture = try PlayLogFixture()
        let plays = audiences(["a": 64, "b": 64])
        try fixture.writePartition(Self.last - 1, plays, coplays: [("a", "b", 2)], sample: 8)
        try fixture.writePartition(Self.last, plays, coplays: [("a", "b", 1)])
        // 2·8 + 1 = 17 of 128 and 128, of whom three were counted.
        #expect(try build(fixture).map(\.description) == ["a 1 b 0.1149 17", "b 1 a 0.1149 17"])
    }

    @Test func `each song keeps its twenty nearest, whatever share of the songs they are in`()
        throws
    {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        let fixture = try PlayLogFixture()
        let songs = (0..<700).map { "song-\($0)" }
        var counts: [String: Int] = [:]
        for song in songs { counts[song] = Int.random(in: 1...6, using: &random) }
        var days: [[(String, String, Int)]] = []
        struct Pair: Hashable { let a, b: String }
        var sums: [Pair: Int] = [:]
        for day in 0..<3 {
            var pairs: [Pair: Int] = [:]
            for _ in 0..<6_000 {
                let hub = Int.random(in: 0..<4, using: &random) == 0
                let a = songs[hub ? 0 : Int.random(in: 0..<700, using: &random)]
                let b = songs[Int.random(in: 0..<700, using: &random)]
                guard a != b else { continue }
                let count = Int.random(in: 1...4, using: &random)
                pairs[a.precedesInBytes(b) ? Pair(a: a, b: b) : Pair(a: b, b: a)] = count
            }
            for (pair, count) in pairs { sums[pair, default: 0] += count }
            days.append(pairs.map { ($0.key.a, $0.key.b, $0.value) })
            try fixture.writePartition(Self.last - day, audiences(counts), coplays: days[day])
        }
        var lists: [String: [(other: String, score: Double, listeners: Int)]] = [:]
        for (pair, sum) in sums where sum >= 3 {
            let score =
                Double(sum)
                / ((Double(3 * counts[pair.a]!) * Double(3 * counts[pair.b]!)).squareRoot() + 20)
            lists[pair.a, default: []].append((pair.b, score, sum))
            lists[pair.b, default: []].append((pair.a, score, sum))
        }
        var expected: [String] = []
        for song in songs.sorted(by: { $0.precedesInBytes($1) }) {
            let nearest = (lists[song] ?? []).sorted { a, b in
                a.score != b.score
                    ? a.score > b.score
                    : a.listeners != b.listeners
                        ? a.listeners > b.listeners : a.other.precedesInBytes(b.other)
            }.prefix(20)
            for (index, entry) in nearest.enumerated() {
                expected.append("\(song) \(index + 1) \(entry.other) \(entry.listeners)")
            }
        }
        let rows = try build(fixture)
        #expect(
            rows.map { "\($0.song) \($0.position) \($0.other) \($0.listeners)" } == expected,
            "seed \(seed)")
        #expect(rows.count { $0.song == "song-0" } == 20)
    }

    @Test func `a pair with a song that was not counted is refused`() throws {
        let fixture = try PlayLogFixture()
        try fixture.writePartition(
            Self.last, audiences(["a": 5]), coplays: [("a", "stranger", 5)])
        let error = #expect(throws: FormatError.self) { try build(fixture) }
        #expect(error?.detail == "stranger is in no row of counts")
    }
}
