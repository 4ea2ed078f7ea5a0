import Catalog
import Storage
import TestSupport
import Testing

@testable import TagReading

struct TagReaderTests {
    private func read(_ bytes: [UInt8]) throws -> TagReader.Result {
        try withTemporaryFolder { folder in
            try write(bytes, to: folder + "/f.mp3")
            return try TagReader.read(Array((folder + "/f.mp3").utf8))
        }
    }

    // MARK: The sample library

    @Test(arguments: try! SampleSong.all)
    func `the tags of a sample are those of the ground truth`(song: SampleSong) throws {
        let result = try TagReader.read(Array((Repository.sample + "/" + song.paths[0]).utf8))
        let tags = result.tags
        #expect(tags.title == song.title)
        #expect(tags.artists == song.artists)
        #expect(tags.genres == song.genres)
        #expect(tags.album == song.album)
        #expect(tags.albumArtist == song.albumArtist)
        #expect(tags.releaseDate == song.date)
        #expect(tags.composer == song.composer)
        #expect(tags.isrc == song.isrc)
        #expect(tags.isCompilation == song.isCompilation)
        func text(_ number: Int?, _ total: Int?) -> String {
            (number.map { "\($0)" } ?? "") + (total.map { "/\($0)" } ?? "")
        }
        #expect(text(tags.track, tags.trackTotal) == song.track)
        #expect(text(tags.disc, tags.discTotal) == song.disc)
        #expect(result.pictures.isEmpty == !song.hasCover)
        for picture in result.pictures { #expect(picture.mimeType == "image/png") }
        #expect(result.warnings == [])
        for field in TagField.allCases {
            #expect(result.origins.contains(field) == !tags[field].isEmpty, "\(field)")
        }
    }

    @Test func `the same audio under other tags has those tags`() throws {
        let path = Repository.sample + "/music/Troublesome/same-audio-other-tags.mp3"
        let tags = try TagReader.read(Array(path.utf8)).tags
        #expect(tags.title == "Bruder Jakob")
        #expect(tags.artists == ["Bebert's Music Box"])
        #expect(tags.track == 9)
        #expect(tags.trackTotal == nil)
    }

    // MARK: Tags made to measure

    @Test
    func `every tag kind is read, and ID3v2 goes before APE and APE before ID3v1, field by field`()
        throws
    {
        let audio = MP3.audio(frames: 5)
        let v2 = MP3.id3v2([("TIT2", "From v2")])
        let ape = MP3.ape(
            [
                ("Title", "From APE"), ("Artist", "APE artist"), ("Album Artist", "APE band"),
                ("Composer", "APE composer"), ("Genre", "Klezmer"),
            ], header: true)
        let v1 = MP3.id3v1(title: "From v1", artist: "v1 artist")
        #expect(try read(audio + v1).tags.title == "From v1")
        #expect(try read(audio + v1).tags.artists == ["v1 artist"])
        #expect(try read(audio + v1).tags.genres == ["Rock"])
        #expect(try read(audio + ape + v1).tags.title == "From APE")
        #expect(try read(audio + ape + v1).tags.composer == "APE composer")
        let all = try read(v2 + audio + ape + v1).tags
        #expect(all.title == "From v2")
        #expect(all.artists == ["APE artist"])
        #expect(all.genres == ["Klezmer"])
        #expect(all.albumArtist == "APE band")
        #expect(all.composer == "APE composer")
        #expect(all.album == "Album")
        #expect(all.releaseDate == "2001")
    }

    @Test(arguments: [[], MP3.audio(frames: 5), [1, 2, 3], Array("<html>".utf8)] as [[UInt8]])
    func `without tags there are none`(bytes: [UInt8]) throws {
        let result = try read(bytes)
        #expect(result.tags == Tags())
        #expect(result.pictures.isEmpty)
    }

    @Test func `a missing file is an error`() {
        #expect(throws: FileError.self) { try TagReader.read(Array("/nowhere/f.mp3".utf8)) }
    }

    @Test(
        arguments: [
            // TXXX frames hold description and value; a list has NULs between.
            ([("TPE1", "A\u{0}B")], ["A", "B"]), ([("TPE1", "A & B")], ["A & B"]),
            ([("TPE1", "AC/DC")], ["AC/DC"]),
            ([("TPE1", "A & B"), ("TXXX", "ARTISTS\u{0}A\u{0}B")], ["A", "B"]),
            ([("TPE1", "A / AC/DC")], ["A", "AC/DC"]), ([("TPE1", "  A \u{0}\u{0} A ")], ["A"]),
            ([("TPE1", "A\nB")], ["A B"]), ([("TIT2", "x")], []),
        ] as [([(String, String)], [String])])
    func `artists are read one by one`(frames: [(String, String)], artists: [String]) throws {
        for version: UInt8 in [3, 4]
        where version == 4 || !frames.contains(where: { $0.1.contains("\0") }) {
            let tag = MP3.id3v2(frames.map { (id: $0.0, text: $0.1) }, version: version)
            #expect(
                try read(tag + MP3.audio(frames: 5)).tags.artists == artists, "ID3v2.\(version)")
        }
    }

