import Delivery
import Storage
import TestSupport
import Testing

/// What a placement must satisfy, counted again from the sets alone.
func violations(_ sets: [RegionSet], _ problem: PlacementProblem) -> [String] {
    var found: [String] = []
    var used = Array(repeating: 0, count: problem.topology.regions.count)
    for (song, set) in sets.enumerated() {
        let domains = Set(set.map { problem.topology.regions[$0].failureDomain })
        let group = problem.placementClass(song)
        if domains.count < group.failureDomains || set.count < group.replicas {
            found.append("song \(song): \(domains)")
        }
        if !group.pinned.allSatisfy(set.contains) || group.forbidden.contains(where: set.contains) {
            found.append("song \(song) of \(group.rules): \(set.map { $0 })")
        }
        for region in set { used[region] += problem.songs.sizesBytes[song] }
    }
    for (region, used) in zip(problem.topology.regions, used) where used > region.capacityBytes {
        found.append("\(region.id): \(used) of \(region.capacityBytes) bytes")
    }
    return found
}

/// The cost of a placement, worked out anew from the formula.
func costUSD(_ sets: [RegionSet], _ problem: PlacementProblem) -> Double {
    let topology = problem.topology
    var cost = 0.0
    for (song, set) in sets.enumerated() {
        let gigabytes = Double(problem.songs.sizesBytes[song]) / 1e9
        for region in topology.regions.indices where set.contains(region) {
            cost += gigabytes * topology.regions[region].storageUSDPerGBMonth / 30
            if !problem.previous[song].contains(region) {
                cost += gigabytes * topology.prices.moveUSDPerGB
            }
        }
        for listeners in topology.regions.indices {
            let streams = problem.demand.streams(song, in: listeners)
            let nearest = set.map { holder in
                let link = topology.link(from: holder, to: listeners)
                return link.transferUSDPerGB
                    + link.latencyMs * topology.prices.latencyUSDPerGBMs
            }.min()!
            cost += streams * gigabytes * nearest
        }
    }
    return cost
}

@Suite struct PlacementPlannerTests {
    @Test(arguments: SeededGenerator.seeds(24))
    func `a plan never breaks capacity or domains, and its figures are right`(seed: UInt64) throws {
        var instance = RandomInstance(seed: seed)
        let regions = Int.random(in: 3...8, using: &instance.generator)
        let replicas = Int.random(in: 1...3, using: &instance.generator)
        let problem = instance.problem(
            songs: Int.random(in: 30...120, using: &instance.generator), regions: regions,
            replicas: replicas, tightness: 1.05...3)
        let plan: PlacementPlan
        do {
            plan = try PlacementPlanner.plan(problem)
        } catch {
            #expect(error.code == .impossiblePlacement)
            #expect(isImpossible(problem), "gave up on what could be done: \(error)")
            return
        }
        #expect(violations(plan.sets, problem).isEmpty)
        let cost = costUSD(plan.sets, problem)
        #expect(abs(plan.cost.totalUSD - cost) <= 1e-9 * cost + 1e-12)
        #expect(plan.boundUSD <= cost * (1 + 1e-9))
        #expect(plan.regions.map(\.songs).reduce(0, +) == plan.sets.map(\.count).reduce(0, +))
        #expect(try PlacementPlanner.plan(problem).sets == plan.sets)
    }

    @Test(arguments: SeededGenerator.seeds(16))
    func `the same demand over yesterday's placement moves only what pays`(seed: UInt64) throws {
        var instance = RandomInstance(seed: seed)
        var problem = instance.problem(
            songs: 100, regions: Int.random(in: 4...8, using: &instance.generator), replicas: 3,
            tightness: 1.05...2)
        guard let first = try? PlacementPlanner.plan(problem) else { return }
        problem.previous = first.sets
        let second = try PlacementPlanner.plan(problem)
        // Yesterday's copies are paid for, so that staying costs what yesterday cost without moves.
        let staying = first.cost.totalUSD - first.cost.moveUSD
        #expect(second.cost.totalUSD <= staying * (1 + 1e-9))
        if second.method == .kept, second.sets != first.sets {
            #expect(second.cost.totalUSD < staying)
        }
    }

