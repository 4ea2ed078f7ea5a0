import Storage
import TestSupport
import Testing

struct LineReaderTests {
    private struct Read: Equatable {
        var text: String
        var number: Int
        var isOverlong = false
    }

    private func lines(_ path: String, maximum: Int = 1 << 20) throws -> ([Read], CompressionError?)
    {
        var result: [Read] = []
        let damage = try LineReader(path, maximumLineBytes: maximum).forEach { line in
            result.append(
                Read(
                    text: String(decoding: line.bytes, as: UTF8.self), number: line.number,
                    isOverlong: line.isOverlong))
        }
        return (result, damage)
    }

    @Test(arguments: [
        ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]),
        ("a\r\nb\r\n", ["a", "b"]), ("a\r\n\r\nb\r", ["a", "", "b"]), ("a\rb\n", ["a\rb"]),
        ("\n\n", ["", ""]), ("a\r\r\n", ["a\r"]), ("\r\n", [""]), ("é\n荒", ["é", "荒"]),
    ])
    func `lines end at line feeds, with or without a carriage return`(
        text: String, expected: [String]
    )
        throws
    {
        try withTemporaryFolder { folder in
            try write(text, to: folder + "/f")
            let (read, damage) = try lines(folder + "/f")
            #expect(read == expected.enumerated().map { Read(text: $1, number: $0 + 1) })
            #expect(damage == nil)
        }
    }

    @Test(arguments: [
        // Limit 4: the lengths of the lines, and which of them are too long.
        ("1234\n12345\n12\n", ["1234", "1234", "12"], [false, true, false]),
        ("12345", ["1234"], [true]), ("1234", ["1234"], [false]),
        ("123456789012345\na\n", ["1234", "a"], [true, false]),
        ("12345\n12345\n\n", ["1234", "1234", ""], [true, true, false]),
        ("a\n123456789", ["a", "1234"], [false, true]),
    ])
    func `an overlong line is delivered once, by its beginning`(
        text: String, beginnings: [String], overlong: [Bool]
    ) throws {
        try withTemporaryFolder { folder in
            try write(text, to: folder + "/f")
            let (read, _) = try lines(folder + "/f", maximum: 4)
            #expect(read.map(\.isOverlong) == overlong)
            #expect(read.map(\.number) == Array(1...beginnings.count))
            #expect(read.map(\.text) == beginnings)
        }
    }

    @Test(arguments: ["plain", "gzip", "zstd"], SeededGenerator.seeds(6))
    func `lines of any length come out whole across all buffers`(packing: String, seed: UInt64)
        throws
    {
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: seed)
            let buffer = 262_144
            let expected = (0..<30).map { index -> String in
                // Around the size of the buffers, or short.
                let length =
                    index % 5 == 0
                    ? Int.random(in: buffer - 3...buffer + 3, using: &random)
                    : Int.random(in: 0...40_000, using: &random)
                return String(repeating: "\(index % 10)", count: length)
            }
            let text = Array(expected.joined(separator: "\n").utf8)
            let packed =
                packing == "plain"
                ? text
                : try run(packing, packing == "zstd" ? ["-qc", "--no-check"] : ["-c"], input: text)
            try write(packed, to: folder + "/f")
            let (read, damage) = try lines(folder + "/f")
            #expect(damage == nil)
            #expect(read.map(\.text.utf8.count) == expected.map(\.utf8.count))
            #expect(read.map(\.text) == expected)
        }
    }

    @Test func `a cut file delivers what it has, and says that it was cut`() throws {
        try withTemporaryFolder { folder in
            let text = (1...20_000).map { "line \($0)" }
            let packed = try run("gzip", ["-c"], input: Array(text.joined(separator: "\n").utf8))
            try write(packed.prefix(packed.count / 2), to: folder + "/f")
            let (read, damage) = try lines(folder + "/f")
            #expect(damage != nil)
            #expect(read.count > 1_000)
            #expect(read.dropLast().map(\.text) == Array(text.prefix(read.count - 1)))
        }
    }

    @Test func `what the body throws ends the reading`() throws {
        struct Enough: Error {}
        try withTemporaryFolder { folder in
            try write("a\nb\n", to: folder + "/f")
            var count = 0
            #expect(throws: Enough.self) {
                _ = try LineReader(folder + "/f").forEach { _ in
                    count += 1
                    throw Enough()
                }
            }
            #expect(count == 1)
        }
    }
}
