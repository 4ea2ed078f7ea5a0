import TagReading
import Testing

/// Frames other than plain texts.
@Suite struct ID3v2FrameTests {
    private func raw(_ frames: [UInt8]..., version: UInt8 = 4) throws -> RawTag {
        try #require(TagBytes.read(TagBytes.tag(frames.flatMap { $0 }, version: version))).raw
    }

    private func frame(_ id: String, _ content: [UInt8], version: UInt8 = 4) throws -> ID3v2Frame {
        let bytes = TagBytes.tag(TagBytes.frame(id, content, version: version), version: version)
        return try #require(TagBytes.read(bytes)?.frames.first)
    }

    private func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `described texts, links and comments`() throws {
        let raw = try raw(
            TagBytes.frame("TXXX", [0] + ascii("MusicBrainz Artist Id\0a\0b")),
            TagBytes.frame("TXXX", [1] + TagBytes.utf16("Ä") + [0, 0] + TagBytes.utf16("Ö")),
            TagBytes.frame("TXXX", [0] + ascii("alone")),
            TagBytes.frame("WXXX", [0] + ascii("shop\0http://a")),
            TagBytes.frame(
                "WXXX", [1] + TagBytes.utf16("shop") + [0, 0] + ascii("http://b\0")),
            TagBytes.frame("WOAR", ascii("http://c\0junk")),
            TagBytes.frame("COMM", [0] + ascii("engnote\0text\nmore")),
            TagBytes.frame("COMM", [0] + ascii("XXX\0general")),
            TagBytes.frame("COMM", [0] + ascii("eng without end")),
            TagBytes.frame(
                "USLT", [1] + ascii("deu") + TagBytes.utf16("") + [0, 0] + TagBytes.utf16("Ö")))
        #expect(raw.texts("TXXX", "MUSICBRAINZ ARTIST ID") == ["a", "b"])
        #expect(raw.texts("TXXX", "Ä") == ["Ö"])
        #expect(raw.texts("TXXX") == ["alone"])
        #expect(raw.texts("WXXX", "SHOP") == ["http://a", "http://b"])
        #expect(raw.texts("WOAR") == ["http://c"])
        let comments = raw.entries.filter { $0.key == "COMM" }
        #expect(comments.map(\.language) == ["eng", "", "eng"])
        #expect(comments.map(\.qualifier) == ["NOTE", "", ""])
        #expect(
            comments.map { $0.values.map(\.text) } == [
                ["text\nmore"], ["general"], [" without end"],
            ])
        #expect(raw.texts("USLT") == ["Ö"])
    }

    @Test func `ids, ratings and counts`() throws {
        let file = try #require(
            frame("UFID", ascii("http://musicbrainz.org\0abc")).uniqueFileID())
        #expect(file.owner == "http://musicbrainz.org" && file.id == ascii("abc"))
        let rated = try #require(frame("POPM", ascii("a@b\0") + [196, 1, 0]).popularimeter())
        #expect(rated.email == "a@b" && rated.rating == 196 && rated.playCount == 256)
        let uncounted = try #require(frame("POPM", ascii("\0") + [1]).popularimeter())
        #expect(uncounted.rating == 1 && uncounted.playCount == nil)
        #expect(try frame("POPM", ascii("a@b\0")).popularimeter() == nil)
        #expect(try frame("PCNT", [0, 0, 1, 2]).playCount() == 258)
        #expect(try frame("PCNT", [UInt8](repeating: 1, count: 9)).playCount() == nil)
    }

    @Test(arguments: [(UInt8(4), "TIPL"), (3, "IPLS"), (2, "IPL")])
    func `people and what they did`(version: UInt8, id: String) throws {
        let people = try frame(id, [0] + ascii("producer\0A\0mix\0\0engineer\0B"), version: version)
            .people()
        #expect(people.map(\.role.text) == ["producer", "mix", "engineer"])
        #expect(people.map(\.name.text) == ["A", "", "B"])
    }

    @Test func `pictures`() throws {
        let jpeg = TagBytes.jpeg
        let head = ascii("image/png\0") + [4]
        for (encoding, description) in [
            (UInt8(0), ascii("d\0")), (1, TagBytes.utf16("d") + [0, 0]), (3, ascii("d\0")),
            // A terminator of one byte where two belong, and no mark.
            (1, TagBytes.utf16("d") + [0]),
        ] {
            let picture = try #require(
                frame("APIC", [encoding] + head + description + jpeg).picture())
            #expect(picture.mimeType == "image/png" && picture.type == 4)
            #expect(picture.description.text == "d" && picture.sizeBytes == jpeg.count)
        }
        let empty = try #require(frame("APIC", [1] + head + [0] + jpeg).picture())
        #expect(empty.sizeBytes == jpeg.count && empty.description.text == "")
        #expect(try frame("APIC", [0] + ascii("image/png")).picture() == nil)
        let large = jpeg + [UInt8](repeating: 1, count: 200_000)
        let whole = try frame("APIC", [0] + head + ascii("d\0") + large)
        #expect(whole.content.count < 1 << 10)
        #expect(whole.picture()?.sizeBytes == large.count)
        let odd = try frame("APIC", [1] + head + TagBytes.utf16("d") + [0, 0] + large)
        #expect(odd.content.count == 64 << 10)
        #expect(odd.picture()?.sizeBytes == large.count)
    }

    @Test func `lyrics with times`() throws {
        let lines = ascii("One\0") + TagBytes.big(1500) + ascii("Two\0") + TagBytes.big(70_000)
        let lyrics = try #require(
            frame("SYLT", [0] + ascii("eng") + [2, 1] + ascii("d\0") + lines).synchronisedLyrics())
        #expect(lyrics.language == "eng" && lyrics.contentType == 1)
        #expect(lyrics.lines.map(\.text.text) == ["One", "Two"])
        #expect(lyrics.timesMs(frameDurationMs: 26) == [1500, 70_000])
        let wide = TagBytes.utf16("Ä") + [0, 0] + TagBytes.big(100) + [1, 2]
        let counted = try #require(
            frame("SYLT", [1] + ascii("eng") + [1, 1] + TagBytes.utf16("") + [0, 0] + wide)
                .synchronisedLyrics())
        #expect(counted.lines.map(\.text.text) == ["Ä"])
        #expect(counted.timesMs(frameDurationMs: 26.122) == [2612])
        #expect(try frame("SYLT", [0] + ascii("eng") + [9, 1, 0]).synchronisedLyrics() == nil)
    }

    @Test func `chapters and their order`() throws {
        let content =
            ascii("ch1\0") + TagBytes.big(0) + TagBytes.big(61_500)
            + [0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0] + TagBytes.text("TIT2", "Intro")
        let chapter = try #require(frame("CHAP", content).chapter())
        #expect(chapter.elementID == "ch1" && chapter.startMs == 0 && chapter.endMs == 61_500)
        #expect(chapter.startOffset == nil && chapter.endOffset == 256)
        #expect(chapter.frames.map { $0.texts().map(\.text) } == [["Intro"]])
        #expect(try frame("CHAP", ascii("ch1\0") + [0, 0]).chapter() == nil)
        let contents = try #require(
            frame(
                "CTOC", ascii("toc\0") + [3, 2] + ascii("ch1\0ch2\0") + TagBytes.text("TIT2", "T")
            )
            .tableOfContents())
        #expect(contents.isTopLevel && contents.isOrdered)
        #expect(contents.children == ["ch1", "ch2"] && contents.frames.count == 1)
        #expect(
            try frame("CTOC", ascii("toc\0") + [3, 9] + ascii("ch1\0")).tableOfContents() == nil)
    }

    @Test func `volume, podcasts and what iTunes added`() throws {
        let volume = try #require(
            frame("RVA2", ascii("track\0") + [1, 0xf3, 0x00, 16, 0x80, 0]).relativeVolume())
        #expect(volume.identification == "track")
        #expect(volume.channels.map(\.decibels) == [-6.5] && volume.channels[0].peak == 1)
        let raw = try raw(
            TagBytes.frame("PCST", [0, 0, 0, 0]), TagBytes.text("TGID", "guid"),
            TagBytes.frame("WFED", [0] + ascii("http://feed")), TagBytes.text("TCMP", "1"),
            TagBytes.text("TSO2", "S"), TagBytes.text("MVNM", "M"), TagBytes.text("GRP1", "G"))
        #expect(raw.texts("PCST") == ["1"] && raw.texts("WFED") == ["http://feed"])
        #expect(raw.texts("MVNM") == ["M"] && raw.texts("GRP1") == ["G"])
        let early = try self.raw(
            TagBytes.frame("PCS", [0, 0, 0, 0], version: 2), TagBytes.text("TCP", "1", version: 2),
            TagBytes.text("TSP", "S", version: 2), version: 2)
        #expect(early.entries.map(\.key) == ["PCST", "TCMP", "TSOP"])
    }
}
