import TestSupport
import Testing

@testable import MPEGAudio

struct FrameWalkerTests {
    /// - Parameter first: The size of the first piece, which holds the whole first frame.
    private static func walk(_ bytes: [UInt8], first: Int? = nil, pieces: Int? = nil)
        -> FrameWalker.Report
    {
        var walker = FrameWalker()
        var start = 0
        while start < bytes.count {
            let size = start == 0 ? first ?? bytes.count : pieces ?? bytes.count
            let end = min(start + size, bytes.count)
            bytes[start..<end].withUnsafeBytes { walker.feed($0) }
            start = end
        }
        return walker.finish()
    }

    static let streams:
        [(name: String, bytes: [UInt8], report: @Sendable (inout FrameWalker.Report) -> Void)] = [
            ("whole", MP3.audio(frames: 10), { $0.frames = 10 }),
            (
                "with an Info frame", MP3.info(frames: 9) + MP3.audio(frames: 9),
                {
                    $0.frames = 9; $0.declaredFrames = 9
                }
            ),
            (
                "an Info frame that promises more", MP3.info(frames: 20) + MP3.audio(frames: 9),
                {
                    $0.frames = 9; $0.declaredFrames = 20
                }
            ),
            (
                "cut in the last frame", MP3.audio(frames: 10).dropLast(100) + [],
                {
                    $0.frames = 9; $0.missingBytes = 100
                }
            ),
            (
                "cut in the last header", MP3.audio(frames: 9) + [0xff, 0xfb],
                {
                    $0.frames = 9; $0.strayBytes = 2; $0.firstStrayOffset = 9 * 417 + 3
                }
            ),
            (
                "junk between",
                MP3.audio(frames: 5) + Array("some junk, which is no frame".utf8)
                    + MP3.audio(frames: 5),
                {
                    $0.frames = 10; $0.strayBytes = 28; $0.firstStrayOffset = 5 * 417 + 2
                }
            ),
            (
                "junk behind", MP3.audio(frames: 5) + [1, 2, 3, 4, 5],
                {
                    $0.frames = 5; $0.strayBytes = 5; $0.firstStrayOffset = 5 * 417 + 2
                }
            ),
            (
                "frames of another stream between",
                MP3.audio(frames: 3) + [0xff, 0xf3, 0x90, 0x00] + MP3.audio(frames: 3),
                {
                    $0.frames = 6; $0.strayBytes = 4; $0.firstStrayOffset = 3 * 417 + 1
                }
            ),
            (
                "changing bitrate",
                MP3.audio(frames: 3) + ([0xff, 0xfb, 0xe0, 0] + [UInt8](repeating: 1, count: 1040))
                    + MP3.audio(frames: 3),
                {
                    $0.frames = 7; $0.isVBR = true
                }
            ),
            ("one frame", MP3.audio(frames: 1), { $0.frames = 1 }),
            (
                "an Info frame and nothing else", MP3.info(frames: 9),
                {
                    $0.frames = 0; $0.declaredFrames = 9
                }
            ),
        ]

    @Test(arguments: streams.indices) func `a stream is walked frame by frame`(index: Int) {
        let stream = Self.streams[index]
        var expected = FrameWalker.Report()
        expected.first = MPEGFrameHeader(0xfffb_9000)
        stream.report(&expected)
        #expect(Self.walk(stream.bytes) == expected, "\(stream.name)")
    }

    @Test(arguments: streams.indices) func `pieces of every size give the same report`(index: Int) {
        let stream = Self.streams[index]
        let whole = Self.walk(stream.bytes)
        for pieces in 1...500 {
            #expect(
                Self.walk(stream.bytes, first: 417, pieces: pieces) == whole,
                "\(stream.name), pieces of \(pieces)")
        }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `damaged streams in any pieces give the same report`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = MP3.audio(frames: 40)
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
        let whole = Self.walk(bytes)
        for _ in 0..<50 {
            let first = Int.random(in: 417...2_000, using: &random)
            let pieces = Int.random(in: 1...1_000, using: &random)
            #expect(
                Self.walk(bytes, first: first, pieces: pieces) == whole,
                "seed \(seed), pieces of \(pieces)")
        }
        // Most of the frames are found again after damage.
        #expect(whole.frames > 25 && whole.frames <= 46)
    }

    @Test func `a stream of constant bitrate stays one behind a larger Info frame`() {
        // lame gives the Info frame of a slow stream a higher bitrate, to have room for its table.
        let slow = (0..<5).flatMap { _ in
            [0xff, 0xf3, 0x10, 0xc0] + [UInt8](repeating: 0, count: 22)
        }
        var info: [UInt8] = [0xff, 0xf3, 0x80, 0xc0] + [UInt8](repeating: 0, count: 204)
        info.replaceSubrange(13..<25, with: Array("Info".utf8) + [0, 0, 0, 1, 0, 0, 0, 5])
        let report = Self.walk(info + slow)
        #expect(report.frames == 5)
        #expect(!report.isVBR)
    }

    @Test func `what is cut inside the Info frame has no frames, not less`() {
        let report = Self.walk(Array(MP3.info(frames: 9).prefix(200)))
        #expect(report.frames == 0)
        #expect(report.durationMs == 0)
        #expect(report.missingBytes == 217)
    }

    @Test(arguments: [(0, 0), (1, 26), (38, 993), (383, 10_005)])
    func `duration is frames times samples`(frames: Int, milliseconds: Int) {
        var report = FrameWalker.Report()
        report.first = MPEGFrameHeader(0xfffb_9000)
        report.frames = frames
        #expect(report.durationMs == milliseconds)
    }

    @Test func `a VBRI header is read as well`() {
        var frame = MP3.frame(0)
        frame.replaceSubrange(
            36..<54, with: Array("VBRI".utf8) + [UInt8](repeating: 0, count: 10) + MP3.big(5))
        let report = Self.walk(frame + MP3.audio(frames: 5))
        #expect(report.declaredFrames == 5)
        #expect(report.frames == 5)
    }
}
