import Delivery
import Storage
import TestSupport
import Testing

/// Budgets, majorities, rules and outages of a placement, counted again from the sets alone.
@Suite struct PlacementLimitTests {
    /// A night after one with other demand, with room and without budgets.
    private func secondNight(
        _ seed: UInt64, songs: Int = 40, regions: Int = 6
    ) throws -> (problem: PlacementProblem, instance: RandomInstance) {
        var instance = RandomInstance(seed: seed)
        var problem = instance.problem(
            songs: songs, regions: regions, replicas: 3, tightness: 1.6...2.2)
        problem.topology.prices.moveUSDPerGB = 0.0001
        problem.previous = try PlacementPlanner.plan(problem).sets
        problem.demand = instance.demand(songs: songs, regions: regions)
        return (problem, instance)
    }

    private func moved(_ sets: [RegionSet], _ problem: PlacementProblem) -> [Int] {
        problem.topology.regions.indices.map { region in
            sets.indices.reduce(0) { sum, song in
                let isNew =
                    sets[song].contains(region)
                    && !problem.previous[song].contains(region)
                return sum + (isNew ? problem.songs.sizesBytes[song] : 0)
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `no region takes in or sends more than its budgets of a night`(seed: UInt64) throws {
        var (problem, _) = try secondNight(seed)
        let free = try PlacementPlanner.plan(problem)
        let wanted = moved(free.sets, problem)
        for region in problem.topology.regions.indices {
            problem.topology.regions[region].moveInBudgetBytes = wanted[region] / 3
            problem.topology.regions[region].moveOutBudgetBytes =
                free.regions[region].sentBytes / 2
        }
        let plan = try PlacementPlanner.plan(problem)
        #expect(violations(plan.sets, problem).isEmpty)
        for (region, bytes) in moved(plan.sets, problem).enumerated() {
            #expect(bytes <= wanted[region] / 3)
            #expect(plan.regions[region].sentBytes <= free.regions[region].sentBytes / 2)
            #expect(plan.regions[region].addedBytes == bytes)
        }
        #expect(
            plan.regions.map(\.sentBytes).reduce(0, +) == moved(plan.sets, problem).reduce(0, +))
        #expect(plan.limits.allSatisfy { $0.givenUp == nil })
        #expect(plan.cost.totalUSD >= free.boundUSD * (1 - 1e-9))
        #expect(plan.boundUSD <= plan.cost.totalUSD * (1 + 1e-9))
        // What is not there cannot send.
        for song in plan.sets.indices {
            for region in plan.sets[song].subtracting(problem.previous[song]) {
                let source = try #require(plan.sources.source(song, to: region))
                #expect(problem.previous[song].contains(source))
            }
        }
    }

    @Test func `with budgets of zero nothing moves, and new songs say what was given up`() throws {
        var (problem, instance) = try secondNight(3)
        for region in problem.topology.regions.indices {
            problem.topology.regions[region].moveInBudgetBytes = 0
            problem.topology.regions[region].moveOutBudgetBytes = 0
        }
        let still = try PlacementPlanner.plan(problem)
        #expect(moved(still.sets, problem).allSatisfy { $0 == 0 })
        // Where it binds, more of it would save something.
        #expect(still.limits.contains { $0.kind == .moveIn && $0.savingUSD > 0 })

        problem.previous[7] = RegionSet()
        let plan = try PlacementPlanner.plan(problem)
        #expect(violations(plan.sets, problem).isEmpty)
        let size = problem.songs.sizesBytes[7]
        #expect(moved(plan.sets, problem).reduce(0, +) == size * plan.sets[7].count)
        let givenUp = plan.limits.filter { $0.givenUp != nil }
        #expect(
            Set(givenUp.map(\.place)) == Set(plan.sets[7].map { problem.topology.regions[$0].id }))
        #expect(givenUp.allSatisfy { $0.givenUp == 0 && $0.used == size && $0.kind == .moveIn })
        _ = instance.digest()
    }

    @Test func `on a first night budgets are given up, as every song must be copied`() throws {
        var instance = RandomInstance(seed: 4)
        var problem = instance.problem(songs: 40, regions: 5, replicas: 3, tightness: 2...2.5)
        problem.topology.regions[0].moveInBudgetBytes = 1
        let plan = try PlacementPlanner.plan(problem)
        let limit = try #require(plan.limits.first { $0.kind == .moveIn })
        #expect(limit.givenUp == 1 && limit.used == plan.regions[0].addedBytes)
    }

    @Test(arguments: SeededGenerator.seeds(2))
    func `copies that share domains are as many as the limit on majorities lets`(
        seed: UInt64
    ) throws {
        var instance = RandomInstance(seed: seed)
        var problem = instance.problem(songs: 60, regions: 6, replicas: 3, tightness: 2.5...3)
        for region in problem.topology.regions.indices {
            problem.topology.regions[region].failureDomain = region < 3 ? "near" : "far-\(region)"
        }
        problem.topology = rebuilt(
            problem.topology, failureDomainsMin: 2, majorityLossSongsMax: nil)
        problem.classes = [PlacementClass(problem.topology)]
        func losses(_ plan: PlacementPlan) -> Int {
            plan.sets.count { set in 2 * set.count(where: { $0 < 3 }) > set.count }
        }
        let free = try PlacementPlanner.plan(problem)
        #expect(violations(free.sets, problem).isEmpty)
        try #require(losses(free) > 4, "seed \(seed) does not ask for it")
        problem.topology = rebuilt(problem.topology, failureDomainsMin: 2, majorityLossSongsMax: 3)
        let plan = try PlacementPlanner.plan(problem)
        #expect(violations(plan.sets, problem).isEmpty)
        #expect(losses(plan) <= 3)
        #expect(plan.majorityLosses.reduce(0, +) == losses(plan))
        #expect(plan.cost.totalUSD >= free.boundUSD * (1 - 1e-9))
        #expect(plan.boundUSD <= plan.cost.totalUSD * (1 + 1e-9))
    }

    @Test(arguments: SeededGenerator.seeds(2))
    func `songs follow the rules for their licence`(seed: UInt64) throws {
        var instance = RandomInstance(seed: seed)
        var problem = instance.problem(songs: 60, regions: 7, replicas: 3, tightness: 2...3)
        let rules = [
            PlacementRule(name: "home", labels: ["A"], pinned: RegionSet([2])),
            PlacementRule(name: "not there", owners: ["B"], forbidden: RegionSet([2, 3])),
            PlacementRule(name: "archive", labels: ["C"], replicas: 4),
        ]
        let distinct = Set(problem.topology.regions.map(\.failureDomain)).count
        problem.topology = rebuilt(
            problem.topology, failureDomainsMin: 2, majorityLossSongsMax: nil, rules: rules)
        problem.classes =
            [PlacementClass(problem.topology)]
            + rules.map { PlacementClass(problem.topology, rules: [$0]) }
        problem.classOfSong = (0..<60).map { UInt16($0 % 4) }
        try #require(distinct > 2)
        let plan = try PlacementPlanner.plan(problem)
        #expect(violations(plan.sets, problem).isEmpty)
        #expect(plan.sets.enumerated().allSatisfy { $0.offset % 4 != 1 || $0.element.contains(2) })
        #expect(plan.sets.enumerated().allSatisfy { $0.offset % 4 != 3 || $0.element.count >= 4 })
        #expect(plan.boundUSD <= costUSD(plan.sets, problem) * (1 + 1e-9))
    }

    @Test func `what is pinned beyond a region's room is refused by the rule's name`() throws {
        var instance = RandomInstance(seed: 1)
        var problem = instance.problem(songs: 10, regions: 4, replicas: 2, tightness: 3...3.1)
        let rule = PlacementRule(name: "home", labels: ["A"], pinned: RegionSet([1]))
        problem.topology.regions[1].capacityBytes = 10
        problem.topology = rebuilt(problem.topology, rules: [rule])
        problem.classes = [
            PlacementClass(problem.topology), PlacementClass(problem.topology, rules: [rule]),
        ]
        problem.classOfSong = (0..<10).map { $0 == 4 ? 1 : 0 }
        let error: DeliveryError = try #require(throws: DeliveryError.self) {
            try PlacementPlanner.plan(problem)
        }
        #expect(error.detail.contains("pinned to region-1 (rule 'home'), which has 10"))
    }

