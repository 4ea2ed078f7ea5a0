import Catalog
import TestSupport
import Testing

@testable import TagReading

/// Several tags, damaged tags, hostile tags, mislabelled texts.
struct TagReaderRecoveryTests {
    private func read(_ head: [UInt8], _ tail: [UInt8] = []) -> TagReader.Result {
        head.withUnsafeBytes { head in
            tail.withUnsafeBytes { TagReader.read(head: head, tail: $0) }
        }
    }

    private static func frame(_ id: String, _ content: [UInt8]) -> [UInt8] {
        Array(id.utf8) + MP3.big(content.count) + [0, 0] + content
    }

    private static func tag3(_ frames: [UInt8]..., declared: Int? = nil) -> [UInt8] {
        let body = frames.flatMap { $0 }
        return Array("ID3".utf8) + [3, 0, 0] + MP3.syncSafe(declared ?? body.count) + body
    }

    private static func latin1(_ id: String, _ bytes: [UInt8]) -> [UInt8] { frame(id, [0] + bytes) }

    @Test func `of several tags the first one that is whole goes first, and others fill`() {
        let first = MP3.id3v2([("TIT2", "One")])
        let second = MP3.id3v2([("TIT2", "Two"), ("TALB", "Second's")])
        let appended = MP3.appendedID3v2([("TALB", "Third's"), ("TCOM", "C")])
        let result = read(first + [UInt8](repeating: 0, count: 7) + second, appended)
        #expect(result.tags.title == "One")
        #expect(result.tags.album == "Second's")
        #expect(result.tags.composer == "C")
        let cut = Self.tag3(Self.latin1("TIT2", Array("Cut".utf8)), declared: 5000)
        #expect(read(cut, appended).tags.title == "Cut")
        #expect(read(cut, MP3.appendedID3v2([("TIT2", "Whole")])).tags.title == "Whole")
    }

    @Test func `ID3v1 never beats another tag, and its cut values fill nothing`() {
        let v1 = MP3.id3v1(title: "A title that is longer than t", artist: "From v1")
        let v2 = MP3.id3v2([("TIT2", "A title that is longer than thirty letters")])
        let result = read(v2, v1)
        #expect(result.tags.title == "A title that is longer than thirty letters")
        #expect(result.tags.artists == ["From v1"])
        #expect(result.origins[.artists] == "ID3v1")
    }

    @Test func `tags are found around each other and behind junk`() {
        let ape = MP3.ape([("Album", "From APE")], header: true)
        let lyrics = MP3.lyrics3("[00:02]la")
        let v1 = MP3.id3v1(title: "From v1")
        let result = read([1, 2, 3] + MP3.id3v2([("TPE1", "A")]), ape + lyrics + v1)
        #expect(result.tags.artists == ["A"])
        #expect(result.tags.album == "From APE")
        #expect(result.tags.title == "From v1")
        #expect(read(MP3.audio(frames: 3) + MP3.id3v2([("TPE1", "A")])).tags == Tags())
    }

    @Test(
        arguments: [
            // POPM without the NUL behind the address, TYER of no content, a size beyond the tag.
            frame("POPM", [0x61, 0x40]), frame("TYER", []), frame("TYER", [0]),
        ])
    func `fields behind a damaged frame are there`(damaged: [UInt8]) {
        let result = read(
            Self.tag3(
                Self.latin1("TIT2", Array("Before".utf8)), damaged,
                Self.latin1("TPE1", Array("Behind".utf8))))
        #expect(result.tags.title == "Before")
        #expect(result.tags.artists == ["Behind"])
    }

    @Test func `a year of ID3v2.3 in a later tag is the year`() {
        let result = read(MP3.id3v2([("TIT2", "T"), ("TYER", "1998")]))
        #expect(result.tags[.recordingDate] == ["1998"])
        #expect(result.origins[.recordingDate] == "ID3v2.4 TYER")
    }

    @Test func `frames behind an extended header are all there`() {
        // Size 12, one flag byte, a CRC, as some taggers write it.
        let header: [UInt8] = [0, 0, 0, 12, 1, 0x20, 5, 3, 0x23, 0x22, 0x46, 0x55]
        let frames = Array(
            MP3.id3v2([("TALB", "Album"), ("TIT2", "T"), ("TCON", "Dance")]).dropFirst(10))
        let tag = Array("ID3".utf8) + [4, 0, 0x40] + MP3.syncSafe(header.count + frames.count)
        let tags = read(tag + header + frames).tags
        #expect(tags.title == "T")
        #expect(tags.album == "Album")
        #expect(tags.genres == ["Dance"])
    }

