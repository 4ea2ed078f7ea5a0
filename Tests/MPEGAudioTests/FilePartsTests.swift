import MPEGAudio
import Storage
import TestSupport
import Testing

struct FilePartsTests {
    private func parts(_ bytes: [UInt8]) throws -> FileParts? {
        try withTemporaryFolder { folder in
            try write(bytes, to: folder + "/f")
            let file = try FileDescriptor(folder + "/f", .read)
            return try FileParts.find(in: file, sizeBytes: bytes.count)
        }
    }

    private static let v2 = MP3.id3v2([("TIT2", "Sakura")], padding: 100)

    /// A RIFF file of one format and its data, with a chunk of text behind.
    private static func riff(_ data: [UInt8], format: UInt8) -> [UInt8] {
        let pad = [UInt8](repeating: 0, count: data.count % 2)
        let chunks =
            Array("WAVEfmt ".utf8) + MP3.little(16) + [format, 0]
            + [UInt8](repeating: 0, count: 14) + Array("data".utf8) + MP3.little(data.count)
            + data + pad + Array("LIST".utf8) + MP3.little(4) + Array("INFO".utf8)
        return Array("RIFF".utf8) + MP3.little(chunks.count) + chunks
    }

    /// Frames of 200 bytes.
    private static let adts: [UInt8] = (0..<50).flatMap { number -> [UInt8] in
        [0xff, 0xf1, 0x50, 0x80, 200 >> 3, UInt8(200 << 5 & 0xe0) | 0x1f, 0xfc]
            + (0..<193).map { UInt8(truncatingIfNeeded: $0 * 7 + number) }
    }

    static let heads: [(name: String, bytes: [UInt8], junk: Int)] = [
        ("nothing", [], 0), ("ID3v2", v2, 0), ("two ID3v2", v2 + MP3.id3v2([("TPE1", "月光社")]), 0),
        ("ID3v2.3", MP3.id3v2([("TIT2", "A")], version: 3), 0),
        ("ID3v2 with footer", MP3.id3v2([("TIT2", "A")], footer: true), 0),
        ("junk between two ID3v2", v2 + [1, 2, 3] + v2, 3),
        ("ID3v2 behind junk", Array("junk before the tag".utf8) + v2, 19),
        // The flag means something in ID3v2.4 only.
        ("ID3v2.3 with all flags", [0x49, 0x44, 0x33, 3, 0, 0xff, 0, 0, 0, 0], 0),
        ("ID3v1 in front", MP3.id3v1(), 0), ("ID3v1 before ID3v2", MP3.id3v1() + v2, 0),
        ("APE in front", MP3.ape([("Title", "A")], header: true), 0),
        ("zeros only", [UInt8](repeating: 0, count: 300_000), 0),
        ("junk of 300 KB", [UInt8](repeating: 1, count: 300_000), 300_000),
        ("a cover of 3 MB", MP3.id3v2([("TIT2", "A")], padding: 3_000_000), 0),
        ("zeros behind", v2 + [UInt8](repeating: 0, count: 5000), 0),
        ("junk", Array("junk".utf8), 4),
        ("ID3v2 and junk", v2 + [1, 2, 0, 3], 3),
        (
            "a tag longer than the file", Array("ID3".utf8) + [4, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f],
            10 - 2
        ),
        ("a single false frame", [0xff, 0xfb, 0x90, 0x00, 1, 1], 5),
    ]

    static let tails: [(name: String, bytes: [UInt8])] = [
        ("nothing", []), ("ID3v1", MP3.id3v1()),
        ("APE with header", MP3.ape([("Title", "A")], header: true)),
        ("APE without header", MP3.ape([("Title", "A")], header: false)),
        ("Lyrics3", MP3.lyrics3("la la")),
        ("Lyrics3 v1", Array("LYRICSBEGIN[00:01]la la\r\nLYRICSEND".utf8) + MP3.id3v1()),
        ("APE v1", MP3.ape([("Title", "A")], header: false, version: 1000) + MP3.id3v1()),
        ("appended ID3v2", MP3.appendedID3v2([("TIT2", "A")])),
        ("APE and ID3v1", MP3.ape([("Title", "A")], header: true) + MP3.id3v1()),
        ("Lyrics3 and ID3v1", MP3.lyrics3("la") + MP3.id3v1()),
        ("TAG+ and ID3v1", Array("TAG+".utf8) + [UInt8](repeating: 32, count: 223) + MP3.id3v1()),
        (
            "all",
            MP3.appendedID3v2([("TIT2", "A")]) + MP3.ape([("Title", "A")], header: true)
                + MP3.lyrics3("la") + MP3.id3v1()
        ),
        (
            "all in another order",
            MP3.lyrics3("la") + MP3.ape([("Title", "A")], header: false) + MP3.id3v1()
        ),
    ]

