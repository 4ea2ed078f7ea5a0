internal import CChecksum

/// What an encoder leaves in a frame of its own before the first frame of audio.
///
/// Xing and Info: <https://www.codeproject.com/Articles/8295>; VBRI is Fraunhofer's.
package struct InfoHeader: Equatable, Sendable {
    package enum Kind: String, Sendable { case xing = "Xing", info = "Info", vbri = "VBRI" }

    package let kind: Kind
    /// Frames of audio, as the encoder counted; nil when it does not say.
    package let frames: Int?
    /// Bytes of audio with this frame; nil when it does not say.
    package let bytes: Int?
    package let lame: LameTag?

    /// - Returns: nil when the frame has no such header.
    init?(_ frame: UnsafeRawBufferPointer, _ header: MPEGFrameHeader) {
        guard header.layer == 3 else { return nil }
        func word(_ offset: Int) -> Int { Self.big(frame, offset, 4) }
        // LAME leaves the place for a CRC out of account, others do not.
        for xing in Set([header.xingOffset, header.xingOffset - (header.hasCRC ? 2 : 0)]).sorted() {
            guard let kind = Kind(xing: word(xing)) else { continue }
            let flags = word(xing + 4)
            self.kind = kind
            var next = xing + 8
            func field(_ bit: Int, _ count: Int) -> Int? {
                guard flags & bit != 0 else { return nil }
                defer { next += count }
                return count == 4 && next + 4 <= frame.count ? word(next) : nil
            }
            frames = field(1, 4).flatMap { $0 > 0 ? $0 : nil }
            bytes = field(2, 4).flatMap { $0 > 0 ? $0 : nil }
            _ = field(4, 100)
            _ = field(8, 4)
            lame = LameTag(frame, at: next)
            return
        }
        guard word(36) == 0x5642_5249 else { return nil }  // "VBRI"
        kind = .vbri
        frames = word(50) > 0 ? word(50) : nil
        bytes = word(46) > 0 ? word(46) : nil
        lame = nil
    }

    /// Whether one of the places in question has one of the names in question.
    static func isLikely(_ frame: UnsafeRawBufferPointer) -> Bool {
        [36, 38, 21, 23, 13, 15].contains { offset in
            guard offset + 4 <= frame.count else { return false }
            let word = UInt32(
                bigEndian: frame.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            return word == 0x5869_6e67 || word == 0x496e_666f || word == 0x5642_5249
        }
    }

    /// 0 behind the frame's end.
    static func big(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> Int {
        guard offset + count <= bytes.count else { return 0 }
        return (0..<count).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
}

extension InfoHeader.Kind {
    init?(xing word: Int) {
        switch word {
        case 0x5869_6e67: self = .xing
        case 0x496e_666f: self = .info
        default: return nil
        }
    }
}

/// The LAME tag behind a Xing header (<http://gabriel.mp3-tech.org/mp3infotag.html>), which libavcodec writes too.
package struct LameTag: Equatable, Sendable {
    /// For example `LAME3.100` or `Lavc59.37`.
    package let encoder: String
    package let mode: BitrateMode?
    /// Samples that the encoder put before the first one of the source.
    package let delaySamples: Int
    /// Samples that fill the last frames.
    package let paddingSamples: Int
    /// The greatest sample, 1 being full scale; nil when it was not measured.
    package let peak: Double?
    /// ReplayGain.
    package let trackGainDB: Double?
    package let albumGainDB: Double?
    /// From the frame with this tag to the end of the last frame; 0 when it does not say.
    package let musicBytes: Int
    /// CRC-16/ARC of all frames behind this one.
    package let musicCRC: UInt16
    /// Whether the tag's own CRC, over all that comes before it in the frame, is right.
    package let isIntact: Bool

    /// - Returns: nil when there is no tag: an encoder's name at most, or zeros.
    init?(_ frame: UnsafeRawBufferPointer, at start: Int) {
        let count = 36
        guard start + count <= frame.count else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int {
            InfoHeader.big(frame, start + offset, count)
        }
        let name = frame[start..<start + 9].prefix { (0x20..<0x7f).contains($0) }
        let stored = UInt16(number(34, 2))
        // libavformat takes 190 bytes even where the frame has fewer: what lay behind is not known.
        let isUncheckable = frame.count < 190 && name.starts(with: "Lav".utf8)
        // Before LAME 3.90 twenty letters, and nothing behind them.
        let isKnown = ["LAME3.9", "LAME3.1", "L3.9", "L3.1", "Lavf", "Lavc"].contains {
            name.starts(with: $0.utf8)
        }
        isIntact = isUncheckable || Self.checksums(frame, start).contains(stored)
        guard isKnown ? number(28, 4) + number(21, 3) != 0 : isIntact && stored != 0 else {
            return nil
        }
        var text = String(decoding: name, as: UTF8.self)
        while text.last == " " { text.removeLast() }
        encoder = text
        mode =
            switch number(9, 1) & 15 {
            case 1, 8: .constant
            case 2, 9: .average
            case 3...6: .variable
            default: nil
            }
        // Fixed point with 23 bits behind it.
        let peakBits = number(11, 4)
        peak = peakBits > 0 && peakBits < 1 << 26 ? Double(peakBits) / Double(1 << 23) : nil
        trackGainDB = Self.gain(number(15, 2), name: 1)
        albumGainDB = Self.gain(number(17, 2), name: 2)
        delaySamples = number(21, 3) >> 12
        paddingSamples = number(21, 3) & 0xfff
        musicBytes = number(28, 4)
        musicCRC = UInt16(number(32, 2))
    }

    /// Three bits of name, three of originator, a sign and nine of tenths of a decibel.
    private static func gain(_ bits: Int, name: Int) -> Double? {
        guard bits >> 13 == name, bits >> 10 & 7 != 0 else { return nil }
        let gain = Double(bits & 0x1ff) / 10
        return bits & 0x200 != 0 ? -gain : gain
    }

    /// LAME's: all bytes before the CRC. Older libavformat: 190 bytes whatever the frame, the CRC's being zero.
    private static func checksums(_ frame: UnsafeRawBufferPointer, _ start: Int) -> [UInt16] {
        let place = start + 34
        var checksums = [spindle_crc16_arc(0, frame.baseAddress, place)]
        if place < 190, frame.count >= 190 {
            var bytes = Array(frame[..<190])
            bytes[place] = 0
            bytes[place + 1] = 0
            checksums.append(spindle_crc16_arc(0, bytes, 190))
        }
        return checksums
    }
}

/// How an encoder spreads its bits.
package enum BitrateMode: String, Sendable {
    case constant = "CBR"
    case average = "ABR"
    case variable = "VBR"
}
