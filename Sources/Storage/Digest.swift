/// 32 bytes of SHA-256: the name of a blob, the identity of a song.
///
/// Written as 64 lower-case hexadecimal digits. Ordered as its bytes are, and so as its text is.
package struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
    // Four words in the bytes' own order; a tuple of 32 bytes costs far more to compare.
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init() {}

    /// - Returns: nil unless `hex` is 64 hexadecimal digits in lower case.
    package init?(hex: some StringProtocol) {
        var hex = String(hex)
        let parsed = hex.withUTF8 { Digest(hexBytes: UnsafeRawBufferPointer($0)) }
        guard let parsed else { return nil }
        self = parsed
    }

    package init?(hexBytes: UnsafeRawBufferPointer) {
        guard hexBytes.count == 64 else { return nil }
        var valid = true
        withUnsafeMutableBytes(of: &words) { target in
            for index in 0..<32 {
                guard let high = Self.value(hexBytes[2 * index]),
                    let low = Self.value(hexBytes[2 * index + 1])
                else {
                    valid = false
                    return
                }
                target[index] = high << 4 | low
            }
        }
        guard valid else { return nil }
    }

    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// A byte that depends on all of them, for dividing songs at random, the same way each time.
    package var scatteredByte: UInt8 {
        let mixed = (words.0 ^ words.1 ^ words.2 ^ words.3) &* 0x9E37_79B9_7F4A_7C15
        return UInt8(truncatingIfNeeded: (mixed ^ mixed >> 32) >> 24)
    }

    package var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    package var hex: String {
        String(unsafeUninitializedCapacity: 64) { text in
            withUnsafeBytes(of: words) { bytes in
                for index in 0..<32 {
                    text[2 * index] = Self.digit(bytes[index] >> 4)
                    text[2 * index + 1] = Self.digit(bytes[index] & 15)
                }
            }
            return 64
        }
    }

    package var description: String { hex }

    package static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }

    package static func < (a: Digest, b: Digest) -> Bool {
        (a.words.0.bigEndian, a.words.1.bigEndian, a.words.2.bigEndian, a.words.3.bigEndian)
            < (b.words.0.bigEndian, b.words.1.bigEndian, b.words.2.bigEndian, b.words.3.bigEndian)
    }

    package func hash(into hasher: inout Hasher) {
        // Any word of a SHA-256 is already evenly spread.
        hasher.combine(words.0)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 97...102: digit - 87
        default: nil
        }
    }
}
