extension FrameWalker {
    /// Finds out what is between frames, or before the first.
    ///
    /// - Returns: How far the window has to reach, unless something was found.
    mutating func walkGap(_ window: FrameWindow) -> Int? {
        while next < end {
            let wanted = min(end, next + FrameWindow.lookaheadBytes)
            guard window.known >= wanted else { return wanted }
            if state == .garbage {
                skipGarbage(window)
                if next >= end || window.known < min(end, next + FrameWindow.lookaheadBytes) {
                    continue
                }
            }
            if isRun(window, next) {
                beginRun(window)
                return nil
            }
            if let tag = tag(window, next) {
                closeGap(isLast: false)
                report.findings.add(
                    FrameFinding(
                        .tagInAudio, offset: fileOffset + next, lengthBytes: tag.lengthBytes,
                        timeMs: nowMs, "\(tag.kind) tag of \(tag.lengthBytes) bytes"))
                next += tag.lengthBytes
                state = .between
                if next > window.known { return next }
                continue
            }
            if state == .between, skipZeros(window) { continue }
            state = .garbage
            extendGap(isZeros: false, window, to: next + 1)
        }
        return nil
    }

    /// Whether frames begin there: more of them are demanded where they are of another stream.
    func isRun(_ window: FrameWindow, _ place: Int) -> Bool {
        guard window[place] == 0xff, place + 4 <= window.known else { return false }
        let word = window.word(place)
        let continues = current.map { ($0 ^ word) & FrameTable.streamMask == 0 } ?? true
        guard
            let free = window.run(
                at: place,
                place == 0 ? .atStart(1) : .frames(continues ? 3 : 4))
        else { return false }
        if free > 0 { learn(free, word) }
        return true
    }

    /// Whether a tag or another stream begins there.
    func beginsSomething(_ window: FrameWindow, _ place: Int) -> Bool {
        isRun(window, place) || tag(window, place) != nil
    }

    /// Fills in the length of frames in free format.
    private func learn(_ length: Int, _ word: UInt32) {
        for crc in 0...1 as ClosedRange<UInt32> {
            for padding in 0...1 as ClosedRange<UInt32> {
                let header = word & ~0x1_0200 | crc << 16 | padding << 9
                lengths[FrameTable.index(header)] = UInt16(
                    length + FrameTable.paddingBytes(header))
            }
        }
    }

    private mutating func beginRun(_ window: FrameWindow) {
        closeGap(isLast: false)
        noteStream(window.word(next), at: next)
        state = .frames
    }

    /// Goes on to the next byte that may begin frames or a tag.
    private mutating func skipGarbage(_ window: FrameWindow) {
        let start = next
        // A tag's header has to be known to be one.
        let stop = window.known < end ? window.known - 16 : end
        while next < stop {
            let byte = window[next]
            if byte == 0xff, next + 1 == stop || window[next + 1] >= 0xe0 { break }
            if byte == 0x49, tag(window, next) != nil { break }
            next += 1
        }
        extendGap(isZeros: false, window, from: start, to: next)
    }

    /// - Returns: Whether there were enough zeros to speak of them.
    private mutating func skipZeros(_ window: FrameWindow) -> Bool {
        var stop = next
        while stop < window.known, window[stop] == 0 { stop += 1 }
        let continues = gap.map { $0.isZeros && $0.end == next } ?? false
        guard stop > next, continues || stop - next >= 16 || stop == end else { return false }
        extendGap(isZeros: true, window, to: stop)
        return true
    }

    private mutating func extendGap(
        isZeros: Bool, _ window: FrameWindow, from start: Int? = nil, to stop: Int
    ) {
        let start = start ?? next
        if let gap, gap.isZeros != isZeros || gap.end != start { closeGap(isLast: false) }
        var extended = gap ?? Gap(isZeros: isZeros, start: start, end: start)
        // A text shows in its first letters.
        if extended.isText {
            for place in start..<max(start, min(stop, extended.start + 64)) {
                if !FrameWindow.isText(window[place]) {
                    extended.isText = false
                    break
                }
            }
        }
        extended.end = stop
        gap = extended
        next = stop
    }

    mutating func closeGap(isLast: Bool) {
        guard let gap else { return }
        self.gap = nil
        let count = gap.end - gap.start
        let isBefore = report.first == nil
        if isLast, gap.isZeros, count < 16 { return addStray(gap, .junkAfterAudio) }
        if gap.isZeros { return addStray(gap, .zeroRun) }
        if isBefore { return addStray(gap, gap.isText ? .textBeforeAudio : .junkBeforeAudio) }
        addStray(gap, isLast ? .junkAfterAudio : .strayBytes)
    }

    private mutating func addStray(_ gap: Gap, _ code: FrameFinding.Code) {
        let count = gap.end - gap.start
        report.strayBytes += count
        if report.findings.countOnly(code, bytes: count) { return }
        let what = gap.isZeros ? "zeros" : gap.isText && count >= 16 ? "bytes of text" : "bytes"
        report.findings.add(
            FrameFinding(
                code, offset: fileOffset + gap.start, lengthBytes: count, timeMs: nowMs,
                "\(count) \(what)"))
    }

    /// A tag that begins there and fits.
    private func tag(_ window: FrameWindow, _ place: Int) -> (kind: String, lengthBytes: Int)? {
        func fitting(_ kind: String, _ length: Int) -> (kind: String, lengthBytes: Int)? {
            place + length <= end ? (kind, length) : nil
        }
        switch window[place] {
        case 0x49:  // I
            return window.id3v2Length(at: place).flatMap { fitting("ID3v2", $0) }
        case 0x54:  // T
            guard state != .garbage else { return nil }
            if window.holds("TAG+", at: place) { return fitting("TAG+", 227) }
            return window.holds("TAG", at: place) ? fitting("ID3v1", 128) : nil
        case 0x41:  // A
            guard window.holds("APETAGEX", at: place), place + 32 <= window.known else {
                return nil
            }
            let size = (0..<4).reduce(0) { $0 | Int(window[place + 12 + $1]) << (8 * $1) }
            let isHeader = window[place + 23] & 0x20 != 0
            return fitting("APE", isHeader ? 32 + size : 32)
        case 0x4c:  // L
            guard state != .garbage, window.holds("LYRICSBEGIN", at: place) else { return nil }
            let stop = min(window.known, place + FrameWindow.lookaheadBytes) - 9
            for offset in place + 11..<max(place + 11, stop + 1) where window[offset] == 0x4c {
                if window.holds("LYRICSEND", at: offset) {
                    return fitting("Lyrics3 v1", offset + 9 - place)
                }
                if window.holds("LYRICS200", at: offset) {
                    return fitting("Lyrics3 v2", offset + 9 - place)
                }
            }
            return nil
        default: return nil
        }
    }
}
