/// What a backtest compares.
package enum Forecaster: Int, CaseIterable, Sendable {
    /// What `demand.tsv.zst` would have said.
    case model
    /// The streams of the last counted day: the naive forecast.
    case yesterday
    /// Those of the same weekday a week before; yesterday's where that was not counted.
    case weekday
    /// The mean of the counted days of the last seven.
    case mean
    /// Those that came.
    case perfect

    package var name: String {
        switch self {
        case .model: "spindle"
        case .yesterday: "yesterday"
        case .weekday: "week_before"
        case .mean: "seven_day_mean"
        case .perfect: "perfect"
        }
    }
}
