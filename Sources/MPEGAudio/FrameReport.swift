/// What is in a stream of MPEG audio: all its frames, what the encoder says of it, and what is odd.
package struct FrameReport: Equatable, Sendable {
    /// What became of a checksum over the music.
    package enum Check: String, Sendable {
        /// The file has none.
        case absent
        /// There is one, but not all that it covers, or the tag that holds it is damaged.
        case unchecked
        case ok
        case bad
    }

    package struct Place: Equatable, Sendable {
        /// From the file's beginning.
        package let offset: Int
        package let timeMs: Int
    }

    /// Where in the file the stream is.
    package internal(set) var audio: Range<Int>
    /// Of the first frame, the one with an encoder's header included; nil when there is no frame.
    package internal(set) var first: MPEGFrameHeader?
    /// Whole frames of audio, those with a Xing, Info or VBRI header not counted.
    package internal(set) var frames = 0
    /// Of all frames, each as long as its own sample rate makes it.
    package internal(set) var samples = 0
    package internal(set) var durationMs = 0
    /// Of the frames of audio; 0 when there are none.
    package internal(set) var averageBitrateKbps = 0
    package internal(set) var minimumBitrateKbps = 0
    package internal(set) var maximumBitrateKbps = 0
    /// What the encoder says of the file; nil when it says nothing.
    package internal(set) var info: InfoHeader?
    /// Frames with an encoder's header.
    package internal(set) var infoFrames = 0
    /// Samples without the encoder's delay and padding; nil when it does not tell them.
    package internal(set) var gaplessSamples: Int?
    package internal(set) var gaplessMs: Int?
    /// The LAME tag's CRC over all frames behind it.
    package internal(set) var musicCRC = Check.absent
    /// Frames with a CRC of their own, and those that differ from it.
    package internal(set) var checkedFrameCRCs = 0
    package internal(set) var badFrameCRCs = 0
    package internal(set) var firstBadFrameCRC: Place?
    /// Bytes that belong to no frame, tags in the middle not counted.
    package internal(set) var strayBytes = 0
    /// How much of the last frame is missing.
    package internal(set) var missingBytes = 0
    package internal(set) var findings = FrameFindings()

    var firstFrameBytes = 0
    var infoFrameBytes = 0
    var isMono: Bool?

    init(audio: Range<Int>) { self.audio = audio }

    /// Whether there is anything to hear.
    package var isPlayable: Bool { frames > 0 }

    /// Whether nothing found means damage.
    package var isSound: Bool { isPlayable && !findings.list.contains { $0.code.isDefect } }

    /// Whether frames differ in bitrate.
    package var isVBR: Bool { minimumBitrateKbps != maximumBitrateKbps }

    /// As the frames show, and where they vary as the encoder says.
    package var bitrateMode: BitrateMode {
        guard isVBR else { return .constant }
        return info?.lame?.mode == .average ? .average : .variable
    }

    /// A line for each code found, in the order of the first of each: what `spindle rejects --warnings` shows.
    package var warnings: [(code: FrameFinding.Code, detail: String)] {
        var seen: Set<FrameFinding.Code> = []
        return findings.list.filter { seen.insert($0.code).inserted }.map { first in
            let count = findings[first.code]
            var detail = "\(first.detail) at offset \(first.offset)"
            if count.findings > 1 {
                detail += ", the first of \(count.findings) such places"
                if count.bytes > 0 { detail += " (\(count.bytes) bytes)" }
            }
            return (first.code, detail)
        }
    }
}

