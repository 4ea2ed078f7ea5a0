/// A finished placement and what it means: cost by part, use of each region, what is proven of it.
package struct PlacementPlan: Sendable {
    /// How the placement came about.
    package enum Method: String, Sendable {
        /// Yesterday's placement, new songs added, changed where that pays.
        case kept
        /// Each song's cheapest set at the limits' prices; yesterday's copies cost nothing to move.
        case priced
        /// Packed one by one, as room was too short to choose.
        case packed
    }

    /// Expected USD for the plan's day.
    package struct Cost: Equatable, Sendable {
        package var transferUSD = 0.0
        package var latencyUSD = 0.0
        package var storageUSD = 0.0
        package var moveUSD = 0.0
        /// What expected outages add to transfer and latency.
        package var outageUSD = 0.0
        package var totalUSD: Double {
            transferUSD + latencyUSD + storageUSD + moveUSD + outageUSD
        }
    }

    package struct RegionUse: Equatable, Sendable {
        package var songs = 0
        package var bytes = 0
        package var addedSongs = 0
        package var addedBytes = 0
        package var removedSongs = 0
        package var removedBytes = 0
        /// Bytes that the region sends to others tonight.
        package var sentBytes = 0
        /// Streams that the region serves to listeners of each region, expected.
        package var streamsServed: [Double]
        /// Songs that would have a copy here, and do not because the region is full.
        package var wantedSongs = 0
        /// Expected streams that such copies would have served from nearer.
        package var wantedStreams = 0.0
        /// What serving the plan's day costs more when the region is down.
        package var outageExtraUSD = 0.0
        /// Expected streams of songs that no other region holds.
        package var outageLostStreams = 0.0
    }

    /// A limit and what more of it would save; proven by the bound.
    package struct Limit: Equatable, Sendable {
        package enum Kind: String, Sendable {
            case capacity, moveIn = "move_in", moveOut = "move_out", majorityLoss = "majority_loss"
        }

        package var kind: Kind
        /// A region's id, or a failure domain.
        package var place: String
        /// In bytes, or in songs for `majorityLoss`.
        package var limit: Int
        package var used: Int
        /// For the plan's day: of a TB more, or of a song more. 0 where the limit does not bind.
        package var savingUSD: Double
        /// The topology's limit, where it left no placement and was given up.
        package var givenUp: Int?
    }

    /// For each song, the regions that hold it.
    package var sets: [RegionSet]
    package var method: Method
    /// Whether the improvement came to rest, so that no song gains by moving on its own.
    package var isSettled: Bool
    package var cost = Cost()
    /// No placement within the limits costs less.
    package var boundUSD: Double
    /// Whether the bound compares all sets of regions; otherwise it is looser than it could be.
    package var isBoundTight: Bool
    /// In the order of the topology: capacities, move budgets, majorities.
    package var limits: [Limit] = []
    package var regions: [RegionUse]
    package var expectedStreams = 0.0
    /// Songs that would lose more than half of their copies with each failure domain.
    package var majorityLosses: [Int]
    /// Where new copies come from.
    package var sources: PlacementSources

    /// `x` in "at most x % above the best possible"; nil where a bound of nothing tells nothing.
    package var gapPercent: Double? {
        guard boundUSD > 0 else { return cost.totalUSD > 0 ? nil : 0 }
        return max(0, (cost.totalUSD / boundUSD - 1) * 100)
    }

    /// Takes stock of a placement; the pricing's prices are those of no limit afterwards.
    init(_ state: PlacementState, method: Method, isSettled: Bool, bound: PlacementBound) {
        let pricing = state.pricing
        let topology = pricing.topology
        self.method = method
        self.isSettled = isSettled
        boundUSD = max(0, bound.boundUSD)
        isBoundTight = pricing.table.isComplete
        sets = state.choice.indices.map { state.set($0) }
        sources = PlacementSources(state)
        regions = Array(
            repeating: RegionUse(streamsServed: Array(repeating: 0, count: topology.regions.count)),
            count: topology.regions.count)
        majorityLosses = topology.domains.map { _ in 0 }
        pricing.setPrices(PlacementPrices(topology), keepingSources: true)
        var wishes = Array(repeating: UInt16(0), count: sets.count)
        _ = pricing.evaluate(choice: &wishes)
        let serving = topology.servingTable
        for song in sets.indices {
            countCopies(song, state)
            countServing(song, pricing.problem, serving)
            countWishes(song, pricing.table.sets[Int(wishes[song])], state)
            if let domain = topology.majorityDomain(of: sets[song]) { majorityLosses[domain] += 1 }
        }
        cost.outageUSD = zip(topology.regions, regions).reduce(0) {
            $0 + $1.0.outageProbability * $1.1.outageExtraUSD
        }
        limits = takeLimits(state, bound.prices)
    }

    private mutating func countCopies(_ song: Int, _ state: PlacementState) {
        let problem = state.problem
        let topology = problem.topology
        let size = problem.songs.sizesBytes[song]
        let gigabytes = problem.gigabytes(song)
        let previous = problem.previous[song]
        for region in sets[song] {
            regions[region].songs += 1
            regions[region].bytes += size
            cost.storageUSD += gigabytes * topology.regions[region].storageUSDPerGBMonth / 30
        }
        for region in sets[song].subtracting(previous) {
            regions[region].addedSongs += 1
            regions[region].addedBytes += size
            cost.moveUSD += gigabytes * topology.prices.moveUSDPerGB
            let source = state.source(song, region)
            if source != PlacementPricing.origin { regions[Int(source)].sentBytes += size }
        }
        for region in previous.subtracting(sets[song]) {
            regions[region].removedSongs += 1
            regions[region].removedBytes += size
        }
    }

    private mutating func countServing(
        _ song: Int, _ problem: PlacementProblem, _ serving: [Double]
    ) {
        let topology = problem.topology
        let gigabytes = problem.gigabytes(song)
        let count = topology.regions.count
        for entry in problem.demand.entries(song) {
            let listeners = Int(problem.demand.regions[entry])
            let streams = Double(problem.demand.streams[entry])
            var (holder, price, second) = (0, Double.infinity, Double.infinity)
            for region in sets[song] {
                let next = serving[region * count + listeners]
                if next < price {
                    (holder, price, second) = (region, next, price)
                } else {
                    second = min(second, next)
                }
            }
            if second == .infinity {
                second = serving[count * count + listeners]
                regions[holder].outageLostStreams += streams
            }
            regions[holder].outageExtraUSD += streams * gigabytes * (second - price)
            expectedStreams += streams
            regions[holder].streamsServed[listeners] += streams
            let link = topology.links[holder * count + listeners]
            cost.transferUSD += streams * gigabytes * link.transferUSDPerGB
            cost.latencyUSD +=
                streams * gigabytes * link.latencyMs * topology.prices.latencyUSDPerGBMs
        }
    }

    /// Notes which full regions the song would rather be in.
    private mutating func countWishes(_ song: Int, _ wish: RegionSet, _ state: PlacementState) {
        let current = sets[song]
        guard wish != current else { return }
        let problem = state.problem
        let topology = problem.topology
        let size = problem.songs.sizesBytes[song]
        for region in wish.subtracting(current) where state.freeBytes[region] < size {
            regions[region].wantedSongs += 1
            for entry in problem.demand.entries(song) {
                let listeners = Int(problem.demand.regions[entry])
                guard topology.cheapest(of: wish, for: listeners) == region,
                    let holder = topology.cheapest(of: current, for: listeners),
                    topology.servingUSDPerGB(from: region, to: listeners)
                        < topology.servingUSDPerGB(from: holder, to: listeners)
                else { continue }
                regions[region].wantedStreams += Double(problem.demand.streams[entry])
            }
        }
    }

    private func takeLimits(_ state: PlacementState, _ prices: PlacementPrices) -> [Limit] {
        let topology = state.pricing.topology
        let found = state.limits
        var limits: [Limit] = []
        func add(
            _ kind: Limit.Kind, _ place: String, asked: Int?, limit: Int?, used: Int,
            usdPerGB: Double
        ) {
            guard let asked else { return }
            let isGivenUp = used > asked
            limits.append(
                Limit(
                    kind: kind, place: place, limit: isGivenUp ? used : asked, used: used,
                    savingUSD: limit == nil ? 0 : usdPerGB * (kind == .majorityLoss ? 1 : 1000),
                    givenUp: isGivenUp ? asked : nil))
        }
        for (index, region) in topology.regions.enumerated() {
            add(
                .capacity, region.id, asked: region.capacityBytes,
                limit: found.capacityBytes[index], used: regions[index].bytes,
                usdPerGB: prices.capacity(index))
        }
        for (index, region) in topology.regions.enumerated() {
            add(
                .moveIn, region.id, asked: region.moveInBudgetBytes,
                limit: found.moveInBytes[index], used: regions[index].addedBytes,
                usdPerGB: prices.moveIn(index))
            add(
                .moveOut, region.id, asked: region.moveOutBudgetBytes,
                limit: found.moveOutBytes[index], used: regions[index].sentBytes,
                usdPerGB: prices.moveOut(index))
        }
        for (index, domain) in topology.domains.enumerated() {
            add(
                .majorityLoss, domain, asked: topology.majorityLossSongsMax,
                limit: found.majorityLosses[index], used: majorityLosses[index],
                usdPerGB: prices.majority(index))
        }
        return limits
    }
}

