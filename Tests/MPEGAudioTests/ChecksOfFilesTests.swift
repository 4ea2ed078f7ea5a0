import CChecksum
import MPEGAudio
import Storage
import TestSupport
import Testing

/// What encoders leave to check files by: on real files, and on frames made to measure.
struct ChecksOfFilesTests {
    private static let variable =
        Repository.sample + "/music/Europe/Die Dachrinnen/Freude, lauter!/01 Freude!.mp3"

    private static func sampleFiles() throws -> [String] {
        try FileSystem.readAll(Repository.sample + "/songs.ndjson").split(separator: 10).map {
            let json = try JSONValue.parse(Array($0), path: "songs.ndjson")
            return Repository.sample + "/" + json["paths"]!.strings![0]
        }
    }

    @Test func `every song of the sample is sound, and its music is what LAME wrote`() throws {
        var lengths: Set<Int> = []
        for path in try Self.sampleFiles() {
            let report = try #require(
                try AudioFileCheck(pathBytes: Array(path.utf8)).report, "\(path)")
            #expect(report.findings.list.isEmpty, "\(path)")
            guard let lame = report.info?.lame else { continue }
            #expect(lame.encoder == "LAME3.100")
            #expect(lame.isIntact && report.musicCRC == .ok, "\(path)")
            #expect(report.info?.frames == report.frames)
            #expect(
                report.gaplessSamples
                    == report.samples - lame.delaySamples - lame.paddingSamples)
            lengths.insert(lame.musicBytes)
        }
        #expect(lengths.count >= 20)
    }

    private static func parts(_ path: String) throws -> FileParts {
        let file = try FileDescriptor(path, .read)
        return try #require(try FileParts.find(in: file, sizeBytes: try file.status().sizeBytes))
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `each flipped bit of the music is found`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let parts = try Self.parts(Self.variable)
        var audio = Array(try contents(Self.variable)[parts.audio])
        let start = try #require(walk(audio).first).lengthBytes
        for _ in 0..<50 {
            let place = Int.random(in: start..<audio.count, using: &random)
            let bit = UInt8(1) << UInt8.random(in: 0...7, using: &random)
            audio[place] ^= bit
            let report = walk(audio, pieces: 65_536)
            // A flip in a frame's header may break the walk as well.
            #expect(report.musicCRC == .bad, "seed \(seed), byte \(place)")
            #expect(report.findings[.musicCRCError].findings == 1)
            audio[place] ^= bit
        }
        #expect(walk(audio, pieces: 65_536).musicCRC == .ok)
    }

    @Test func `each flipped bit of the LAME tag is found`() throws {
        let parts = try Self.parts(Self.variable)
        var audio = Array(try contents(Self.variable)[parts.audio].prefix(20_000))
        let xing = try #require(
            audio.indices.first { audio[$0...].starts(with: "Xing".utf8) })
        // From behind the name to the end of the CRC.
        for place in xing + 4 + 4..<xing + 156 {
            audio[place] ^= 0x10
            let report = walk(audio)
            // Inside the encoder's name the tag may no longer be known for one.
            if !(xing + 120..<xing + 129).contains(place) {
                #expect(report.findings[.lameTagCRCError].findings == 1, "byte \(place - xing)")
                #expect(report.musicCRC == .unchecked)
            }
            audio[place] ^= 0x10
        }
    }

    @Test func `a cut file is truncated, not changed`() throws {
        let parts = try Self.parts(Self.variable)
        let audio = Array(try contents(Self.variable)[parts.audio])
        for count in [audio.count - 1, audio.count - 100, audio.count / 2] {
            let report = walk(Array(audio.prefix(count)))
            #expect(report.musicCRC == .unchecked)
            #expect(report.warnings.map(\.code) == [.truncated], "\(count) bytes")
        }
    }

    @Test func `a music CRC over all frames is right whatever the music's length says`() throws {
        let parts = try Self.parts(Self.variable)
        var audio = Array(try contents(Self.variable)[parts.audio])
        let lame = try #require(audio.firstRange(of: Array("LAME".utf8))).lowerBound
        // As if an ID3v1 tag had been counted in.
        let count = audio.count - 128
        audio.replaceSubrange(lame + 28..<lame + 32, with: MP3.big(count))
        let crc = Self.arc(audio[..<(lame + 34)])
        audio.replaceSubrange(lame + 34..<lame + 36, with: [UInt8(crc >> 8), UInt8(crc & 0xff)])
        for pieces in [1000, 65_536, audio.count] {
            #expect(walk(audio, pieces: pieces).musicCRC == .ok)
        }
        audio[audio.count - 1] ^= 1
        #expect(walk(audio).musicCRC == .bad)
    }

    private static func arc(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { crc, byte in
            (0..<8).reduce(crc ^ UInt16(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xa001) }
        }
    }

    @Test func `what was appended to a file does not make its music bad`() throws {
        let parts = try Self.parts(Self.variable)
        let audio = Array(try contents(Self.variable)[parts.audio])
        let twice = walk(audio + audio)
        #expect(twice.musicCRC == .ok)
        #expect(twice.warnings.map(\.code) == [.severalHeaders])
        #expect(twice.gaplessSamples == nil)
        #expect(walk(audio + [1, 2, 3]).musicCRC == .ok)
    }

    /// A frame of layer III with a CRC that is right.
    private static func protected(_ number: Int, mono: Bool) -> [UInt8] {
        var frame: [UInt8] = MP3.frame(number)
        frame[1] = 0xfa
        if mono { frame[3] = 0xc0 }
        let bytes = frame[2..<4] + frame[6..<6 + (mono ? 17 : 32)]
        let crc = bytes.reduce(UInt16(0xffff)) { crc, byte in
            (0..<8).reduce(crc) { crc, bit in
                let isSet = UInt16(byte >> UInt8(7 - bit) & 1)
                return crc << 1 ^ (crc >> 15 ^ isSet == 1 ? 0x8005 : 0)
            }
        }
        frame[4] = UInt8(crc >> 8)
        frame[5] = UInt8(crc & 0xff)
        return frame
    }

    @Test(arguments: [true, false]) func `frames are held beside their own CRC`(mono: Bool) throws {
        var audio: [UInt8] = []
        for number in 0..<20 { audio += Self.protected(number, mono: mono) }
        let sound = walk(audio)
        #expect(sound.checkedFrameCRCs == 20 && sound.badFrameCRCs == 0 && sound.isSound)
        audio[7 * 417 + 10] ^= 4
        audio[9 * 417 + 12] ^= 4
        let damaged = walk(audio)
        #expect(damaged.badFrameCRCs == 2)
        #expect(damaged.found == [Found(.frameCRCError, 7 * 417)])
        // What the CRC does not cover.
        audio[11 * 417 + 200] ^= 4
        #expect(walk(audio).badFrameCRCs == 2)
    }

    @Test func `CRCs that are all wrong are the encoder's doing`() {
        var audio: [UInt8] = []
        for number in 0..<20 {
            var frame = Self.protected(number, mono: false)
            frame[4] ^= 0xff
            audio += frame
        }
        let report = walk(audio)
        #expect(report.found.map(\.code) == [.frameCRCUnusable])
        #expect(report.isSound)
    }
}
