/// Which bits of a frame its CRC covers (ISO/IEC 11172-3, 2.4.3.1, and 13818-3).
enum FrameChecksum {
    /// The bits behind the CRC itself that it covers, besides sixteen of the header.
    ///
    /// - Returns: nil when the frame is too short to tell.
    static func protectedBits(_ frame: UnsafeRawBufferPointer, _ word: UInt32) -> Int? {
        let isMono = word & 0xc0 == 0xc0
        let isMPEG1 = word >> 19 & 3 == 3
        switch word >> 17 & 3 {
        case 1:  // Layer III: the side information.
            return isMPEG1 ? (isMono ? 17 : 32) * 8 : (isMono ? 9 : 17) * 8
        case 3:  // Layer I: four bits of allocation for each subband.
            return isMono ? 128 : 4 * (32 + bound(word, of: 32))
        default:
            return layer2Bits(frame, word, isMono: isMono, isMPEG1: isMPEG1)
        }
    }

    /// From this subband on joint stereo shares its allocation.
    private static func bound(_ word: UInt32, of limit: Int) -> Int {
        word >> 6 & 3 == 1 ? min(limit, 4 + 4 * Int(word >> 4 & 3)) : limit
    }

    /// Layer II: the allocation, and two bits of selection for each subband that has any.
    private static func layer2Bits(
        _ frame: UnsafeRawBufferPointer, _ word: UInt32, isMono: Bool, isMPEG1: Bool
    ) -> Int? {
        guard let header = MPEGFrameHeader(word) else { return nil }
        let channels = isMono ? 1 : 2
        let widths = allocationBits(header, perChannelKbps: header.bitrateKbps / channels)
        let bound = isMono ? widths.count : bound(word, of: widths.count)
        var place = 48
        var selections = 0
        func read(_ count: Int) -> Int? {
            guard (place + count + 7) / 8 <= frame.count else { return nil }
            defer { place += count }
            return (place..<place + count).reduce(0) {
                $0 << 1 | Int(frame[$1 / 8] >> UInt8(7 - $1 % 8) & 1)
            }
        }
        for (subband, width) in widths.enumerated() {
            let isShared = !isMono && subband >= bound
            for _ in 0..<(isShared ? 1 : channels) {
                guard let allocation = read(width) else { return nil }
                if allocation != 0 { selections += isShared ? channels : 1 }
            }
        }
        return place - 48 + 2 * selections
    }

    /// Bits of allocation for each subband: tables B.2 of ISO/IEC 11172-3 and B.1 of 13818-3.
    private static func allocationBits(_ header: MPEGFrameHeader, perChannelKbps kbps: Int) -> [Int]
    {
        func widths(_ counts: (bits: Int, count: Int)...) -> [Int] {
            counts.flatMap { Array(repeating: $0.bits, count: $0.count) }
        }
        if header.version != .v1 { return widths((4, 4), (3, 7), (2, 19)) }
        if kbps > 0, kbps <= 48 {
            return header.sampleRateHz == 32_000
                ? widths((4, 2), (3, 10)) : widths((4, 2), (3, 6))
        }
        return header.sampleRateHz == 48_000 || (kbps > 0 && kbps <= 80)
            ? widths((4, 11), (3, 12), (2, 4)) : widths((4, 11), (3, 12), (2, 7))
    }
}
