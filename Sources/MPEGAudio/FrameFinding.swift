/// Something odd in a file of MPEG audio, and where.
package struct FrameFinding: Equatable, Sendable {
    /// What is odd; the codes that `spindle check`, warnings and the ledger show.
    package enum Code: String, CaseIterable, Sendable {
        /// The last frame, or what the header promises, is not all there.
        case truncated
        /// Bytes between the tags and the first frame.
        case junkBeforeAudio = "junk_before_audio"
        /// The same, and they are text: an error page saved with the music, say.
        case textBeforeAudio = "text_before_audio"
        /// Bytes among the frames belong to none.
        case strayBytes = "stray_bytes"
        /// Bytes behind the last frame belong to none.
        case junkAfterAudio = "junk_after_audio"
        /// Zeros instead of frames, as a hole in a download leaves them.
        case zeroRun = "zero_run"
        /// A frame in the middle ends before its time.
        case cutFrame = "cut_frame"
        /// Frames of another layer or version of MPEG.
        case mixedLayers = "mixed_layers"
        case sampleRateChange = "sample_rate_change"
        /// From mono to two channels or back.
        case channelChange = "channel_change"
        /// A frame differs from its own CRC.
        case frameCRCError = "frame_crc_error"
        /// Every frame does: the encoder made them wrong.
        case frameCRCUnusable = "frame_crc_unusable"
        /// The LAME tag differs from its CRC.
        case lameTagCRCError = "lame_tag_crc_error"
        /// The music differs from what the encoder wrote.
        case musicCRCError = "music_crc_error"
        /// The Xing or VBRI header counts other frames than there are.
        case frameCountDiffers = "frame_count_differs"
        /// The Xing or VBRI header counts other bytes than there are.
        case byteCountDiffers = "byte_count_differs"
        /// A header of an encoder, and no audio behind it.
        case noFrames = "no_frames"
        /// A single frame and no header: decoders wait for a second one, and play nothing.
        case singleFrame = "single_frame"
        /// Several files in one: an encoder's header in the middle.
        case severalHeaders = "several_headers"
        /// An ID3, APE or Lyrics3 tag in the middle of the audio.
        case tagInAudio = "tag_in_audio"
        /// A tag that claims more bytes than the file has.
        case tagOverlong = "tag_overlong"
        /// Frames whose length follows from their distance only.
        case freeFormat = "free_format"
        /// The frames are inside a RIFF (WAV) file.
        case riffWrapped = "riff_wrapped"

        /// Whether it means damage; else it is worth knowing only.
        package var isDefect: Bool {
            switch self {
            case .freeFormat, .riffWrapped, .byteCountDiffers, .frameCRCUnusable: false
            default: true
            }
        }
    }

    package let code: Code
    /// From the file's beginning.
    package let offset: Int
    /// How many bytes it is about; 0 where that says nothing.
    package var lengthBytes: Int
    /// Where in the playing time.
    package let timeMs: Int
    package var detail: String

    package init(_ code: Code, offset: Int, lengthBytes: Int = 0, timeMs: Int = 0, _ detail: String)
    {
        self.code = code
        self.offset = offset
        self.lengthBytes = lengthBytes
        self.timeMs = timeMs
        self.detail = detail
    }
}

extension FrameFinding.Code {
    /// What to do about it.
    package var advice: String {
        switch self {
        case .truncated: "fetch the file again, or rip it anew: its end is missing"
        case .junkBeforeAudio, .strayBytes, .junkAfterAudio, .cutFrame, .zeroRun:
            "fetch the file again; if all copies are so, it plays with a click or a gap"
        case .textBeforeAudio: "fetch the file again: a server's message was saved with it"
        case .mixedLayers, .sampleRateChange, .channelChange:
            "encode the parts alike and join them: many players stop or change speed here"
        case .frameCRCError, .musicCRCError:
            "compare with another copy: bytes have changed since it was encoded, by damage or by a tool such as mp3gain"
        case .frameCRCUnusable: "nothing: players ignore these CRCs"
        case .lameTagCRCError: "nothing if a tool edited the tag; else compare with another copy"
        case .frameCountDiffers, .severalHeaders:
            "write the header anew (vbrfix, mp3val -f): players show a wrong length"
        case .byteCountDiffers: "nothing, unless seeking is off: then write the header anew"
        case .noFrames: "fetch the file again: it has no audio"
        case .singleFrame: "fetch the file again: players play nothing of it"
        case .tagInAudio: "remove it with a tag editor, or split the file here"
        case .tagOverlong: "write the tags anew: readers may find none"
        case .freeFormat: "encode it at a usual bitrate if it has to play everywhere"
        case .riffWrapped: "nothing, or take the frames out of the WAV file"
        }
    }
}

/// Findings in the order in which they came, bounded; and how many there were of each code.
package struct FrameFindings: Equatable, Sendable {
    /// Of each code the first so many are kept.
    package static let limit = 16

    package struct Count: Equatable, Sendable {
        package var findings = 0
        package var bytes = 0
    }

    package private(set) var list: [FrameFinding] = []
    private var counts = [Count](repeating: Count(), count: FrameFinding.Code.allCases.count)

    package init() {}

    package subscript(code: FrameFinding.Code) -> Count { counts[Self.index(code)] }

    package mutating func add(_ finding: FrameFinding) {
        let index = Self.index(finding.code)
        counts[index].findings += 1
        counts[index].bytes += finding.lengthBytes
        if counts[index].findings <= Self.limit { list.append(finding) }
    }

    /// Counts one more without saying where, once the list of its code is full.
    ///
    /// - Returns: Whether it was full.
    mutating func countOnly(_ code: FrameFinding.Code, bytes: Int) -> Bool {
        let index = Self.index(code)
        guard counts[index].findings >= Self.limit else { return false }
        counts[index].findings += 1
        counts[index].bytes += bytes
        return true
    }

    private static func index(_ code: FrameFinding.Code) -> Int {
        FrameFinding.Code.allCases.firstIndex(of: code)!
    }
}
