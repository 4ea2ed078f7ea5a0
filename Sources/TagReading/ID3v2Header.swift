/// The ten bytes that open an ID3v2 tag (ID3v2.4 structure, section 3.1).
struct ID3v2Header {
    let major: UInt8
    let flags: UInt8
    /// Extended header, frames and padding.
    let bodyBytes: Int
    let hasPlainSize: Bool

    static let sizeBytes = 10

    var isUnsynchronised: Bool { flags & 0x80 != 0 }
    /// In ID3v2.2 the same bit says that the tag is compressed, in a way never defined.
    var hasExtendedHeader: Bool { major > 2 && flags & 0x40 != 0 }
    var isCompressed: Bool { major == 2 && flags & 0x40 != 0 }
    var hasFooter: Bool { major == 4 && flags & 0x10 != 0 }
    var isKnown: Bool { (2...4).contains(major) }
    var tagBytes: Int { Self.sizeBytes + bodyBytes + (hasFooter ? Self.sizeBytes : 0) }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.sizeBytes, bytes[0] == 0x49, bytes[1] == 0x44, bytes[2] == 0x33,
            bytes[3] != 0xff, bytes[4] != 0xff
        else { return nil }
        major = bytes[3]
        flags = bytes[5]
        if let size = bytes.sevenBitSize(at: 6) {
            bodyBytes = size
            hasPlainSize = false
        } else {
            bodyBytes = bytes.size(at: 6, count: 4)
            hasPlainSize = true
        }
    }
}

extension UnsafeRawBufferPointer {
    /// A big-endian number; the caller has checked that the bytes are there.
    func size(at offset: Int, count: Int) -> Int {
        var value = 0
        for index in offset..<offset + count { value = value << 8 | Int(self[index]) }
        return value
    }

    /// Four bytes of seven bits each (ID3v2.4 structure, section 6.2); nil when one has eight.
    func sevenBitSize(at offset: Int) -> Int? {
        var value = 0
        for index in offset..<offset + 4 {
            if self[index] >= 0x80 { return nil }
            value = value << 7 | Int(self[index])
        }
        return value
    }

    /// The first place in a range where the byte is another.
    func firstIndex(otherThan byte: UInt8, in range: Range<Int>) -> Int? {
        var index = range.lowerBound
        let eight = UInt64(byte) &* 0x0101_0101_0101_0101
        while index + 8 <= range.upperBound,
            loadUnaligned(fromByteOffset: index, as: UInt64.self) == eight
        {
            index += 8
        }
        while index < range.upperBound {
            if self[index] != byte { return index }
            index += 1
        }
        return nil
    }

    /// Whether a byte of 128 or more is in a range.
    func hasHighByte(in range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index + 8 <= range.upperBound {
            if loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 {
                return true
            }
            index += 8
        }
        while index < range.upperBound {
            if self[index] >= 0x80 { return true }
            index += 1
        }
        return false
    }
}
