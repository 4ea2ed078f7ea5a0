/// How far a song's last day stands out from the week before it.
struct Trend: Equatable {
    /// Points of the last day: chart streams, of which no listener can have more than half.
    let points: Int
    /// Mean points of the days before, as far as they were counted.
    let mean: Double
    let value: Double

    /// Damps what small numbers do by chance: three streams after none are no sensation.
    static let damping = 10.0
    /// As many streams as usual are thought of beside a region's, so that in a small one a song's own
    /// rise does not pass for a busy day.
    static let usual = 1000.0
    /// A value from which a song is listed: what chance does to one of fifty or less often.
    static let notable = 2.0

    /// (x − bμ)/√(bμ + 10), about the number of standard deviations of a Poisson count, with
    /// b = (X − x + 1000)/(M − μ + 1000): how busy the day was for all other songs.
    ///
    /// - Parameters:
    ///   - mean: nil when no day before was counted: nothing is known then.
    ///   - total: Points of all songs on the last day, and on a mean day before it.
    init(points: Int, mean: Double?, isHeard: Bool, total: (day: Double, mean: Double)) {
        self.points = points
        self.mean = mean ?? 0
        guard let mean, isHeard else {
            value = 0
            return
        }
        let busy =
            (total.day - Double(points) + Self.usual) / (total.mean - mean + Self.usual)
        value = (Double(points) - busy * mean) / (busy * mean + Self.damping).squareRoot()
    }
}

/// How a song's last seven days compare with the seven before.
enum WeeklyTrend {
    /// Streams added to both weeks, so that of a few no multiples are made.
    static let damping = 20.0

    /// 100·((X + 20)/(Y·n + 20) − 1), in per cent, with X the chart streams of the last seven days, Y
    /// of the seven before, and n the ratio of the days of which there are logs.
    ///
    /// - Returns: 0 when either week has no logs.
    static func percent(
        week: Int, before: Int, countedDays: Int, countedBefore: Int
    ) -> Double {
        guard countedDays > 0, countedBefore > 0 else { return 0 }
        let usual = Double(before) * Double(countedDays) / Double(countedBefore)
        return 100 * ((Double(week) + damping) / (usual + damping) - 1)
    }
}
