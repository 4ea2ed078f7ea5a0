import TagReading
import Testing

/// ID3v1 and APE.
@Suite struct TrailingTagsTests {
    private func ape(_ bytes: [UInt8], limits: APELimits = APELimits()) -> APETag? {
        bytes.withUnsafeBytes { APETag(bytes: $0, limits: limits) }
    }

    private func id3v1(_ bytes: [UInt8]) -> ID3v1Tag? {
        bytes.withUnsafeBytes { ID3v1Tag(bytes: $0) }
    }

    private let title = TagBytes.apeItem("Title", Array("Song".utf8))
    private let artist = TagBytes.apeItem("Artist", Array("A\0B".utf8))

    @Test(arguments: [1000, 2000])
    func `an APE tag's items`(version: Int) throws {
        let bytes = [1, 2, 3] + TagBytes.ape([title, artist], version: version)
        let tag = try #require(ape(bytes))
        #expect(tag.version == version && tag.range == 3..<bytes.count)
        #expect(tag.raw.texts("TITLE") == ["Song"] && tag.raw.texts("ARTIST") == ["A", "B"])
        #expect(tag.damage.isEmpty)
    }

    @Test func `an APE tag at the beginning of a file`() throws {
        let tag = try #require(ape(TagBytes.ape([title]) + [0xff, 0xfb, 0x90, 0]))
        #expect(tag.raw.texts("TITLE") == ["Song"] && tag.damage.isEmpty)
    }

    @Test func `covers, links and flags`() throws {
        let cover = TagBytes.apeItem(
            "Cover Art (Front)", Array("a.jpg\0".utf8) + TagBytes.jpeg, flags: 2)
        let bare = TagBytes.apeItem("Cover Art (Back)", TagBytes.jpeg, flags: 2)
        let link = TagBytes.apeItem("File", Array("http://a".utf8), flags: 5)
        let bytes = TagBytes.ape([cover, bare, link, TagBytes.apeItem("Raw", [0, 1], flags: 2)])
        let tag = try #require(ape(bytes))
        let pictures = tag.raw.pictures
        #expect(pictures.map(\.type) == [3, 4])
        #expect(pictures.map(\.description.text) == ["a.jpg", ""])
        for picture in pictures {
            let data = bytes.withUnsafeBytes { picture.withBytes(of: $0) { Array($0) } }
            #expect(data == TagBytes.jpeg)
        }
        #expect(tag.items.map(\.kind) == [.binary, .binary, .link, .binary])
        #expect(tag.items[2].isReadOnly && tag.raw.texts("FILE") == ["http://a"])
    }

    @Test func `damaged APE tags`() throws {
        let long = TagBytes.apeItem("Bad", Array("x".utf8), size: 1 << 30)
        let tag = try #require(ape(TagBytes.ape([title, long, artist])))
        #expect(tag.raw.texts("TITLE") == ["Song"] && tag.raw.texts("ARTIST") == ["A", "B"])
        #expect(tag.damage.map(\.reason) == [.beyondTag])
        let garbage = try #require(ape(TagBytes.ape([title, [1, 2, 3, 4, 5], artist], count: 2)))
        #expect(garbage.raw.texts("ARTIST") == ["A", "B"])
        #expect(garbage.damage.map(\.reason) == [.garbage])
        let counted = try #require(ape(TagBytes.ape([title], count: 1_000_000)))
        #expect(counted.damage.map(\.reason) == [.itemCount])
        let cut = try #require(ape(Array(TagBytes.ape([title, artist]).dropFirst(40))))
        #expect(cut.damage.map(\.reason).contains(.tagCutShort))
        #expect(cut.raw.texts("ARTIST") == ["A", "B"])
        let latin = try #require(ape(TagBytes.ape([TagBytes.apeItem("Title", [0x42, 0xf6])])))
        #expect(latin.raw.values("TITLE").map(\.storedBytes) == [[0x42, 0xf6]])
        var limits = APELimits()
        limits.itemCount = 1
        #expect(ape(TagBytes.ape([title, artist]), limits: limits)?.isOverLimit == true)
        #expect(ape([]) == nil && ape(Array("APETAGEX".utf8)) == nil)
    }

    @Test func `an ID3v1 tag's fields`() throws {
        let tag = try #require(id3v1([9] + TagBytes.id3v1("  Title  ", track: 7)))
        #expect(tag.title.text == "Title" && tag.track == 7 && tag.genre == 17)
        #expect(
            tag.raw.entries.map(\.key) == [
                "TITLE", "ARTIST", "ALBUM", "YEAR", "COMMENT", "TRACK", "GENRE",
            ])
        let first = try #require(id3v1(TagBytes.id3v1("Old", genre: 255)))
        #expect(first.track == nil && first.raw.texts("GENRE") == [])
        #expect(id3v1([]) == nil && id3v1([UInt8](repeating: 0, count: 128)) == nil)
    }

    @Test(arguments: [true, false])
    func `an enhanced ID3v1 tag goes on where the first ends`(repeats: Bool) throws {
        let title = "A title that is longer than thirty letters can ever hold"
        let more = repeats ? title : String(title.dropFirst(30))
        let block =
            Array("TAG+".utf8) + TagBytes.field(more, 60) + TagBytes.field("", 120) + [0]
            + TagBytes.field("Own genre", 30) + TagBytes.field("", 12)
        let tag = try #require(id3v1(block + TagBytes.id3v1(title)))
        #expect(tag.isEnhanced && tag.title.text == title && tag.genreText.text == "Own genre")
        #expect(tag.raw.texts("GENRE") == ["Own genre"])
    }
}
