internal import Glibc
internal import SQLite
internal import Storage

/// Prepared statements over `decode.sqlite` for one run.
final class DecodeWriter {
    private let tool: String
    private let date: String
    private var known: Statement
    private var levels: Statement
    private var truePeak: Statement
    private var fingerprint: Statement
    private var items: Statement
    private var removeSong: Statement
    private var removeItems: Statement

    init(_ store: DecodeStore, date: CalendarDate, tool: String) throws {
        self.tool = tool
        self.date = date.description
        let database = store.database
        known = try database.prepare(
            """
            SELECT levels_version, true_peak_version, fingerprint_version FROM songs
            WHERE song_id = ?
            """)
        let columns = """
            song_id, verdict, failure, detail, warnings, first_warning_offset, warning_codes, \
            frames, samples, expected_samples, sample_rate_hz, channels, loudness_lufs, \
            loudness_range_lu, replay_gain_db, sample_peak_dbfs, clipped_samples, \
            leading_silence_ms, trailing_silence_ms, is_silent, levels_version, decoded, tool
            """
        let names = columns.split(separator: ", ")
        levels = try database.prepare(
            """
            INSERT INTO songs(\(columns)) VALUES(\(names.map { _ in "?" }.joined(separator: ",")))
            ON CONFLICT(song_id) DO UPDATE SET
            \(names.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            """)
        truePeak = try database.prepare(
            "UPDATE songs SET true_peak_dbtp = ?, true_peak_version = ?, decoded = ? WHERE song_id = ?"
        )
        fingerprint = try database.prepare(
            "UPDATE songs SET fingerprint_version = ?, decoded = ? WHERE song_id = ?")
        items = try database.prepare("INSERT OR REPLACE INTO fingerprints VALUES(?, ?, ?, ?)")
        removeSong = try database.prepare("DELETE FROM songs WHERE song_id = ?")
        removeItems = try database.prepare("DELETE FROM fingerprints WHERE song_id = ?")
    }

    /// What of `parts` is not there yet, or was measured by an older method.
    func missing(_ parts: MeasuredParts, of song: String) throws -> MeasuredParts {
        defer { known.reset() }
        try known.bind(1, song)
        guard try known.step() else { return parts.union(.levels) }
        var missing = parts
        if known.optionalInt(0) == DecodeSchema.levelsVersion { missing.remove(.levels) }
        if known.optionalInt(1) == DecodeSchema.truePeakVersion { missing.remove(.truePeak) }
        if known.optionalInt(2) == DecodeSchema.fingerprintVersion { missing.remove(.fingerprint) }
        return missing
    }

    /// - Parameter parts: What was asked for, and is now answered, be it by a failure.
    func save(_ song: String, _ result: SongMeasurement, _ parts: MeasuredParts) throws {
        // A blob that is missing may be back for the next run.
        let isFinal = result.failure != .blobMissing
        if parts.contains(.levels) || result.failure != nil {
            try saveLevels(song, result, isFinal: isFinal)
        }
        if parts.contains(.truePeak) {
            try truePeak.bind(1, decibels: decibels(result.truePeak))
            try truePeak.bind(2, isFinal ? DecodeSchema.truePeakVersion : nil)
            try truePeak.bind(3, date)
            try truePeak.bind(4, song)
            try truePeak.run()
        }
        guard parts.contains(.fingerprint) else { return }
        try fingerprint.bind(1, isFinal ? DecodeSchema.fingerprintVersion : nil)
        try fingerprint.bind(2, date)
        try fingerprint.bind(3, song)
        try fingerprint.run()
        guard let found = result.fingerprint else {
            try removeItems.bind(1, song)
            return try removeItems.run()
        }
        try items.bind(1, song)
        try items.bind(2, Fingerprinter.algorithm)
        try items.bind(3, found.items.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) })
        try items.bind(4, found.compressed)
        try items.run()
    }

    private func saveLevels(_ song: String, _ result: SongMeasurement, isFinal: Bool)
        throws
    {
        let found = result.failure == nil
        try levels.bind(1, song)
        try levels.bind(2, result.verdict)
        try levels.bind(3, result.failure?.rawValue)
        try levels.bind(4, result.detail)
        try levels.bind(5, result.warnings.total)
        try levels.bind(6, result.warnings.firstOffset)
        let codes = result.warnings.counts.map { "\($0.key.rawValue) \($0.value)" }.sorted()
        try levels.bind(7, codes.isEmpty ? nil : codes.joined(separator: "\n"))
        try levels.bind(8, found ? result.frames : nil)
        try levels.bind(9, found ? result.samples : nil)
        try levels.bind(10, found ? result.expectedSamples : nil)
        try levels.bind(11, found ? result.sampleRateHz : nil)
        try levels.bind(12, found ? result.channels : nil)
        try levels.bind(13, decibels: result.levels?.loudnessLUFS)
        try levels.bind(14, decibels: result.levels?.rangeLU)
        try levels.bind(15, decibels: result.replayGainDB)
        try levels.bind(16, decibels: decibels(result.levels?.samplePeak))
        try levels.bind(17, result.levels?.clippedSamples)
        try levels.bind(18, result.levels?.leadingSilenceMs)
        try levels.bind(19, result.levels?.trailingSilenceMs)
        try levels.bind(20, result.levels.map { $0.isSilent ? 1 : 0 })
        try levels.bind(21, isFinal ? DecodeSchema.levelsVersion : nil)
        try levels.bind(22, date)
        try levels.bind(23, tool)
        try levels.run()
    }

    func remove(_ song: String) throws {
        try removeSong.bind(1, song)
        try removeSong.run()
        try removeItems.bind(1, song)
        try removeItems.run()
    }

    /// Of a ratio to full scale; nil for none and for silence.
    private func decibels(_ ratio: Double?) -> Double? {
        ratio.flatMap { $0 > 0 && $0.isFinite ? 20 * log10($0) : nil }
    }
}

extension Statement {
    /// A level to three decimals: what comes behind is noise, and differs between machines.
    fileprivate mutating func bind(_ index: Int32, decibels: Double?) throws {
        guard let decibels else { return try bind(index, Int?.none) }
        try bind(index, (decibels * 1000).rounded() / 1000)
    }
}
