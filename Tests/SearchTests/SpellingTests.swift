import TestSupport
import Testing

@testable import Search

/// The rows that hold words, and which words are found by what.
struct SpellingTests {
    private func words(_ texts: [String]) -> WordBlock {
        var block = WordBlock()
        for (index, text) in texts.enumerated() { block.append(text.utf8, songs: index * 100) }
        return block
    }

    @Test func `a row has its words again`() {
        let texts = ["a", "abbey", "abbeys", "b", "björk", String(repeating: "z", count: 300)]
        var block = WordBlock()
        words(texts).row.withUnsafeBytes { block.load($0) }
        #expect((0..<block.count).map { block.text($0) } == texts)
        #expect((0..<block.count).map { block.songs($0) } == [0, 100, 200, 300, 400, 500])
        #expect(
            ["", "abb", "abbeys", "zzz~"].map { block.firstNotBefore(Array($0.utf8)) } == [
                0, 1, 2, 6,
            ])
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `a damaged row is no more than fewer or other words`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let row = words((0..<32).map { "word\($0 / 10)\($0 % 10)" }).row
        for _ in 0..<2000 {
            var damaged = Array(row.prefix(Int.random(in: 0...row.count, using: &random)))
            for _ in 0..<Int.random(in: 0...3, using: &random) where !damaged.isEmpty {
                damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            var block = WordBlock()
            damaged.withUnsafeBytes { block.load($0) }
            #expect((0..<block.count).allSatisfy { block.bytes($0).count <= damaged.count * 32 })
            var numbers: [Int] = []
            damaged.withUnsafeBytes { SpellingBucket.read($0, check: 0x6f, into: &numbers) }
            #expect(numbers.count <= damaged.count)
        }
    }

    @Test func `a bucket has the words of each check`() {
        let entries: [(word: Int, check: UInt8)] = [
            (0, 7), (3, 7), (3, 7), (3, 9), (200, 7), (20_000, 7), (1 << 31, 9),
        ]
        let bytes = SpellingBucket.encode(entries)
        func words(_ check: UInt8) -> [Int] {
            var words: [Int] = []
            bytes.withUnsafeBytes { SpellingBucket.read($0, check: check, into: &words) }
            return words
        }
        #expect(words(7) == [0, 3, 200, 20_000])
        #expect(words(9) == [3, 1 << 31])
        #expect(words(8) == [])
    }

    @Test(
        arguments: [
            ("yesterday", "yetse", 5), ("yesterday", "yster", 6), ("yesterday", "yeester", 6),
            ("yesterday", "yoste", 5), ("yesterday", "oesterday", 9), ("yeste", "yestem", 5),
            ("yesterday", "yeste", nil), ("yesterday", "yetsa", nil), ("yest", "yesterd", nil),
            ("", "a", 0), ("", "ab", nil),
        ] as [(String, String, Int?)])
    func `a beginning one edit away is known by its length`(
        word: String, typed: String, letters: Int?
    ) {
        func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }
        #expect(
            EditDistance.beginning(of: scalars(word), oneEditFrom: scalars(typed)) == letters)
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `distances are those of the whole table`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var distance = EditDistance()
        for _ in 0..<20_000 {
            let letters = { (random: inout SeededGenerator) in
                (0..<Int.random(in: 0...7, using: &random)).map { _ in
                    UInt32.random(in: 97...99, using: &random)
                }
            }
            let (a, b) = (letters(&random), letters(&random))
            let wanted = Self.table(a, b)
            for limit in 1...2 {
                #expect(
                    distance.between(a, b, limit: limit) == (wanted <= limit ? wanted : nil),
                    "\(a) \(b)")
            }
        }
    }

    /// Optimal string alignment by its definition.
    private static func table(_ a: [UInt32], _ b: [UInt32]) -> Int {
        var cells = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count {
            for j in 0...b.count {
                guard i > 0, j > 0 else {
                    cells[i][j] = max(i, j)
                    continue
                }
                cells[i][j] = min(
                    cells[i - 1][j] + 1, cells[i][j - 1] + 1,
                    cells[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    cells[i][j] = min(cells[i][j], cells[i - 2][j - 2] + 1)
                }
            }
        }
        return cells[a.count][b.count]
    }
}