/// Where each new copy comes from: yesterday's region that is nearest, unless its budget is spent.
package struct PlacementSources: Sendable {
    private let regionCount: Int
    private let rowOfSong: [UInt32]
    private let sourceOfRow: [UInt8]
    private let detours: [UInt64: UInt8]

    /// Of no song.
    init() { (regionCount, rowOfSong, sourceOfRow, detours) = (0, [], [], [:]) }

    init(_ state: PlacementState) {
        regionCount = state.freeBytes.count
        rowOfSong = state.pricing.rowOfSong
        sourceOfRow = state.pricing.sources
        detours = state.detours
    }

    /// The region that sends a song's new copy to `region`; nil: the origin.
    package func source(_ song: Int, to region: Int) -> Int? {
        let source =
            detours[PlacementState.key(song, region)]
            ?? sourceOfRow[Int(rowOfSong[song]) * regionCount + region]
        return source == PlacementPricing.origin ? nil : Int(source)
    }
}

extension Topology {
    /// Prices of serving, row by row as `links`, and behind them the dearest for each listeners'
    /// region, which stands for "from far away".
    var servingTable: [Double] {
        var table: [Double] = []
        for from in regions.indices {
            for to in regions.indices { table.append(servingUSDPerGB(from: from, to: to)) }
        }
        for to in regions.indices { table.append(servingUSDPerGB(from: RegionSet(), to: to)) }
        return table
    }
}