    @Test(
        arguments: [
            (["A / B"], ["A", "B"]), (["A; B;C"], ["A", "B", "C"]), (["AC/DC"], ["AC/DC"]),
            (["AC/DC / B"], ["AC/DC", "B"]),
            (["A/ B"], ["A/ B"]), (["A /B"], ["A /B"]), (["A / B / C"], ["A", "B", "C"]),
            ([" / "], []), (["/"], ["/"]), ([""], []),
            (["A", "B"], ["A", "B"]), (["A", "A"], ["A"]), ([], []), (["A / / B"], ["A", "B"]),
            (["月/日 / 星"], ["月/日", "星"]),
            (["Simon &amp; Garfunkel"], ["Simon &amp; Garfunkel"]),
            (["A &#39;B&#39;; C"], ["A &#39;B&#39;", "C"]),
            (["Earth, Wind & Fire"], ["Earth, Wind & Fire"]),
            (["Tyler, The Creator"], ["Tyler, The Creator"]),
        ] as [([String], [String])])
    func `only separators that names do not contain split them`(values: [String], names: [String]) {
        let separators = TagSeparators().artists
        let split = values.flatMap { TagSeparators.split($0, at: separators) }
        #expect(TagSeparators.unique(split) == names)
    }

    @Test(
        arguments: [
            ("3/12", 3, 12), ("3", 3, nil), ("03", 3, nil), (" 3 / 12 ", 3, 12), ("0/12", nil, 12),
            ("/12", nil, 12), ("3/", 3, nil),
            ("A1", nil, nil), ("12a/b", 12, nil), ("", nil, nil), ("-1", nil, nil), ("3/0", 3, nil),
            ("3/12/4", 3, 12),
        ] as [(String, Int?, Int?)])
    func `a position is a number and a total`(text: String, number: Int?, total: Int?) {
        #expect(TagPosition.parse(text) == (number, total))
    }

    @Test(
        arguments: [
            ("2004", "2004"), ("2004-05", "2004-05"), ("2004-05-17", "2004-05-17"),
            ("2004-05-17T10:11:12", "2004-05-17T10:11:12"),
            ("2004-05-17 10:11", "2004-05-17T10:11"),
            ("2004-05-17T00:00:00Z", "2004-05-17"), ("2004-05-17T25:00", "2004-05-17"),
            ("2004-05-17T20", "2004-05-17T20"), ("2004.5.17", "2004-05-17"),
            ("17.05.2004", "2004-05-17"), ("05/17/2004", "2004-05-17"), ("05/06/2004", "2004"),
            ("05.05.2004", "2004-05-05"), ("31.02.2004", nil), ("17.05.04", nil),
            ("20040517101112", "2004-05-17"), ("20041317", "2004"),
            ("2004-13-01", "2004"), ("2004-00", "2004"), ("2004-05-32", "2004-05"),
            ("2004-02-30", "2004-02"), ("2004-5-1", "2004-05-01"),
            ("20040517", "2004-05-17"), ("2004/05/17", "2004-05-17"), ("0000", nil), ("204", nil),
            ("", nil),
            ("May 2004", nil), ("+204", nil),
            ("2004-+5", "2004"), ("-204", nil), ("２００４", nil),
        ] as [(String, String?)])
    func `a date is kept as precise as it is`(text: String, date: String?) {
        #expect(TagDate.parse(text) == date)
    }

