import TagReading
import Testing

/// What would make another parser suffer is found before it reads.
@Suite struct ID3v2LimitsTests {
    /// A zlib stream of many zeros: a block of 258-byte repeats with fixed codes is hard to write
    /// by hand, so this one repeats stored blocks.
    private static func inflating(to count: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x78, 0x01]
        for _ in 0..<count / 0xffff {
            bytes += [0, 0xff, 0xff, 0, 0] + [UInt8](repeating: 0x61, count: 0xffff)
        }
        return bytes
    }

    @Test func `too many frames`() {
        let bytes = TagBytes.tag(
            [[UInt8]](repeating: TagBytes.text("TXXX", "a"), count: 10_001).flatMap { $0 })
        let survey = TagBytes.survey(bytes)
        #expect(survey.excess?.kind == .frameCount && survey.excess?.id == "TXXX")
        #expect(TagBytes.read(bytes)?.frames.count == 10_000)
        #expect(TagBytes.read(bytes)?.excess?.kind == .frameCount)
    }

    @Test func `too large a tag`() {
        let bytes = TagBytes.tag(TagBytes.text("TIT2", "a"), size: [0x7f, 0x7f, 0x7f, 0x7f])
        #expect(TagBytes.survey(bytes).excess?.kind == .tagBytes)
        #expect(TagBytes.read(bytes)?.raw.texts("TIT2") == ["a"])
    }

    @Test(arguments: [UInt8(3), 4])
    func `a frame that inflates too far`(version: UInt8) throws {
        var limits = ID3v2Limits()
        limits.inflatedFrameBytes = 100_000
        // The size it declares is small; that counts for nothing.
        let packed = Self.inflating(to: 200_000)
        let content = TagBytes.big(10) + packed
        let bytes = TagBytes.tag(
            TagBytes.frame("XYZA", content, version: version, flags: version == 3 ? 0x80 : 9),
            version: version)
        #expect(TagBytes.survey(bytes, limits: limits).excess?.kind == .inflatedFrameBytes)
        let tag = try #require(TagBytes.read(bytes, limits: limits))
        #expect(tag.frames[0].content.count == 100_000)
        #expect(tag.frames[0].status == .damaged(.overLimit))
        limits.inflatedFrameBytes = 1 << 20
        limits.inflatedTotalBytes = 150_000
        #expect(TagBytes.survey(bytes, limits: limits).excess?.kind == .inflatedTotalBytes)
    }

    @Test func `too many values, and too long a text`() {
        var limits = ID3v2Limits()
        let values = TagBytes.frame("TXXX", [UInt8](repeating: 0, count: 30_000))
        #expect(TagBytes.survey(TagBytes.tag(values)).excess?.kind == .valueCount)
        limits.textBytes = 1000
        let long = TagBytes.tag(TagBytes.text("TIT2", String(repeating: "a", count: 2000)))
        #expect(TagBytes.survey(long, limits: limits).excess?.kind == .textBytes)
        #expect(TagBytes.read(long, limits: limits)?.raw.texts("TIT2").first?.utf8.count == 999)
    }

    @Test func `chapters within chapters`() {
        var frame = TagBytes.text("TIT2", "deep")
        for _ in 0..<5 {
            frame = TagBytes.frame("CHAP", [0x61, 0] + [UInt8](repeating: 0, count: 16) + frame)
        }
        #expect(TagBytes.survey(TagBytes.tag(frame)).excess?.kind == .nestingDepth)
    }

    /// TagLib prefers the reading that leads to an id, we the one that leads to padding.
    @Test func `two readings of a size`() {
        let hidden = TagBytes.text("TALB", "hidden")
        // 0x0100 is 128 in seven-bit form, 256 as a plain number.
        var content: [UInt8] = [UInt8](repeating: 0x61, count: 128)
        content += [UInt8](repeating: 0, count: 128) + hidden
        let bytes = TagBytes.tag(Array("TIT2".utf8) + [0, 0, 1, 0, 0, 0] + content)
        #expect(TagBytes.survey(bytes).excess?.kind == .ambiguousSize)
    }

    @Test func `usual tags are safe, and doubtful texts are told`() {
        let latin = TagBytes.tag(TagBytes.frame("TIT2", [0, 0xe9, 0x74, 0xe9]))
        #expect(TagBytes.survey(latin).hasDoubtfulText)
        #expect(TagBytes.survey(latin).isSafe && !TagBytes.survey(latin).isDamaged)
        let utf8 = TagBytes.tag(TagBytes.frame("TIT2", [3] + Array("été".utf8)))
        #expect(!TagBytes.survey(utf8).hasDoubtfulText)
        let broken = TagBytes.tag(TagBytes.frame("TIT2", [3, 0xe9, 0x74]))
        #expect(TagBytes.survey(broken).hasDoubtfulText)
    }
}
