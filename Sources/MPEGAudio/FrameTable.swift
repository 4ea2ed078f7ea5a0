/// What a frame header's twelve middle bits say, looked up.
///
/// A header word's bits 9 to 20 (version, layer, protection, bitrate, sample rate, padding) decide
/// how long its frame is; a table of all 4,096 spares taking each header apart.
enum FrameTable {
    static let count = 4096
    /// Bits that all frames of one stream share: sync, version, layer and sample rate.
    static let streamMask: UInt32 = 0xfffe_0c00

    /// Lengths in bytes; 0 for no header, and for free format.
    static let lengths: [UInt16] = (0..<count).map { index in
        let header = MPEGFrameHeader(0xffe0_0000 | UInt32(index) << 9)
        return UInt16(header?.lengthBytes ?? 0)
    }

    @inline(__always) static func index(_ word: UInt32) -> Int { Int(word >> 9 & 0xfff) }

    /// The header of all frames that are counted under an index.
    static func header(_ index: Int) -> MPEGFrameHeader? {
        MPEGFrameHeader(0xffe0_0000 | UInt32(index) << 9)
    }

    /// Whether the word can begin a frame, free format included.
    @inline(__always) static func isHeader(_ word: UInt32) -> Bool {
        word >> 21 == 0x7ff && word >> 19 & 3 != 1 && word >> 17 & 3 != 0 && word >> 12 & 15 != 15
            && word >> 10 & 3 != 3 && word & 3 != 2
    }

    @inline(__always) static func isFreeFormat(_ word: UInt32) -> Bool { word >> 12 & 15 == 0 }

    /// What padding adds to a frame: a slot, of four bytes in layer I.
    static func paddingBytes(_ word: UInt32) -> Int {
        word >> 9 & 1 == 0 ? 0 : word >> 17 & 3 == 3 ? 4 : 1
    }
}
