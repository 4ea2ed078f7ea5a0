/// Walks the frames of an MPEG audio stream that is handed over piece by piece.
///
/// Looks at every frame's header and at nothing between, so that it costs next to nothing beside
/// reading. After bytes that are no frame it finds the next frame of the same stream.
package struct FrameWalker {
    /// What the walk found.
    package struct Report: Equatable, Sendable {
        package var first: MPEGFrameHeader?
        /// Whole frames of audio, the one with the Xing, Info or VBRI header not counted.
        package var frames = 0
        package var isVBR = false
        /// As the Xing, Info or VBRI header has it.
        package var declaredFrames: Int?
        /// Bytes between and behind frames that belong to none.
        package var strayBytes = 0
        package var firstStrayOffset: Int?
        /// How much of the last frame is missing.
        package var missingBytes = 0

        package var durationMs: Int {
            guard let first else { return 0 }
            return (frames * first.samplesPerFrame * 1000 + first.sampleRateHz / 2)
                / first.sampleRateHz
        }
    }

    package private(set) var report = Report()
    /// Of the next frame's header, from the start of the stream.
    private var next = 0
    private var fed = 0
    /// The last bytes of the piece before, as a header may lie across two pieces.
    private var carry: [UInt8] = []
    /// Of the first frame of audio: that with the Info header may have another one, for its table.
    private var bitrateKbps: Int?

    package init() {}

    /// - Parameter bytes: What follows the bytes of the call before. The first piece must hold the whole first frame.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        let start = fed
        let end = fed + bytes.count
        fed = end
        let carryStart = start - carry.count
        func byte(_ offset: Int) -> UInt32 {
            UInt32(offset >= start ? bytes[offset - start] : carry[offset - carryStart])
        }
        while next + 4 <= end {
            let word =
                byte(next) << 24 | byte(next + 1) << 16 | byte(next + 2) << 8 | byte(next + 3)
            guard let header = MPEGFrameHeader(word), header.bitrateKbps > 0,
                report.first.map(header.continues) ?? true
            else {
                if report.firstStrayOffset == nil { report.firstStrayOffset = next }
                report.strayBytes += 1
                next += 1
                continue
            }
            if report.first == nil {
                report.first = header
                let length = min(header.lengthBytes, bytes.count)
                report.declaredFrames = Self.declaredFrames(
                    UnsafeRawBufferPointer(rebasing: bytes[..<length]), header)
                if report.declaredFrames == nil {
                    report.frames = 1
                    bitrateKbps = header.bitrateKbps
                }
            } else {
                report.frames += 1
                if header.bitrateKbps != bitrateKbps ?? header.bitrateKbps { report.isVBR = true }
                bitrateKbps = bitrateKbps ?? header.bitrateKbps
            }
            next += header.lengthBytes
        }
        let kept = min(3, max(0, end - max(next, carryStart)))
        let tail = (end - kept..<end).map { UInt8(truncatingIfNeeded: byte($0)) }
        carry = tail
    }

    /// The stream has ended.
    package mutating func finish() -> Report {
        if next > fed {
            report.missingBytes = next - fed
            // The cut frame may be the one with the header, which was not counted.
            report.frames = max(0, report.frames - 1)
        } else if next < fed {
            if report.firstStrayOffset == nil { report.firstStrayOffset = next }
            report.strayBytes += fed - next
        }
        return report
    }

    /// The count of frames in a Xing, Info (<https://www.codeproject.com/Articles/8295>) or VBRI
    /// header; 0 when there is such a header without a count, nil when there is none.
    private static func declaredFrames(_ frame: UnsafeRawBufferPointer, _ header: MPEGFrameHeader)
        -> Int?
    {
        func word(_ offset: Int) -> Int {
            guard offset + 4 <= frame.count else { return 0 }
            return (0..<4).reduce(0) { $0 << 8 | Int(frame[offset + $1]) }
        }
        guard header.layer == 3 else { return nil }
        let xing = header.xingOffset
        if word(xing) == 0x5869_6e67 || word(xing) == 0x496e_666f {  // "Xing", "Info"
            return word(xing + 4) & 1 == 1 ? word(xing + 8) : 0
        }
        if word(36) == 0x5642_5249 { return word(50) }  // "VBRI"
        return nil
    }
}
