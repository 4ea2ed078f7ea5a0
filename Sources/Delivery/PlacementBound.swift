/// The best prices found, what they prove, and the set that each song takes at them.
struct PlacementBound {
    private(set) var prices: PlacementPrices
    /// No placement within the limits costs less.
    private(set) var boundUSD = -Double.infinity
    /// Each song's cheapest set at the prices, as its place in the table.
    private(set) var choice: [UInt16]

    private static let turnsMax = 8

    /// With many songs prices are found on a sample, and proved on all: what all songs use of a
    /// limit more than the sample says is taken from the sample's limit, and prices are found anew,
    /// until that raises the bound no more.
    init(_ pricing: PlacementPricing, _ limits: PlacementLimits) {
        let amounts = limits.amounts
        let sample = PlacementPricing.Sample(pricing.problem)
        prices = PlacementPrices(pricing.topology)
        choice = Array(repeating: 0, count: pricing.problem.songs.count)
        var shifted = amounts
        var start = prices
        for turn in 0..<Self.turnsMax {
            var dual = PlacementDual(pricing, sample: sample, limits: shifted, start: start)
            dual.ascend(isFirst: turn == 0)
            start = dual.best.prices
            let before = boundUSD
            let use = prove(pricing, amounts, start)
            guard let sample, boundUSD > before + 2e-6 * abs(before) || before == -.infinity else {
                break
            }
            pricing.setPrices(start, leaning: PlacementPricing.leaningShares.last!)
            let sampled = pricing.evaluate(sample).use
            for index in amounts.indices where amounts[index].isFinite {
                shifted[index] = amounts[index] - (use[index] - sampled[index])
            }
        }
        pricing.setPrices(prices)
    }

    /// What all songs cost in their cheapest sets, whatever the limits: that no placement undercuts
    /// either.
    init(unlimited pricing: PlacementPricing) {
        prices = PlacementPrices(pricing.topology)
        choice = []
        pricing.setPrices(prices, keepingSources: true)
        boundUSD = pricing.evaluate().pricedUSD
    }

    /// Prices all songs, and keeps the prices if they are the best so far.
    private mutating func prove(
        _ pricing: PlacementPricing, _ amounts: [Double], _ prices: PlacementPrices
    ) -> [Double] {
        var choice = self.choice
        pricing.setPrices(prices, leaning: PlacementPricing.leaningShares.last!)
        let use = pricing.evaluate(choice: &choice).use
        pricing.setPrices(prices)
        var bound = pricing.evaluate().pricedUSD
        for (price, limit) in zip(prices.values, amounts) where price > 0 { bound -= price * limit }
        if bound > boundUSD {
            boundUSD = bound
            self.prices = prices
            self.choice = choice
        }
        return use
    }
}

extension PlacementLimits {
    var withoutBudgets: PlacementLimits {
        var limits = self
        limits.moveInBytes = moveInBytes.map { _ in nil }
        limits.moveOutBytes = moveOutBytes.map { _ in nil }
        return limits
    }

    var withoutMajorities: PlacementLimits {
        var limits = self
        limits.majorityLosses = majorityLosses.map { _ in nil }
        return limits
    }

    /// Makes room for songs whose rules leave only sets that lose their majority.
    func raisedForSongsWithoutChoice(_ pricing: PlacementPricing) -> PlacementLimits {
        let (problem, topology) = (pricing.problem, pricing.topology)
        guard topology.majorityLossSongsMax != nil else { return self }
        var songsOfClass = Array(repeating: 0, count: problem.classes.count)
        for song in 0..<problem.songs.count { songsOfClass[Int(problem.groupOf(song))] += 1 }
        var limits = self
        for (group, songs) in zip(problem.classes, songsOfClass) where songs > 0 {
            let domains = pricing.table.sets.lazy
                .filter { !$0.isEmpty && group.allows($0, topology) }
                .map { topology.majorityDomain(of: $0) }
            guard !domains.contains(nil) else { continue }
            for domain in Set(domains.compactMap { $0 }) { limits.majorityLosses[domain]! += songs }
        }
        return limits
    }
}
