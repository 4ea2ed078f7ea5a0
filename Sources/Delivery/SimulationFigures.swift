/// From the tallies of a policy to its figures.
struct SimulationFigures {
    let plan: SimulationPlan
    let outage: Outage
    /// Of each edge, and last those of requests without an edge, by listeners' region.
    var tallies: [SimulationTally]
    var bounds: [HitBound.Bound]
    var load: SimulationLoad
    /// Bytes filled tonight at each edge by the region they come from; nil where it is not known.
    var fills: [[Int]?]

    private var topology: Topology { plan.topology }
    private var regionCount: Int { topology.regions.count }

    func policy(_ name: String, _ title: String, capacities: [Int]) -> SimulationResult.Policy {
        let edgeCount = topology.edges.count
        var latencies = Latencies()
        var total = SimulationResult.Hits()
        var cost = SimulationResult.Cost(
            fillUSD: fills.allSatisfy { $0 != nil } ? 0 : nil, storageUSD: plan.storageUSD,
            moveUSD: plan.moveUSD)
        var edges: [SimulationResult.Edge] = []
        var regions = topology.regions.indices.map { number in
            (hits: SimulationResult.Hits(), latencies: Latencies())
        }
        for (number, tally) in tallies.enumerated() {
            var own = Latencies()
            var hits = SimulationResult.Hits()
            forEachCell(number) { source, listeners, edgeRegion, requests, bytes in
                let latency = latencyMs(from: source, by: edgeRegion, to: listeners)
                own.add(latency, requests)
                regions[listeners].latencies.add(latency, requests)
                let isHit = source == tally.edge
                hits.count(requests, bytes, isHit: isHit)
                regions[listeners].hits.count(requests, bytes, isHit: isHit)
                let gigabytes = Double(bytes) / 1e9
                cost.latencyUSD += gigabytes * latency * topology.prices.latencyUSDPerGBMs
                cost.transferUSD +=
                    gigabytes * transferUSDPerGB(from: source, by: edgeRegion, to: listeners)
            }
            latencies.add(own)
            if number < edgeCount {
                hits.bound = bounds[number]
                let edge = topology.edges[number]
                edges.append(
                    SimulationResult.Edge(
                        id: edge.id, region: topology.regions[edge.region].id,
                        isDown: outage.edges.contains(number), capacityBytes: capacities[number],
                        hits: hits, latency: own.figures,
                        fillBytes: fills[number].map { $0.reduce(0, +) }))
                for (source, bytes) in (fills[number] ?? []).enumerated() {
                    cost.fillUSD? +=
                        Double(bytes) / 1e9
                        * topology.link(from: source, to: edge.region).transferUSDPerGB
                }
            }
            total += hits
        }
        return SimulationResult.Policy(
            name: name, title: title, total: total, latency: latencies.figures, cost: cost,
            fillBytes: fills.contains { $0 == nil }
                ? nil : fills.reduce(0) { $0 + $1!.reduce(0, +) },
            edges: edges,
            regions: topology.regions.indices.map {
                SimulationResult.Region(
                    id: topology.regions[$0].id, isDown: outage.regions.contains($0),
                    hits: regions[$0].hits, latency: regions[$0].latencies.figures)
            },
            transfers: transfers, sources: sources)
    }

    /// Calls `body` with what came from each source to listeners of each region at one edge; the
    /// last number stands for requests without an edge, each served in the listeners' own region.
    private func forEachCell(
        _ number: Int,
        _ body: (_ source: Int, _ listeners: Int, _ edgeRegion: Int, _ requests: Int, _ bytes: Int)
            -> Void
    ) {
        let tally = tallies[number]
        for source in 0..<regionCount + 2 {
            for listeners in 0..<regionCount {
                let requests = tally.requests(from: source, to: listeners)
                guard requests > 0 else { continue }
                let region =
                    number < topology.edges.count ? topology.edges[number].region : listeners
                body(source, listeners, region, requests, tally.bytes(from: source, to: listeners))
            }
        }
    }