    @Test(arguments: SeededGenerator.seeds(2))
    func `the cost without a region is counted, and expected outages are in the cost`(
        seed: UInt64
    ) throws {
        var instance = RandomInstance(seed: seed)
        var problem = instance.problem(songs: 50, regions: 5, replicas: 2, tightness: 2...3)
        problem.topology.regions[1].outageProbability = 0.1
        problem.topology.regions[3].outageProbability = 0.02
        let plan = try PlacementPlanner.plan(problem)
        let topology = problem.topology
        var expected = 0.0
        for down in topology.regions.indices {
            var extra = 0.0
            for (song, set) in plan.sets.enumerated() {
                for listeners in topology.regions.indices {
                    let price = { (holders: RegionSet) in
                        holders.map { topology.servingUSDPerGB(from: $0, to: listeners) }.min()!
                    }
                    let without = set.subtracting(RegionSet([down]))
                    extra +=
                        problem.demand.streams(song, in: listeners)
                        * Double(problem.songs.sizesBytes[song]) / 1e9
                        * (price(without) - price(set))
                }
            }
            #expect(abs(plan.regions[down].outageExtraUSD - extra) <= 1e-9 * max(1, extra))
            expected += topology.regions[down].outageProbability * extra
        }
        #expect(abs(plan.cost.outageUSD - expected) <= 1e-9 * max(1, expected))
        #expect(plan.boundUSD <= plan.cost.totalUSD * (1 + 1e-9))
    }

