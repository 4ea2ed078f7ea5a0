/// Reads the dataset Last.fm-1K: user, timestamp, MusicBrainz's id of the artist, artist,
/// MusicBrainz's id of the recording, title; tab-separated, without a header
/// (<http://ocelma.net/MusicRecommendationDataset/lastfm-1K.html>).
final class LastFMParser: PlayRecordParser {
    func parse(_ line: UnsafeRawBufferPointer, into record: inout PlayRecord) -> LineOutcome {
        var starts = (0, 0, 0, 0, 0)
        var count = 0
        var start = 0
        while let tab = line.first(9, from: start) {
            start = tab + 1
            switch count {
            case 0: starts.0 = start
            case 1: starts.1 = start
            case 2: starts.2 = start
            case 3: starts.3 = start
            case 4: starts.4 = start
            default: break
            }
            count += 1
        }
        guard count == 5 else {
            return .rejected(
                Rejection(reason: .columnCount, detail: "\(count + 1) columns instead of 6"))
        }
        guard line.isValidUTF8 else {
            return .rejected(Rejection(reason: .notUTF8, detail: "not UTF-8"))
        }
        guard let time = LogTime.parse(line.part(starts.0..<starts.1 - 1)) else {
            return .rejected(
                Rejection(reason: .badTimestamp, detail: "the timestamp is not a moment"))
        }
        record.timeMs = time
        record.userID = line.part(0..<starts.0 - 1)
        record.song.artist = line.part(starts.2..<starts.3 - 1)
        record.song.recordingID = line.part(starts.3..<starts.4 - 1)
        record.song.title = line.part(starts.4..<line.count)
        return .play
    }
}
