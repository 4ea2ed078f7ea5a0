import TagReading
import Testing

/// Tags as the three versions write them.
@Suite struct ID3v2TagTests {
    @Test(arguments: [UInt8(2), 3, 4])
    func `texts are read in every version`(version: UInt8) throws {
        let ids = version == 2 ? ["TT2", "TP1", "TAL"] : ["TIT2", "TPE1", "TALB"]
        let body = zip(ids, ["Title", "Artist", "Album"])
            .flatMap { TagBytes.text($0, $1, version: version) }
        let bytes = TagBytes.tag(body + [UInt8](repeating: 0, count: 100), version: version)
        let tag = try #require(TagBytes.read(bytes))
        #expect(tag.major == version)
        #expect(tag.tagBytes == bytes.count)
        #expect(tag.frames.map(\.id) == ["TIT2", "TPE1", "TALB"])
        #expect(tag.frames.map(\.storedID) == ids)
        #expect(tag.frames.allSatisfy { $0.status == .ok })
        #expect(tag.raw.texts("TIT2") == ["Title"])
        #expect(tag.damage.isEmpty)
        let survey = TagBytes.survey(bytes)
        #expect(survey.frameCount == 3 && !survey.isDamaged && survey.isSafe)
        #expect(survey.tagBytes == bytes.count)
    }

    @Test func `an appended tag's footer belongs to it`() throws {
        let body = TagBytes.text("TIT2", "Title")
        let bytes =
            TagBytes.tag(body, flags: 0x10) + Array("3DI".utf8) + [4, 0, 0x10]
            + TagBytes.sevenBit(body.count)
        let tag = try #require(TagBytes.read(bytes))
        #expect(tag.tagBytes == bytes.count)
        #expect(tag.raw.texts("TIT2") == ["Title"])
    }

    @Test(arguments: [UInt8(2), 3])
    func `unsynchronisation of the whole tag is undone`(version: UInt8) throws {
        let id = version == 2 ? "PIC" : "APIC"
        let content =
            version == 2
            ? [0] + Array("JPG".utf8) + [3, 0] + TagBytes.jpeg : TagBytes.picture(TagBytes.jpeg)
        let body =
            TagBytes.frame(id, content, version: version)
            + TagBytes.text(version == 2 ? "TT2" : "TIT2", "Behind", version: version)
        let bytes = TagBytes.tag(
            TagBytes.unsynchronised(body), version: version, flags: 0x80)
        let tag = try #require(TagBytes.read(bytes))
        let picture = try #require(tag.raw.pictures.first)
        #expect(picture.mimeType == "image/jpeg" && picture.type == 3)
        #expect(bytes.withUnsafeBytes { picture.withBytes(of: $0) { Array($0) } } == TagBytes.jpeg)
        #expect(tag.raw.texts("TIT2") == ["Behind"])
    }

    @Test(arguments: [(UInt8(0x80), UInt8(0)), (0, 2), (0x80, 2), (0x80, 3), (0, 0x43)])
    func `unsynchronisation of a frame is undone`(tagFlags: UInt8, frameFlags: UInt8) throws {
        let data = TagBytes.picture(TagBytes.jpeg)
        var content = TagBytes.unsynchronised(data)
        if frameFlags & 1 != 0 { content = TagBytes.sevenBit(data.count) + content }
        if frameFlags & 0x40 != 0 { content = [9] + content }
        let body =
            TagBytes.frame("APIC", content, flags: frameFlags)
            + TagBytes.text("TIT2", "Behind")
        let bytes = TagBytes.tag(body, flags: tagFlags)
        let raw = try #require(TagBytes.read(bytes)).raw
        let picture = try #require(raw.pictures.first)
        #expect(bytes.withUnsafeBytes { picture.withBytes(of: $0) { Array($0) } } == TagBytes.jpeg)
        #expect(raw.texts("TIT2") == ["Behind"])
    }

    @Test(arguments: [UInt8(2), 3])
    func `the header itself is never unsynchronised`(version: UInt8) throws {
        // All flags, of which FF is one, and a size that begins with a zero.
        let empty = TagBytes.tag([], version: version, flags: 0xff)
        #expect(empty.withUnsafeBytes { ID3v2Survey($0).isSafe })
        #expect(try #require(empty.withUnsafeBytes { ID3v2Tag(bytes: $0) }).frames.isEmpty)
        let id = version == 2 ? "TT2" : "TIT2"
        let body = TagBytes.unsynchronised(
            TagBytes.frame(id, [1, 0xff, 0xfe, 0x41, 0, 0xff, 0], version: version))
        let full = TagBytes.tag(body, version: version, flags: 0xbf)
        let tag = try #require(full.withUnsafeBytes { ID3v2Tag(bytes: $0) })
        #expect(tag.frames.first?.texts().map(\.text) == ["Aÿ"])
    }

