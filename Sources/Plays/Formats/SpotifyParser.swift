/// Reads the extended streaming history that Spotify hands out to a listener
/// (<https://support.spotify.com/article/understanding-your-data/>).
///
/// `ts` is when the song stopped. The history names no ISRC: songs are found by artist and title.
final class SpotifyParser: PlayRecordParser {
    private enum Slot: Int, CaseIterable {
        case ts, username, playedMs, country, address, addressDecrypted, title, artist, uri, episode

        var path: String {
            switch self {
            case .ts: "ts"
            case .username: "username"
            case .playedMs: "ms_played"
            case .country: "conn_country"
            case .address: "ip_addr"
            case .addressDecrypted: "ip_addr_decrypted"
            case .title: "master_metadata_track_name"
            case .artist: "master_metadata_album_artist_name"
            case .uri: "spotify_track_uri"
            case .episode: "spotify_episode_uri"
            }
        }
    }

    private let fields = JSONFields(Slot.allCases.map(\.path))

    func parse(_ line: UnsafeRawBufferPointer, into record: inout PlayRecord) -> LineOutcome {
        if let rejection = fields.read(line) { return .rejected(rejection) }
        let ts = text(.ts)
        if ts.isEmpty {
            let kind = fields.kind(Slot.ts.rawValue)
            return .rejected(
                kind == .absent || kind == .null
                    ? Rejection(reason: .missingField, detail: "ts is missing")
                    : Rejection(reason: .wrongType, detail: "ts is not a string"))
        }
        guard let time = LogTime.parse(ts) else {
            return .rejected(Rejection(reason: .badTimestamp, detail: "ts is not a moment"))
        }
        record.timeMs = time
        switch fields.kind(Slot.playedMs.rawValue) {
        case .absent, .null:
            return .rejected(Rejection(reason: .missingField, detail: "ms_played is missing"))
        case .integer:
            record.playedMs = fields.integer(Slot.playedMs.rawValue)!
            // -1 would mean that the log does not tell.
            if record.playedMs < 0 {
                return .rejected(
                    Rejection(
                        reason: .outOfRange, detail: "ms_played is not between 0 and a week"))
            }
        default:
            return .rejected(Rejection(reason: .wrongType, detail: "ms_played is not an integer"))
        }
        record.song.title = text(.title)
        record.song.artist = text(.artist)
        if record.song.title.isEmpty {
            record.song.id = text(.uri)
            // Episodes, audio books and videos have no song.
            if record.song.id.isEmpty { return .leftOut(.otherObject) }
        }
        record.userID = text(.username)
        record.region = text(.country)
        record.address = text(.address)
        if record.address.isEmpty { record.address = text(.addressDecrypted) }
        return .play
    }

    private func text(_ slot: Slot) -> UnsafeRawBufferPointer { fields.text(slot.rawValue) }
}
