/// How many streams a region will have on the plan's day, all songs together.
///
/// level = mean of the last seven days × growth × weekday:
/// * growth: the square root of the last week against the week before, 0.8 to 1.25; 1 with less
///   than two weeks. Half of a change goes on, the other half was chance.
/// * weekday: the plan's weekday against the mean of its own week, the median over the weeks of the
///   window, 0.5 to 2; 1 with less than a week. 25 streams are added to both, so that a few streams
///   more or less are no season.
enum DemandLevel {
    private static let weekdayDamping = 25.0

    /// - Parameter streams: By day, the last one before the plan's; nil where a day is not known.
    static func expected(_ streams: [Double?]) -> Double {
        let count = streams.count
        /// The week that begins so many weeks before the plan's day.
        func week(_ number: Int) -> ArraySlice<Double?> {
            streams[(count - 7 * number)..<(count - 7 * number + 7)]
        }
        guard let level = mean(streams.suffix(7)) ?? mean(streams[...]) else { return 0 }
        var growth = 1.0
        if count >= 14 {
            let both = zip(week(1), week(2)).compactMap { now, before in
                now.flatMap { now in before.map { (now, $0) } }
            }
            let before = both.reduce(0) { $0 + $1.1 }
            if both.count >= 5, before > 0 {
                let ratio = both.reduce(0) { $0 + $1.0 } / before
                growth = min(max(ratio.squareRoot(), 0.8), 1.25)
            }
        }
        var weekdays: [Double] = []
        for number in 1...max(1, count / 7) where 7 * number <= count {
            guard let day = week(number).first!, week(number).count(where: { $0 != nil }) >= 6,
                let mean = mean(week(number))
            else { continue }
            weekdays.append((day + weekdayDamping) / (mean + weekdayDamping))
        }
        return level * growth * min(max(median(weekdays) ?? 1, 0.5), 2)
    }

    private static func mean(_ streams: ArraySlice<Double?>) -> Double? {
        let known = streams.compactMap { $0 }
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1
            ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
