internal import CChecksum

extension FrameWalker {
    /// The playing time before `next`.
    var nowMs: Int {
        guard let current, let header = MPEGFrameHeader(current) else { return 0 }
        return msBefore + (frames - framesBefore) * header.samplesPerFrame * 1000
            / header.sampleRateHz
    }

    /// Counts a whole frame, unless it is an encoder's header.
    mutating func count(
        _ window: FrameWindow, _ place: Int, _ word: UInt32, _ length: Int
    ) {
        let isFirst = report.first == nil
        if isFirst { noteFirst(window, word) }
        let bytes = UnsafeRawBufferPointer(
            rebasing: window.bytes[place - window.base..<place - window.base + length])
        if isFirst || isBlank(bytes), InfoHeader.isLikely(bytes),
            let header = MPEGFrameHeader(word),
            let info = InfoHeader(bytes, header)
        {
            return note(info, at: place, length, isFirst: isFirst)
        }
        if let mono = report.isMono, mono != (word & 0xc0 == 0xc0) { noteChannelChange(place) }
        report.isMono = word & 0xc0 == 0xc0
        if word & 0x1_0000 == 0 { check(bytes, word, at: place) }
        counts[FrameTable.index(word)] += 1
        frames += 1
    }

    mutating func noteFirst(_ window: FrameWindow, _ word: UInt32) {
        report.first = MPEGFrameHeader(word)
        report.firstFrameBytes = Int(lengths[FrameTable.index(word)])
        if FrameTable.isFreeFormat(word) {
            let bytes = Int(lengths[FrameTable.index(word)])
            report.findings.add(
                FrameFinding(
                    .freeFormat, offset: fileOffset + next, "frames of \(bytes) bytes"))
        }
    }

    private func isBlank(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 48 && bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self) == 0
    }

    private mutating func note(_ info: InfoHeader, at place: Int, _ length: Int, isFirst: Bool) {
        report.infoFrames += 1
        guard isFirst else {
            if report.findings.countOnly(.severalHeaders, bytes: length) { return }
            return report.findings.add(
                FrameFinding(
                    .severalHeaders, offset: fileOffset + place, lengthBytes: length, timeMs: nowMs,
                    "another \(info.kind.rawValue) header in the middle"))
        }
        report.info = info
        report.infoFrameBytes = length
        guard let lame = info.lame else { return }
        if !lame.isIntact {
            report.findings.add(
                FrameFinding(
                    .lameTagCRCError, offset: fileOffset + place, lengthBytes: length,
                    "the encoder's tag (\(lame.encoder)) was changed after it was written"))
        } else if lame.musicBytes > length, place + lame.musicBytes <= end {
            expectMusic(place + length..<place + lame.musicBytes)
        }
    }

    private mutating func noteChannelChange(_ place: Int) {
        if report.findings.countOnly(.channelChange, bytes: 0) { return }
        report.findings.add(
            FrameFinding(
                .channelChange, offset: fileOffset + place, timeMs: nowMs,
                report.isMono! ? "from mono to two channels" : "from two channels to mono"))
    }

    private mutating func check(_ frame: UnsafeRawBufferPointer, _ word: UInt32, at place: Int) {
        guard let bits = FrameChecksum.protectedBits(frame, word), frame.count >= 6 + (bits + 7) / 8
        else { return }
        let bytes = frame.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let crc = spindle_crc16_mpeg(
            spindle_crc16_mpeg(0xffff, bytes + 2, 16), bytes + 6, bits)
        report.checkedFrameCRCs += 1
        guard crc != UInt16(bytes[4]) << 8 | UInt16(bytes[5]) else { return }
        report.badFrameCRCs += 1
        if report.firstBadFrameCRC == nil {
            report.firstBadFrameCRC = .init(offset: fileOffset + place, timeMs: nowMs)
        }
    }

    /// A stream begins, or goes on with other parameters than before.
    mutating func noteStream(_ word: UInt32, at place: Int) {
        defer { current = word }
        guard let current, (current ^ word) & FrameTable.streamMask != 0,
            let old = MPEGFrameHeader(current), let new = MPEGFrameHeader(word)
        else { return }
        let now = nowMs
        msBefore = now
        framesBefore = frames
        if old.version != new.version || old.layer != new.layer {
            if !report.findings.countOnly(.mixedLayers, bytes: 0) {
                report.findings.add(
                    FrameFinding(
                        .mixedLayers, offset: fileOffset + place, timeMs: now,
                        "from \(old.kind) to \(new.kind)"))
            }
        }
        if old.sampleRateHz != new.sampleRateHz,
            !report.findings.countOnly(.sampleRateChange, bytes: 0)
        {
            report.findings.add(
                FrameFinding(
                    .sampleRateChange, offset: fileOffset + place, timeMs: now,
                    "from \(old.sampleRateHz) to \(new.sampleRateHz) Hz"))
        }
    }
}
