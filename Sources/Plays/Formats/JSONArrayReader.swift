internal import Glibc
internal import Storage

/// Reads the objects of a JSON array of any length, one after another, in bounded memory.
///
/// An object that is spoilt ends where the next begins: at the first `},{`, with or without blanks
/// between the signs. So it takes nothing else with it.
struct JSONArrayReader: ~Copyable {
    struct Element {
        /// Valid only during the call; of one that is too long the beginning.
        let bytes: UnsafeRawBufferPointer
        /// The line on which it begins, from 1.
        let line: Int
        let isOverlong: Bool
        /// The file ended in it.
        let isCut: Bool
    }

    private let reader: ContentReader
    private let maximumBytes: Int
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var start = 0
    private var line = 1
    private var isAtEnd = false
    private var damage: CompressionError?

    init(_ path: String, maximumBytes: Int) throws(FileError) {
        reader = try ContentReader(path)
        self.maximumBytes = maximumBytes
        buffer = .allocate(byteCount: max(1 << 20, maximumBytes * 4), alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Calls `body` for each element; it returns whether the element is JSON, as only then its end
    /// is where it seems to be.
    ///
    /// - Returns: What is wrong with the packed stream, when it is damaged or cut.
    mutating func forEach(_ body: (Element) throws -> Bool) throws -> CompressionError? {
        while try skipToElement() {
            var search = ElementSearch()
            var end = search.end(in: part(start..<filled))
            while end == .more, filled - start <= maximumBytes, !isAtEnd {
                try fill()
                end = search.end(in: part(start..<filled))
            }
            switch end {
            case .at(let length) where length <= maximumBytes:
                let isSound = try body(element(length))
                // The rest of what was taken for one element may hold good ones.
                if isSound { consume(length) } else { try skipSpoilt() }
            case .more where isAtEnd:
                _ = try body(element(min(filled - start, maximumBytes), isCut: true))
                try skipSpoilt()
            default:
                // Broken, or longer than may be.
                let isLong: Bool = if case .broken = end { false } else { true }
                let length = min(filled - start, isLong ? maximumBytes : search.position + 1)
                _ = try body(element(min(length, maximumBytes), isOverlong: isLong))
                try skipSpoilt()
            }
        }
        return damage
    }

    private func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[range])
    }

    private func element(_ length: Int, isOverlong: Bool = false, isCut: Bool = false) -> Element {
        Element(
            bytes: part(start..<start + length), line: line, isOverlong: isOverlong, isCut: isCut)
    }

    /// Goes on over `length` bytes and counts their lines.
    private mutating func consume(_ length: Int) {
        let passed = part(start..<start + length)
        var place = 0
        while let found = passed.first(10, from: place) {
            line += 1
            place = found + 1
        }
        start += length
    }

    private mutating func fill() throws {
        if start > 0 {
            memmove(buffer.baseAddress!, buffer.baseAddress! + start, filled - start)
            filled -= start
            start = 0
        }
        do {
            let count = try reader.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            filled += count
            isAtEnd = count == 0
        } catch let error as CompressionError {
            damage = error
            isAtEnd = true
        }
    }

    /// Skips what stands between elements.
    ///
    /// - Returns: false at the end.
    private mutating func skipToElement() throws -> Bool {
        while true {
            while start < filled {
                switch buffer[start] {
                case 10:
                    line += 1
                    start += 1
                case 32, 9, 13, 44, 91, 93: start += 1
                // A byte order mark, which some writers put before the first.
                case 0xef
                where line == 1 && filled - start >= 3 && buffer[start + 1] == 0xbb
                    && buffer[start + 2] == 0xbf:
                    start += 3
                default: return true
                }
            }
            if isAtEnd { return false }
            try fill()
        }
    }

    /// Goes on to the object behind the next `},{`, or to the end.
    private mutating func skipSpoilt() throws {
        var state = 0
        var index = start
        // What it begins with is its own.
        index += 1
        while true {
            while index < filled {
                let byte = buffer[index]
                switch (state, byte) {
                case (2, 123):
                    consume(index - start)
                    return
                case (_, 125): state = 1
                case (1, 44): state = 2
                case (_, 32), (_, 9), (_, 10), (_, 13): break
                default: state = 0
                }
                index += 1
            }
            consume(filled - start)
            if isAtEnd { return }
            try fill()
            index = start
        }
    }

    /// Where an element ends, by its brackets and quotes.
    private struct ElementSearch {
        enum End: Equatable {
            case at(Int)
            case more
            case broken
        }

        private(set) var position = 0
        private var depth = 0
        private var isInString = false

        /// - Parameter bytes: The element from its start on; longer each time this is asked.
        mutating func end(in bytes: UnsafeRawBufferPointer) -> End {
            // In registers: most of a history's bytes pass here.
            var position = position
            defer { self.position = position }
            while position < bytes.count {
                if isInString {
                    position = Self.skipPlain(bytes, from: position)
                    guard position < bytes.count else { return .more }
                    switch bytes[position] {
                    case 34: isInString = false
                    case 92:
                        guard position + 1 < bytes.count else { return .more }
                        position += 1
                    default: return .broken
                    }
                } else {
                    switch bytes[position] {
                    case 34: isInString = true
                    case 123, 91: depth += 1
                    case 125, 93:
                        depth -= 1
                        if depth == 0 { return .at(position + 1) }
                        if depth < 0 { return .broken }
                    default:
                        // What stands where an object should.
                        if depth == 0 { return .broken }
                    }
                }
                position += 1
            }
            return .more
        }

        /// The place of the next quote, backslash or control character.
        private static func skipPlain(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
            let ones: UInt64 = 0x0101_0101_0101_0101
            var position = start
            while position + 8 <= bytes.count {
                let word = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                // The classic test for a zero byte; its lowest hit is exact, and only that is used.
                let quotes = word ^ (ones &* 34)
                let slashes = word ^ (ones &* 92)
                let hits =
                    ((quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes
                        | (word &- ones &* 32) & ~word) & (ones &* 128)
                if hits != 0 { return position + hits.trailingZeroBitCount >> 3 }
                position += 8
            }
            while position < bytes.count, bytes[position] != 34, bytes[position] != 92,
                bytes[position] >= 32
            {
                position += 1
            }
            return position
        }
    }
}