    @Test func `what TagLib loses is recovered, and said to be`() {
        // A frame that claims to go on beyond the tag's end, and others behind it.
        let liar = Array("POPM".utf8) + MP3.big(90_000) + [0, 0] + Array("a@b\u{0}".utf8) + [9]
        let result = read(
            Self.tag3(
                Self.latin1("TIT2", Array("Before".utf8)), liar,
                Self.latin1("TPE1", Array("Behind".utf8)),
                Self.latin1("TALB", Array("Album".utf8))))
        #expect(result.tags.artists == ["Behind"])
        #expect(result.origins[.artists] == "ID3v2.3 TPE1 (recovered)")
        #expect(result.origins[.title] == "ID3v2.3 TIT2")
        #expect(result.warnings.map(\.code) == [.tagDamaged])
        #expect(result.warnings.first?.detail.contains("POPM") == true)
    }

    @Test func `a tag over the limits is read within them, and TagLib never sees it`() {
        var frames = Self.latin1("TIT2", Array("Title".utf8))
        for number in 0..<12_000 { frames += Self.latin1("TXXX", Array("n\(number)\u{0}v".utf8)) }
        let result = read(Self.tag3(frames))
        #expect(result.tags.title == "Title")
        #expect(
            result.warnings.contains {
                $0.code == .tagOverLimit && $0.detail.contains("frame-count")
            })
        let many = (0..<20).flatMap { MP3.id3v2([("TIT2", "T\($0)")]) }
        #expect(read(many).tags.title == "T0")
        #expect(read(many).warnings.map(\.code) == [.tagOverLimit])
    }

    @Test func `mislabelled texts are repaired together, the original kept`() {
        // "Мастер и Маргарита", "Группа крови", "Кино" in CP1251.
        let title: [UInt8] = [
            0xcc, 0xe0, 0xf1, 0xf2, 0xe5, 0xf0, 0x20, 0xe8, 0x20, 0xcc, 0xe0, 0xf0, 0xe3, 0xe0,
            0xf0,
            0xe8, 0xf2, 0xe0,
        ]
        let album: [UInt8] = [
            0xc3, 0xf0, 0xf3, 0xef, 0xef, 0xe0, 0x20, 0xea, 0xf0, 0xee, 0xe2, 0xe8,
        ]
        let artist: [UInt8] = [0xca, 0xe8, 0xed, 0xee]
        let result = read(
            Self.tag3(
                Self.latin1("TIT2", title), Self.latin1("TALB", album), Self.latin1("TPE1", artist))
        )
        #expect(result.tags.title == "Мастер и Маргарита")
        #expect(result.tags.album == "Группа крови")
        #expect(result.tags.artists == ["Кино"])
        #expect(result.tags.repairs.map(\.field).sorted() == ["album", "artists", "title"])
        #expect(
            result.tags.repairs.first { $0.field == "artists" }
                == .init(field: "artists", original: "Êèíî", encoding: "CP1251"))
        let french = read(Self.tag3(Self.latin1("TIT2", [0x43, 0x61, 0x66, 0xe9])))
        #expect(french.tags.title == "Café")
        #expect(french.tags.repairs == [])
    }

    /// Any byte may be wrong; nothing may crash, and reading stays bounded.
    @Test(arguments: 0..<8)
    func `damage at random does not stop the reader`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let head =
            MP3.id3v2([("TIT2", "Title"), ("TPE1", "A\u{0}B"), ("TXXX", "x\u{0}y")], padding: 30)
            + MP3.audio(frames: 3)
        let tail = MP3.ape([("Title", "T"), ("Year", "2004")], header: true) + MP3.id3v1()
        for _ in 0..<400 {
            var (head, tail) = (head, tail)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                head[Int.random(in: 0..<head.count, using: &random)] = .random(
                    in: 0...255, using: &random)
                tail[Int.random(in: 0..<tail.count, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            let cut = Int.random(in: 0...head.count, using: &random)
            let result = read(Array(head[..<cut]), tail)
            #expect(result.pictures.isEmpty)
        }
    }
}
