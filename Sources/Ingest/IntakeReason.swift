/// Why a file is set aside; the codes that `spindle rejects` and the ledger show.
package enum RejectReason: String, CaseIterable, Sendable {
    /// The file has no bytes.
    case empty
    /// The system refuses to read it.
    case unreadable
    /// Named as an MP3, but without frames of MPEG audio.
    case notMPEGAudio = "not_mpeg_audio"
    /// Begins like MPEG audio, and has no whole frame that could be played.
    case noFrames = "no_frames"
    /// It changed while it was read, twice.
    case changedWhileRead = "changed_while_read"
    /// It made the process crash that reads files.
    case readerCrashed = "reader_crashed"
    /// It made that process take more memory or time than one file may.
    case readerOverLimit = "reader_over_limit"
}

/// What is odd about a file that is kept, besides its frames (`FrameFinding.Code`); the codes that
/// begin a warning.
package enum IntakeWarning: String, CaseIterable, Sendable {
    /// MPEG audio under another name.
    case notNamedMP3 = "not_named_mp3"
    /// No title in the tags; the file's name stands in.
    case noTitle = "no_title"
    /// The source file was good and no longer is; the last good version is kept.
    case sourceDamaged = "source_damaged"
}
