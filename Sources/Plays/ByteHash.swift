/// Fast, well-mixed hashes of short byte strings, the same on every run.
///
/// Folded multiplication as in wyhash (<https://github.com/wangyi-fudan/wyhash>), two lanes with
/// secrets of their own. Not for identity against people who try to forge it.
enum ByteHash {
    private static let secrets: (UInt64, UInt64, UInt64, UInt64) = (
        0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3
    )

    @inline(__always)
    static func hash64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        run(bytes, secrets.0, secrets.1)
    }

    /// 128 bits: among n ids the chance that any two meet is n²/2^129, 1.5e-23 for 100 million.
    @inline(__always)
    static func hash128(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
        (run(bytes, secrets.0, secrets.1), run(bytes, secrets.2, secrets.3))
    }

    @inline(__always)
    private static func run(
        _ bytes: UnsafeRawBufferPointer, _ first: UInt64, _ second: UInt64
    ) -> UInt64 {
        let count = bytes.count
        var state = UInt64(truncatingIfNeeded: count) ^ first
        var index = 0
        while count - index > 16 {
            state = fold(word(bytes, index) ^ second ^ state, word(bytes, index + 8) ^ first)
            index += 16
        }
        let rest = count - index
        var low: UInt64 = 0
        var high: UInt64 = 0
        if rest >= 8 {
            // The two words overlap where fewer than 16 bytes are left.
            low = word(bytes, index)
            high = word(bytes, count - 8)
        } else if count >= 8 {
            low = word(bytes, count - 8)
        } else {
            for offset in 0..<rest { low = low << 8 | UInt64(bytes[index + offset]) }
        }
        return fold(fold(low ^ second ^ state, high ^ first), second ^ state)
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (high, low) = a.multipliedFullWidth(by: b)
        return high ^ low
    }
}