extension FrameWalker {
    /// Sums up, once the whole stream has been seen.
    ///
    /// - Parameter musicCRCs: Of all bytes that the LAME tag counts as music, if all were there; and
    ///   of all frames, as some encoders count an ID3v1 tag in and leave so much of the frames out.
    mutating func complete(musicCRCs: [UInt16]?) {
        report.frames = frames
        sumUpFrames()
        let lame = report.info?.lame
        if let lame, lame.musicBytes > 0 {
            report.musicCRC =
                !lame.isIntact || musicCRCs == nil
                ? .unchecked : musicCRCs!.contains(lame.musicCRC) ? .ok : .bad
        }
        compareCounts()
        if report.musicCRC == .bad, let lame {
            report.findings.add(
                FrameFinding(
                    .musicCRCError, offset: report.audio.lowerBound,
                    lengthBytes: lame.musicBytes,
                    "the frames differ from what \(lame.encoder) wrote, somewhere"))
        }
        if let first = report.firstBadFrameCRC {
            let isUsable = report.badFrameCRCs < report.checkedFrameCRCs
            report.findings.add(
                FrameFinding(
                    isUsable || report.checkedFrameCRCs < 8 ? .frameCRCError : .frameCRCUnusable,
                    offset: first.offset, timeMs: first.timeMs,
                    "\(report.badFrameCRCs) of \(report.checkedFrameCRCs) frames differ from their CRC, the first"
                ))
        }
        if frames == 0, report.first != nil {
            report.findings.add(
                FrameFinding(
                    .noFrames, offset: report.audio.lowerBound,
                    "an encoder's header, and no whole frame of audio"))
        }
        if frames == 1, report.infoFrames == 0 {
            report.findings.add(
                FrameFinding(
                    .singleFrame, offset: report.audio.lowerBound,
                    "too short to play: decoders want a second frame behind the first"))
        }
        if let lame, report.infoFrames == 1 {
            let isWhole = report.findings[.truncated].findings == 0
            let trimmed = lame.delaySamples + (isWhole ? lame.paddingSamples : 0)
            if trimmed <= report.samples, let rate = report.first?.sampleRateHz {
                let samples = report.samples - trimmed
                report.gaplessSamples = samples
                report.gaplessMs = (samples * 1000 + rate / 2) / rate
            }
        }
    }

    private mutating func sumUpFrames() {
        // All sample rates divide it, so that durations add up exactly.
        let ticksPerSecond = 14_112_000
        var ticks = 0
        var bytes = 0
        var bitrates: [Int] = []
        for index in 0..<FrameTable.count where counts[index] > 0 {
            guard let header = FrameTable.header(index) else { continue }
            let count = Int(counts[index])
            let length = Int(lengths[index])
            report.samples += count * header.samplesPerFrame
            ticks += count * header.samplesPerFrame * (ticksPerSecond / header.sampleRateHz)
            bytes += count * length
            bitrates.append(
                header.bitrateKbps > 0
                    ? header.bitrateKbps
                    : (length - (header.isPadded ? 1 : 0)) * 8 * header.sampleRateHz
                        / header.samplesPerFrame / 1000)
        }
        report.durationMs = (ticks + ticksPerSecond / 2000) / (ticksPerSecond / 1000)
        report.minimumBitrateKbps = bitrates.min() ?? 0
        report.maximumBitrateKbps = bitrates.max() ?? 0
        if ticks > 0 {
            // Bits a second, to the nearest thousand.
            let divisor = Double(ticks) / Double(ticksPerSecond) * 1000
            report.averageBitrateKbps = Int((Double(bytes * 8) / divisor).rounded())
        }
    }

    /// Holds what the encoder counted beside what is there.
    private mutating func compareCounts() {
        let audioBytes = endOfAudio
        let declaredFrames = report.info?.frames ?? 0
        let declaredBytes = report.info?.bytes ?? 0
        let hasAllBytes =
            report.musicCRC == .ok || declaredBytes == audioBytes
            || declaredBytes == audioBytes - report.infoFrameBytes
        // Some encoders count their header's frame.
        let isShort = declaredFrames > frames + (hasAllBytes ? 1 : 0)
        let count = isShort ? "\(frames) of \(declaredFrames) frames" : nil
        if report.missingBytes > 0 {
            let lacks = "the last frame lacks \(report.missingBytes) bytes"
            addTruncated(count.map { "\(lacks); \($0)" } ?? lacks)
        } else if let count {
            addTruncated(count)
        } else if declaredFrames > 0, declaredFrames < frames, report.infoFrames == 1 {
            report.findings.add(
                FrameFinding(
                    .frameCountDiffers, offset: report.audio.lowerBound,
                    "\(frames) frames, the header says \(declaredFrames)"))
        } else if declaredBytes > 0, !hasAllBytes, report.infoFrames == 1, report.strayBytes == 0 {
            report.findings.add(
                FrameFinding(
                    .byteCountDiffers, offset: report.audio.lowerBound,
                    "\(audioBytes) bytes of frames, the header says \(declaredBytes)"))
        }
    }

    private mutating func addTruncated(_ detail: String) {
        report.findings.add(
            FrameFinding(
                .truncated, offset: fileOffset + endOfAudio, lengthBytes: end - endOfAudio,
                timeMs: report.durationMs, detail))
    }
}
