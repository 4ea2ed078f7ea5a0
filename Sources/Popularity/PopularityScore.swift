internal import Glibc

/// The decayed score and what is made of it.
enum PopularityScore {
    /// What is left of a stream after one day: half of it after a week.
    static let dailyDecay = pow(2, -1.0 / 7)

    /// S(d) = S(d−1)·2^(−1/7) + chart streams of d.
    static func weight(_ chartStreams: some Sequence<Int>) -> Double {
        chartStreams.reduce(0) { $0 * dailyDecay + Double($1) }
    }

    /// round(100·ln(1 + S)/ln(1 + Smax)): 0 to 100, the loudest song at 100.
    static func score(_ weight: Double, maximum: Double) -> Int {
        maximum > 0
            ? Int((100 * log1p(weight) / log1p(maximum)).rounded(.toNearestOrAwayFromZero)) : 0
    }
}
