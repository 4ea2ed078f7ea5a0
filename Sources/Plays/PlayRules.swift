/// What makes a play count.
///
/// A stream is the industry's 30 seconds; the cap of ten a listener, song and day is what the UK's
/// Official Charts publish; nobody listens for more than 24 hours in a day.
package struct PlayRules: Equatable, Sendable {
    /// Listening time from which a play counts.
    package var minimumStreamMs = 30_000
    /// A listener's streams of one song in one day that charts count.
    package var maximumChartStreams = 10
    /// A listener's time in one day above which nothing of it counts.
    package var maximumListeningMs = 86_400_000

    package init() {}

    /// Shorter songs count when heard to the end; otherwise they never could.
    @inline(__always)
    package func isStream(playedMs: Int, durationMs: Int) -> Bool {
        playedMs >= minimumStreamMs
            || durationMs < minimumStreamMs && durationMs > 0 && playedMs >= durationMs
    }

    /// Last.fm's and ListenBrainz' rule: of a song of more than 30 s at least half or 4 minutes.
    @inline(__always)
    package func isScrobble(playedMs: Int, durationMs: Int) -> Bool {
        durationMs > 30_000 && (playedMs >= 240_000 || playedMs * 2 >= durationMs)
    }

    /// Raised when the meaning of a partition changes, so that older ones are counted again.
    static let version = 2

    var parameters: [String: Int] {
        [
            "rules_version": Self.version, "minimum_stream_ms": minimumStreamMs,
            "maximum_chart_streams": maximumChartStreams,
            "maximum_listening_ms": maximumListeningMs,
        ]
    }
}