    @Test func `any number of workers gives the same plan`() throws {
        var instance = RandomInstance(seed: 8)
        // More songs than one worker prices at a time.
        let problem = instance.problem(songs: 9_000, regions: 4, replicas: 2, tightness: 3...3.1)
        let plans = try [1, 3].map { try PlacementPlanner.plan(problem, workers: $0) }
        #expect(plans[0].sets == plans[1].sets)
        #expect(plans[0].boundUSD == plans[1].boundUSD)
    }

    @Test func `with more regions than all sets can be compared the bound still holds`() throws {
        var instance = RandomInstance(seed: 12)
        let problem = instance.problem(songs: 12, regions: 14, replicas: 3, tightness: 2...3)
        let plan = try PlacementPlanner.plan(problem)
        #expect(violations(plan.sets, problem).isEmpty)
        #expect(!plan.isBoundTight)
        #expect(plan.boundUSD > 0 && plan.boundUSD <= costUSD(plan.sets, problem) * (1 + 1e-9))
    }

    @Test func `pins that share a domain are kept where not all sets can be compared`() throws {
        var instance = RandomInstance(seed: 13)
        var problem = instance.problem(songs: 10, regions: 16, replicas: 3, tightness: 3...4)
        for region in problem.topology.regions.indices {
            problem.topology.regions[region].failureDomain = "domain-\(region / 2)"
        }
        let rule = PlacementRule(name: "home", owners: ["x"], pinned: RegionSet([0, 1]))
        problem.topology = rebuilt(problem.topology, rules: [rule])
        problem.classes = [
            PlacementClass(problem.topology), PlacementClass(problem.topology, rules: [rule]),
        ]
        problem.classOfSong = (0..<10).map { $0 < 3 ? 1 : 0 }
        let plan = try PlacementPlanner.plan(problem)
        #expect(violations(plan.sets, problem).isEmpty)
        #expect(plan.sets[..<3].allSatisfy { $0.count >= 4 })
    }

    @Test func `the limit on majorities gives way where room leaves no other placement`() throws {
        var instance = RandomInstance(seed: 14)
        var problem = instance.problem(songs: 4, regions: 2, replicas: 1, tightness: 2...2.1)
        problem.songs.sizesBytes = [1_000_000, 1_000_000, 1_000_000, 1_000_000]
        for region in 0..<2 { problem.topology.regions[region].capacityBytes = 2_000_000 }
        problem.topology = rebuilt(problem.topology, majorityLossSongsMax: 0)
        problem.classes = [PlacementClass(problem.topology)]
        let plan = try PlacementPlanner.plan(problem)
        #expect(violations(plan.sets, problem).isEmpty)
        #expect(plan.limits.filter { $0.kind == .majorityLoss }.allSatisfy { $0.givenUp == 0 })
    }

