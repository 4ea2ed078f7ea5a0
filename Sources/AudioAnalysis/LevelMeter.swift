/// Peak, clipping and silence at both ends of a stream of samples.
struct LevelMeter {
    /// −60 dBFS: below it is silence, also where a noise floor or a codec's dither is left.
    static let silence: Float = 0.001

    /// 18 dB above full scale. Encoders and mastering leave a few decibels at most.
    private static let largest: Float = 8

    private(set) var peak: Float = 0
    private(set) var clipped = 0
    /// Frames of samples so far, and the first and the one behind the last that can be heard.
    private var count = 0
    private var firstSound: Int?
    private var afterSound = 0

    /// - Parameter channels: Samples of all channels take turns.
    mutating func add(_ samples: UnsafeBufferPointer<Float>, channels: Int) {
        var blockPeak: Float = 0
        for sample in samples { blockPeak = max(blockPeak, abs(sample)) }
        if blockPeak > 1 {
            for sample in samples where abs(sample) > 1 { clipped += 1 }
        }
        if blockPeak > Self.silence {
            // Only at the edges does it matter which sample it was.
            if firstSound == nil {
                let index = samples.firstIndex { abs($0) > Self.silence }!
                firstSound = count + index / channels
            }
            let index = samples.lastIndex { abs($0) > Self.silence }!
            afterSound = count + index / channels + 1
        }
        peak = max(peak, blockPeak)
        count += samples.count / channels
    }

    /// Puts samples that corrupt data has decoded to back into bounds, before one of them makes the
    /// loudness of a whole song absurd.
    ///
    /// - Returns: Whether there were any.
    static func tame(_ samples: UnsafeMutableBufferPointer<Float>) -> Bool {
        var isWild = false
        // Not `>`: a NaN is neither.
        for sample in samples where !(abs(sample) <= largest) { isWild = true }
        guard isWild else { return false }
        for index in samples.indices where !(abs(samples[index]) <= largest) {
            samples[index] = samples[index] > 0 ? largest : samples[index] < 0 ? -largest : 0
        }
        return true
    }

    var isSilent: Bool { firstSound == nil }

    /// Samples of one channel before the first sound; all of them where there is none.
    var leadingSilence: Int { firstSound ?? count }
    var trailingSilence: Int { count - afterSound }
}
