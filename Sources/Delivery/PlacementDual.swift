/// Finds prices of the limits at which the songs, each taking its cheapest set, keep to them: the
/// Lagrangian dual of the placement, whose value no placement can undercut.
///
/// For any prices λ ≥ 0 the bound is Σᵢ minₚ(cᵢ(p) + use of p at λ) − Σ λ·limit (Everett 1963,
/// Fisher 1981). It is concave in λ and its slope along one price is use − limit, which falls as the
/// price rises, so that the best value of one price is found by bisection. All prices in turn, and
/// then the way that a whole round has led, until the bound comes to rest. With few songs, where the
/// bound has edges on which no single price can go on, steps along the slopes follow. Edges come from
/// songs that are alike and turn all at once; so that they do so one by one, each leans a little
/// towards some regions, first more and then less.
///
/// Made on a sample when there are many songs; `PlacementBound` shifts the sample's limits until
/// they hold for all songs.
struct PlacementDual {
    /// A point and what it is worth.
    struct Point {
        var prices: PlacementPrices
        var boundUSD: Double
        /// Use − limit, in GB and songs; −∞ where there is no limit.
        var excess: [Double]
    }

    let pricing: PlacementPricing
    let sample: PlacementPricing.Sample?
    /// In GB and songs, in the order of `PlacementPrices`.
    let limits: [Double]
    private(set) var best: Point
    /// Prices that move together: each alone; and, as songs that leave one region of a failure domain
    /// go to another one of it, those of each domain, and all.
    private let directions: [[Int]]
    /// See `PlacementPricing.setPrices`.
    private var leaning = PlacementPricing.leaningShares.last!

    private static let roundsMax = 40
    private static let stepsMax = 120
    /// Songs up to which steps along the slopes are worth their time.
    private static let stepSongsMax = 5_000

    init(
        _ pricing: PlacementPricing, sample: PlacementPricing.Sample?, limits: [Double],
        start: PlacementPrices
    ) {
        self.pricing = pricing
        self.sample = sample
        self.limits = limits
        let topology = pricing.topology
        var directions = limits.indices.filter { limits[$0].isFinite }.map { [$0] }
        for domain in topology.domains.indices {
            let members = topology.regions.indices.filter {
                topology.domainOfRegion[$0] == domain
            }
            if members.count > 1 { directions.append(members) }
        }
        directions.append(Array(topology.regions.indices))
        self.directions = directions
        best = Self.value(pricing, sample, limits, start, leaning)
    }

    private static func value(
        _ pricing: PlacementPricing, _ sample: PlacementPricing.Sample?, _ limits: [Double],
        _ prices: PlacementPrices, _ leaning: Double
    ) -> Point {
        pricing.setPrices(prices, leaning: leaning)
        let totals = pricing.evaluate(sample)
        var bound = totals.pricedUSD
        for (price, limit) in zip(prices.values, limits) where price > 0 { bound -= price * limit }
        return Point(
            prices: prices, boundUSD: bound, excess: zip(totals.use, limits).map { $0 - $1 })
    }

    private mutating func value(_ prices: PlacementPrices) -> Point {
        let point = Self.value(pricing, sample, limits, prices, leaning)
        if point.boundUSD > best.boundUSD { best = point }
        return point
    }

    /// Raises the bound until a round adds less than `tolerance` of it.
    ///
    /// - Parameter isFirst: From far away: songs that lean much first, which evens out the edges.
    mutating func ascend(isFirst: Bool, tolerance: Double = 1e-7) {
        if isFirst {
            for leaning in PlacementPricing.leaningShares.dropLast() {
                self.leaning = leaning
                best = Self.value(pricing, sample, limits, best.prices, leaning)
                climb(tolerance: 1e-5)
            }
            leaning = PlacementPricing.leaningShares.last!
            best = Self.value(pricing, sample, limits, best.prices, leaning)
        }
        climb(tolerance: tolerance)
        if (sample?.songs.count ?? pricing.problem.songs.count) <= Self.stepSongsMax { step() }
    }

    private mutating func climb(tolerance: Double) {
        var point = best
        for _ in 0..<Self.roundsMax {
            let start = point
            for members in directions {
                // Prices of zero whose limits are kept have nothing to gain.
                if members.allSatisfy({ point.prices.values[$0] == 0 && point.excess[$0] <= 0 }) {
                    continue
                }
                point = settle(members, from: point)
            }
            point = extrapolate(from: start, to: point)
            let gain = point.boundUSD - start.boundUSD
            if gain <= tolerance * abs(point.boundUSD) { break }
        }
    }