    /// From the source to the edge, and from there to listeners elsewhere. The topology knows no way
    /// from the origin: it counts as far as the farthest region.
    private func latencyMs(from source: Int, by edge: Int, to listeners: Int) -> Double {
        // Listeners are reached from an edge of their own region as the link within it says; what
        // comes from a region passes the edge on the way.
        let last = topology.link(from: edge, to: listeners).latencyMs
        if source == regionCount + 1 { return last }
        let first =
            source < regionCount
            ? topology.link(from: source, to: edge).latencyMs
            : topology.regions.indices.reduce(0) {
                max($0, topology.link(from: $1, to: edge).latencyMs)
            }
        return edge == listeners ? first : first + last
    }

    private func transferUSDPerGB(from source: Int, by edge: Int, to listeners: Int) -> Double {
        let last = edge == listeners ? 0 : topology.link(from: edge, to: listeners).transferUSDPerGB
        if source == regionCount + 1 {
            return topology.link(from: edge, to: listeners).transferUSDPerGB
        }
        let first =
            source < regionCount
            ? topology.link(from: source, to: edge).transferUSDPerGB
            : topology.regions.indices.reduce(0) {
                max($0, topology.link(from: $1, to: edge).transferUSDPerGB)
            }
        return first + last
    }

    /// By source, then by region; what an edge itself answered is not moved.
    private var transfers: [SimulationResult.Transfer] {
        var requests = Array(repeating: 0, count: (regionCount + 1) * regionCount)
        var bytes = requests
        for number in tallies.indices {
            forEachCell(number) { source, _, edgeRegion, count, size in
                guard source <= regionCount else { return }
                requests[source * regionCount + edgeRegion] += count
                bytes[source * regionCount + edgeRegion] += size
            }
        }
        return requests.indices.filter { requests[$0] > 0 }.map {
            SimulationResult.Transfer(
                from: $0 / regionCount < regionCount
                    ? topology.regions[$0 / regionCount].id : nil,
                to: topology.regions[$0 % regionCount].id, requests: requests[$0],
                bytes: bytes[$0])
        }
    }

    private var sources: [SimulationResult.Source] {
        (0...regionCount).map { source in
            var result = SimulationResult.Source(
                region: source < regionCount ? topology.regions[source].id : nil)
            for tally in tallies {
                for listeners in 0..<regionCount {
                    result.requests += tally.requests(from: source, to: listeners)
                    result.bytes += tally.bytes(from: source, to: listeners)
                }
            }
            result.peak = load.peak(of: source)
            return result
        }
    }
}

extension SimulationResult.Hits {
    fileprivate mutating func count(_ requests: Int, _ bytes: Int, isHit: Bool) {
        self.requests += requests
        self.bytes += bytes
        guard isHit else { return }
        hits += requests
        hitBytes += bytes
    }
}

/// How many requests took how long; there are only so many different ways.
private struct Latencies {
    private var counts: [Double: Int] = [:]

    mutating func add(_ latencyMs: Double, _ requests: Int) {
        counts[latencyMs, default: 0] += requests
    }

    mutating func add(_ other: Latencies) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    var figures: SimulationResult.Latency {
        let sorted = counts.sorted { $0.key < $1.key }
        let total = sorted.reduce(0) { $0 + $1.value }
        guard total > 0 else { return SimulationResult.Latency() }
        /// The least latency that so many percent of the requests do not exceed.
        func percentile(_ percent: Int) -> Double {
            var passed = 0
            for (latency, count) in sorted {
                passed += count
                if passed * 100 >= total * percent { return latency }
            }
            return sorted.last!.key
        }
        return SimulationResult.Latency(
            mean: sorted.reduce(0) { $0 + $1.key * Double($1.value) } / Double(total),
            p50: percentile(50), p95: percentile(95), p99: percentile(99))
    }
}
