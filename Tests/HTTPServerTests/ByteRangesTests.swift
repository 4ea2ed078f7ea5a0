import HTTPServer
import Testing

@Suite struct `Ranges and entity tags` {
    @Test(arguments: [
        ("bytes=0-99", [0..<100]),
        ("bytes=0-0", [0..<1]),
        ("bytes=900-", [900..<1000]),
        ("bytes=990-5000", [990..<1000]),
        ("bytes=-100", [900..<1000]),
        ("bytes=-5000", [0..<1000]),
        ("bytes=0-99999999999999999999999", [0..<1000]),
        ("BYTES = 0-1", [0..<2]),
        ("bytes= 0-1 , 10-11", [0..<2, 10..<12]),
        ("bytes=500-600,0-10", [500..<601, 0..<11]),
        ("bytes=0-10,5-20", [0..<21]),
        ("bytes=0-10,11-20", [0..<21]),
        ("bytes=0-10,2000-", [0..<11]),
        ("bytes=0-1,,3-4", [0..<2, 3..<5]),
    ])
    func `ranges that can be answered`(field: String, expected: [Range<Int>]) {
        #expect(ByteRanges(field, sizeBytes: 1000) == .ranges(expected))
    }

    @Test(arguments: [
        "bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=5-2", "bytes=", "bytes=abc", "bytes=-",
        "bytes=1-2-3", "bytes=+1-2", "bytes=0-1,x", "bytes=,", "bytes=0x1-2", "bytes=--5",
    ])
    func `ranges that cannot be satisfied or read`(field: String) {
        #expect(ByteRanges(field, sizeBytes: 1000) == .unsatisfiable)
    }

    @Test(arguments: [
        "lines=1-2", "bytes", "0-5", "", "bytes=0-999,0-999", "bytes=0-,-1",
        "bytes=" + (0..<17).map { "\($0 * 2)-\($0 * 2)" }.joined(separator: ","),
    ])
    func `ranges that are answered with the whole`(field: String) {
        #expect(ByteRanges(field, sizeBytes: 1000) == .whole)
    }

    @Test func `nothing of an empty file can be asked for`() {
        #expect(ByteRanges("bytes=0-", sizeBytes: 0) == .unsatisfiable)
        #expect(ByteRanges("bytes=-1", sizeBytes: 0) == .unsatisfiable)
    }

    /// Whatever is asked, what is sent lies within the file, once, and is never more than it.
    @Test func `random ranges stay within the file`() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("0123456789-, =bytes")
        for _ in 0..<20_000 {
            let tail = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            let field = "bytes=" + String(tail)
            guard case .ranges(let ranges) = ByteRanges(field, sizeBytes: 50) else { continue }
            let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
            #expect(
                sorted.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= 50 && !$0.isEmpty },
                "\(field)")
            #expect(
                zip(sorted, sorted.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound },
                "\(field)")
        }
    }

    @Test(arguments: [
        (#""a""#, true), (#"W/"a""#, true), (#""b", "a""#, true), (#""b",W/"a""#, true),
        ("*", true),
        (" * ", true), (#""b""#, false), ("a", false), ("", false), (#""a"#, false),
        (#""x,"a"#, false), (#""b, a""#, false),
    ])
    func `If-None-Match compares weakly and reads lists`(field: String, isListed: Bool) {
        #expect(EntityTag.isListed("\"a\"", inIfNoneMatch: field) == isListed)
    }

    @Test(arguments: [(#""a""#, true), (#"W/"a""#, false), ("*", true), (#""b""#, false)])
    func `If-Match compares strongly`(field: String, isListed: Bool) {
        #expect(EntityTag.isListed("\"a\"", inIfMatch: field) == isListed)
    }

    @Test(arguments: [
        (#""a""#, true), (#" "a" "#, true), (#"W/"a""#, false), (#""b""#, false), ("*", false),
        ("Mon, 23 Nov 2026 20:00:00 GMT", false),
    ])
    func `If-Range takes the very tag and nothing else`(field: String, isSame: Bool) {
        #expect(EntityTag.isSame("\"a\"", inIfRange: field) == isSame)
    }
}
