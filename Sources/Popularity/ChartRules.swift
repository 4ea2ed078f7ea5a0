/// What keeps charts from being made by a few.
///
/// Chart streams are capped a listener, song and day when days are counted, and what was excluded
/// there has no part in them. On top of that no single listener can be more than half of what a song
/// counts, and a song needs several listeners.
package struct ChartRules: Equatable, Sendable {
    /// Distinct listeners that a song needs on the day, or in the week, of a chart or of a trend.
    package var minimumListeners = 3

    package init() {}

    /// The most chart streams that one listener can have had of a day's.
    ///
    /// Each of the day's listeners has at least one.
    @inline(__always)
    static func mostOfOne(_ streams: Int, listeners: Int, cap: Int) -> Int {
        streams == 0 ? 0 : max(0, min(cap, streams - max(0, listeners - 1)))
    }

    /// What counts: all, unless one listener could be more than half of it; then twice what the
    /// others surely have.
    @inline(__always)
    static func points(_ streams: Int, mostOfOne: Int) -> Int {
        min(streams, 2 * (streams - mostOfOne))
    }
}

/// How often a chart is made.
package enum ChartPeriod: String, CaseIterable, Sendable {
    /// Of the seven days that end with the night.
    case weekly
    /// Of the night's day.
    case daily

    /// Days from one chart to the next.
    package var step: Int { self == .weekly ? 7 : 1 }
    /// Charts of a window of 28 days.
    var count: Int { self == .weekly ? Charts.weeks : 7 * Charts.weeks }
}

/// A song's place in a chart.
package struct ChartLine: Equatable, Sendable {
    package var period: ChartPeriod
    /// `overall`, `region` or `genre`.
    package var chart: String
    /// The region's id or the genre's name; `*` for all.
    package var key: String
    /// From 1.
    package var position: Int
    package var songID: String
    /// Chart streams as far as they count.
    package var points: Int
    /// All chart streams.
    package var streams: Int
    /// Distinct listeners: exact in daily charts, about so in weekly ones.
    package var listeners: Int
    /// The sum of each day's listeners.
    package var listenerDays: Int
    /// In the chart of the day, or the week, before; nil where the song was not in it.
    package var previousPosition: Int?
    /// The best one ever.
    package var peakPosition: Int
    /// Charts in which the song was, this one too.
    package var periods: Int
}
