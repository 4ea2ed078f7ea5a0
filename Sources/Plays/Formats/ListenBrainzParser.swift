/// Reads ListenBrainz's listens, as its dumps and its export have them
/// (<https://listenbrainz.readthedocs.io/en/latest/users/json.html>).
///
/// A listen is sent once the rule for it was met, and does not tell how long was heard: it counts
/// as a play of the whole song.
final class ListenBrainzParser: PlayRecordParser {
    private enum Slot: Int, CaseIterable {
        case listenedAt, userName, user, userID
        case artist, title, durationMs, duration, isrc, recordingID, mappedID

        var path: String {
            switch self {
            case .listenedAt: "listened_at"
            case .userName: "user_name"
            case .user: "user"
            case .userID: "user_id"
            case .artist: "track_metadata.artist_name"
            case .title: "track_metadata.track_name"
            case .durationMs: "track_metadata.additional_info.duration_ms"
            case .duration: "track_metadata.additional_info.duration"
            case .isrc: "track_metadata.additional_info.isrc"
            case .recordingID: "track_metadata.additional_info.recording_mbid"
            case .mappedID: "track_metadata.mbid_mapping.recording_mbid"
            }
        }
    }

    private let fields = JSONFields(Slot.allCases.map(\.path))

    func parse(_ line: UnsafeRawBufferPointer, into record: inout PlayRecord) -> LineOutcome {
        if let rejection = fields.read(line) { return .rejected(rejection) }
        switch fields.kind(Slot.listenedAt.rawValue) {
        case .absent, .null:
            return .rejected(Rejection(reason: .missingField, detail: "listened_at is missing"))
        case .integer:
            guard let seconds = fields.integer(Slot.listenedAt.rawValue), abs(seconds) < 1 << 40
            else {
                return .rejected(
                    Rejection(reason: .badTimestamp, detail: "listened_at is no time in seconds"))
            }
            record.timeMs = seconds * 1_000
        default:
            return .rejected(
                Rejection(reason: .wrongType, detail: "listened_at is not an integer"))
        }
        record.userID = text(.userName)
        if record.userID.isEmpty { record.userID = text(.user) }
        if record.userID.isEmpty { record.userID = fields.textOrNumber(Slot.userID.rawValue) }
        record.song.artist = text(.artist)
        record.song.title = text(.title)
        record.song.isrc = text(.isrc)
        record.song.recordingID = text(.recordingID)
        if record.song.recordingID.isEmpty { record.song.recordingID = text(.mappedID) }
        if let milliseconds = fields.integer(Slot.durationMs.rawValue) {
            record.durationMs = milliseconds
        } else if let seconds = fields.integer(Slot.duration.rawValue), abs(seconds) < 1 << 30 {
            record.durationMs = seconds * 1_000
        }
        return .play
    }

    private func text(_ slot: Slot) -> UnsafeRawBufferPointer { fields.text(slot.rawValue) }
}
