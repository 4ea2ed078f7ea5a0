import Foundation
import Storage
import TestSupport
import Testing

/// Reading and writing files, packed or not, against the tools that everybody has.
struct ContentTests {
    // Long contents are compared by digest: of two that differ, an expectation would print every
    // byte, after hours.

    /// Everything that a reader returns, and what it threw at last.
    private static func read(_ path: String, pieceBytes: Int) throws -> ([UInt8], CompressionError?)
    {
        let reader = try ContentReader(path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        var bytes: [UInt8] = []
        while true {
            let count: Int
            do { count = try reader.read(into: buffer) } catch let error as CompressionError {
                return (bytes, error)
            }
            if count == 0 { return (bytes, nil) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    private static func packed(_ how: String, _ bytes: [UInt8]) throws -> [UInt8] {
        switch how {
        case "plain": bytes
        case "gzip": try run("gzip", ["-c"], input: bytes)
        case "gzip members":
            try run("gzip", ["-c"], input: Array(bytes.prefix(bytes.count / 3)))
                + run("gzip", ["-1c"], input: Array(bytes.dropFirst(bytes.count / 3)))
        case "gzip members with zeros between":
            try run("gzip", ["-c"], input: Array(bytes.prefix(bytes.count / 3)))
                + [UInt8](repeating: 0, count: 1000)
                + run("gzip", ["-c"], input: Array(bytes.dropFirst(bytes.count / 3)))
                + [UInt8](repeating: 0, count: 10_240)
        case "zstd": try run("zstd", ["-qc"], input: bytes)
        case "zstd long window": try run("zstd", ["-qc", "--long=27"], input: bytes)
        case "zstd without checksum": try run("zstd", ["-qc", "--no-check"], input: bytes)
        case "zstd frames":
            try run("zstd", ["-qc"], input: Array(bytes.prefix(bytes.count / 3)))
                + run(
                    "zstd", ["-qc", "--no-check", "-19"],
                    input: Array(bytes.dropFirst(bytes.count / 3)))
        default: preconditionFailure(how)
        }
    }

    static let packings = [
        "plain", "gzip", "gzip members", "gzip members with zeros between", "zstd",
        "zstd without checksum", "zstd long window", "zstd frames",
    ]

    /// Half text that packs well, half noise that does not.
    private static func sample(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        while bytes.count < count {
            bytes +=
                Bool.random(using: &random)
                ? random.bytes(Int.random(in: 1...4_000, using: &random))
                : Array(String(repeating: "play \(random.next() % 10) ", count: 300).utf8)
        }
        return Array(bytes.prefix(count))
    }

    @Test(arguments: packings, [0, 1, 3, 70_000, 262_144, 262_145, 900_000])
    func `content is the same however it is packed and read`(packing: String, count: Int) throws {
        try withTemporaryFolder { folder in
            let bytes = Self.sample(count, seed: UInt64(count))
            try write(try Self.packed(packing, bytes), to: folder + "/f")
            for pieceBytes in [1 << 20, 262_144, 4_099, 100] {
                let (content, damage) = try Self.read(folder + "/f", pieceBytes: pieceBytes)
                #expect(damage == nil, "pieces of \(pieceBytes)")
                #expect(SHA256.hash(content) == SHA256.hash(bytes), "pieces of \(pieceBytes)")
            }
        }
    }

    @Test(arguments: ["gzip", "zstd", "zstd without checksum"], SeededGenerator.seeds(8))
    func `a packed file that was cut says so after what came before`(packing: String, seed: UInt64)
        throws
    {
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: seed)
            let bytes = Self.sample(300_000, seed: seed)
            let whole = try Self.packed(packing, bytes)
            let cut = Int.random(in: 5..<whole.count, using: &random)
            try write(whole.prefix(cut), to: folder + "/f")
            let (content, damage) = try Self.read(folder + "/f", pieceBytes: 1000)
            #expect(
                damage?.description == folder + "/f: the packed stream ends early", "cut at \(cut)")
            #expect(bytes.starts(with: content))
        }
    }

    @Test(arguments: ["gzip", "zstd"], SeededGenerator.seeds(12))
    func `a flipped bit never passes unseen`(packing: String, seed: UInt64) throws {
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: seed)
            let bytes = Self.sample(100_000, seed: seed)
            var damaged = try Self.packed(packing, bytes)
            // Behind the magic and the header's fields that do not matter (time, system).
            let place = Int.random(in: 12..<damaged.count, using: &random)
            damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try write(damaged, to: folder + "/f")
            let (_, damage) = try Self.read(folder + "/f", pieceBytes: 1 << 20)
            #expect(damage != nil, "byte \(place) of \(damaged.count)")
        }
    }

    @Test func `after damage a reader is at its end`() throws {
        try withTemporaryFolder { folder in
            try write(
                try Self.packed("gzip", Self.sample(50_000, seed: 1)).prefix(20_000) + [1, 2, 3],
                to: folder + "/f")
            let reader = try ContentReader(folder + "/f")
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
            defer { buffer.deallocate() }
            var faults = 0
            for _ in 0..<4 {
                do { _ = try reader.read(into: buffer) } catch is CompressionError { faults += 1 }
            }
            #expect(faults == 1)
            #expect(try reader.read(into: buffer) == 0)
        }
    }

    @Test func `a missing file is named`() {
        let error = #expect(throws: FileError.self) { try ContentReader("/nowhere/f") }
        #expect(error?.isMissing == true)
        #expect(error?.description == "/nowhere/f: cannot open: No such file or directory")
    }

    // MARK: FileWriter

    @Test(arguments: ["f", "f.gz", "f.zst"], [0, 1, 100_000, 600_000])
    func `what is written is what the tools read`(name: String, count: Int) throws {
        try withTemporaryFolder { folder in
            let bytes = Self.sample(count, seed: 7)
            var digests: [FileDigest] = []
            for round in ["a", "b"] {
                let path = "\(folder)/\(round)-\(name)"
                let writer = try FileWriter(path)
                // In other pieces the second time.
                let step = round == "a" ? 300_000 : 777
                for start in stride(from: 0, to: bytes.count, by: step) {
                    try writer.write(Array(bytes[start..<min(start + step, bytes.count)]))
                }
                let digest = try writer.finish()
                let written = try contents(path)
                #expect(digest.sizeBytes == written.count)
                #expect(digest.sha256 == SHA256.hash(written))
                #expect(digest.name == "\(round)-\(name)")
                digests.append(digest)
                let tool = name.hasSuffix("gz") ? ["gzip", "-dc"] : ["zstd", "-qdc"]
                let read = name == "f" ? written : try run(tool[0], Array(tool[1...]) + [path])
                #expect(SHA256.hash(read) == SHA256.hash(bytes))
            }
            if name == "f" { #expect(digests[0].sha256 == digests[1].sha256) }
        }
    }

    @Test(arguments: ["f.gz", "f.zst"]) func `the same content gives the same packed bytes`(
        name: String
    ) throws {
        try withTemporaryFolder { folder in
            func written(_ prefix: String) throws -> [UInt8] {
                let writer = try FileWriter(folder + "/" + prefix + name)
                for index in 0..<40_000 { try writer.write("line \(index * index)\n") }
                _ = try writer.finish()
                return try contents(folder + "/" + prefix + name)
            }
            let first = SHA256.hash(try written("a"))
            let second = SHA256.hash(try written("b"))
            #expect(first == second)
        }
    }

    @Test func `a file is never written over`() throws {
        try withTemporaryFolder { folder in
            try write("old", to: folder + "/f")
            let error = #expect(throws: FileError.self) { try FileWriter(folder + "/f") }
            #expect(error?.operation == "create")
            #expect(try contents(folder + "/f") == Array("old".utf8))
        }
    }
}
