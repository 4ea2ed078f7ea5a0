/// What is measured in one go over a song's samples.
package struct MeasuredParts: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Verdict, samples, loudness, peak, clipping, silence.
    package static let levels = MeasuredParts(rawValue: 1)
    package static let truePeak = MeasuredParts(rawValue: 2)
    package static let fingerprint = MeasuredParts(rawValue: 4)
}

/// What decoding a song found.
package struct SongMeasurement: Equatable, Sendable {
    package struct Warnings: Equatable, Sendable {
        /// Occurrences by kind; a frame counts once for each kind.
        package var counts: [DecodeWarning: Int] = [:]
        /// Where the first is, in bytes from the start of the audio.
        package var firstOffset: Int?

        package var total: Int { counts.values.reduce(0, +) }

        mutating func add(_ warning: DecodeWarning, at offset: Int) {
            counts[warning, default: 0] += 1
            firstOffset = min(firstOffset ?? offset, offset)
        }
    }

    package struct Levels: Equatable, Sendable {
        /// EBU R 128 integrated loudness; nil where nothing is above the gate of −70 LUFS.
        package var loudnessLUFS: Double?
        /// EBU Tech 3342; nil as above.
        package var rangeLU: Double?
        /// The largest sample, 1 being full scale.
        package var samplePeak = 0.0
        /// Samples beyond full scale, which a player with whole numbers cuts off.
        package var clippedSamples = 0
        package var leadingSilenceMs = 0
        package var trailingSilenceMs = 0
        package var isSilent = false
    }

    package struct Fingerprint: Equatable, Sendable {
        /// Chromaprint's items, one for each 0.124 s.
        package var items: [UInt32]
        /// The same, compressed, base64, as AcoustID takes it.
        package var compressed: String
    }

    package var failure: DecodeFailure?
    /// What the decoder said, where it failed or complained.
    package var detail: String?
    package var warnings = Warnings()
    /// Frames of audio that were decoded.
    package var frames = 0
    /// Samples of one channel.
    package var samples = 0
    /// What the frames of the ledger hold, without the encoder's delay and padding.
    package var expectedSamples = 0
    package var sampleRateHz = 0
    package var channels = 0
    package var levels: Levels?
    /// dBTP as a ratio to full scale.
    package var truePeak: Double?
    package var fingerprint: Fingerprint?

    package init() {}

    package init(failure: DecodeFailure, _ detail: String) {
        self.failure = failure
        self.detail = detail
    }

    package var verdict: String {
        failure != nil ? "failed" : warnings.total > 0 ? "warnings" : "ok"
    }

    /// ReplayGain 2.0: what brings the song to −18 LUFS (<https://wiki.hydrogenaud.io/index.php?title=ReplayGain_2.0_specification>).
    package var replayGainDB: Double? { (levels?.loudnessLUFS).map { -18 - $0 } }
}
