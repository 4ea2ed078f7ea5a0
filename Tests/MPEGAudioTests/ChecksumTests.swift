import CChecksum
import TestSupport
import Testing

/// Each fast CRC beside a loop over single bits.
struct ChecksumTests {
    private static func bitwiseARC(_ crc: UInt16, _ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(crc) { crc, byte in
            (0..<8).reduce(crc ^ UInt16(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xa001 : 0) }
        }
    }

    private static func bitwiseMPEG(_ crc: UInt16, _ bytes: [UInt8], bits: Int) -> UInt16 {
        (0..<bits).reduce(crc) { crc, index in
            let bit = UInt16(bytes[index / 8] >> UInt8(7 - index % 8) & 1)
            return crc << 1 ^ (crc >> 15 ^ bit == 1 ? 0x8005 : 0)
        }
    }

    @Test func `the check values are those of the catalogue of CRCs`() {
        // <https://reveng.sourceforge.io/crc-catalogue/16.htm>: CRC-16/ARC and CRC-16/CMS.
        let digits = Array("123456789".utf8)
        #expect(spindle_crc16_arc(0, digits, 9) == 0xbb3d)
        #expect(spindle_crc16_mpeg(0xffff, digits, 72) == 0xaee7)
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `tables and folding agree with single bits at any length and alignment`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = random.bytes(3000)
        for _ in 0..<40 {
            let start = Int.random(in: 0..<70, using: &random)
            let count =
                Int.random(in: 0...2900, using: &random) >> Int.random(in: 0...5, using: &random)
            let first = UInt16.random(in: 0...0xffff, using: &random)
            let expected = Self.bitwiseARC(first, bytes[start..<start + count])
            bytes.withUnsafeBytes { buffer in
                let place = buffer.baseAddress! + start
                #expect(spindle_crc16_arc(first, place, count) == expected, "seed \(seed)")
                #expect(spindle_crc16_arc_by_table(first, place, count) == expected, "seed \(seed)")
                if spindle_can_fold() {
                    #expect(
                        spindle_crc16_arc_by_folding(first, place, count) == expected,
                        "seed \(seed), \(count) bytes at \(start)")
                }
                if spindle_can_fold_wide() {
                    #expect(
                        spindle_crc16_arc_by_wide_folding(first, place, count) == expected,
                        "seed \(seed), \(count) bytes at \(start)")
                }
            }
        }
    }

    @Test func `a frame's CRC ends at any bit`() {
        var random = SeededGenerator(seed: 7)
        let bytes = random.bytes(40)
        for bits in 0...320 {
            #expect(
                spindle_crc16_mpeg(0xffff, bytes, bits)
                    == Self.bitwiseMPEG(0xffff, bytes, bits: bits))
        }
    }

    @Test func `pieces continue each other`() {
        var random = SeededGenerator(seed: 8)
        let bytes = random.bytes(1000)
        for cut in stride(from: 0, through: 1000, by: 7) {
            bytes.withUnsafeBytes { buffer in
                let first = spindle_crc16_arc(0, buffer.baseAddress, cut)
                #expect(
                    spindle_crc16_arc(first, buffer.baseAddress! + cut, 1000 - cut)
                        == spindle_crc16_arc(0, buffer.baseAddress, 1000))
            }
        }
    }
}
