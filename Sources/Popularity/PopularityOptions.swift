package import Storage

package struct PopularityOptions: Sendable {
    /// The window of scores and demand; charts go by 28 days, which are read in any case.
    package var days = 28
    package var charts = ChartRules()

    package init() {}
}

/// What a night's popularity found.
package struct PopularitySummary: Sendable {
    package let date: CalendarDate
    /// Songs with a play in the window.
    package var songs = 0
    /// Those that the ledger does not know.
    package var unresolved = 0
    /// Days of the window whose own logs were counted.
    package var countedDays = 0
    package var plays = 0
    package var streams = 0
    /// Songs that others were heard with.
    package var similar = 0
    /// Streams expected on the plan's day, by region in byte order.
    package var expected: [(region: String, streams: Double)] = []
    /// Releases that were raised.
    package var raisedReleases = 0
    package var warnings: [String] = []
}
