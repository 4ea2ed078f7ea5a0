import Testing

@testable import MPEGAudio

struct MPEGFrameHeaderTests {
    /// ISO/IEC 11172-3, 2.4.2.3, and 13818-3, 2.4.2.3, written down apart from the source.
    private static let bitrates: [String: [Int]] = [
        "1/1": [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        "1/2": [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        "1/3": [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        "2/1": [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        "2/2": [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        "2/3": [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]

    @Test(
        arguments: [
            (UInt32(3), 1, [44_100, 48_000, 32_000]), (2, 2, [22_050, 24_000, 16_000]),
            (0, 2, [11_025, 12_000, 8_000]),
        ], [1, 2, 3])
    func `every header of the standard is read`(
        version: (bits: UInt32, table: Int, rates: [Int]), layer: Int
    ) throws {
        for (index, bitrate) in Self.bitrates["\(version.table)/\(layer)"]!.enumerated() {
            for (rateIndex, rate) in version.rates.enumerated() {
                for (padding, mode) in [(UInt32(0), UInt32(0)), (1, 3), (0, 1), (1, 2)] {
                    let word =
                        0xffe0_0000 | version.bits << 19 | UInt32(4 - layer) << 17 | 1 << 16
                        | UInt32(index + 1) << 12 | UInt32(rateIndex) << 10 | padding << 9 | mode
                        << 6
                    let header = try #require(MPEGFrameHeader(word))
                    #expect(header.layer == layer)
                    #expect(header.bitrateKbps == bitrate)
                    #expect(header.sampleRateHz == rate)
                    #expect(header.channels == (mode == 3 ? 1 : 2))
                    #expect(header.isPadded == (padding == 1))
                    #expect(!header.hasCRC)
                    let samples = layer == 1 ? 384 : layer == 3 && version.table == 2 ? 576 : 1152
                    #expect(header.samplesPerFrame == samples)
                    // A frame fills the time that its samples last, in slots of four bytes or of one.
                    let slot = layer == 1 ? 4 : 1
                    #expect(
                        header.lengthBytes
                            == (samples * bitrate * 1000 / 8 / rate / slot + Int(padding)) * slot)
                }
            }
        }
    }

    @Test(arguments: [
        // Lengths that are known from practice.
        (UInt32(0xfffb_9000), 417), (0xfffb_9200, 418), (0xfffb_e400, 960), (0xfff3_6400, 144),
        (0xffe3_4000, 208), (0xfffd_8004, 417), (0xffff_1000, 32), (0xffff_1200, 36),
        (0xffe3_1800, 72),
    ])
    func `a frame has its known length`(word: UInt32, length: Int) throws {
        #expect(try #require(MPEGFrameHeader(word)).lengthBytes == length)
    }

    @Test(arguments: [
        ("no sync", UInt32(0x7ffb_9000)), ("ten bits of sync", 0xffdb_9000),
        ("version 1", 0xffeb_9000),
        ("layer 0", 0xfff9_9000), ("bitrate 15", 0xfffb_f000), ("rate 3", 0xfffb_9c00),
        ("emphasis 2", 0xfffb_9002),
        ("zeros", 0), ("ones", 0xffff_ffff),
    ])
    func `reserved values are no header`(what: String, word: UInt32) {
        #expect(MPEGFrameHeader(word) == nil)
    }

    @Test(arguments: [1, 2, 3], [UInt32(0), 1]) func `a free format frame has no length`(
        layer: Int, padding: UInt32
    ) throws {
        let header = try #require(
            MPEGFrameHeader(0xfff8_0000 | UInt32(4 - layer) << 17 | 1 << 16 | padding << 9))
        #expect(header.bitrateKbps == 0)
        #expect(header.lengthBytes == 0)
    }

    @Test(arguments: [
        (UInt32(0xfffb_9000), 36), (0xfffb_90c0, 21), (0xfff3_9000, 21), (0xfff3_90c0, 13),
        (0xfffa_9000, 38),
    ])
    func `the Xing header stands behind the side information`(word: UInt32, offset: Int) throws {
        #expect(try #require(MPEGFrameHeader(word)).xingOffset == offset)
    }

    @Test func `frames of one stream may differ in bitrate, padding and channels`() throws {
        let first = try #require(MPEGFrameHeader(0xfffb_9000))
        for word: UInt32 in [0xfffb_9200, 0xfffb_e000, 0xfffb_90c0] {
            #expect(try #require(MPEGFrameHeader(word)).continues(first))
        }
        for word: UInt32 in [0xfffb_9400, 0xfff3_9000, 0xfffd_9000] {
            #expect(try !#require(MPEGFrameHeader(word)).continues(first))
        }
    }
}
