/// The four bytes that begin a frame of MPEG audio (ISO/IEC 11172-3, section 2.4.2.3, and 13818-3).
package struct MPEGFrameHeader: Equatable, Sendable {
    package enum Version: UInt8, Sendable { case v2_5 = 0, v2 = 2, v1 = 3 }

    package let version: Version
    /// 1, 2 or 3.
    package let layer: Int
    /// 0 for free format.
    package let bitrateKbps: Int
    package let sampleRateHz: Int
    package let isPadded: Bool
    package let hasCRC: Bool
    /// 1 or 2.
    package let channels: Int

    /// - Returns: nil when the bytes are no frame header: no sync, or a value that is reserved.
    package init?(_ word: UInt32) {
        guard word >> 21 == 0x7ff, let version = Version(rawValue: UInt8(word >> 19 & 3)) else {
            return nil
        }
        let layerBits = Int(word >> 17 & 3)
        let bitrateIndex = Int(word >> 12 & 15)
        let rateIndex = Int(word >> 10 & 3)
        guard layerBits != 0, bitrateIndex != 15, rateIndex != 3, word & 3 != 2 else { return nil }
        self.version = version
        layer = 4 - layerBits
        hasCRC = word >> 16 & 1 == 0
        isPadded = word >> 9 & 1 == 1
        channels = word >> 6 & 3 == 3 ? 1 : 2
        bitrateKbps =
            switch (version, layer) {
            case (.v1, 1): Self.v1Layer1[bitrateIndex]
            case (.v1, 2): Self.v1Layer2[bitrateIndex]
            case (.v1, _): Self.v1Layer3[bitrateIndex]
            case (_, 1): Self.v2Layer1[bitrateIndex]
            default: Self.v2Layer23[bitrateIndex]
            }
        let rate = [44_100, 48_000, 32_000][rateIndex]
        sampleRateHz =
            switch version {
            case .v1: rate
            case .v2: rate / 2
            case .v2_5: rate / 4
            }
    }

    package var samplesPerFrame: Int {
        switch layer {
        case 1: 384
        case 2: 1152
        default: version == .v1 ? 1152 : 576
        }
    }

    /// The frame's length with its header; 0 in free format, where the header does not tell.
    package var lengthBytes: Int {
        guard bitrateKbps > 0 else { return 0 }
        let padding = isPadded ? 1 : 0
        if layer == 1 { return (12_000 * bitrateKbps / sampleRateHz + padding) * 4 }
        return samplesPerFrame / 8 * bitrateKbps * 1000 / sampleRateHz + padding
    }

    /// Whether both can be frames of one stream.
    package func continues(_ other: MPEGFrameHeader) -> Bool {
        version == other.version && layer == other.layer && sampleRateHz == other.sampleRateHz
    }

    /// For example "MPEG 1 layer III".
    package var kind: String {
        let number =
            switch version {
            case .v1: "1"
            case .v2: "2"
            case .v2_5: "2.5"
            }
        return "MPEG \(number) layer \(String(repeating: "I", count: layer))"
    }

    /// Where in a layer III frame a Xing or Info header stands: behind the header and side information.
    package var xingOffset: Int {
        let sideInformation =
            switch (version, channels) {
            case (.v1, 2): 32
            case (.v1, _), (_, 2): 17
            default: 9
            }
        return 4 + (hasCRC ? 2 : 0) + sideInformation
    }

    private static let v1Layer1 = [
        0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448,
    ]
    private static let v1Layer2 = [
        0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384,
    ]
    private static let v1Layer3 = [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ]
    private static let v2Layer1 = [
        0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256,
    ]
    private static let v2Layer23 = [
        0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160,
    ]
}