    @Test func `a bound of nothing is not called a plan without a gap`() throws {
        // Two regions serve each other for nothing, and neither has room for all: the bound is 0.
        var instance = RandomInstance(seed: 15)
        var problem = instance.problem(songs: 3, regions: 3, replicas: 1, tightness: 3...3.1)
        problem.topology.prices = Topology.Prices(moveUSDPerGB: 0, latencyUSDPerGBMs: 0)
        for region in 0..<3 {
            problem.topology.regions[region].storageUSDPerGBMonth = 0
            problem.topology.regions[region].capacityBytes = region < 2 ? 15_000_000 : 100_000_000
        }
        problem.songs.sizesBytes = [10_000_000, 10_000_000, 10_000_000]
        problem.topology.links = (0..<9).map { cell in
            let (from, to) = (cell / 3, cell % 3)
            return Topology.Link(
                latencyMs: 1, transferUSDPerGB: from == to || from + to == 1 ? 0 : 5)
        }
        problem.demand = RegionDemand()
        for _ in 0..<3 { problem.demand.appendSong([(region: 0, streams: Float(1000))]) }
        let plan = try PlacementPlanner.plan(problem)
        #expect(plan.cost.totalUSD > 1)
        #expect(plan.gapPercent.map { $0 > 0 } ?? true)
    }

    @Test func `what songs are in stays where not all sets can be compared`() throws {
        var instance = RandomInstance(seed: 16)
        var problem = instance.problem(songs: 8, regions: 13, replicas: 3, tightness: 4...5)
        for region in problem.topology.regions.indices {
            problem.topology.regions[region].failureDomain = "domain-\(region)"
            problem.topology.regions[region].moveInBudgetBytes = 0
            problem.topology.regions[region].storageUSDPerGBMonth = 0.0001
        }
        problem.topology = rebuilt(problem.topology)
        problem.classes = [PlacementClass(problem.topology)]
        problem.previous = Array(repeating: RegionSet(0..<7), count: 8)
        problem.topology.regions.indices.forEach {
            problem.topology.regions[$0].capacityBytes = 1_000_000_000
        }
        let plan = try PlacementPlanner.plan(problem)
        #expect(violations(plan.sets, problem).isEmpty)
        #expect(plan.cost.moveUSD == 0)
        #expect(
            plan.cost.totalUSD <= costUSD(problem.previous, problem) * (1 + 1e-6),
            "worse than leaving all as it is")
    }

    @Test func `songs that are all alike are placed`() throws {
        var instance = RandomInstance(seed: 17)
        var problem = instance.problem(songs: 40, regions: 4, replicas: 3, tightness: 1.2...1.3)
        problem.songs.sizesBytes = Array(repeating: 1_000_000, count: 40)
        for region in 0..<4 {
            problem.topology.regions[region].failureDomain = "domain-\(region)"
            problem.topology.regions[region].capacityBytes = 32_000_000
        }
        problem.topology = rebuilt(problem.topology)
        problem.classes = [PlacementClass(problem.topology)]
        problem.demand = RegionDemand()
        for _ in 0..<40 { problem.demand.appendSong((0..<4).map { ($0, Float(1)) }) }
        let plan = try PlacementPlanner.plan(problem)
        #expect(violations(plan.sets, problem).isEmpty)
        #expect(plan.boundUSD <= plan.cost.totalUSD * (1 + 1e-9))
    }

    private func rebuilt(
        _ old: Topology, failureDomainsMin: Int? = nil, majorityLossSongsMax: Int? = nil,
        rules: [PlacementRule] = []
    ) -> Topology {
        Topology(
            replicas: old.replicas, prices: old.prices, regions: old.regions, edges: old.edges,
            links: old.links, failureDomainsMin: failureDomainsMin,
            majorityLossSongsMax: majorityLossSongsMax, rules: rules)
    }
}
