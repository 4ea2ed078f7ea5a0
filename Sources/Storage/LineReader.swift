internal import Glibc

/// Reads a file line by line, packed or not, in bounded memory.
package struct LineReader: ~Copyable {
    package struct Line {
        /// Without its line feed (and carriage return); valid only during the call.
        package let bytes: UnsafeRawBufferPointer
        /// From 1.
        package let number: Int
        /// The line was longer than the limit; `bytes` is its beginning, as long as the limit.
        package let isOverlong: Bool
        /// Ended by a line feed; only the last line need not be.
        package let isTerminated: Bool

        /// The same line from a later byte on.
        package func withoutFirst(_ count: Int) -> Line {
            Line(
                bytes: UnsafeRawBufferPointer(rebasing: bytes[count...]), number: number,
                isOverlong: isOverlong, isTerminated: isTerminated)
        }
    }

    private let reader: ContentReader
    /// One more than a line may have, so that a line of just that length has room for its line feed.
    private let maximumBufferBytes: Int

    package init(_ path: String, maximumLineBytes: Int = 1 << 20) throws(FileError) {
        reader = try ContentReader(path)
        maximumBufferBytes = maximumLineBytes + 1
    }

    /// Calls `body` for each line, the last also when it lacks a line feed.
    ///
    /// - Returns: What is wrong with the packed stream, when it is damaged or cut; the lines before that place have been delivered, the cut line as well.
    /// - Throws: `FileError`, and what `body` throws.
    package func forEach(_ body: (Line) throws -> Void) throws -> CompressionError? {
        var capacity = min(256 << 10, maximumBufferBytes)
        var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        defer { buffer.deallocate() }
        var filled = 0
        var number = 0
        var skipping = false
        var damage: CompressionError?

        func deliver(_ range: Range<Int>, overlong: Bool = false, terminated: Bool = true) throws {
            number += 1
            var range = range
            if !overlong, !range.isEmpty, buffer[range.upperBound - 1] == 13 {
                range = range.lowerBound..<range.upperBound - 1
            }
            try body(
                Line(
                    bytes: UnsafeRawBufferPointer(rebasing: buffer[range]), number: number,
                    isOverlong: overlong, isTerminated: terminated))
        }

        while true {
            if filled == capacity {
                if capacity < maximumBufferBytes {
                    let larger = min(capacity * 2, maximumBufferBytes)
                    let grown = UnsafeMutableRawBufferPointer.allocate(
                        byteCount: larger, alignment: 16)
                    grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
                    buffer.deallocate()
                    buffer = grown
                    capacity = larger
                } else {
                    if !skipping { try deliver(0..<filled - 1, overlong: true) }
                    skipping = true
                    filled = 0
                }
            }
            let count: Int
            do {
                count = try reader.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            } catch let error as CompressionError {
                damage = error
                break
            }
            if count == 0 { break }
            var start = 0
            var searched = filled
            filled += count
            while let found = memchr(buffer.baseAddress! + searched, 10, filled - searched) {
                let end = found - buffer.baseAddress!
                if skipping { skipping = false } else { try deliver(start..<end) }
                start = end + 1
                searched = start
            }
            if start > 0 {
                memmove(buffer.baseAddress!, buffer.baseAddress! + start, filled - start)
                filled -= start
            }
        }
        if filled > 0, !skipping { try deliver(0..<filled, terminated: false) }
        return damage
    }
}
