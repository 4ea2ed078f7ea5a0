import Catalog
import Storage
import TestSupport
import Testing

@testable import TagReading

/// Files of which no more is read than their tags need, and tags of which TagLib gets no pictures.
struct TagFileTests {
    private static let title = MP3.id3v2([("TIT2", "Title"), ("TPE1", "Artist")])
    private static let audio = MP3.audio(frames: 400)
    private static let ape = MP3.ape([("Album", "From APE")], header: true)
    private static let longAPE = MP3.ape(
        [("Album", String(repeating: "long ", count: 4000))], header: true)
    private static let v1 = MP3.id3v1(title: "From v1")

    private static func junk(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x20, count: count) }

    @Test(
        arguments: [
            title + audio, title + title + audio, title + audio + v1, audio + ape + v1,
            // Beyond the first read, each in its way.
            junk(100) + title + audio, junk(8_190) + title + audio, junk(60_000) + title + audio,
            MP3.audio(frames: 1) + junk(9_000) + title, title + junk(9_000) + ape + audio,
            MP3.id3v2([("TIT2", "Title"), ("TXXX", String(repeating: "x", count: 20_000))])
                + title + audio,
            audio + longAPE + v1, audio + longAPE + MP3.lyrics3("[00:02]la") + v1,
            audio + MP3.appendedID3v2([("TALB", String(repeating: "x", count: 3_000))]) + v1,
            Array("TAG+".utf8) + [UInt8](repeating: 0, count: 223) + v1, v1, title,
            Array(title.dropLast(5)), [], [0x49, 0x44, 0x33],
        ] as [[UInt8]])
    func `what is read of a file's ends says what all of it says`(bytes: [UInt8]) throws {
        let whole = bytes.withUnsafeBytes { TagReader.read(head: $0, tail: $0) }
        let result = try withTemporaryFolder { folder in
            try write(bytes, to: folder + "/f.mp3")
            return try TagReader.read(Array((folder + "/f.mp3").utf8))
        }
        #expect(result.tags == whole.tags)
        #expect(result.origins.map(\.1) == whole.origins.map(\.1))
        #expect(result.warnings.map(\.code) == whole.warnings.map(\.code))
    }

    // MARK: Pictures

    private static let large = TagBytes.jpeg + [UInt8](repeating: 0x55, count: 200_000)

    private static func pictures(version: UInt8, encoding: UInt8 = 0, flags: UInt8 = 0) -> [UInt8] {
        let other = TagBytes.jpeg + [UInt8](repeating: 0x77, count: 5_000)
        var first = TagBytes.picture(large)
        first[0] = encoding
        return TagBytes.tag(
            TagBytes.text("TIT2", "Title", version: version)
                + TagBytes.frame("APIC", first, version: version, flags: flags)
                + TagBytes.frame("APIC", TagBytes.picture(other, type: 4), version: version)
                + TagBytes.text("TALB", "Album", version: version)
                + [UInt8](repeating: 0, count: 300), version: version)
    }

    @Test(arguments: [3, 4] as [UInt8], [0, 3] as [UInt8])
    func `TagLib reads a tag without its pictures' bytes, and they are found`(
        version: UInt8, encoding: UInt8
    ) throws {
        let tag = Self.pictures(version: version, encoding: encoding)
        try tag.withUnsafeBytes { bytes in
            let cut = try #require(ID3v2PictureCut(bytes, ID3v2Survey(bytes)))
            #expect(cut.bytes.count < 1_000)
            #expect(cut.pictures.map(\.count) == [Self.large.count, TagBytes.jpeg.count + 5_000])
            for range in cut.pictures { #expect(bytes[range].starts(with: TagBytes.jpeg)) }
            let byTagLib = try #require(
                cut.bytes.withUnsafeBytes {
                    TagLibTag(id3v2: $0, ape: UnsafeRawBufferPointer(start: nil, count: 0))
                }?.id3v2)
            let whole = try #require(
                TagLibTag(id3v2: bytes, ape: UnsafeRawBufferPointer(start: nil, count: 0))?.id3v2)
            #expect(byTagLib.entries == whole.entries)
            #expect(byTagLib.pictures.map(\.description) == whole.pictures.map(\.description))
            #expect(whole.pictures.map(\.data) == cut.pictures.map { .range($0) })
            let result = TagReader.read(head: bytes, tail: bytes)
            #expect(result.tags.title == "Title" && result.tags.album == "Album")
            #expect(result.pictures.map(\.type) == [3, 4])
            #expect(result.pictures.map(\.description) == ["cover", "cover"])
            for (picture, range) in zip(result.pictures, cut.pictures) {
                guard case .head(range) = picture.data else {
                    Issue.record("not where it is: \(picture.data)")
                    continue
                }
            }
        }
    }

    @Test func `a tag that leaves something to be judged goes to TagLib as it is`() {
        let odd: [[UInt8]] = [
            // Another encoding, a flag, a letter beyond ASCII, damage, unsynchronised, too small.
            Self.pictures(version: 3, encoding: 1), Self.pictures(version: 4, flags: 0x40),
            TagBytes.tag(
                TagBytes.frame(
                    "APIC", [0] + Array("image/jpeg\0".utf8) + [3, 0xe9, 0] + Self.large)),
            TagBytes.tag(
                TagBytes.frame("APIC", TagBytes.picture(Self.large)) + TagBytes.frame("TIT2", [])),
            TagBytes.tag(TagBytes.frame("APIC", TagBytes.picture(Self.large)), flags: 0x80),
            TagBytes.tag(TagBytes.frame("APIC", TagBytes.picture(TagBytes.jpeg))),
            Self.title,
        ]
        for tag in odd {
            tag.withUnsafeBytes { #expect(ID3v2PictureCut($0, ID3v2Survey($0)) == nil) }
        }
    }

    @Test(
        arguments: [
            ("\0image/png\0\u{3}\0x", 13), ("\u{3}image/png\0\u{3}cover\0x", 18), ("\0\0\0\0x", 4),
            // Nothing behind it, no ends, a byte beyond ASCII, UTF-16.
            ("\0image/png\0\u{3}\0", nil), ("\0image/png", nil), ("\0image/png\0\u{3}cover", nil),
            ("\0image/png\0\u{3}é\0x", nil), ("\u{1}image/png\0\u{3}\0x", nil), ("", nil),
        ] as [(String, Int?)])
    func `a picture's header is plain or left alone`(content: String, sizeBytes: Int?) {
        Array(content.utf8).withUnsafeBytes {
            #expect(ID3v2PictureHeader($0)?.sizeBytes == sizeBytes)
        }
    }
}
