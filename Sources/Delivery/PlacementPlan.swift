/// A finished placement and what it means: cost by part, use of each region, and regrets.
package struct PlacementPlan: Sendable {
    /// How the placement came about.
    package enum Method: String, Sendable {
        /// Yesterday's placement, new songs added, changed where that pays.
        case kept
        /// From scratch, cheapest sets first; yesterday's copies count as already paid for.
        case fresh
        /// From scratch, largest songs first, as room was too short to choose.
        case balanced
    }

    /// Expected USD for the plan's day.
    package struct Cost: Equatable, Sendable {
        package var transferUSD = 0.0
        package var latencyUSD = 0.0
        package var storageUSD = 0.0
        package var moveUSD = 0.0
        package var totalUSD: Double { transferUSD + latencyUSD + storageUSD + moveUSD }
    }

    package struct RegionUse: Equatable, Sendable {
        package var songs = 0
        package var bytes = 0
        package var addedSongs = 0
        package var addedBytes = 0
        package var removedSongs = 0
        package var removedBytes = 0
        /// Streams that the region serves to listeners of each region, expected.
        package var streamsServed: [Double]
        /// Songs that would have a copy here, and do not because the region is full.
        package var wantedSongs = 0
        /// Expected streams that such copies would have served from nearer.
        package var wantedStreams = 0.0
    }

    /// For each song, the regions that hold it.
    package var sets: [RegionSet]
    package var method: Method
    /// Whether the improvement came to rest, so that nothing more pays.
    package var isSettled: Bool
    package var cost = Cost()
    /// No placement costs less, whatever the capacities.
    package var boundUSD = 0.0
    /// Whether the bound compares all sets of regions; otherwise it is looser than it could be.
    package var isBoundTight: Bool
    package var regions: [RegionUse]
    package var expectedStreams = 0.0

    /// `x` in "at most x % above the bound that ignores capacity".
    package var percentAboveBound: Double {
        boundUSD > 0 ? max(0, (cost.totalUSD / boundUSD - 1) * 100) : 0
    }

    /// Takes stock of a search that is over.
    init(_ search: inout PlacementSearch, method: Method, isSettled: Bool) {
        let topology = search.topology
        sets = search.sets
        self.method = method
        self.isSettled = isSettled
        isBoundTight = search.table.isComplete
        regions = Array(
            repeating: RegionUse(streamsServed: Array(repeating: 0, count: topology.regions.count)),
            count: topology.regions.count)
        for song in sets.indices {
            count(song, search, topology)
            compareWithBest(song, &search, topology)
        }
    }

    private mutating func count(_ song: Int, _ search: PlacementSearch, _ topology: Topology) {
        let problem = search.problem
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
        }
        for region in previous.subtracting(sets[song]) {
            regions[region].removedSongs += 1
            regions[region].removedBytes += size
        }
        for entry in problem.demand.entries(song) {
            let listeners = Int(problem.demand.regions[entry])
            let streams = Double(problem.demand.streams[entry])
            let holder = topology.cheapest(of: sets[song], for: listeners)!
            let link = topology.link(from: holder, to: listeners)
            expectedStreams += streams
            regions[holder].streamsServed[listeners] += streams
            cost.transferUSD += streams * gigabytes * link.transferUSDPerGB
            cost.latencyUSD +=
                streams * gigabytes * link.latencyMs * topology.prices.latencyUSDPerGBMs
        }
    }

    /// Adds the song's share of the bound, and notes which full regions it would rather be in.
    private mutating func compareWithBest(
        _ song: Int, _ search: inout PlacementSearch, _ topology: Topology
    ) {
        let gigabytes = search.problem.gigabytes(song)
        search.table.price(song, search.problem.demand, into: &search.prices)
        var best = (index: 0, cost: Double.infinity)
        for index in search.table.sets.indices {
            let cost =
                search.prices[index] + search.moveUSDPerGB(song, to: search.table.sets[index])
            if cost < best.cost { best = (index, cost) }
        }
        boundUSD += gigabytes * (isBoundTight ? best.cost : search.looseBoundUSDPerGB(song))

        let wish = search.table.sets[best.index]
        let current = sets[song]
        let actual = search.costUSDPerGB(song, in: current)
        guard best.cost < actual - actual * 1e-9 - 1e-12 else { return }
        let size = search.problem.songs.sizesBytes[song]
        for region in wish.subtracting(current) where search.freeBytes[region] < size {
            regions[region].wantedSongs += 1
            for entry in search.problem.demand.entries(song) {
                let listeners = Int(search.problem.demand.regions[entry])
                guard topology.cheapest(of: wish, for: listeners) == region,
                    let holder = topology.cheapest(of: current, for: listeners),
                    topology.servingUSDPerGB(from: region, to: listeners)
                        < topology.servingUSDPerGB(from: holder, to: listeners)
                else { continue }
                regions[region].wantedStreams += Double(search.problem.demand.streams[entry])
            }
        }
    }
}

extension PlacementSearch {
    /// Serving from everywhere, yet storing and moving in the cheapest regions only.
    func looseBoundUSDPerGB(_ song: Int) -> Double {
        let holding = topology.regions.indices.map { region in
            topology.regions[region].storageUSDPerGBMonth / 30
                + moveUSDPerGB(song, to: RegionSet([region]))
        }
        var cost = holding.sorted().prefix(replicas).reduce(0, +)
        for entry in problem.demand.entries(song) {
            let listeners = Int(problem.demand.regions[entry])
            let nearest = topology.regions.indices.map {
                topology.servingUSDPerGB(from: $0, to: listeners)
            }.min()!
            cost += Double(problem.demand.streams[entry]) * nearest
        }
        return cost
    }
}