    @Test(arguments: SeededGenerator.seeds(8))
    func `over changing nights a plan stays valid and moves only what pays`(seed: UInt64) throws {
        var instance = RandomInstance(seed: seed)
        var problem = instance.problem(songs: 120, regions: 6, replicas: 3, tightness: 1.2...2)
        guard let first = try? PlacementPlanner.plan(problem) else { return }
        problem.previous = first.sets
        for _ in 0..<4 {
            problem.demand = instance.demand(songs: 120, regions: 6)
            let plan = try PlacementPlanner.plan(problem)
            #expect(violations(plan.sets, problem).isEmpty)
            #expect(costUSD(plan.sets, problem) <= costUSD(problem.previous, problem) * (1 + 1e-9))
            problem.previous = plan.sets
        }
    }

    @Test func `tiny plans are near the best of all`() throws {
        // Four songs in little room are a knapsack, in which a song too large for a gap can be
        // dear (3.9 times the best at seed 40); so nearly all must be near, and none beyond 5.
        var ratios: [Double] = []
        for seed in SeededGenerator.seeds(60) {
            var instance = RandomInstance(seed: seed)
            let problem = instance.problem(songs: 4, regions: 4, replicas: 2, tightness: 1.3...3)
            let best = bruteForce(problem)
            do {
                let plan = try PlacementPlanner.plan(problem)
                let ratio = costUSD(plan.sets, problem) / best
                #expect(plan.boundUSD <= best * (1 + 1e-9), "seed \(seed): the bound is none")
                #expect(ratio >= 1 - 1e-9, "seed \(seed)")
                #expect(ratio <= 5, "seed \(seed): \(ratio) times the best")
                ratios.append(ratio)
            } catch {
                // Packing may fail where hardly any room is, and only there.
                #expect(best == .infinity || error.detail.contains("could not be packed"))
            }
        }
        let near = ratios.count { $0 <= 1.1 }
        #expect(
            Double(near) >= 0.9 * Double(ratios.count), "\(near) of \(ratios.count) within 10 %")
    }

    @Test func `songs that only Europe hears stay in or near Europe`() throws {
        let topology = Fixture.world
        var instance = RandomInstance(seed: 7)
        let songs = instance.songs(100)
        let europe = topology.regions.indices.filter { topology.regions[$0].id.hasPrefix("eu") }
        var demand = RegionDemand()
        for _ in 0..<100 { demand.appendSong(europe.map { ($0, Float(50)) }) }
        let plan = try PlacementPlanner.plan(
            PlacementProblem(
                topology: topology, songs: songs, demand: demand,
                previous: Array(repeating: RegionSet(), count: 100)))
        for set in plan.sets {
            for listeners in europe {
                let holder = try #require(topology.cheapest(of: set, for: listeners))
                #expect(topology.link(from: holder, to: listeners).latencyMs <= 20)
            }
        }
        for (region, use) in zip(topology.regions, plan.regions) {
            #expect(region.id.hasPrefix("eu") || use.streamsServed.reduce(0, +) == 0)
        }
    }

    @Test func `a hot song takes the place of a cold one in a full region`() throws {
        var topology = Fixture.world
        let full = try #require(topology.index(ofRegion: "ap-east"))
        topology.regions[full].capacityBytes = 10_000_000
        var instance = RandomInstance(seed: 3)
        var songs = instance.songs(2)
        songs.sizesBytes = [8_000_000, 8_000_000]
        func demand(_ streams: [Float]) -> RegionDemand {
            var demand = RegionDemand()
            for streams in streams { demand.appendSong([(full, streams)]) }
            return demand
        }
        var problem = PlacementProblem(
            topology: topology, songs: songs, demand: demand([1000, 1]),
            previous: [RegionSet(), RegionSet()])
        let before = try PlacementPlanner.plan(problem)
        #expect(before.sets.map { $0.contains(full) } == [true, false])
        #expect(before.regions[full].wantedSongs == 1)
        #expect(before.regions[full].wantedStreams == 1)
        problem.previous = before.sets
        problem.demand = demand([1, 1000])
        let after = try PlacementPlanner.plan(problem)
        #expect(after.sets.map { $0.contains(full) } == [false, true])
    }

    @Test func `a popular song gets a fourth copy where that pays`() throws {
        let topology = Fixture.world
        var instance = RandomInstance(seed: 5)
        var demand = RegionDemand()
        demand.appendSong(topology.regions.indices.map { ($0, Float(10_000)) })
        demand.appendSong([(region: 0, streams: Float(0.001))])
        let plan = try PlacementPlanner.plan(
            PlacementProblem(
                topology: topology, songs: instance.songs(2), demand: demand,
                previous: [RegionSet(), RegionSet()]))
        #expect(plan.sets.map(\.count) == [topology.regions.count, 3])
    }

    @Test func `a region that shrinks gives songs away, one that leaves is replaced`() throws {
        var instance = RandomInstance(seed: 11)
        var problem = PlacementProblem(
            topology: Fixture.world, songs: instance.songs(50),
            demand: instance.demand(songs: 50, regions: Fixture.world.regions.count),
            previous: Array(repeating: RegionSet(), count: 50))
        let first = try PlacementPlanner.plan(problem)
        problem.previous = first.sets
        problem.topology.regions[0].capacityBytes = first.regions[0].bytes / 2
        let second = try PlacementPlanner.plan(problem)
        #expect(violations(second.sets, problem).isEmpty)
        // As after the loss of region 0: songs have two copies or so.
        problem.previous = first.sets.map { $0.subtracting(RegionSet([0])) }
        problem.topology.regions[0].capacityBytes = 0
        let third = try PlacementPlanner.plan(problem)
        #expect(violations(third.sets, problem).isEmpty)
        #expect(third.regions[0].songs == 0)
    }

    @Test(arguments: [
        ([100, 100, 5], "need 30 bytes"), ([100, 100, 0], "the domains can take 20"),
        ([9, 9, 9], "10 bytes"), ([4, 100, 100], "add 6 bytes of capacity_bytes in c"),
    ])
    func `what cannot be placed is refused with figures`(
        capacities: [Int], text: String
    ) throws {
        var topology = Fixture.threeDomains
        for region in topology.regions.indices {
            topology.regions[region].capacityBytes = capacities[2 - region]
        }
        var instance = RandomInstance(seed: 1)
        var songs = instance.songs(1)
        songs.sizesBytes = [10]
        var demand = RegionDemand()
        demand.appendSong([])
        let error: DeliveryError = try #require(throws: DeliveryError.self) {
            try PlacementPlanner.plan(
                PlacementProblem(
                    topology: topology, songs: songs, demand: demand, previous: [RegionSet()]))
        }
        #expect(error.code == .impossiblePlacement)
        #expect(error.cause == .badData)
        #expect(error.description.contains(text), "\(error)")
    }

    @Test func `an empty catalogue is placed at no cost`() throws {
        let plan = try PlacementPlanner.plan(
            PlacementProblem(
                topology: Fixture.world, songs: SongList(), demand: RegionDemand(), previous: []))
        #expect(plan.cost.totalUSD == 0)
        #expect(plan.gapPercent == 0)
    }

    /// Whether domains have too few bytes, so that no plan exists.
    private func isImpossible(_ problem: PlacementProblem) -> Bool {
        let bytes = problem.songs.sizesBytes.reduce(0, +)
        let byDomain = Dictionary(grouping: problem.topology.regions, by: \.failureDomain)
        let usable = byDomain.values.map { regions in
            min(bytes, regions.map(\.capacityBytes).reduce(0, +))
        }
        return usable.reduce(0, +) < problem.topology.replicas * bytes
    }

    /// The least cost of any valid placement; infinite when there is none.
    private func bruteForce(_ problem: PlacementProblem) -> Double {
        let topology = problem.topology
        let valid = (1..<UInt32(1) << UInt32(topology.regions.count)).map { RegionSet(bits: $0) }
            .filter { topology.domainCount(of: $0) >= topology.replicas }
        // The cost is a sum over songs, so each song and set is priced once.
        let costs = problem.songs.ids.indices.map { song in
            valid.map { set in
                costUSD(
                    [set],
                    PlacementProblem(
                        topology: topology,
                        songs: SongList(
                            ids: [problem.songs.ids[song]],
                            sizesBytes: [problem.songs.sizesBytes[song]], ranks: [1]),
                        demand: single(problem, song), previous: [problem.previous[song]]))
            }
        }
        var best = Double.infinity
        var free = topology.regions.map(\.capacityBytes)
        func descend(_ song: Int, _ cost: Double) {
            guard cost < best else { return }
            guard song < costs.count else { return best = cost }
            let size = problem.songs.sizesBytes[song]
            for (index, set) in valid.enumerated() {
                guard set.allSatisfy({ free[$0] >= size }) else { continue }
                for region in set { free[region] -= size }
                descend(song + 1, cost + costs[song][index])
                for region in set { free[region] += size }
            }
        }
        descend(0, 0)
        return best
    }

    private func single(_ problem: PlacementProblem, _ song: Int) -> RegionDemand {
        var demand = RegionDemand()
        demand.appendSong(
            problem.topology.regions.indices.map {
                ($0, Float(problem.demand.streams(song, in: $0)))
            })
        return demand
    }
}
