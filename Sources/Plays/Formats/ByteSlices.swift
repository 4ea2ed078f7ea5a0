internal import Glibc

extension UnsafeRawBufferPointer {
    /// No bytes: what a log does not tell.
    static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    @inline(__always)
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    var text: String { String(decoding: self, as: UTF8.self) }

    func equals(_ other: StaticString) -> Bool {
        count == other.utf8CodeUnitCount
            && (count == 0 || memcmp(baseAddress!, other.utf8Start, count) == 0)
    }

    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        count == other.count
            && (count == 0 || memcmp(baseAddress!, other.baseAddress!, count) == 0)
    }

    func starts(with other: StaticString) -> Bool {
        count >= other.utf8CodeUnitCount
            && part(0..<other.utf8CodeUnitCount).equals(other)
    }

    /// The place of a byte from `start` on; nil when there is none.
    @inline(__always)
    func first(_ byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let base = baseAddress,
            let found = memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Nothing but blanks and tabs.
    var isBlank: Bool {
        for byte in self where byte != 32 && byte != 9 { return false }
        return true
    }

    /// Without blanks and tabs at both ends.
    var trimmed: UnsafeRawBufferPointer {
        var range = 0..<count
        while let first = range.first, self[first] == 32 || self[first] == 9 {
            range = first + 1..<range.upperBound
        }
        while let last = range.last, self[last] == 32 || self[last] == 9 {
            range = range.lowerBound..<last
        }
        return part(range)
    }

    /// A whole number without sign; nil for anything else, and above 10^17.
    var digits: Int? {
        guard count > 0, count <= 17 else { return nil }
        var value = 0
        for byte in self {
            let digit = byte &- 48
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    /// A whole number that may be negative.
    var integer: Int? {
        guard let first, first == 45 else { return digits }
        return part(1..<count).digits.map { -$0 }
    }

    /// The kind of a text that cannot be an id: control characters would break files of lines.
    var hasControlCharacter: Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = 0
        while index + 8 <= count {
            let word = loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let deletes = word ^ (ones &* 127)
            // The classic tests for a byte below 32 and for a zero byte.
            let hits = (word &- ones &* 32) & ~word | (deletes &- ones) & ~deletes
            if hits & (ones &* 128) != 0 { return true }
            index += 8
        }
        while index < count {
            if self[index] < 32 || self[index] == 127 { return true }
            index += 1
        }
        return false
    }

    /// Whether all bytes are UTF-8; passes over plain ASCII eight bytes at a time.
    var isValidUTF8: Bool {
        var index = 0
        while index + 8 <= count {
            if loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 {
                break
            }
            index += 8
        }
        return index == count || isUTF8(part(index..<count))
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Writes 16 digits.
    func writeHexadecimal(_ number: UInt64, at start: Int) {
        for place in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - place * 4)) & 15
            self[start + place] = digit < 10 ? 48 + digit : 87 + digit
        }
    }
}
