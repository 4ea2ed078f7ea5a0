import Storage
import TestSupport
import Testing

@testable import CoverImages

/// Small versions of covers, made by the real helper processes.
struct CoverRunTests {
    /// An uncompressed picture, its colours running from edge to edge.
    static func bitmap(_ width: Int, _ height: Int) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let row = (3 * width + 3) / 4 * 4
        var bytes = Array("BM".utf8) + little(54 + row * height, 4) + little(0, 4) + little(54, 4)
        bytes += little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(24, 2)
        bytes += little(0, 4) + little(row * height, 4) + little(2835, 4) + little(2835, 4)
        bytes += little(0, 8)
        for y in 0..<height {
            var line: [UInt8] = []
            for x in 0..<width {
                line += [UInt8(x * 255 / width), UInt8(y * 255 / height), 128]
            }
            bytes += line + Array(repeating: 0, count: row - line.count)
        }
        return bytes
    }

    /// The first bytes of a picture that declares any size, and nothing else.
    static func declaredPNG(_ width: Int, _ height: Int) -> [UInt8] {
        func big(_ value: Int) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
        }
        return [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13] + Array("IHDR".utf8)
            + big(width) + big(height) + [8, 2, 0, 0, 0, 0, 0, 0, 0]
    }

    final class Fixture {
        let warehouse: Warehouse
        let store: CoverStore

        init(_ folder: String) throws {
            warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            store = CoverStore(warehouse)
        }

        func add(_ bytes: [UInt8]) throws -> Digest {
            let digest = SHA256.hash(bytes)
            let path = BlobStore(warehouse).path(digest)
            try FileSystem.makeDirectories(FileSystem.parent(of: path))
            try write(bytes, to: path)
            return digest
        }

        func run(_ covers: [Digest], program: String = Program.spindle.path) throws
            -> CoverRun.Summary
        {
            try CoverRun(warehouse, workers: 2, program: program).run(covers)
        }

        func size(_ cover: Digest, _ size: Int) throws -> [Int]? {
            let path = store.path(cover, size: size)
            guard FileSystem.exists(path) else { return nil }
            let header = PictureHeader(try FileSystem.readAll(path))
            return header?.format == .jpeg ? [header!.width, header!.height] : nil
        }
    }

    private func withFixture(_ body: (Fixture) throws -> Void) throws {
        try withTemporaryFolder { try body(Fixture($0)) }
    }

    @Test(
        arguments: [
            (1000, 500, [[96, 48], [300, 150], [600, 300]]),
            (400, 800, [[48, 96], [150, 300], [300, 600]]),
            (601, 601, [[96, 96], [300, 300], [600, 600]]),
            (600, 600, [[96, 96], [300, 300], nil]),
            (96, 96, [[96, 96], nil, nil]), (10, 20, [[10, 20], nil, nil]),
            (1, 1, [[1, 1], nil, nil]),
            (2000, 1, [[96, 1], [300, 1], [600, 1]]),
        ] as [(Int, Int, [[Int]?])])
    func `a cover has all sizes that are smaller than it, and is never enlarged`(
        width: Int, height: Int, sizes: [[Int]?]
    ) throws {
        try withFixture { fixture in
            let cover = try fixture.add(Self.bitmap(width, height))
            #expect(try fixture.run([cover]).made == 1)
            for (size, expected) in zip(CoverStore.sizes, sizes) {
                #expect(try fixture.size(cover, size) == expected)
            }
        }
    }

    @Test func `each is made once, and what is there stays as it is`() throws {
        try withFixture { fixture in
            let covers = try (1...5).map { try fixture.add(Self.bitmap(200 + $0, 200)) }
            #expect(try fixture.run(Array(covers.prefix(2))).made == 2)
            let path = fixture.store.path(covers[0], size: 96)
            let before = try FileStatus.of(path)
            let summary = try fixture.run(covers)
            #expect(summary.made == 3 && summary.present == 2 && summary.refused.isEmpty)
            #expect(try FileStatus.of(path)?.inode == before?.inode)
            #expect(try fixture.run(covers).made == 0)
            #expect(try FileSystem.list(fixture.warehouse.temporaryPath).isEmpty)
        }
    }

    @Test func `hostile pictures are refused with the reason, once`() throws {
        try withFixture { fixture in
            let whole = try fixture.add(Self.bitmap(700, 700))
            _ = try fixture.run([whole])
            let jpeg = try FileSystem.readAll(fixture.store.path(whole, size: 600))
            let bad: [(bytes: [UInt8], reason: String)] = [
                (Self.declaredPNG(30_000, 30_000), "30000 × 30000 pixels are declared"),
                (Self.declaredPNG(20_001, 1), "20001 × 1 pixels are declared"),
                (Self.declaredPNG(0, 5), "0 × 5 pixels are declared"),
                (Self.declaredPNG(100, 100), "the PNG picture is damaged or cut off"),
                (Array(jpeg.prefix(jpeg.count / 2)), "the JPEG picture is damaged or cut off"),
                (Array("<html>no picture</html>".utf8), "no JPEG, PNG, GIF, WebP or BMP picture"),
                ([], "no JPEG, PNG, GIF, WebP or BMP picture"),
                (
                    Array("GIF89a".utf8) + [5, 0, 5, 0, 0, 0, 0],
                    "the GIF picture is damaged or cut off"
                ),
            ]
            let covers = try bad.map { try fixture.add($0.bytes) }
            let first = try fixture.run(covers + [whole])
            #expect(first.made == 0 && first.present == 1)
            #expect(
                first.refused == zip(covers, bad).map { "\($0.hex): \($1.reason)" }.sorted())
            // Tried once: with a program that cannot even start they are known already.
            #expect(
                try fixture.run(covers, program: "/nonexistent")
                    == {
                        var summary = first
                        summary.present = 0
                        return summary
                    }())
            for cover in covers { #expect(try fixture.size(cover, 96) == nil) }
        }
    }

    @Test func `a cover whose blob is gone is told, and not remembered`() throws {
        try withFixture { fixture in
            let bytes = Self.bitmap(100, 100)
            let cover = SHA256.hash(bytes)
            #expect(try fixture.run([cover]).refused == ["\(cover.hex): the blob is missing"])
            _ = try fixture.add(bytes)
            #expect(try fixture.run([cover]).made == 1)
        }
    }

    @Test func `versions go with their blobs`() throws {
        try withFixture { fixture in
            let kept = try fixture.add(Self.bitmap(700, 10))
            let gone = try fixture.add(Self.bitmap(10, 700))
            let refused = try fixture.add([1, 2, 3])
            _ = try fixture.run([kept, gone, refused])
            for cover in [gone, refused] { try BlobStore(fixture.warehouse).remove(cover) }
            #expect(try fixture.store.prune() == 4)
            #expect(try fixture.store.state(kept) == .made)
            #expect(try fixture.store.state(gone) == .missing)
            #expect(try fixture.store.state(refused) == .missing)
        }
    }

    @Test(
        arguments: [
            (CoverRunTests.bitmap(7, 9), "BMP 7 9"), (CoverRunTests.declaredPNG(3, 4), "PNG 3 4"),
            (Array("GIF87a".utf8) + [0x2c, 1, 2, 0], "GIF 300 2"),
            (
                [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc2, 0, 17, 8, 1, 0, 2, 0, 3],
                "JPEG 512 256"
            ),
            (
                Array("RIFF....WEBPVP8X".utf8) + [10, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 199, 0, 0],
                "WebP 100 200"
            ),
            (
                Array("RIFF....WEBPVP8L".utf8) + [9, 0, 0, 0, 0x2f, 0x63, 0xc0, 0x31, 0]
                    + Array(repeating: 0, count: 8), "WebP 100 200"
            ),
            (
                Array("RIFF....WEBPVP8 ".utf8) + [
                    9, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 100, 0, 200, 0,
                ],
                "WebP 100 200"
            ),
            ([0xff, 0xd8, 0xff, 0xda, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 1, 0, 2, 0, 3], ""),
            ([], ""),
        ] as [([UInt8], String)])
    func `the first bytes declare format and size`(bytes: [UInt8], expected: String) {
        let header = PictureHeader(bytes)
        #expect(header.map { "\($0.format.rawValue) \($0.width) \($0.height)" } ?? "" == expected)
        for count in 0..<bytes.count { _ = PictureHeader(Array(bytes.prefix(count))) }
    }
}
