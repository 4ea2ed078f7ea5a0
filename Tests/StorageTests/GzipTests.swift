import Foundation
import Storage
import TestSupport
import Testing

/// Members of gzip as RFC 1952 allows them and as damage makes them, read in pieces of any size.
struct GzipTests {
    /// Sizes of the output's and the input's pieces.
    private static let pieces = [
        (1 << 20, 256 << 10), (1, 256 << 10), (1 << 20, 1), (1, 1), (7, 3), (333, 8), (4_096, 9),
    ]

    private struct Member {
        var extra: [UInt8]?
        var name: [UInt8]?
        var comment: [UInt8]?
        var hasCheck = false
        var flags: UInt8 = 0
        let content: [UInt8]

        init(_ content: [UInt8]) { self.content = content }

        /// Header and trailer are made here, the rest is what gzip(1) makes.
        func bytes() throws -> [UInt8] {
            let packed = try run("gzip", ["-nc"], input: content)
            var header: [UInt8] = [0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255]
            if let extra {
                header[3] |= 4
                header += [UInt8(extra.count & 255), UInt8(extra.count >> 8)] + extra
            }
            if let name {
                header[3] |= 8
                header += name + [0]
            }
            if let comment {
                header[3] |= 16
                header += comment + [0]
            }
            if hasCheck {
                header[3] |= 2
                let crc = Self.crc32(header)
                header += [UInt8(crc & 255), UInt8(crc >> 8 & 255)]
            }
            return header + packed.dropFirst(10)
        }

        /// Bit by bit, as RFC 1952 (section 8) defines it.
        private static func crc32(_ bytes: [UInt8]) -> UInt32 {
            var crc: UInt32 = 0xffff_ffff
            for byte in bytes {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
            }
            return ~crc
        }
    }

    /// What each way of reading gives: its digest and its fault; all must be the same.
    private func read(_ bytes: [UInt8]) throws -> (content: [UInt8], fault: String?) {
        try withTemporaryFolder { folder in
            try write(bytes, to: folder + "/f")
            var results: [(content: [UInt8], fault: String?)] = []
            for (output, input) in Self.pieces {
                let reader = try ContentReader(folder + "/f", inputBytes: input)
                let buffer = UnsafeMutableRawBufferPointer.allocate(
                    byteCount: output, alignment: 16)
                defer { buffer.deallocate() }
                var content: [UInt8] = []
                var fault: String?
                do {
                    while case let count = try reader.read(into: buffer), count > 0 {
                        content.append(contentsOf: buffer[..<count])
                    }
                } catch let error as CompressionError {
                    fault = error.detail
                    #expect(try reader.read(into: buffer) == 0, "after damage it is at its end")
                }
                results.append((content, fault))
            }
            for (result, sizes) in zip(results, Self.pieces) {
                #expect(result.fault == results[0].fault, "pieces of \(sizes)")
                #expect(
                    SHA256.hash(result.content) == SHA256.hash(results[0].content),
                    "pieces of \(sizes)")
            }
            return results[0]
        }
    }

    private static let text = Array(String(repeating: "play after play\n", count: 500).utf8)

    @Test func `every field of a header is passed over`() throws {
        for bits in 0..<16 {
            var member = Member(Self.text)
            if bits & 1 != 0 { member.extra = [0, 31, 139, 8, 0] }
            if bits & 2 != 0 { member.name = Array("plays.ndjson".utf8) }
            if bits & 4 != 0 { member.comment = Array("é".utf8) }
            member.hasCheck = bits & 8 != 0
            let two = try member.bytes() + member.bytes()
            let (content, fault) = try read(two)
            #expect(fault == nil, "fields \(bits)")
            #expect(SHA256.hash(content) == SHA256.hash(Self.text + Self.text), "fields \(bits)")
        }
        var member = Member(Self.text)
        member.extra = []
        member.name = []
        member.comment = []
        #expect(try read(member.bytes()).fault == nil)
        member.extra = [UInt8](repeating: 7, count: 65_535)
        #expect(try read(member.bytes()).content.count == Self.text.count)
    }

    @Test func `what a header must not say is told`() throws {
        var member = Member(Self.text)
        member.hasCheck = true
        var bytes = try member.bytes()
        bytes[10] ^= 1
        #expect(try read(bytes).fault == "gzip: header crc mismatch")
        bytes = try Member(Self.text).bytes()
        bytes[2] = 7
        #expect(try read(bytes).fault == "gzip: unknown compression method")
        member = Member(Self.text)
        member.flags = 0x20
        #expect(try read(member.bytes()).fault == "gzip: unknown header flags set")
    }

    @Test(arguments: [
        (8, "gzip: incorrect data check"), (5, "gzip: incorrect data check"),
        (4, "gzip: incorrect length check"), (1, "gzip: incorrect length check"),
    ])
    func `a wrong trailer is told, and what came before it has been read`(
        fromEnd: Int, detail: String
    ) throws {
        var bytes = try Member(Self.text).bytes()
        bytes[bytes.count - fromEnd] ^= 0x40
        let (content, fault) = try read(bytes + Member(Self.text).bytes())
        #expect(fault == detail)
        #expect(SHA256.hash(content) == SHA256.hash(Self.text))
    }

    @Test(arguments: ["x", "\u{1f}", "\u{1f}x", "trailing garbage", "\0\0\u{1}"])
    func `garbage behind a member is told`(garbage: String) throws {
        let bytes = try Member(Self.text).bytes() + Array(garbage.utf8)
        let (content, fault) = try read(bytes)
        #expect(
            fault
                == (garbage == "\u{1f}"
                    ? "the packed stream ends early" : "gzip: incorrect header check"))
        #expect(SHA256.hash(content) == SHA256.hash(Self.text))
    }

    @Test func `zeros behind members are no garbage, and members may be empty`() throws {
        let empty = try Member([]).bytes()
        let bytes = try empty + Member(Self.text).bytes() + [0] + empty + [0, 0, 0]
        let (content, fault) = try read(bytes)
        #expect(fault == nil)
        #expect(SHA256.hash(content) == SHA256.hash(Self.text))
    }

    @Test func `a cut anywhere is told, and all before it is read`() throws {
        var member = Member(Array("one two one two one two three".utf8))
        member.extra = [1, 2, 3]
        member.name = [65]
        member.comment = [66]
        member.hasCheck = true
        let bytes = try member.bytes()
        for count in 5..<bytes.count {
            let (content, fault) = try read(Array(bytes[..<count]))
            #expect(fault == "the packed stream ends early", "cut at \(count)")
            #expect(member.content.starts(with: content), "cut at \(count)")
            if count >= bytes.count - 8 { #expect(content == member.content) }
        }
    }

    @Test(arguments: SeededGenerator.seeds(10))
    func `damage is told the same whatever the pieces`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var content: [UInt8] = []
        for _ in 0..<12 {
            content +=
                Bool.random(using: &random)
                ? random.bytes(Int.random(in: 1...900, using: &random))
                : Array(String(repeating: "play \(random.next() % 10) ", count: 90).utf8)
        }
        var bytes = try Member(content).bytes()
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 10..<bytes.count, using: &random)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        #expect(try read(bytes).fault != nil)
    }
}
