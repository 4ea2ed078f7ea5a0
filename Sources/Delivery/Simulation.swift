internal import Storage

/// Replays the day after a night against the night's plan, and beside it against other caches.
///
/// Each edge is replayed for itself, one policy after another, so that no more than one edge's
/// requests and one cache are held beside the requests of the two days. The same inputs give the
/// same result.
///
/// - Complexity: O(requests × policies) a scenario and a sweep's point, times log of what is cached for those that keep a heap.
package struct Simulation {
    private let plan: SimulationPlan
    private let requests: SimulationRequests
    private let policies: [CachePolicyName]
    private let progress: (String) -> Void

    /// Routing with all edges up, by which the night's day is replayed to warm the caches.
    private let usual: SimulationRouting
    private let warmingBlind: [UInt16]

    /// - Parameter policies: What the plan is compared with.
    package init(
        _ plan: SimulationPlan, _ requests: SimulationRequests, policies: [CachePolicyName],
        progress: @escaping (String) -> Void = { _ in }
    ) {
        self.plan = plan
        self.requests = requests
        self.policies = policies
        self.progress = progress
        usual = SimulationRouting(plan.topology, Outage())
        warmingBlind = usual.edges(requests.warming, requests.listeners, plan.songs)
    }

    /// - Parameters:
    ///   - outage: What is down in a second scenario; nil for none.
    ///   - capacities: Of each edge, in percent of the catalogue's bytes.
    ///   - pinnedShares: From 0 to 1.
    package func run(
        outage: Outage?, capacities: [Double] = [], pinnedShares: [Double] = []
    ) -> SimulationResult {
        var result = SimulationResult(
            date: plan.date, songs: plan.songs.count, catalogBytes: plan.catalogBytes,
            warmingRequests: requests.warming.count, requests: requests.replayed.count,
            strays: requests.strays)
        let blind = usual.edges(requests.replayed, requests.listeners, plan.songs)
        result.scenarios = [scenario(usual, blind)]
        if let outage, !outage.isEmpty {
            let routing = SimulationRouting(plan.topology, outage)
            result.scenarios.append(
                scenario(routing, routing.edges(requests.replayed, requests.listeners, plan.songs)))
        }
        for percent in capacities {
            progress("edges of \(formatDecimal(percent, 2))% of the catalogue")
            let bytes = Int((Double(plan.catalogBytes) * percent / 100).rounded(.down))
            result.capacities.append(
                point(
                    percent,
                    SimulationReplan.pins(plan, capacityBytes: bytes, pinnedShare: nil), blind,
                    policies))
        }
        for share in pinnedShares {
            progress("\(formatDecimal(share * 100, 1))% pinned")
            result.pinnedShares.append(
                point(
                    share, SimulationReplan.pins(plan, capacityBytes: nil, pinnedShare: share),
                    blind, []))
        }
        return result
    }

    private func point(
        _ value: Double, _ pins: [SimulationPlan.EdgePins], _ blind: [UInt16],
        _ policies: [CachePolicyName]
    ) -> SimulationResult.Point {
        let figures = replay(usual, blind, pins, policies, fillBudget: { _ in .max })
        return SimulationResult.Point(
            value: value,
            policies: figures.map { name, title, figures in
                let policy = figures.policy(name, title, capacities: pins.map(\.capacityBytes))
                return (name, policy.total, policy.edges.map(\.hits))
            })
    }

    private func scenario(
        _ routing: SimulationRouting, _ blind: [UInt16]
    ) -> SimulationResult.Scenario {
        let figures = replay(routing, blind, plan.pins, policies) {
            plan.topology.edges[$0].fillBudgetBytes
        }
        let topology = plan.topology
        let outage = routing.outage
        return SimulationResult.Scenario(
            down: (outage.regions.map { topology.regions[$0].id }
                + outage.edges.filter { !outage.regions.contains(topology.edges[$0].region) }
                .map { topology.edges[$0].id }).sorted(),
            policies: figures.map { name, title, figures in
                figures.policy(name, title, capacities: plan.pins.map(\.capacityBytes))
            },
            requestsWithoutEdge: blind.count { $0 == SimulationRouting.direct })
    }

    /// Replays all edges with the plan and with each policy.
    private func replay(
        _ routing: SimulationRouting, _ blind: [UInt16], _ pins: [SimulationPlan.EdgePins],
        _ policies: [CachePolicyName], fillBudget: (Int) -> Int
    ) -> [(name: String, title: String, figures: SimulationFigures)] {
        let edgeCount = plan.topology.edges.count
        let listeners = requests.listeners
        var numbers = Array(repeating: UInt32.max, count: plan.songs.count)
        let replays = SimulationReplay(plan: plan, routing: routing)
        var planned = replays.emptyFigures
        var others = policies.map { _ in replays.emptyFigures }

        let warming = RoutedRequests(
            usual.edges(
                requests.warming, blind: warmingBlind, pins: pins, listeners, plan.songs),
            edgeCount: edgeCount)
        let replayed = RoutedRequests(
            routing.edges(requests.replayed, blind: blind, pins: pins, listeners, plan.songs),
            edgeCount: edgeCount)
        for edge in 0..<edgeCount {
            progress("the plan at \(plan.topology.edges[edge].id)")
            let trace = SimulationTrace(
                warming: (requests.warming, warming.of(edge: edge)),
                replayed: (requests.replayed, replayed.of(edge: edge)), also: pins[edge].songs,
                sizesBytes: plan.songs.sizesBytes, numbers: &numbers)
            replays.replayPlan(trace, edge: edge, pins[edge], into: &planned)
        }
        replays.replayDirect(requests.replayed, replayed.direct, into: &planned)

        if !policies.isEmpty {
            let warming = RoutedRequests(warmingBlind, edgeCount: edgeCount)
            let replayed = RoutedRequests(blind, edgeCount: edgeCount)
            for edge in 0..<edgeCount {
                let trace = SimulationTrace(
                    warming: (requests.warming, warming.of(edge: edge)),
                    replayed: (requests.replayed, replayed.of(edge: edge)),
                    also: policies.contains(.seeded) ? plan.expectedSongs(edge: edge) : [],
                    sizesBytes: plan.songs.sizesBytes, numbers: &numbers)
                let bound = HitBound(trace.replayed, sizes: trace.sizes)
                    .bound(capacityBytes: pins[edge].capacityBytes)
                let needsNexts = policies.contains { $0 == .belady || $0 == .beladysize }
                let nexts =
                    needsNexts ? nextUses(trace.objects, objectCount: trace.objectCount) : []
                for (number, policy) in policies.enumerated() {
                    progress("\(policy.title) at \(plan.topology.edges[edge].id)")
                    others[number].bounds[edge] = bound
                    replays.replay(
                        policy, trace, edge: edge, capacityBytes: pins[edge].capacityBytes,
                        fillBudgetBytes: fillBudget(edge), nexts: nexts, into: &others[number])
                }
            }
            for number in policies.indices {
                replays.replayDirect(requests.replayed, replayed.direct, into: &others[number])
            }
        }
        return [("plan", "plan", planned)]
            + zip(policies, others).map { ($0.rawValue, $0.title, $1) }
    }
}
