import MPEGAudio
import TestSupport
import Testing

typealias Code = FrameFinding.Code

/// - Parameter first: The size of the first piece.
func walk(_ bytes: [UInt8], first: Int? = nil, pieces: Int? = nil, promised: Int? = nil)
    -> FrameReport
{
    var walker = FrameWalker(lengthBytes: promised ?? bytes.count)
    var start = 0
    while start < bytes.count {
        let size = start == 0 ? first ?? pieces ?? bytes.count : pieces ?? bytes.count
        let end = min(start + size, bytes.count)
        bytes[start..<end].withUnsafeBytes { walker.feed($0) }
        start = end
    }
    return walker.finish()
}

extension FrameReport {
    /// The findings in short.
    var found: [Found] {
        findings.list.map { Found($0.code, $0.offset, $0.lengthBytes) }
    }
}

struct Found: Equatable, CustomStringConvertible {
    let code: Code
    let offset, count: Int
    init(_ code: Code, _ offset: Int, _ count: Int = 0) {
        (self.code, self.offset, self.count) = (code, offset, count)
    }
    var description: String { ".\(code) at \(offset), \(count) bytes" }
}

struct FrameWalkerTests {
    struct Stream: Sendable {
        let name: String
        let bytes: [UInt8]
        let frames: Int
        let found: [Found]
        init(_ name: String, _ bytes: [UInt8], frames: Int, _ found: [Found] = []) {
            (self.name, self.bytes, self.frames, self.found) = (name, bytes, frames, found)
        }
    }

    private static let five = MP3.audio(frames: 5)  // 2,087 bytes
    private static let id3 = MP3.id3v2([("TIT2", "Second part")], padding: 3000)

    static let streams: [Stream] = {
        let zeros = [UInt8](repeating: 0, count: 5000)
        let text = Array("some junk, which is no frame".utf8)
        let wide: [UInt8] = [0xff, 0xfb, 0xe0, 0] + [UInt8](repeating: 1, count: 1040)
        let cut = five.dropLast(300)
        let ape = MP3.ape([("Title", "A")], header: true)
        return [
            Stream("whole", MP3.audio(frames: 10), frames: 10),
            Stream("with an Info frame", MP3.info(frames: 9) + MP3.audio(frames: 9), frames: 9),
            Stream(
                "an Info frame that promises more", MP3.info(frames: 20) + MP3.audio(frames: 9),
                frames: 9, [Found(.truncated, 4173, 0)]),
            Stream(
                "an Info frame that promises less", MP3.info(frames: 5) + MP3.audio(frames: 9),
                frames: 9, [Found(.frameCountDiffers, 0)]),
            Stream(
                "cut in the last frame", MP3.audio(frames: 10).dropLast(100) + [], frames: 9,
                [Found(.truncated, 3756, 317)]),
            Stream(
                "cut in the last header", MP3.audio(frames: 9) + [0xff, 0xfb], frames: 9,
                [Found(.junkAfterAudio, 3756, 2)]),
            Stream(
                "text between", five + text + five, frames: 10, [Found(.strayBytes, 2087, 28)]),
            Stream(
                "junk behind", five + [1, 2, 3, 4, 5], frames: 5, [Found(.junkAfterAudio, 2087, 5)]),
            Stream(
                "a header of another stream between",
                five + [0xff, 0xf3, 0x90, 0x00] + five, frames: 10, [Found(.strayBytes, 2087, 4)]),
            Stream(
                "frames of another stream between", five + MP3.slow(frames: 6) + five, frames: 16,
                [
                    Found(.mixedLayers, 2087), Found(.sampleRateChange, 2087),
                    Found(.channelChange, 2087), Found(.mixedLayers, 2711),
                    Found(.sampleRateChange, 2711), Found(.channelChange, 2711),
                ]),
            Stream("changing bitrate", five + wide + five, frames: 11),
            Stream("one frame", MP3.audio(frames: 1), frames: 1, [Found(.singleFrame, 0)]),
            Stream(
                "an Info frame and nothing else", MP3.info(frames: 9), frames: 0,
                [Found(.truncated, 417), Found(.noFrames, 0)]),
            Stream(
                "a frame cut in the middle", cut + five, frames: 9,
                [Found(.cutFrame, 2087 - 418, 118)]),
            Stream("zeros between", five + zeros + five, frames: 10, [Found(.zeroRun, 2087, 5000)]),
            Stream("zeros behind", five + zeros, frames: 5, [Found(.zeroRun, 2087, 5000)]),
            Stream(
                "zeros and junk", five + zeros + text + five, frames: 10,
                [Found(.zeroRun, 2087, 5000), Found(.strayBytes, 7087, 28)]),
            Stream(
                "an ID3v2 tag between", five + id3 + five, frames: 10,
                [Found(.tagInAudio, 2087, id3.count)]),
            Stream(
                "an ID3v2 tag in the middle of a frame", cut + id3 + five, frames: 9,
                [
                    Found(.cutFrame, 2087 - 418, 118), Found(.tagInAudio, 1787, id3.count),
                ]),
            Stream(
                "ID3v1, APE and Lyrics3 between",
                five + MP3.lyrics3("la la") + ape + MP3.id3v1() + five, frames: 10,
                [
                    Found(.tagInAudio, 2087, 39), Found(.tagInAudio, 2126, ape.count),
                    Found(.tagInAudio, 2126 + ape.count, 128),
                ]),
            Stream(
                "two files in one", MP3.info(frames: 5) + five + MP3.info(frames: 5) + five,
                frames: 10, [Found(.severalHeaders, 2504, 417)]),
            Stream(
                "junk before", text + five, frames: 5, [Found(.textBeforeAudio, 0, 28)]),
            Stream(
                "noise before", [1, 0xff, 0xfb, 0x90, 4, 5] + five, frames: 5,
                [Found(.junkBeforeAudio, 0, 6)]),
            Stream(
                "nothing but noise", text + [0, 1, 2], frames: 0, [Found(.junkBeforeAudio, 0, 31)]),
            Stream("free format", MP3.freeFormat(frames: 8), frames: 8, [Found(.freeFormat, 0)]),
        ]
    }()