    @Test(arguments: heads.indices, tails.indices)
    func `tags around the audio are told from it`(head: Int, tail: Int) throws {
        let (before, behind) = (Self.heads[head], Self.tails[tail])
        let audio = MP3.audio(frames: 6)
        let found = try #require(
            try parts(before.bytes + audio + behind.bytes), "\(before.name), \(behind.name)")
        #expect(found.head == 0..<before.bytes.count)
        #expect(found.audio.count == audio.count, "\(before.name), \(behind.name)")
        #expect(found.tail.count == behind.bytes.count, "\(before.name), \(behind.name)")
        #expect(found.junkBytes == before.junk, "\(before.name)")
    }

    @Test func `of tags without end a bounded number is stepped over`() throws {
        let audio = MP3.audio(frames: 40)
        let tag: [UInt8] = [0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 0]
        let before = Array(repeatElement(tag, count: 1000).joined())
        let head = try #require(try parts(before + audio))
        #expect(head.audio == 10_000..<10_000 + audio.count)
        #expect(head.junkBytes > 2000)
        let behind = Array(repeatElement(MP3.id3v1(), count: 1000).joined())
        let tail = try #require(try parts(audio + behind))
        #expect(tail.audio == 0..<audio.count + 128 * 744)
    }

    @Test func `frames inside a RIFF file end with its data`() throws {
        let audio = MP3.audio(frames: 9)
        let file = Self.riff(audio, format: 0x55)
        let found = try #require(try parts(file))
        #expect(found.audio == 44..<44 + audio.count)
        #expect(found.tail.upperBound == file.count)
        #expect(found.findings.map(\.code) == [.riffWrapped])
    }

    @Test(arguments: [0, 0xffff_ffff, 50_000])
    func `a RIFF file without a true size holds audio to its end`(size: Int) throws {
        var file = Array(Self.riff(MP3.audio(frames: 9), format: 0x55).dropLast(12))
        file.replaceSubrange(40..<44, with: MP3.little(size))
        #expect(try parts(file)?.audio == 44..<file.count)
    }

    @Test func `a tag that claims more than the file has is told`() throws {
        let tag = Array("ID3".utf8) + [4, 0, 0, 0, 0x7f, 0x7f, 0x7f] + Array("TIT2".utf8)
        let found = try #require(try parts(tag + MP3.audio(frames: 6)))
        #expect(found.audio.lowerBound == tag.count)
        #expect(found.findings.map(\.code) == [.tagOverlong, .junkBeforeAudio])
    }

    @Test func `text before the first frame is called so`() throws {
        let text = Array("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n".utf8)
        let found = try #require(try parts(text + MP3.audio(frames: 6)))
        #expect(found.findings.map(\.code) == [.textBeforeAudio])
        #expect(found.junkBytes == text.count)
    }

    @Test func `an APE footer that claims a header takes none of the audio with it`() throws {
        // Flag and header do not agree, both ways.
        var without = MP3.ape([("Title", "A")], header: false)
        without[without.count - 9] |= 0x80
        var with = MP3.ape([("Title", "A")], header: true)
        with[with.count - 9] &= 0x7f
        for tag in [without, with] {
            #expect(try parts(MP3.audio(frames: 6) + tag)?.tail.count == tag.count)
        }
    }

    @Test func `a file in free format is found`() throws {
        let audio = MP3.freeFormat(frames: 10, lengthBytes: 1500, pads: true)
        #expect(try parts(Self.v2 + audio + MP3.id3v1())?.audio.count == audio.count)
    }

    @Test func `of 10,000 random files none is MPEG audio`() throws {
        var random = SeededGenerator(seed: 42)
        try withTemporaryFolder { folder in
            // Every file is a window of the same noise, at another place and of another length.
            let noise = random.bytes(4 << 20)
            let path = folder + "/f"
            for number in 0..<10_000 {
                let start = Int.random(in: 0..<noise.count - 2000, using: &random)
                let count = Int.random(in: 0...2000, using: &random)
                let sink = try FileDescriptor(path, .createNew)
                try noise.withUnsafeBytes {
                    try sink.write(UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
                }
                let file = try FileDescriptor(path, .read)
                #expect(
                    try FileParts.find(in: file, sizeBytes: count) == nil, "file \(number)")
                try FileSystem.remove(path)
            }
            try write(noise, to: path)
            let file = try FileDescriptor(path, .read)
            #expect(try FileParts.find(in: file, sizeBytes: noise.count) == nil)
        }
    }

    @Test func `what looks like a tag inside the audio stays there`() throws {
        var audio = MP3.audio(frames: 8)
        let fakes: [[UInt8]] = [
            Array("TAG".utf8), Array("APETAGEX".utf8) + MP3.little(2000) + MP3.little(50),
            Array("LYRICS200".utf8),
            Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 5], Array("3DI".utf8) + [4, 0, 0, 0, 0, 0, 5],
        ]
        for (index, fake) in fakes.enumerated() {
            audio.replaceSubrange(index * 418 + 100..<index * 418 + 100 + fake.count, with: fake)
        }
        let found = try #require(try parts(audio))
        #expect(found.audio == 0..<audio.count)
    }

    static let footers: [(name: String, bytes: [UInt8])] = [
        // Footers that claim more than there is, or have no tag before them.
        (
            "APE",
            Array("APETAGEX".utf8) + MP3.little(2000) + MP3.little(1 << 30)
                + [UInt8](repeating: 0, count: 16)
        ),
        (
            "APE of no length",
            Array("APETAGEX".utf8) + MP3.little(2000) + MP3.little(0)
                + [UInt8](repeating: 0, count: 16)
        ),
        ("Lyrics3", Array("999999LYRICS200".utf8)),
        ("Lyrics3 without digits", Array("-00100LYRICS200".utf8)),
        ("ID3v2", Array("3DI".utf8) + [4, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f]),
        ("ID3v2 without a beginning", Array("3DI".utf8) + [4, 0, 0, 0, 0, 2, 0]),
        ("Lyrics3 without a beginning", Array("000400LYRICS200".utf8)),
    ]

    @Test(arguments: footers.indices)
    func `a footer without its tag takes no audio with it`(index: Int) throws {
        let (what, footer) = Self.footers[index]
        let audio = MP3.audio(frames: 6)
        let found = try #require(try parts(audio + footer))
        #expect(found.audio.lowerBound == 0)
        #expect(found.audio.upperBound >= audio.count, "\(what)")
    }

    static let others: [(name: String, bytes: [UInt8])] = [
        ("nothing", []), ("zeros", [UInt8](repeating: 0, count: 10_000)),
        ("text", Array(String(repeating: "text ", count: 1000).utf8)),
        ("tags only", v2 + MP3.id3v1()), ("ID3v1 only", MP3.id3v1()),
        ("part of a frame", Array(MP3.frame(0).prefix(300))),
        ("an APE tag only", MP3.ape([("Title", "A")], header: true)),
        ("three bytes", [0xff, 0xfb, 0x90]),
        (
            "three frames behind 300 KiB, and more junk",
            [UInt8](repeating: 1, count: 300 << 10) + MP3.audio(frames: 3)
                + [UInt8](repeating: 1, count: 9000)
        ),
        ("PCM in a WAV file", riff(MP3.audio(frames: 9), format: 1)), ("AAC in ADTS", adts),
        ("FLAC", Array("fLaC".utf8) + MP3.audio(frames: 9)),
        ("Ogg", Array("OggS".utf8) + MP3.audio(frames: 9)),
        ("MP4", [0, 0, 0, 32] + Array("ftypM4A ".utf8) + MP3.audio(frames: 9)),
        ("JPEG", [0xff, 0xd8, 0xff, 0xe0] + MP3.audio(frames: 9)),
        ("an error page", Array("<!DOCTYPE html><html><body>404 Not Found</body></html>".utf8)),
        ("two frames in the middle of junk", [1, 2] + MP3.audio(frames: 2) + [3, 4, 5, 6, 7]),
        (
            "noise",
            {
                var random = SeededGenerator(seed: 5); return random.bytes(200_000)
            }()
        ),
    ]

    @Test(arguments: others.indices) func `what has no frames has no parts`(index: Int) throws {
        let (what, bytes) = Self.others[index]
        #expect(try parts(bytes) == nil, "\(what)")
    }

    static let behindTags: [(bytes: [UInt8], what: String)] = [
        ([], "tags without audio"), (MP3.id3v1(), "tags without audio"),
        ([0, 0, 0, 32] + Array("ftypqt  stuff".utf8), "tags, and behind them an MP4 file"),
        ([0, 0, 0, 0], "tags, and behind them zeros, and no frames"),
        (Array("ID3\u{3}....".utf8), "tags, and behind them part of a tag"),
        (
            [UInt8](repeating: 7, count: 999),
            "tags, and behind them no three frames in a row within 256 KiB of the tags, "
                + "no eight behind that"
        ),
    ]

    @Test(arguments: behindTags)
    func `behind tags it is told what there is`(bytes: [UInt8], what: String) throws {
        try withTemporaryFolder { folder in
            try write(Self.v2 + bytes, to: folder + "/f")
            let check = try AudioFileCheck(pathBytes: Array((folder + "/f").utf8))
            #expect(check.report == nil && check.content == what)
        }
    }

    @Test(arguments: [
        ("one frame", 417), ("one frame and part of a header", 419),
        ("one frame and part of another", 600),
        ("two frames", 835), ("two frames and part of a third", 1000), ("three frames", 1252),
    ])
    func `a short file is audio from one whole frame`(what: String, count: Int) throws {
        let bytes = Array(MP3.audio(frames: 3).prefix(count))
        #expect(try parts(Self.v2 + bytes)?.audio.count == count, "\(what)")
    }
}
