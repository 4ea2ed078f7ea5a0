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

    static let heads: [(name: String, bytes: [UInt8], junk: Int)] = [
        ("nothing", [], 0), ("ID3v2", v2, 0), ("two ID3v2", v2 + MP3.id3v2([("TPE1", "月光社")]), 0),
        ("ID3v2.3", MP3.id3v2([("TIT2", "A")], version: 3), 0),
        ("ID3v2 with footer", MP3.id3v2([("TIT2", "A")], footer: true), 0),
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
        ("a frame behind 300 KiB", [UInt8](repeating: 1, count: 300 << 10) + MP3.audio(frames: 6)),
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
