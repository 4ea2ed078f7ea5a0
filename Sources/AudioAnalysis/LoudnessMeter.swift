internal import CEBUR128

/// Loudness by EBU R 128, from libebur128.
struct LoudnessMeter: ~Copyable {
    private var state: UnsafeMutablePointer<ebur128_state>?
    private let hasLevels: Bool
    private let hasTruePeak: Bool
    private var channels: Int
    private var peakBefore = 0.0

    /// - Returns: nil when there is no memory for it.
    init?(channels: Int, sampleRateHz: Int, _ parts: MeasuredParts) {
        hasLevels = parts.contains(.levels)
        hasTruePeak = parts.contains(.truePeak)
        self.channels = channels
        var mode = EBUR128_MODE_M.rawValue
        if hasLevels { mode |= EBUR128_MODE_I.rawValue | EBUR128_MODE_LRA.rawValue }
        if hasTruePeak { mode |= EBUR128_MODE_TRUE_PEAK.rawValue }
        state = ebur128_init(UInt32(channels), UInt(sampleRateHz), Int32(mode))
        guard state != nil else { return nil }
        if channels == 1 { asDualMono() }
    }

    deinit {
        var state = state
        if state != nil { ebur128_destroy(&state) }
    }

    /// From here on the samples have another format.
    mutating func change(channels: Int, sampleRateHz: Int) {
        // The library forgets its peaks at a change.
        peakBefore = max(peakBefore, currentTruePeak)
        ebur128_change_parameters(state, UInt32(channels), UInt(sampleRateHz))
        self.channels = channels
        if channels == 1 { asDualMono() }
    }

    /// One channel is heard from two speakers.
    private func asDualMono() {
        ebur128_set_channel(state, 0, Int32(EBUR128_DUAL_MONO.rawValue))
    }

    func add(_ samples: UnsafeBufferPointer<Float>) {
        ebur128_add_frames_float(state, samples.baseAddress, samples.count / channels)
    }

    var loudnessLUFS: Double? { value(ebur128_loudness_global) }
    /// nil where nothing is loud enough to have a range.
    var rangeLU: Double? { loudnessLUFS == nil ? nil : value(ebur128_loudness_range) }
    var truePeak: Double { max(peakBefore, currentTruePeak) }

    private var currentTruePeak: Double {
        guard hasTruePeak else { return 0 }
        var peak = 0.0
        for channel in 0..<channels {
            var value = 0.0
            ebur128_true_peak(state, UInt32(channel), &value)
            peak = max(peak, value)
        }
        return peak
    }

    private func value(
        _ read: (UnsafeMutablePointer<ebur128_state>?, UnsafeMutablePointer<Double>?) -> Int32
    ) -> Double? {
        var value = 0.0
        guard hasLevels, read(state, &value) == 0, value.isFinite else { return nil }
        return value
    }
}
