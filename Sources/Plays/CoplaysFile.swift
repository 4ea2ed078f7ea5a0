internal import Glibc
package import Storage

/// Reads a partition's `coplays.tsv.zst` row by row: pairs of songs that listeners streamed in one
/// sitting, the first of a pair before the second in bytes, sorted by both.
package final class CoplaysFile {
    package static let fileName = "coplays.tsv.zst"
    package static let header = "song_a\tsong_b\tlisteners"

    private let path: String
    private let lines: TextLines

    // The current row; the bytes are valid until the next.
    package private(set) var first = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var second = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var listeners = 0

    /// Opens the file and checks its header.
    package init(_ path: String) throws {
        self.path = path
        lines = try TextLines(path)
        guard let header = try lines.next(), header.elementsEqual(Self.header.utf8) else {
            throw damaged("is not a file of songs played together")
        }
    }

    /// Goes to the next row; false behind the last.
    package func next() throws -> Bool {
        guard let line = try lines.next() else { return false }
        guard let tab = TextLines.tab(line, from: 0),
            let secondTab = TextLines.tab(line, from: tab + 1), line.count - secondTab > 1
        else { throw damaged("line \(lines.number) is short") }
        first = UnsafeRawBufferPointer(rebasing: line[..<tab])
        second = UnsafeRawBufferPointer(rebasing: line[(tab + 1)..<secondTab])
        listeners = 0
        for digit in line[(secondTab + 1)...] {
            guard (48...57).contains(digit), listeners < 1 << 40 else {
                throw damaged("line \(lines.number) has no number where one is due")
            }
            listeners = listeners * 10 + Int(digit - 48)
        }
        guard bytesPrecede(first, second) else {
            throw damaged("line \(lines.number) is no pair in order")
        }
        return true
    }

    package func damaged(_ detail: String) -> FormatError {
        FormatError(path, detail, hint: "remove this partition and run spindle plays again")
    }
}

/// The lines of a partition's file, where they lie in a buffer.
final class TextLines {
    /// Of the last line, from 1.
    private(set) var number = 0
    private let path: String
    private let reader: ContentReader
    private let buffer: UnsafeMutableRawBufferPointer
    private var unread = 0..<0

    init(_ path: String) throws {
        self.path = path
        reader = try ContentReader(path)
        buffer = .allocate(byteCount: 64 << 10, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Where a line's next tab is.
    @inline(__always)
    static func tab(_ line: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < line.count, let base = line.baseAddress,
            let found = memchr(base + start, 9, line.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// The next line without its line feed, valid until the next call; nil behind the last.
    ///
    /// - Throws: `FileError`; `FormatError` for a line that is too long or cut.
    func next() throws -> UnsafeRawBufferPointer? {
        var searched = unread.lowerBound
        while true {
            if let found = memchr(buffer.baseAddress! + searched, 10, unread.upperBound - searched)
            {
                let end = found - UnsafeMutableRawPointer(buffer.baseAddress!)
                let line = UnsafeRawBufferPointer(rebasing: buffer[unread.lowerBound..<end])
                unread = end + 1..<unread.upperBound
                number += 1
                return line
            }
            let rest = unread.count
            guard rest < buffer.count else { throw damaged("line \(number + 1) is too long") }
            if unread.lowerBound > 0, rest > 0 {
                memmove(buffer.baseAddress!, buffer.baseAddress! + unread.lowerBound, rest)
            }
            let count: Int
            do {
                count = try reader.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[rest...]))
            } catch let error as CompressionError {
                throw damaged(error.detail)
            }
            unread = 0..<rest + count
            searched = rest
            if count == 0 {
                guard rest == 0 else { throw damaged("the last line is cut") }
                return nil
            }
        }
    }

    private func damaged(_ detail: String) -> FormatError {
        FormatError(path, detail, hint: "remove this partition and run spindle plays again")
    }
}