    @Test(
        arguments: [
            ([0xff, 0xd8, 0xff, 0xe0], "image/jpeg"), ([0x89, 0x50, 0x4e, 0x47, 13], "image/png"),
            (Array("GIF89a".utf8), "image/gif"),
            (Array("RIFF0000WEBPVP8 ".utf8), "image/webp"), (Array("RIFF0000WAVEfmt ".utf8), nil),
            ([], nil), (Array("<svg".utf8), nil),
        ] as [([UInt8], String?)])
    func `a picture is what its bytes say`(bytes: [UInt8], type: String?) {
        #expect(bytes.withUnsafeBytes { ImageType.of($0) } == type)
    }

    // MARK: Pictures

    private static let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47]

    private func picture(_ type: UInt8, _ bytes: [UInt8], mime: String = "image/png") -> [UInt8] {
        let body: [UInt8] =
            [0] + Array(mime.utf8) + [0, type] + Array("d\(type)".utf8) + [0] + bytes
        return Array("APIC".utf8) + MP3.syncSafe(body.count) + [0, 0] + body
    }

    private func tag(_ frames: [UInt8], flags: UInt8 = 0, version: UInt8 = 4) -> [UInt8] {
        Array("ID3".utf8) + [version, 0, flags] + MP3.syncSafe(frames.count) + frames
    }

    private func bytes(_ picture: TagReader.Picture) -> [UInt8] {
        if case .bytes(let bytes) = picture.data { bytes } else { [] }
    }

    @Test func `all pictures of all tags are read, with type, kind and description`() throws {
        let frames =
            picture(4, Self.png + [4]) + picture(3, [0xff, 0xd8, 0xff, 3, 0, 3])
            + picture(0, Array("http://x".utf8), mime: "-->")
            + picture(8, [1, 2], mime: "text/plain")
        let ape = MP3.ape(
            [("Cover Art (Front)", "n.png\u{0}GIF89a-from-ape")], header: true, binary: true)
        let result = try read(tag(frames) + MP3.audio(frames: 5) + ape)
        #expect(result.pictures.map(\.type) == [4, 3, 8, 3])
        #expect(
            result.pictures.map(\.mimeType)
                == ["image/png", "image/jpeg", "application/octet-stream", "image/gif"])
        #expect(result.pictures.map(\.description) == ["d4", "d3", "d8", "n.png"])
        #expect(
            result.pictures.map(bytes)
                == [
                    Self.png + [4], [0xff, 0xd8, 0xff, 3, 0, 3], [1, 2],
                    Array("GIF89a-from-ape".utf8),
                ])
    }

    @Test func `a cover beyond the first block is read whole, unsynchronised or not`() throws {
        let image = Self.png + (0..<300_000).map { UInt8(truncatingIfNeeded: $0 * 7 % 255) }
        let plain = try read(tag(picture(3, image)) + MP3.audio(frames: 5))
        #expect(plain.pictures.map(bytes) == [image])
        // Behind each 0xff a zero.
        let frames = picture(3, image)
        let header = frames.prefix(10)
        let doubled = frames.dropFirst(10).flatMap { $0 == 0xff ? [$0, 0] : [$0] }
        let frame = Array(header.prefix(4)) + MP3.syncSafe(doubled.count) + [0, 2] + doubled
        let changed = try read(tag(frame, flags: 0x80) + MP3.audio(frames: 5))
        #expect(changed.pictures.map(bytes) == [image])
    }
}
