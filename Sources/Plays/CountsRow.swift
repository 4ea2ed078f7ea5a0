/// What a song has in a region on a day: a row of `counts.tsv.zst` without its two names.
package struct CountsRow: Equatable, Sendable {
    package var plays = 0
    package var streams = 0
    /// Streams, at most ten a listener and song.
    package var chartStreams = 0
    /// Plays that Last.fm and ListenBrainz would take.
    package var scrobbles = 0
    /// Distinct listeners with a stream here.
    package var listeners = 0
    package var playedMs = 0
    /// Plays that are no streams.
    package var skips = 0
    /// Plays whose song's duration is known.
    package var timedPlays = 0
    /// Timed plays that were heard to nine tenths or more.
    package var completedPlays = 0
    /// The sum over timed plays of what was heard of the song, in thousandths, at most 1,000 each.
    package var completionPermille = 0
    /// Distinct listeners with a stream in any region; the same on all rows of a song.
    package var songListeners = 0
    /// Streams by the hour of the day in which they began, in the day's own time zone.
    package var hours = InlineArray<24, Int>(repeating: 0)

    package init() {}

    package static func == (a: CountsRow, b: CountsRow) -> Bool {
        for hour in 0..<24 where a.hours[hour] != b.hours[hour] { return false }
        return columns.allSatisfy { a[keyPath: $0] == b[keyPath: $0] }
    }

    /// The columns of numbers, in the order of the file.
    private static var columns: [WritableKeyPath<CountsRow, Int>] {
        [
            \.plays, \.streams, \.chartStreams, \.scrobbles, \.listeners, \.playedMs, \.skips,
            \.timedPlays, \.completedPlays, \.completionPermille, \.songListeners,
        ]
    }
}
