/// What makes a play count.
///
/// A stream is the industry's 30 seconds; the cap of ten a listener, song and day is what the UK's
/// Official Charts publish; nobody listens for more than 24 hours in a day.
package struct PlayRules: Equatable, Sendable {
    /// Which plays are streams.
    package enum RuleSet: String, CaseIterable, Sendable {
        /// Of `minimumStreamMs`, or of the whole of a shorter song.
        case stream
        /// What Last.fm and ListenBrainz take.
        case scrobble
    }

    package var ruleSet = RuleSet.stream
    /// Listening time from which a play counts.
    package var minimumStreamMs = 30_000
    /// A listener's streams of one song in one day that charts count.
    package var maximumChartStreams = 10
    /// A listener's time in one day above which nothing of it counts.
    package var maximumListeningMs = 86_400_000
    /// Listeners at one address from which it may be a farm; 0 for no such rule.
    package var farmListeners = 25
    /// Plays of one song by one listener in a day from which they may be a loop; 0 for no such rule.
    package var loopPlays = 30

    package init() {}

    /// How much longer than a stream must be a play at the threshold may be.
    static let thresholdMs = 5_000

    /// Shorter songs count when heard to the end; otherwise they never could.
    @inline(__always)
    package func isStream(playedMs: Int, durationMs: Int) -> Bool {
        if ruleSet == .scrobble { return isScrobble(playedMs: playedMs, durationMs: durationMs) }
        return playedMs >= minimumStreamMs
            || durationMs < minimumStreamMs && durationMs > 0 && playedMs >= durationMs
    }

    /// Last.fm's and ListenBrainz' rule: of a song of more than 30 s at least half or 4 minutes.
    @inline(__always)
    package func isScrobble(playedMs: Int, durationMs: Int) -> Bool {
        durationMs > 30_000 && (playedMs >= 240_000 || playedMs &* 2 >= durationMs)
    }

    /// Whether a stream was left as soon as it counted, as machines do that are paid by the stream.
    @inline(__always)
    func isAtThreshold(playedMs: Int, durationMs: Int) -> Bool {
        let least = ruleSet == .stream ? minimumStreamMs : min((durationMs &+ 1) / 2, 240_000)
        return playedMs >= least && playedMs < least &+ Self.thresholdMs
    }

    /// Of what is suspected of being machines' this share must be at the threshold: three quarters.
    @inline(__always)
    static func isMostly(_ part: Int, of whole: Int) -> Bool { part * 4 >= whole * 3 }

    /// Raised when the meaning of a partition changes, so that older ones are counted again.
    static let version = 2

    var parameters: [String: String] {
        [
            "rules": ruleSet.rawValue, "rules_version": "\(Self.version)",
            "minimum_stream_ms": "\(minimumStreamMs)",
            "maximum_chart_streams": "\(maximumChartStreams)",
            "maximum_listening_ms": "\(maximumListeningMs)",
            "farm_listeners": "\(farmListeners)", "loop_plays": "\(loopPlays)",
        ]
    }
}
