/// How far a song's last day stands out from the week before it.
struct Trend: Equatable {
    /// Chart streams of the last day.
    let streams: Int
    /// Mean chart streams of the days before, as far as they were counted.
    let mean: Double
    let value: Double

    /// Damps what small numbers do by chance: three streams after none are no sensation.
    static let damping = 10.0
    /// Listeners on the last day without whom there is no trend.
    static let minimumListeners = 3

    /// (x − μ)/√(μ + k), which is about the number of standard deviations of a Poisson count.
    ///
    /// - Parameter before: Chart streams of the counted days among the seven before.
    init(streams: Int, before: [Int], listeners: Int) {
        self.streams = streams
        mean = before.isEmpty ? 0 : Double(before.reduce(0, +)) / Double(before.count)
        value =
            before.isEmpty || listeners < Self.minimumListeners
            ? 0 : (Double(streams) - mean) / (mean + Self.damping).squareRoot()
    }
}
