internal import CMpg123

/// Decodes one song with libmpg123, frame by frame, and measures what comes out.
struct SongDecoder {
    let path: String
    /// Frames of audio that the frame walk counted.
    let expectedFrames: Int
    let sizeBytes: Int
    let parts: MeasuredParts

    private static let ok = Int32(MPG123_OK.rawValue)
    private static let newFormat = Int32(MPG123_NEW_FORMAT.rawValue)
    private static let done = Int32(MPG123_DONE.rawValue)

    /// Samples by which a decoder of layer III lags behind (GAPLESS_DELAY in libmpg123).
    private static let decoderDelay = 529

    func measure() -> SongMeasurement {
        var code: Int32 = 0
        guard let handle = mpg123_new(nil, &code) else {
            return .init(failure: .decoderError, String(cString: mpg123_plain_strerror(code)))
        }
        defer { mpg123_delete(handle) }
        // Floats keep what lies beyond full scale; no limit on a search for the next frame, as its
        // length is told; no change of sample rate to fit the first frame's.
        spindle_mpg123_set(handle, MPG123_ADD_FLAGS, Int(MPG123_FORCE_FLOAT.rawValue))
        spindle_mpg123_set(handle, MPG123_ADD_FLAGS, Int(MPG123_GAPLESS.rawValue))
        spindle_mpg123_set(handle, MPG123_REMOVE_FLAGS, Int(MPG123_AUTO_RESAMPLE.rawValue))
        spindle_mpg123_set(handle, MPG123_RESYNC_LIMIT, -1)
        // What was said behind the last frame of the song before is not about this one.
        _ = DecoderMessages.take()
        guard mpg123_open(handle, path) == Self.ok else {
            let reason = DecoderMessages.take()?.line ?? String(cString: mpg123_strerror(handle))
            return .init(failure: .blobMissing, reason)
        }
        var result = SongMeasurement()
        decode(handle, &result)
        return result
    }

    private func decode(_ handle: OpaquePointer, _ result: inout SongMeasurement) {
        var levels = LevelMeter()
        var loudness: LoudnessMeter?
        var fingerprinter: Fingerprinter?
        /// Where the next frame should begin.
        var expectedOffset: Int?
        var outcome = Self.ok
        while true {
            outcome = mpg123_framebyframe_next(handle)
            guard outcome == Self.ok || outcome == Self.newFormat else { break }
            let offset = Int(mpg123_framepos(handle))
            var header: UInt = 0
            var body: UnsafeMutablePointer<UInt8>?
            var bodyBytes = 0
            mpg123_framedata(handle, &header, &body, &bodyBytes)
            if let expectedOffset, offset > expectedOffset {
                result.warnings.add(.resync, at: expectedOffset)
            }
            expectedOffset = offset + 4 + bodyBytes
            if outcome == Self.newFormat {
                var rate = 0
                var channels: Int32 = 0
                var encoding: Int32 = 0
                mpg123_getformat(handle, &rate, &channels, &encoding)
                if result.frames == 0 {
                    result.sampleRateHz = rate
                    result.channels = Int(channels)
                    if !parts.isDisjoint(with: [.levels, .truePeak]) {
                        loudness = LoudnessMeter(
                            channels: Int(channels), sampleRateHz: rate, parts)
                    }
                    if parts.contains(.fingerprint) {
                        fingerprinter = Fingerprinter(channels: Int(channels), sampleRateHz: rate)
                    }
                } else {
                    result.warnings.add(.formatChange, at: offset)
                    loudness?.change(channels: Int(channels), sampleRateHz: rate)
                    // Chromaprint takes one format: what came before speaks for the song.
                    if let finished = fingerprinter?.finish() { result.fingerprint = finished }
                    fingerprinter = nil
                }
                result.channels = max(1, Int(channels))
            }
            var number: off_t = 0
            var audio: UnsafeMutablePointer<UInt8>?
            var byteCount = 0
            outcome = mpg123_framebyframe_decode(handle, &number, &audio, &byteCount)
            if let messages = DecoderMessages.take() {
                for kind in messages.kinds { result.warnings.add(kind, at: offset) }
                result.detail = result.detail ?? messages.line
            }
            guard outcome == Self.ok || outcome == Self.newFormat else { break }
            result.frames += 1
            guard let audio, byteCount > 0 else { continue }
            let count = byteCount / 4
            let output = UnsafeMutableBufferPointer(
                start: UnsafeMutableRawPointer(audio).assumingMemoryBound(to: Float.self),
                count: count)
            if LevelMeter.tame(output) { result.warnings.add(.wildSamples, at: offset) }
            let samples = UnsafeBufferPointer(output)
            result.samples += count / result.channels
            if parts.contains(.levels) { levels.add(samples, channels: result.channels) }
            loudness?.add(samples)
            fingerprinter?.add(samples)
            // For a fingerprint alone, the rest of the song has nothing to say.
            if parts == .fingerprint, fingerprinter?.isFull == true { break }
        }
        if outcome != Self.ok, outcome != Self.newFormat, outcome != Self.done {
            result.failure = .decoderError
            result.detail = String(cString: mpg123_strerror(handle))
        } else if result.frames == 0 {
            result.failure = .notDecodable
            result.detail = "no frame of MPEG audio was found"
        }
        if let finished = fingerprinter?.finish() { result.fingerprint = finished }
        guard result.failure == nil, parts.contains(.levels) else {
            result.truePeak = loudness?.truePeak
            return
        }
        compareSamples(handle, endOffset: expectedOffset ?? 0, &result)
        result.levels = .init(
            loudnessLUFS: loudness?.loudnessLUFS, rangeLU: loudness?.rangeLU,
            samplePeak: Double(levels.peak), clippedSamples: levels.clipped,
            leadingSilenceMs: levels.leadingSilence * 1000 / max(1, result.sampleRateHz),
            trailingSilenceMs: levels.trailingSilence * 1000 / max(1, result.sampleRateHz),
            isSilent: levels.isSilent)
        if parts.contains(.truePeak) { result.truePeak = loudness?.truePeak }
    }

    /// Holds what came out against what the ledger's frames should give.
    private func compareSamples(
        _ handle: OpaquePointer, endOffset: Int, _ result: inout SongMeasurement
    ) {
        let samplesPerFrame = Int(mpg123_spf(handle))
        let delay = max(0, spindle_mpg123_state(handle, MPG123_ENC_DELAY))
        let padding = max(0, spindle_mpg123_state(handle, MPG123_ENC_PADDING))
        // To libmpg123 a VBRI header is a frame of silence.
        let headers = result.frames == expectedFrames + 1 ? 1 : 0
        let all = (expectedFrames + headers) * samplesPerFrame
        let whole = all - delay - padding
        // A file that lacks its last frames has lost the padding with them; what the decoder takes
        // off at the start for its own delay is then not given back.
        let cut = delay + padding > 0 ? all - delay - Self.decoderDelay : all
        let isWhole = abs(result.samples - whole) <= abs(result.samples - cut)
        result.expectedSamples = max(0, isWhole ? whole : cut)
        if endOffset < sizeBytes { result.warnings.add(.cutShort, at: endOffset) }
        // Where frames were lost on the way, that has been told. The decoder's own delay is in one
        // of both ends' hands: half a frame either way is no news.
        let difference = result.samples - result.expectedSamples
        if difference < -samplesPerFrame / 2 {
            result.warnings.add(.samplesMissing, at: sizeBytes)
        } else if difference > samplesPerFrame / 2 {
            result.warnings.add(.samplesExtra, at: sizeBytes)
        }
    }
}
