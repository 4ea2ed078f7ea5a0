internal import Glibc

/// How far a forecast was from what came, over cells of one song, region and day each.
package struct ForecastErrors: Sendable {
    /// A forecast below it counts as it in the deviance, which is infinite where something came that
    /// was ruled out.
    package static let devianceFloor = 0.01

    package private(set) var cells = 0
    private var absolute = 0.0
    private var deviance = 0.0
    private var expected = 0.0
    private var came = 0.0
    /// By region.
    private var expectedByRegion: [Double]
    private var cameByRegion: [Double]
    private var correlations = 0.0
    private var days = 0

    init(regions: Int) {
        expectedByRegion = Array(repeating: 0, count: regions)
        cameByRegion = expectedByRegion
    }

    mutating func add(expected: Double, came: Double, region: Int) {
        cells += 1
        absolute += abs(expected - came)
        let floored = max(expected, Self.devianceFloor)
        deviance += 2 * ((came > 0 ? came * log(came / floored) : 0) - (came - floored))
        self.expected += expected
        self.came += came
        expectedByRegion[region] += expected
        cameByRegion[region] += came
    }

    /// Adds a day's rank correlation of the head.
    mutating func add(correlation: Double) {
        correlations += correlation
        days += 1
    }

    /// Streams a cell.
    package var meanAbsoluteError: Double { ratio(absolute, Double(cells)) }
    /// Σ|expected − came| / Σ came.
    package var weightedPercentageError: Double { ratio(absolute, came) }
    /// 2·(came·ln(came/expected) − (came − expected)), the mean of all cells.
    package var meanDeviance: Double { ratio(deviance, Double(cells)) }
    /// Σ expected / Σ came − 1.
    package var bias: Double { ratio(expected, came) - 1 }
    package var biasByRegion: [Double] {
        zip(expectedByRegion, cameByRegion).map { ratio($0, $1) - 1 }
    }
    /// Spearman's, of the songs that were streamed most, the mean of the days.
    package var headCorrelation: Double { ratio(correlations, Double(days)) }

    private func ratio(_ a: Double, _ b: Double) -> Double { b > 0 ? a / b : 0 }

    /// Spearman's rank correlation; those of equal value share the mean of their ranks.
    static func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double {
        let ranksA = ranks(a)
        let ranksB = ranks(b)
        let mean = Double(a.count - 1) / 2
        var product = 0.0
        var squareA = 0.0
        var squareB = 0.0
        for (x, y) in zip(ranksA, ranksB) {
            product += (x - mean) * (y - mean)
            squareA += (x - mean) * (x - mean)
            squareB += (y - mean) * (y - mean)
        }
        return squareA > 0 && squareB > 0 ? product / (squareA * squareB).squareRoot() : 0
    }

    private static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = values
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
            start = end
        }
        return ranks
    }
}