    /// Taggers set the flag and leave the bytes.
    @Test(arguments: [UInt8(3), 4])
    func `a false flag of unsynchronisation changes nothing`(version: UInt8) throws {
        let body = TagBytes.frame("APIC", TagBytes.picture(TagBytes.jpeg), version: version)
        let bytes = TagBytes.tag(body, version: version, flags: 0x80)
        let picture = try #require(TagBytes.read(bytes)?.raw.pictures.first)
        #expect(bytes.withUnsafeBytes { picture.withBytes(of: $0) { Array($0) } } == TagBytes.jpeg)
    }

    private static let zeros = [UInt8](repeating: 0, count: 6)
    private static let withChecksum: [UInt8] = [0x80, 0, 0, 0, 0, 0, 1, 2, 3, 4]
    private static let updateAndChecksum: [UInt8] = [1, 0x20, 5, 1, 2, 3, 4, 5]
    static let extendedHeaders: [(version: UInt8, header: [UInt8])] = [
        (version: 3, header: TagBytes.big(6) + zeros),
        (version: 3, header: TagBytes.big(10) + withChecksum),
        // As ID3v2.4 counts it, and as it would in ID3v2.3.
        (version: 3, header: TagBytes.big(10) + zeros),
        (version: 4, header: TagBytes.sevenBit(6) + [1, 0]),
        (version: 4, header: TagBytes.sevenBit(12) + updateAndChecksum),
        (version: 4, header: TagBytes.sevenBit(6) + zeros),
        // Announced and not there; leading nowhere.
        (version: 3, header: []), (version: 4, header: []),
        (version: 3, header: TagBytes.big(50_000)),
        (version: 4, header: [0xff, 0xff, 0xff, 0xff, 1, 0]),
    ]

    @Test(arguments: extendedHeaders)
    func `frames behind an extended header are found`(version: UInt8, header: [UInt8]) throws {
        let body =
            header + TagBytes.text("TIT2", "Title", version: version)
            + TagBytes.text("TPE1", "Artist", version: version)
        let tag = try #require(TagBytes.read(TagBytes.tag(body, version: version, flags: 0x40)))
        #expect(tag.raw.texts("TIT2") == ["Title"])
        #expect(tag.raw.texts("TPE1") == ["Artist"])
    }

    @Test func `compressed, grouped and encrypted frames`() throws {
        let plain: [UInt8] = [0] + Array("Title".utf8)
        let packed = TagBytes.stored(plain)
        let late =
            TagBytes.frame("TIT2", TagBytes.sevenBit(6) + packed, flags: 0x09)
            + TagBytes.frame("TPE1", [7] + plain, flags: 0x40)
            + TagBytes.frame("TALB", [7] + plain, flags: 0x04) + TagBytes.text("TCON", "Rock")
        let tag = try #require(TagBytes.read(TagBytes.tag(late)))
        #expect(tag.frames.map(\.status) == [.ok, .ok, .encrypted, .ok])
        #expect(tag.raw.entries.map(\.key) == ["TIT2", "TPE1", "TCON"])
        #expect(tag.raw.texts("TIT2") == ["Title"] && tag.raw.texts("TPE1") == ["Title"])
        let early =
            TagBytes.frame("TIT2", TagBytes.big(6) + packed, version: 3, flags: 0x80)
            + TagBytes.frame("TPE1", TagBytes.big(6) + [7] + packed, version: 3, flags: 0xa0)
        let old = try #require(TagBytes.read(TagBytes.tag(early, version: 3)))
        #expect(old.raw.texts("TIT2") == ["Title"] && old.raw.texts("TPE1") == ["Title"])
    }

    @Test func `dates of ID3v2.3 become one`() throws {
        func date(_ frames: [(String, String)]) throws -> [String] {
            let body = frames.flatMap { TagBytes.text($0, $1, version: 3) }
            return try #require(TagBytes.read(TagBytes.tag(body, version: 3))).raw.texts("TDRC")
        }
        #expect(try date([("TYER", "2004")]) == ["2004"])
        #expect(try date([("TDAT", "1705"), ("TYER", "2004")]) == ["2004-05-17"])
        #expect(
            try date([("TYER", "2004"), ("TDAT", "1705"), ("TIME", "2030")]) == ["2004-05-17T20:30"]
        )
        #expect(try date([("TYER", "2004"), ("TDAT", "9999")]) == ["2004"])
        #expect(try date([("TDRC", "2005-01"), ("TYER", "2004")]) == ["2005-01"])
        #expect(try date([("TYER", "0000")]) == [])
        let original = TagBytes.tag(TagBytes.text("TORY", "1969", version: 3), version: 3)
        #expect(try #require(TagBytes.read(original)).raw.texts("TDOR") == ["1969"])
    }

    @Test func `what is no tag is none`() {
        #expect(TagBytes.read([]) == nil)
        #expect(TagBytes.read(Array("ID3".utf8)) == nil)
        #expect(TagBytes.read(Array("TAG and no more".utf8)) == nil)
        #expect(TagBytes.survey([]).isSafe)
    }

    @Test func `an unknown version is told and not read`() throws {
        let tag = try #require(
            TagBytes.read(TagBytes.tag(TagBytes.text("TIT2", "x"), version: 5)))
        #expect(tag.frames.isEmpty && tag.damage.map(\.reason) == [.unknownVersion])
    }
}
