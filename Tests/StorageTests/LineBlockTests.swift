import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

/// Lines that several workers read in blocks are those that one reads from front to back.
struct LineBlockTests {
    private struct Line: Equatable, Sendable {
        let text: [UInt8]
        let isOverlong: Bool
        let isTerminated: Bool
    }

    /// The lines of a file and what is wrong with it.
    private struct Content: Equatable {
        var lines: [Line] = []
        var damage: String?
    }

    private func serial(_ path: String, _ maximum: Int) throws -> Content {
        var content = Content()
        content.damage = try LineReader(path, maximumLineBytes: maximum).forEach {
            content.lines.append(
                Line(
                    text: Array($0.bytes), isOverlong: $0.isOverlong,
                    isTerminated: $0.isOverlong || $0.isTerminated))
        }?.detail
        return content
    }

    private struct Block: Sendable {
        let file: Int
        let block: Int
        let isLast: Bool
        var lines: [Line] = []
        var damage: String?
    }

    private func parallel(
        _ paths: [String], _ maximum: Int, workers: Int, _ sizes: LineBlockSource.Sizes,
        range: Range<Int>? = nil
    ) throws -> [Content] {
        let source = LineBlockSource(
            paths, range: range, maximumLineBytes: maximum, sizes: sizes)
        let found = Mutex<[Block]>([])
        try Workers.run(workers) { _ in
            let reader = LineBlockReader(source)
            while try reader.next() {
                var lines: [Line] = []
                while let piece = try reader.piece() {
                    #expect(!piece.isEmpty)
                    lines += Self.lines(of: piece, maximum)
                }
                let block = Block(
                    file: reader.file, block: reader.block, isLast: reader.isLast, lines: lines,
                    damage: reader.damage?.detail)
                found.withLock { $0.append(block) }
            }
        }
        var contents = [Content](repeating: Content(), count: paths.count)
        let blocks = found.withLock { $0 }.sorted { ($0.file, $0.block) < ($1.file, $1.block) }
        for (index, block) in blocks.enumerated() {
            contents[block.file].lines += block.lines
            contents[block.file].damage = block.damage
            let next = index + 1 < blocks.count ? blocks[index + 1] : nil
            #expect(block.isLast == (next?.file != block.file))
            #expect(block.isLast || next?.block == block.block + 1)
        }
        #expect(Set(blocks.map(\.file)).count == paths.count)
        return contents
    }

    private static func lines(of piece: UnsafeRawBufferPointer, _ maximum: Int) -> [Line] {
        var lines: [Line] = []
        var parts = piece.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        let isTerminated = parts.last == []
        if isTerminated { parts.removeLast() }
        for (index, part) in parts.enumerated() {
            let isOverlong = part.count > maximum
            var text = Array(part.prefix(maximum))
            if !isOverlong, text.last == 13 { text.removeLast() }
            lines.append(
                Line(
                    text: text, isOverlong: isOverlong,
                    isTerminated: isOverlong || isTerminated || index < parts.count - 1))
        }
        return lines
    }

    /// Lines around every size that matters, with all that a line can hold.
    private static func text(_ random: inout SeededGenerator, _ maximum: Int) -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            let length =
                switch Int.random(in: 0..<8, using: &random) {
                case 0: 0
                case 1: Int.random(in: maximum - 2...maximum + 2, using: &random)
                case 2: Int.random(in: 0...20 * maximum, using: &random)
                default: Int.random(in: 0...30, using: &random)
                }
            text += (0..<length).map { _ in
                [0, 13, 32, 65, 66, 200].randomElement(using: &random)!
            }
            if Bool.random(using: &random) { text.append(13) }
            text.append(10)
        }
        if Bool.random(using: &random), !text.isEmpty { text.removeLast() }
        return text
    }

    @Test(arguments: SeededGenerator.seeds(12))
    func `lines in blocks are the lines from front to back`(seed: UInt64) throws {
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: seed)
            let maximum = Int.random(in: 5...90, using: &random)
            var paths: [String] = []
            for number in 0..<Int.random(in: 1...9, using: &random) {
                var bytes = Self.text(&random, maximum)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes = try run("gzip", ["-c"], input: bytes)
                case 1:
                    bytes = try run("zstd", ["-qc"], input: bytes)
                    bytes += bytes
                case 2:
                    bytes = try run("gzip", ["-c"], input: bytes)
                    bytes.removeLast(Int.random(in: 1...bytes.count - 5, using: &random))
                default: break
                }
                let path = "\(folder)/\(number)"
                try write(bytes, to: path)
                paths.append(path)
            }
            let expected = try paths.map { try serial($0, maximum) }
            for workers in [1, 2, 5] {
                var sizes = LineBlockSource.Sizes()
                sizes.plainBlockBytes = Int.random(in: 1...400, using: &random)
                sizes.plainReadBytes = Int.random(in: 1...300, using: &random)
                sizes.tailReadBytes = Int.random(in: 1...100, using: &random)
                sizes.packedBlockBytes = Int.random(in: 1...400, using: &random)
                let contents = try parallel(paths, maximum, workers: workers, sizes)
                for (file, content) in contents.enumerated() {
                    #expect(content == expected[file], "seed \(seed), \(paths[file]), \(sizes)")
                }
            }
        }
    }

    @Test func `lines of 10 MB and blocks of the usual size`() throws {
        try withTemporaryFolder { folder in
            var text = [UInt8](repeating: 65, count: 10_000_000)
            text += Array("\nshort\n".utf8) + [UInt8](repeating: 66, count: 9_000_000)
            try write(text, to: folder + "/plain")
            try write(try run("gzip", ["-1c"], input: text), to: folder + "/packed")
            let paths = [folder + "/plain", folder + "/packed"]
            let expected = try paths.map { try serial($0, 65_536) }
            #expect(expected[0].lines.map(\.isOverlong) == [true, false, true])
            #expect(try parallel(paths, 65_536, workers: 3, .init()) == expected)
        }
    }

    @Test(arguments: SeededGenerator.seeds(6))
    func `ranges of a file share its lines among them`(seed: UInt64) throws {
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: seed)
            let text = Self.text(&random, 40)
            let path = folder + "/f"
            try write(text, to: path)
            var cuts = (0..<4).map { _ in Int.random(in: 0...text.count, using: &random) }
            cuts = ([0] + cuts + [text.count + 10]).sorted()
            var lines: [Line] = []
            for (start, end) in zip(cuts, cuts.dropFirst()) where start < end {
                lines += try parallel([path], 40, workers: 2, .init(), range: start..<end)[0].lines
            }
            #expect(lines == (try serial(path, 40)).lines, "seed \(seed), \(cuts)")
        }
    }

    @Test func `a packed file has no ranges`() throws {
        try withTemporaryFolder { folder in
            try write(try run("gzip", ["-c"], input: Array("a\nb\n".utf8)), to: folder + "/f.gz")
            let source = LineBlockSource(
                [folder + "/f.gz"], range: 0..<3, maximumLineBytes: 100)
            let error = #expect(throws: FormatError.self) { try LineBlockReader(source).next() }
            #expect(error?.detail.contains("packed") == true)
        }
    }

    @Test func `a missing file ends the reading of all`() throws {
        try withTemporaryFolder { folder in
            try write("a\n", to: folder + "/a")
            let error = #expect(throws: FileError.self) {
                try parallel(
                    [folder + "/a", folder + "/b", folder + "/a"], 100, workers: 3, .init())
            }
            #expect(error?.isMissing == true)
        }
    }
}
