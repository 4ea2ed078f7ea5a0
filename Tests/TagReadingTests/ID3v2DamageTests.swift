import TagReading
import Testing

/// What stands behind damage is not lost.
@Suite struct ID3v2DamageTests {
    private static let good = TagBytes.text("TPE1", "Artist") + TagBytes.text("TALB", "Album")
    private static let goodEarly =
        TagBytes.text("TPE1", "Artist", version: 3) + TagBytes.text("TALB", "Album", version: 3)

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let reason: TagDamage.Reason
        var testDescription: String { name }

        init(_ name: String, _ damaged: [UInt8], _ reason: TagDamage.Reason, version: UInt8 = 4) {
            self.name = name
            self.reason = reason
            bytes = TagBytes.tag(
                damaged + (version == 4 ? ID3v2DamageTests.good : ID3v2DamageTests.goodEarly),
                version: version)
        }
    }

    private static let popm = Array("a@b".utf8) + [0, 200, 0, 0, 0, 5]

    static let cases: [Case] = [
        Case("POPM of no size", TagBytes.frame("POPM", []), .emptyFrame),
        Case("TYER of no size", TagBytes.frame("TYER", [], version: 3), .emptyFrame, version: 3),
        Case(
            "POPM that says 0 and has content", TagBytes.frame("POPM", popm, size: [0, 0, 0, 0]),
            .wrongSize),
        Case(
            "POPM beyond the tag", TagBytes.frame("POPM", popm, size: [0, 0x7f, 0, 0]), .beyondTag),
        Case(
            "TYER beyond the tag",
            TagBytes.frame("TYER", [0, 0x31], version: 3, size: [0x7f, 0, 0, 0]),
            .beyondTag, version: 3),
        Case(
            "TYER longer than it is",
            TagBytes.frame("TYER", [0] + Array("2004".utf8), version: 3, size: TagBytes.big(14)),
            .wrongSize, version: 3),
        Case(
            "TYER shorter than it is",
            TagBytes.frame("TYER", [0] + Array("2004".utf8), version: 3, size: TagBytes.big(3)),
            .garbage, version: 3),
        Case("TYER of letters", TagBytes.text("TYER", "year", version: 3), .content, version: 3),
        Case("POPM without a rating", TagBytes.frame("POPM", Array("a@b".utf8)), .content),
        Case("garbage", [0xde, 0xad, 0xbe, 0xef, 1, 2, 3], .garbage),
        Case("small letters for an id", TagBytes.text("tit2", "no"), .garbage),
        Case("padding between frames", [UInt8](repeating: 0, count: 33), .frameBehindPadding),
        Case(
            "a plain size in ID3v2.4",
            TagBytes.frame(
                "TIT2", [0] + [UInt8](repeating: 0x61, count: 299), size: TagBytes.big(300)),
            .otherSizeForm),
        Case(
            "a seven-bit size in ID3v2.3",
            TagBytes.frame(
                "TIT2", [0] + [UInt8](repeating: 0x61, count: 299), version: 3,
                size: TagBytes.sevenBit(300)), .otherSizeForm, version: 3),
        Case(
            "an old id in a later tag", TagBytes.text("TT2\0", "Old", version: 3), .oldFrameID,
            version: 3),
        Case(
            "a compressed frame that is none",
            TagBytes.frame("TIT2", TagBytes.sevenBit(9) + [1, 2, 3, 4, 5], flags: 9), .inflate),
        Case("an unknown encoding", TagBytes.frame("TIT2", [9] + Array("Odd".utf8)), .content),
    ]

    @Test(arguments: cases)
    func `frames behind it are read, and it is told`(_ tested: Case) throws {
        let tag = try #require(TagBytes.read(tested.bytes))
        #expect(tag.raw.texts("TPE1") == ["Artist"])
        #expect(tag.raw.texts("TALB") == ["Album"])
        #expect(tag.raw.damage.map(\.reason).contains(tested.reason), "\(tag.raw.damage)")
        let survey = TagBytes.survey(tested.bytes)
        // What is only odd inside one frame loses nothing behind it.
        #expect(survey.isDamaged || tested.reason == .content)
        #expect(survey.isSafe)
    }

    @Test func `content of oddly written frames is kept`() throws {
        let old = try #require(
            TagBytes.read(
                TagBytes.tag(TagBytes.text("TT2\0", "Old", version: 3), version: 3)))
        #expect(old.raw.texts("TIT2") == ["Old"])
        let cut = try #require(
            TagBytes.read(Array(TagBytes.tag(TagBytes.text("TIT2", "A long title")).dropLast(4))))
        #expect(cut.raw.texts("TIT2") == ["A long t"])
        #expect(cut.damage.map(\.reason) == [.tagCutShort])
        let plain = TagBytes.text("TIT2", "A") + [UInt8](repeating: 0, count: 200)
        let tag = try #require(
            TagBytes.read(TagBytes.tag(plain, size: TagBytes.big(plain.count))))
        #expect(tag.raw.texts("TIT2") == ["A"])
    }

    @Test func `a picture is not searched for frames when all is well`() throws {
        let inside = TagBytes.jpeg + TagBytes.text("TIT2", "inside") + [0xff, 0xd9]
        let tag = try #require(
            TagBytes.read(TagBytes.tag(TagBytes.frame("APIC", TagBytes.picture(inside)))))
        #expect(tag.frames.map(\.id) == ["APIC"])
    }
}
