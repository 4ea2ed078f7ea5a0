internal import CChecksum

/// Walks the frames of an MPEG audio stream that is handed over in pieces of any size.
///
/// Looks at every frame's header and at little between, so that it costs next to nothing beside
/// reading. A frame counts once it is followed by another one, a tag or the stream's end. After
/// bytes that are no frame it goes on where frames follow each other again: one header alone stands
/// in any few thousand bytes of garbage.
///
///     var walker = FrameWalker(parts)
///     walker.feed(piece)  // all of parts.audio, in order
///     let report = walker.finish()
///
/// - Complexity: Linear in the bytes; holds at most `FrameWindow.lookaheadBytes` and two frames.
package struct FrameWalker: ~Copyable, @unchecked Sendable {
    // Unchecked, as the pointers below are seen by their one owner only.

    /// Of a stream, whose offsets count from its beginning, in its file.
    let fileOffset: Int
    var end: Int
    let lengths: UnsafeMutablePointer<UInt16>
    /// How often each header occurred, by `FrameTable.index`.
    let counts: UnsafeMutablePointer<UInt32>

    enum State {
        /// A frame of the stream begins at `next`.
        case frames
        /// It is not known what is at `next`.
        case between
        /// `next` is inside bytes that are nothing.
        case garbage
    }

    var state = State.between
    var next = 0
    /// The bytes up to here are needed to go on.
    private var needed = 4
    private var fed = 0
    /// From `carryStart` to `fed`, while something there is undecided.
    private var carry: [UInt8] = []
    private var carryStart = 0

    /// The header of the frame last seen, and so of the stream it belongs to.
    var current: UInt32?
    var frames = 0
    /// Frames and playing time before the current sample rate.
    var framesBefore = 0
    var msBefore = 0
    /// The gap being walked: zeros or garbage.
    var gap: Gap?
    var report: FrameReport
    var endOfAudio = 0

    // The music's CRC: what of it has been read.
    private var musicRange: Range<Int>?
    private var musicCRC: UInt16 = 0
    /// Of what follows, too, up to the stream's end.
    private var wholeCRC: UInt16?

    struct Gap {
        var isZeros: Bool
        var start: Int
        var end: Int
        var isText = true
    }

    /// - Parameter parts: Of the file whose audio will be fed.
    package init(_ parts: FileParts) {
        self.init(lengthBytes: parts.audio.count, fileOffset: parts.audio.lowerBound)
        for finding in parts.findings { report.findings.add(finding) }
    }

    package init(lengthBytes: Int, fileOffset: Int = 0) {
        self.fileOffset = fileOffset
        end = lengthBytes
        report = FrameReport(audio: fileOffset..<fileOffset + lengthBytes)
        let lengths = UnsafeMutablePointer<UInt16>.allocate(capacity: FrameTable.count)
        FrameTable.lengths.withUnsafeBufferPointer {
            lengths.initialize(from: $0.baseAddress!, count: FrameTable.count)
        }
        self.lengths = lengths
        counts = .allocate(capacity: FrameTable.count)
        counts.initialize(repeating: 0, count: FrameTable.count)
    }

    deinit {
        lengths.deallocate()
        counts.deallocate()
    }

    /// - Parameter bytes: What follows the bytes of the call before.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        let start = fed
        // What the file has grown by is not looked at.
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(max(0, end - start)))
        fed += bytes.count
        if next < start {
            guard decideCarry(bytes, from: start) else { return readMusic(bytes, at: start) }
        }
        if fed >= min(needed, end) { walk(window(bytes, at: start)) }
        readMusic(bytes, at: start)
        carry.removeAll(keepingCapacity: true)
        carryStart = max(start, min(next, fed))
        carry.append(contentsOf: bytes[(carryStart - start)...])
    }

    /// Decides over what was left of the pieces before, with as much of this one as that takes.
    ///
    /// - Returns: Whether the walk has come to this piece; else all of it has been put aside.
    private mutating func decideCarry(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var taken = 0
        var wanted = min(bytes.count, max(needed - start, 0) + 4096)
        while true {
            carry.append(contentsOf: bytes[taken..<wanted])
            taken = wanted
            if carryStart + carry.count >= min(needed, end) { walk(carry, at: carryStart) }
            if next >= start { return true }
            if taken == bytes.count { break }
            wanted = min(bytes.count, max(2 * taken, needed - start))
        }
        // Now and then, so that feeding byte by byte does not move the rest each time.
        if next - carryStart > FrameWindow.lookaheadBytes {
            carry.removeFirst(next - carryStart)
            carryStart = next
        }
        return false
    }

    /// The stream has ended.
    package consuming func finish() -> FrameReport {
        if fed < end {
            // Less than was promised: what is here is all there is.
            end = fed
            report.audio = fileOffset..<fileOffset + fed
        }
        walk(carry, at: carryStart)
        closeGap(isLast: true)
        complete(musicCRCs: wholeCRC.map { [musicCRC] + (endOfAudio == end ? [$0] : []) })
        return report
    }

    private func window(_ bytes: UnsafeRawBufferPointer, at base: Int) -> FrameWindow {
        FrameWindow(bytes: bytes, base: base, end: end, lengths: UnsafePointer(lengths))
    }

    private mutating func walk(_ bytes: [UInt8], at base: Int) {
        bytes.withUnsafeBytes { bytes in
            walk(window(bytes, at: base))
            readMusic(bytes, at: base)
        }
    }

    /// Goes as far as the window decides; says in `needed` how far the next one has to reach.
    private mutating func walk(_ window: FrameWindow) {
        while next < end {
            let before = next
            let wanted =
                switch state {
                case .frames: walkFrames(window)
                case .between, .garbage: walkGap(window)
                }
            if let wanted {
                needed = min(max(wanted, before + 1), end)
                if needed > window.known { return }
            }
        }
    }

    // MARK: Frames

    /// Walks frames that follow each other.
    ///
    /// - Returns: How far the window has to reach, unless the state has changed.
    private mutating func walkFrames(_ window: FrameWindow) -> Int? {
        guard next + 4 <= window.known else { return next + 4 }
        let bytes = window.bytes.baseAddress! - window.base
        let last = window.known - 4
        var place = next
        var header = window.word(place)
        var plain = 0
        // 1 for mono, 0 for two channels, 2 before the first frame of audio.
        var mono = monoCode
        while true {
            let length = Int(lengths[FrameTable.index(header)])
            let following = place + length
            guard following <= last else {
                leave(place, header, plain)
                return window.known < end ? following + 4 : decide(window, header, length)
            }
            let word = UInt32(
                bigEndian: bytes.loadUnaligned(fromByteOffset: following, as: UInt32.self))
            guard (word ^ header) & FrameTable.streamMask == 0, word & 3 != 2,
                lengths[FrameTable.index(word)] != 0
            else {
                leave(place, header, plain)
                return decide(window, header, length)
            }
            // What is rare is looked at closely: the first frame, a change of channels, a CRC, and
            // zeros where side information is, as in the frame of an encoder's header.
            if (header & 0xc0 == 0xc0 ? 1 : 0) != mono || header & 0x1_0000 == 0
                || bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt32.self) == 0
            {
                leave(place, header, plain)
                plain = 0
                count(window, place, header, length)
                mono = monoCode
            } else {
                counts[FrameTable.index(header)] += 1
                plain += 1
            }
            place = following
            header = word
        }
    }

    private var monoCode: Int { report.isMono.map { $0 ? 1 : 0 } ?? 2 }

    private mutating func leave(_ place: Int, _ header: UInt32, _ plain: Int) {
        next = place
        current = header
        frames += plain
    }

    /// What becomes of the frame at `next`, which no frame of its stream follows.
    private mutating func decide(_ window: FrameWindow, _ header: UInt32, _ length: Int) -> Int? {
        let following = next + length
        if following == end {
            take(window, header, length)
            return nil
        }
        let wanted = min(end, following + FrameWindow.lookaheadBytes)
        // Its own bytes are looked at again.
        guard window.known >= wanted else { return wanted }
        if following < end, beginsSomething(window, following) {
            take(window, header, length)
            state = .between
            return nil
        }
        // A frame that is cut short has the next one, or a tag, inside its length.
        for place in next + 4..<max(next + 4, min(following, end))
        where isRun(window, place) || window[place] == 0x49 && beginsSomething(window, place) {
            report.findings.add(
                FrameFinding(
                    .cutFrame, offset: fileOffset + next, lengthBytes: place - next, timeMs: nowMs,
                    "a frame has \(place - next) of its \(length) bytes"))
            next = place
            state = .between
            return nil
        }
        if following > end {
            report.missingBytes = following - end
            if report.first == nil { noteFirst(window, header) }
            endOfAudio = next
            next = end
            return nil
        }
        take(window, header, length)
        state = .between
        return nil
    }

    private mutating func take(_ window: FrameWindow, _ header: UInt32, _ length: Int) {
        count(window, next, header, length)
        current = header
        next += length
        endOfAudio = next
    }

    // MARK: Music

    mutating func expectMusic(_ range: Range<Int>) { musicRange = range }

    private mutating func readMusic(_ bytes: UnsafeRawBufferPointer, at base: Int) {
        guard let range = musicRange, range.lowerBound < base + bytes.count,
            range.lowerBound >= base
        else { return }
        let known = base + bytes.count
        let stop = wholeCRC == nil ? min(range.upperBound, known) : min(end, known)
        guard stop > range.lowerBound else { return }
        let start = bytes.baseAddress! + (range.lowerBound - base)
        let crc = spindle_crc16_arc(wholeCRC ?? musicCRC, start, stop - range.lowerBound)
        musicRange = stop..<max(stop, range.upperBound)
        guard wholeCRC == nil else { return wholeCRC = crc }
        musicCRC = crc
        guard stop == range.upperBound else { return }
        wholeCRC = crc
        readMusic(bytes, at: base)
    }
}
