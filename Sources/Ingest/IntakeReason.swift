/// Why a file is set aside; the codes that `spindle rejects` and the ledger show.
package enum RejectReason: String, CaseIterable, Sendable {
    case empty
    case unreadable
    case notMPEGAudio = "not_mpeg_audio"
    case changedWhileRead = "changed_while_read"

    package var explanation: String {
        switch self {
        case .empty: "the file has no bytes"
        case .unreadable: "the system refuses to read it"
        case .notMPEGAudio: "named as an MP3, but without frames of MPEG audio"
        case .changedWhileRead: "it changed while it was read, twice"
        }
    }
}

/// What is odd about a file that is kept; the codes that begin a warning.
package enum IntakeWarning: String, CaseIterable, Sendable {
    case truncated
    case strayBytes = "stray_bytes"
    case junkBeforeAudio = "junk_before_audio"
    case frameCountDiffers = "frame_count_differs"
    case notNamedMP3 = "not_named_mp3"
    case noTitle = "no_title"
    case sourceDamaged = "source_damaged"

    package var explanation: String {
        switch self {
        case .truncated: "the last frame, or what the header promises, is not all there"
        case .strayBytes: "bytes among the frames belong to none"
        case .junkBeforeAudio: "bytes between the tags and the first frame"
        case .frameCountDiffers: "the Xing or VBRI header counts other frames than there are"
        case .notNamedMP3: "MPEG audio under another name"
        case .sourceDamaged:
            "the source file was good and no longer is; the last good version is kept"
        case .noTitle: "no title in the tags; the file's name stands in"
        }
    }
}
