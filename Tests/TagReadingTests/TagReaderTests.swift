import Catalog
import TestSupport
import Testing

@testable import TagReading

struct TagReaderTests {
    private func read(_ bytes: [UInt8]) throws -> TagReader.Result {
        try withTemporaryFolder { folder in
            try write(bytes, to: folder + "/f.mp3")
            return TagReader.read(Array((folder + "/f.mp3").utf8))
        }
    }

    // MARK: The sample library

    @Test(arguments: try! SampleSong.all)
    func `the tags of a sample are those of the ground truth`(song: SampleSong) throws {
        let result = TagReader.read(Array((Repository.sample + "/" + song.paths[0]).utf8))
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
        #expect((result.cover != nil) == song.hasCover)
        if let cover = result.cover { #expect(cover.type == "image/png") }
    }

    @Test func `the same audio under other tags has those tags`() {
        let path = Repository.sample + "/music/Troublesome/same-audio-other-tags.mp3"
        let tags = TagReader.read(Array(path.utf8)).tags
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
        #expect(result.cover == nil)
    }

    @Test func `a missing file has no tags`() {
        #expect(TagReader.read(Array("/nowhere/f.mp3".utf8)).tags == Tags())
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
        ] as [([String], [String])])
    func `only separators that names do not contain split them`(values: [String], names: [String]) {
        #expect(TagReader.split(values) == names)
    }

    @Test(
        arguments: [
            ("3/12", 3, 12), ("3", 3, nil), ("03", 3, nil), (" 3 / 12 ", 3, 12), ("0/12", nil, 12),
            ("/12", nil, 12), ("3/", 3, nil),
            ("A1", nil, nil), ("", nil, nil), ("-1", nil, nil), ("3/0", 3, nil), ("3/12/4", 3, 12),
        ] as [(String, Int?, Int?)])
    func `a position is a number and a total`(text: String, number: Int?, total: Int?) {
        #expect(TagReader.position(text) == (number, total))
    }

    @Test(
        arguments: [
            ("2004", "2004"), ("2004-05", "2004-05"), ("2004-05-17", "2004-05-17"),
            ("2004-05-17T10:11:12", "2004-05-17"),
            ("2004-13-01", "2004"), ("2004-00", "2004"), ("2004-05-32", "2004-05"),
            ("2004-02-30", "2004-02"), ("2004-5-1", "2004"),
            ("20040517", "2004"), ("2004/05/17", "2004"), ("0000", nil), ("204", nil), ("", nil),
            ("May 2004", nil), ("+204", nil),
            ("2004-+5", "2004"), ("-204", nil), ("２００４", nil),
        ] as [(String, String?)])
    func `a date is kept as precise as it is`(text: String, date: String?) {
        #expect(TagReader.date(text) == date)
    }

    @Test(
        arguments: [
            ([0xff, 0xd8, 0xff, 0xe0], "image/jpeg"), ([0x89, 0x50, 0x4e, 0x47, 13], "image/png"),
            (Array("GIF89a".utf8), "image/gif"),
            (Array("RIFF0000WEBPVP8 ".utf8), "image/webp"), (Array("RIFF0000WAVEfmt ".utf8), nil),
            ([], nil), (Array("<svg".utf8), nil),
        ] as [([UInt8], String?)])
    func `a picture is what its bytes say`(bytes: [UInt8], type: String?) {
        #expect(TagReader.imageType(bytes) == type)
    }

    @Test func `the front cover goes before other pictures`() throws {
        func picture(_ kind: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            let body: [UInt8] = [0] + Array("image/png".utf8) + [0, kind, 0] + bytes
            return Array("APIC".utf8) + MP3.syncSafe(body.count) + [0, 0] + body
        }
        let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47]
        let frames = picture(4, png + [4]) + picture(3, png + [3, 0, 3])
        let tag = Array("ID3".utf8) + [4, 0, 0] + MP3.syncSafe(frames.count) + frames
        #expect(try read(tag + MP3.audio(frames: 5)).cover?.bytes == png + [3, 0, 3])
    }
}
