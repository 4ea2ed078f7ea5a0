/// The tables of `decode.sqlite`: what decoding the songs found.
enum DecodeSchema {
    static let version = 1

    /// What a measurement means: raised when the same song would be measured otherwise, which
    /// measures all songs again.
    static let levelsVersion = 1
    static let truePeakVersion = 1
    static let fingerprintVersion = 1

    static let sql = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE songs(
          song_id TEXT PRIMARY KEY,         -- SHA-256 of the audio part, as in the ledger
          verdict TEXT NOT NULL,            -- ok, warnings, failed
          failure TEXT,                     -- a code, where the verdict is failed
          detail TEXT,                      -- what the decoder said
          warnings INTEGER NOT NULL,        -- how many
          first_warning_offset INTEGER,     -- bytes from the start of the audio
          warning_codes TEXT,               -- one a line: code and count
          frames INTEGER,                   -- of audio, decoded
          samples INTEGER,                  -- of one channel, decoded
          expected_samples INTEGER,         -- by the frames of the ledger
          sample_rate_hz INTEGER,
          channels INTEGER,
          loudness_lufs REAL,               -- integrated; NULL when all is below −70 LUFS
          loudness_range_lu REAL,
          replay_gain_db REAL,              -- ReplayGain 2.0: to −18 LUFS
          sample_peak_dbfs REAL,            -- NULL for digital silence
          true_peak_dbtp REAL,              -- NULL where not asked for, too
          clipped_samples INTEGER,          -- beyond full scale
          leading_silence_ms INTEGER,       -- below −60 dBFS
          trailing_silence_ms INTEGER,
          is_silent INTEGER,
          levels_version INTEGER,           -- of the measurement; NULL where it is still to be made
          true_peak_version INTEGER,
          fingerprint_version INTEGER,
          decoded TEXT NOT NULL,            -- the night of the last measurement
          tool TEXT NOT NULL                -- Spindle's version and the decoder's
        ) WITHOUT ROWID;

        CREATE TABLE fingerprints(
          song_id TEXT NOT NULL UNIQUE,
          algorithm INTEGER NOT NULL,       -- Chromaprint's number for it
          items BLOB NOT NULL,              -- 32 bits each, little-endian, one for 0.124 s
          compressed TEXT NOT NULL          -- the same as AcoustID takes it
        );
        """
}