    @Test(arguments: streams.indices) func `a stream is walked frame by frame`(index: Int) {
        let stream = Self.streams[index]
        let report = walk(stream.bytes)
        #expect(report.frames == stream.frames, "\(stream.name)")
        #expect(report.found == stream.found, "\(stream.name)")
        #expect(report.isPlayable == (stream.frames > 0))
    }

    @Test(arguments: streams.indices) func `pieces of every size give the same report`(index: Int) {
        let stream = Self.streams[index]
        let whole = walk(stream.bytes)
        for pieces in [1, 2, 3, 4, 5, 7, 16, 31, 416, 417, 418, 419, 500, 1000, 4096] {
            #expect(
                walk(stream.bytes, pieces: pieces) == whole, "\(stream.name), pieces of \(pieces)")
        }
    }

    @Test(arguments: SeededGenerator.seeds(12))
    func `damaged streams in any pieces give the same report`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = MP3.audio(frames: 200)
        for _ in 0..<6 {
            let place = Int.random(in: 418..<bytes.count - 200, using: &random)
            switch Int.random(in: 0...2, using: &random) {
            case 0: bytes.removeSubrange(place..<place + Int.random(in: 1...200, using: &random))
            case 1:
                bytes.insert(
                    contentsOf: random.bytes(Int.random(in: 1...300, using: &random)), at: place)
            default: bytes[place] ^= 0xff
            }
        }
        let whole = walk(bytes)
        for _ in 0..<15 {
            let first = Int.random(in: 1...60_000, using: &random)
            let pieces = Int.random(in: 1...50_000, using: &random)
            #expect(
                walk(bytes, first: first, pieces: pieces) == whole,
                "seed \(seed), pieces of \(first), then \(pieces)")
        }
        // Each of the six places costs a frame or two; what is no damage is counted.
        #expect(whole.frames >= 188 && whole.frames <= 200, "seed \(seed)")
    }

    @Test func `no frames are found in noise behind frames`() {
        var random = SeededGenerator(seed: 11)
        let report = walk(MP3.audio(frames: 5) + random.bytes(2_000_000))
        #expect(report.frames == 5)
        #expect(report.strayBytes == 2_000_000)
    }

    @Test func `a stream that ends early is cut where it ends`() {
        let whole = MP3.audio(frames: 10)
        let report = walk(Array(whole.prefix(2000)), promised: whole.count)
        #expect(report.frames == 4)
        #expect(report.audio == 0..<2000)
        #expect(report.missingBytes == 87)
    }

    @Test func `what a file has grown by is not walked`() {
        let report = walk(MP3.audio(frames: 10), pieces: 1000, promised: 2087)
        #expect(report.frames == 5)
        #expect(report.isSound)
    }

    @Test func `findings are bounded, and counted beyond`() {
        let bytes: [UInt8] = (0..<200).flatMap { number -> [UInt8] in
            MP3.audio(frames: 4, from: number) + [1, 2, 3]
        }
        let report = walk(bytes)
        #expect(report.frames == 800)
        #expect(report.findings.list.count == FrameFindings.limit + 1)
        #expect(report.findings[.strayBytes].findings == 199)
        #expect(report.findings[.strayBytes].bytes == 597)
        #expect(report.warnings.count == 2)
        #expect(
            report.warnings[0].detail
                == "3 bytes at offset 1669, the first of 199 such places (597 bytes)")
    }

    @Test func `where damage is heard is told`() throws {
        let report = walk(MP3.audio(frames: 100) + [1, 2, 3] + MP3.audio(frames: 10))
        let finding = try #require(report.findings.list.first)
        #expect(finding.timeMs == 100 * 1152 * 1000 / 44_100)
    }

    @Test func `a change of channels is a finding`() {
        let mono = MP3.audio(frames: 4).enumerated().map { index, byte in
            [3, 420, 838, 1255].contains(index) ? byte | 0xc0 : byte
        }
        let report = walk(MP3.audio(frames: 4) + mono + MP3.audio(frames: 4))
        #expect(report.frames == 12)
        #expect(report.found.map(\.code) == [.channelChange, .channelChange])
    }

    @Test func `durations of mixed sample rates add up`() {
        let report = walk(MP3.audio(frames: 5) + MP3.slow(frames: 6))
        // 5 × 1152 / 44100 + 6 × 576 / 22050 s
        #expect(report.durationMs == 287)
        #expect(report.samples == 5 * 1152 + 6 * 576)
    }

    @Test(arguments: [(1, 26), (38, 993), (383, 10_005)])
    func `duration is frames times samples`(frames: Int, milliseconds: Int) {
        #expect(walk(MP3.audio(frames: frames)).durationMs == milliseconds)
    }

    @Test func `a stream of constant bitrate stays one behind a larger Info frame`() {
        // lame gives the Info frame of a slow stream a higher bitrate, to have room for its table.
        let slow = (0..<5).flatMap { _ in
            [0xff, 0xf3, 0x10, 0xc0] + [UInt8](repeating: 0, count: 22)
        }
        var info: [UInt8] = [0xff, 0xf3, 0x80, 0xc0] + [UInt8](repeating: 0, count: 204)
        info.replaceSubrange(13..<25, with: Array("Info".utf8) + [0, 0, 0, 1, 0, 0, 0, 5])
        let report = walk(info + slow)
        #expect(report.frames == 5)
        #expect(!report.isVBR)
        #expect(report.averageBitrateKbps == 8)
    }

    @Test func `what is cut inside the Info frame has no frames, not less`() {
        let report = walk(Array(MP3.info(frames: 9).prefix(200)))
        #expect(report.frames == 0)
        #expect(report.durationMs == 0)
        #expect(report.missingBytes == 217)
        #expect(!report.isPlayable)
    }

    @Test func `a VBRI header is read as well`() {
        var frame = MP3.frame(0)
        frame.replaceSubrange(
            36..<54, with: Array("VBRI".utf8) + [UInt8](repeating: 0, count: 10) + MP3.big(5))
        let report = walk(frame + MP3.audio(frames: 5))
        #expect(report.info?.kind == .vbri)
        #expect(report.info?.frames == 5)
        #expect(report.frames == 5)
    }

    @Test(arguments: [(64, false), (200, true), (1044, false), (2880, true)])
    func `free format tells its bitrate by the distance of frames`(length: Int, pads: Bool) {
        let report = walk(MP3.freeFormat(frames: 40, lengthBytes: length, pads: pads))
        #expect(report.frames == 40)
        #expect(report.isSound)
        #expect(report.bitrateMode == .constant)
        #expect(report.minimumBitrateKbps == length * 8 * 44_100 / 1152 / 1000)
    }
}