    /// Moves prices by one amount to where their limits are just kept, all together.
    private mutating func settle(_ members: [Int], from point: Point) -> Point {
        let limit = members.reduce(0) { $0 + limits[$1] }
        let close = 1e-5 * max(limit, 1e-9)
        func excess(_ point: Point) -> Double { members.reduce(0) { $0 + point.excess[$1] } }
        // The first member stands for all: how much they have risen.
        let least = members.reduce(.infinity) { min($0, point.prices.values[$1]) }
        let lead = members.first { point.prices.values[$0] == least }!
        func with(_ price: Double) -> PlacementPrices {
            var prices = point.prices
            for index in members { prices.values[index] += price - least }
            prices.values[lead] = price
            return prices
        }
        func price(_ point: Point) -> Double { point.prices.values[lead] }
        var low: Point?  // too cheap: the limits are exceeded
        var high: Point?  // dear enough
        let unit = unitPrice(lead)
        if excess(point) > 0 {
            low = point
            var next = max(least * 1.5, unit * 1e-3)
            while high == nil, next < unit * 1e12 {
                let there = value(with(next))
                if excess(there) > 0 {
                    low = there
                    next *= 4
                } else {
                    high = there
                }
            }
        } else {
            high = point
            guard least > 0 else { return point }
            var next = least / 1.5
            while low == nil {
                let there = value(with(next < unit * 1e-9 ? 0 : next))
                if excess(there) > 0 {
                    low = there
                } else {
                    high = there
                    guard price(there) > 0 else { return there }
                    next /= 4
                }
            }
        }
        guard var low, var high else { return low ?? point }
        for _ in 0..<24 {
            let (a, b) = (price(low), price(high))
            let isLoose = excess(high) < -close
            // Of prices that are all dear enough the lowest tells what more of the limit is worth.
            guard b - a > (isLoose ? 1e-9 : 1e-2) * b else { break }
            // The line between both, kept away from the ends, where it would creep.
            let share = isLoose ? excess(low) / (excess(low) - excess(high)) : 0.5
            let next = value(with(a + (b - a) * min(0.9, max(0.1, share))))
            if excess(next) > 0 { low = next } else { high = next }
        }
        return high.boundUSD >= low.boundUSD ? high : low
    }

    /// A price to begin with: what a GB, or a song, costs on average.
    private func unitPrice(_ index: Int) -> Double {
        let songs = pricing.problem.songs.count
        let isPerSong = index >= 3 * pricing.topology.regions.count
        let gigabytes = isPerSong ? Double(max(1, songs)) : max(1e-9, limits[index])
        return max(1e-12, abs(best.boundUSD) / gigabytes)
    }

    /// Goes on in the direction of a round as long as that helps.
    private mutating func extrapolate(from start: Point, to end: Point) -> Point {
        var point = end
        var stretch = 1.0
        for _ in 0..<12 {
            var prices = end.prices
            for index in prices.values.indices {
                let step = end.prices.values[index] - start.prices.values[index]
                prices.values[index] = max(0, end.prices.values[index] + stretch * step)
            }
            guard prices != end.prices else { break }
            let next = value(prices)
            guard next.boundUSD > point.boundUSD else { break }
            point = next
            stretch *= 2
        }
        return point
    }

    /// Steps along the slopes, ever smaller, each price by a share of itself.
    private mutating func step() {
        let active = limits.indices.filter { limits[$0].isFinite && best.prices.values[$0] > 0 }
        guard !active.isEmpty else { return }
        var point = best
        var heading = Array(repeating: 0.0, count: limits.count)
        var length = 0.03
        for turn in 0..<Self.stepsMax {
            length *= 0.944  // to a thousandth over all turns
            var largest = 0.0
            for index in active {
                // Part of the last heading damps the zigzag across an edge.
                heading[index] =
                    0.7 * heading[index] + 0.3 * point.excess[index] / max(limits[index], 1e-9)
                largest = max(largest, abs(heading[index]))
            }
            guard largest > 0 else { break }
            var prices = point.prices
            for index in active {
                prices.values[index] *= 1 + length * heading[index] / largest
            }
            point = value(prices)
            if turn % 30 == 29 { point = best }
        }
    }
}
