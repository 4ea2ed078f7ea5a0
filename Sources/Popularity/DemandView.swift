/// What the days before a target say, as weights: a song's means are sums of its streams times
/// these.
///
/// A stream counts as its share of the region's streams of its day times the region's level on the
/// target, so that weekdays, growth and missing logs are no news about a song. Of a day with fewer
/// streams than the level the shares count less, as they are more chance.
struct DemandView {
    /// Of one song in one region.
    struct Own {
        static let yesterday = 0, ewma50 = 1, ewma25 = 2, ewma10 = 3, weekday = 4, halfWeek = 5,
            sum = 6
    }
    /// Of one song in all regions.
    struct Overall {
        static let yesterday = 0, ewma50 = 1, ewma25 = 2, ewma10 = 3
    }

    /// How much of its weight a day loses to the next one.
    static let fadings = [0.5, 0.25, 0.1]

    /// The weight of a day that is not of the kind that a mean is of.
    private static let standIn = 1e-4

    /// The days it goes by end before it.
    let target: Int
    /// Of the history's first day; 0 is Monday.
    private let firstWeekday: Int
    /// The days that it goes by.
    let days: Range<Int>
    /// Streams of each region on the target: expected or, to learn from, those that came.
    let levels: [Double]
    /// The regions' shares of all levels.
    let shares: [Double]
    /// By day and region.
    private(set) var own: [SIMD8<Double>]
    private(set) var overall: [SIMD4<Double>]
    /// For a song that came out on a day: how much more its days count, as there are no earlier.
    private(set) var ownSince: [SIMD8<Double>]
    private(set) var overallSince: [SIMD4<Double>]

    /// - Parameters:
    ///   - days: The days to go by; the target is the day behind the last.
    ///   - isPast: The target is a day of the history, and its levels are known.
    init(_ history: DemandHistory, _ days: Range<Int>, isPast: Bool) {
        let regions = history.regions
        self.days = days
        firstWeekday = history.firstWeekday
        target = days.upperBound
        let levels = (0..<regions).map { region in
            isPast
                ? Double(history.totals[region][days.upperBound])
                : DemandLevel.expected(
                    days.map {
                        history.isKnown(region, $0) ? Double(history.totals[region][$0]) : nil
                    })
        }
        self.levels = levels
        let total = levels.reduce(0, +)
        shares = levels.map { total > 0 ? $0 / total : 0 }
        own = Array(repeating: .zero, count: days.count * regions)
        ownSince = own
        overall = Array(repeating: .zero, count: days.count * regions)
        overallSince = Array(repeating: .zero, count: days.count)
        for region in 0..<regions { setOwn(history, region) }
        setOverall(history, total)
    }

    /// The place of a day and region in the tables.
    @inline(__always)
    func index(_ day: Int, _ region: Int) -> Int {
        (day - days.lowerBound) * levels.count + region
    }

    /// Friday to Sunday, when people have time to listen.
    private func isWeekend(_ day: Int) -> Bool { (firstWeekday + day) % 7 >= 4 }

    private mutating func setOwn(_ history: DemandHistory, _ region: Int) {
        let known = days.filter { history.isKnown(region, $0) }
        guard let last = known.last, levels[region] > 0 else { return }
        // Weights of the days, then each divided by the sum of those from a day on.
        var weights: [SIMD8<Double>] = []
        for day in known {
            let streams = Double(history.totals[region][day])
            var weight = Self.fadingWeights(target - 1 - day) * min(1, streams / levels[region])
            weight[Own.yesterday] = day == last ? 1 : 0
            // Other days only stand in where there is none of the kind.
            weight[Own.weekday] =
                (target - day) % 7 == 0
                ? Self.fadingWeights((target - day) / 7 - 1)[Own.ewma25]
                : Self.standIn * weight[Own.ewma25]
            weight[Own.halfWeek] =
                weight[Own.ewma10] * (isWeekend(day) == isWeekend(target) ? 1 : Self.standIn)
            weights.append(weight)
        }
        let all = weights.reduce(.zero, +)
        for (place, day) in known.enumerated() {
            let scale = levels[region] / Double(history.totals[region][day])
            var entry = Self.divided(weights[place], by: all) * scale
            entry[Own.sum] = scale
            own[index(day, region)] = entry
        }
        var since = SIMD8<Double>.zero
        var place = known.count
        for day in days.reversed() {
            while place > 0, known[place - 1] >= day {
                place -= 1
                since += weights[place]
            }
            ownSince[index(day, region)] = Self.divided(all, by: since)
            ownSince[index(day, region)][Own.sum] = 1
        }
    }

    private mutating func setOverall(_ history: DemandHistory, _ total: Double) {
        var all = SIMD4<Double>.zero
        var weights = Array(repeating: SIMD4<Double>.zero, count: days.count)
        var isLast = true
        for day in days.reversed() {
            let known = levels.indices.filter { history.isKnown($0, day) && levels[$0] > 0 }
            guard !known.isEmpty else { continue }
            let faded = Self.fadingWeights(target - 1 - day)
            let weight = SIMD4(isLast ? 1 : 0, faded[1], faded[2], faded[3])
            isLast = false
            all += weight
            weights[day - days.lowerBound] = weight
            // Where a region's logs of the day are missing the others stand for it.
            let missing = total / known.reduce(0) { $0 + levels[$1] }
            for region in known {
                overall[index(day, region)] =
                    weight * (levels[region] / Double(history.totals[region][day]) * missing)
            }
        }
        for place in overall.indices {
            overall[place] = Self.divided(overall[place], by: all)
        }
        var since = SIMD4<Double>.zero
        for place in weights.indices.reversed() {
            since += weights[place]
            overallSince[place] = Self.divided(all, by: since)
        }
    }

    /// At `Own`'s places of the means; 1 at the others.
    private static func fadingWeights(_ age: Int) -> SIMD8<Double> {
        var weights = SIMD8<Double>(repeating: 1)
        for (place, fading) in fadings.enumerated() {
            for _ in 0..<age { weights[place + 1] *= 1 - fading }
        }
        return weights
    }

    /// 0 where there is nothing to divide by.
    private static func divided<Vector: SIMD<Double>>(_ a: Vector, by b: Vector) -> Vector {
        (a / b).replacing(with: 0, where: b .== 0)
    }
}
