/// A play as a log tells it, before it is completed to an event.
///
/// Texts are empty where the log does not tell, valid until the next line.
struct PlayRecord {
    var eventID = UnsafeRawBufferPointer.none
    var userID = UnsafeRawBufferPointer.none
    var region = UnsafeRawBufferPointer.none
    var address = UnsafeRawBufferPointer.none
    var song = SongReference()
    var timeMs = 0
    /// -1 where the log does not tell: then the play is one of the whole song.
    var playedMs = -1
    /// 0 where the log does not tell.
    var durationMs = 0
}

/// All by which a log names a song.
struct SongReference {
    /// An id, a path or a URL.
    var id = UnsafeRawBufferPointer.none
    var isrc = UnsafeRawBufferPointer.none
    /// MusicBrainz's id of the recording.
    var recordingID = UnsafeRawBufferPointer.none
    var artist = UnsafeRawBufferPointer.none
    var title = UnsafeRawBufferPointer.none

    var isEmpty: Bool {
        id.isEmpty && isrc.isEmpty && recordingID.isEmpty && title.isEmpty
    }
}

/// Why a line that is not spoilt is no play by itself; the raw value is the code in accounts.
package enum LeftOutReason: String, CaseIterable, Sendable {
    /// A header or a comment.
    case header
    /// Something else than a song: a podcast's episode, an object that is no audio.
    case otherObject = "other_object"
    /// A request with another method than GET.
    case otherMethod = "other_method"
    /// A request whose answer was neither 200 nor 206, or had no bytes.
    case otherStatus = "other_status"
    /// A request of a program that no person listens to.
    case bot
}

/// What a line of a foreign log was.
enum LineOutcome {
    case play
    case leftOut(LeftOutReason)
    case rejected(Rejection)
}

/// Reads one record of a foreign log.
protocol PlayRecordParser: AnyObject {
    func parse(_ line: UnsafeRawBufferPointer, into record: inout PlayRecord) -> LineOutcome
}
