package import Storage

/// What a simulation found.
package struct SimulationResult: Sendable {
    /// Requests, and how many of them an edge answered.
    package struct Hits: Equatable, Sendable {
        package var requests = 0
        package var hits = 0
        package var bytes = 0
        package var hitBytes = 0
        /// What no cache could exceed, for the same requests at the same capacity; nil for sums that
        /// hold requests without an edge.
        package var bound = HitBound.Bound()

        package var hitRatio: Double { requests > 0 ? Double(hits) / Double(requests) : 0 }
        package var byteHitRatio: Double { bytes > 0 ? Double(hitBytes) / Double(bytes) : 0 }
        package var boundRatio: Double {
            requests > 0 ? Double(bound.requests) / Double(requests) : 0
        }
        package var boundByteRatio: Double { bytes > 0 ? Double(bound.bytes) / Double(bytes) : 0 }

        package static func += (a: inout Hits, b: Hits) {
            a.requests += b.requests
            a.hits += b.hits
            a.bytes += b.bytes
            a.hitBytes += b.hitBytes
            a.bound.requests += b.bound.requests
            a.bound.bytes += b.bound.bytes
        }
    }

    /// Milliseconds from the listeners to where a request was answered, by the topology's links.
    package struct Latency: Equatable, Sendable {
        package var mean = 0.0
        package var p50 = 0.0
        package var p95 = 0.0
        package var p99 = 0.0
    }

    /// The busiest five minutes.
    package struct Peak: Equatable, Sendable {
        package var requestsPerSecond = 0.0
        package var bitsPerSecond = 0.0
    }

    /// Bytes that edges in a region fetched in the day, by where from; nil is the origin.
    package struct Transfer: Equatable, Sendable {
        package var from: String?
        package var to: String
        package var requests: Int
        package var bytes: Int
    }

    package struct Source: Equatable, Sendable {
        /// nil is the origin.
        package var region: String?
        package var requests = 0
        package var bytes = 0
        package var peak = Peak()
    }

    /// USD of the day.
    package struct Cost: Equatable, Sendable {
        package var transferUSD = 0.0
        package var latencyUSD = 0.0
        /// Of tonight's fill; nil where the policy's fill is not known.
        package var fillUSD: Double?
        package var storageUSD = 0.0
        package var moveUSD = 0.0
        package var totalUSD: Double {
            transferUSD + latencyUSD + (fillUSD ?? 0) + storageUSD + moveUSD
        }
    }

    package struct Edge: Equatable, Sendable {
        package var id: String
        package var region: String
        package var isDown: Bool
        package var capacityBytes: Int
        package var hits: Hits
        package var latency: Latency
        /// Bytes that were put in tonight; nil where that is not known.
        package var fillBytes: Int?
    }

    /// What the listeners of a region met.
    package struct Region: Equatable, Sendable {
        package var id: String
        package var isDown: Bool
        package var hits: Hits
        package var latency: Latency
    }

    package struct Policy: Equatable, Sendable {
        /// `plan`, or a `CachePolicyName`.
        package var name: String
        package var title: String
        package var total: Hits
        package var latency: Latency
        package var cost: Cost
        package var fillBytes: Int?
        package var edges: [Edge]
        package var regions: [Region]
        package var transfers: [Transfer]
        package var sources: [Source]
    }

    package struct Scenario: Equatable, Sendable {
        /// Ids that are down, sorted.
        package var down: [String]
        /// The plan first.
        package var policies: [Policy]
        /// Requests of listeners whom no edge serves.
        package var requestsWithoutEdge: Int
    }

    /// Hit ratios with edges of another size, or another split.
    package struct Point: Equatable, Sendable {
        /// Percent of the catalogue's bytes, or the share that is pinned.
        package var value: Double
        package var policies: [(name: String, total: Hits, edges: [Hits])]

        package static func == (a: Point, b: Point) -> Bool {
            a.value == b.value && a.policies.count == b.policies.count
                && zip(a.policies, b.policies).allSatisfy {
                    $0.name == $1.name && $0.total == $1.total && $0.edges == $1.edges
                }
        }
    }

    package var date: CalendarDate
    package var songs: Int
    package var catalogBytes: Int
    package var warmingRequests: Int
    package var requests: Int
    package var strays: SimulationRequests.Strays
    /// All up; then with what `--down` names.
    package var scenarios: [Scenario] = []
    package var capacities: [Point] = []
    package var pinnedShares: [Point] = []

    package var titles: [(name: String, title: String)] {
        scenarios.first?.policies.map { ($0.name, $0.title) } ?? []
    }

    /// The share with the most hits at the edges of the edge's region, the larger one where several
    /// have: edges of a region share its listeners, and which comes to which changes with the pins.
    package func bestPinnedShare(edge: Int) -> Double? {
        guard let edges = scenarios.first?.policies.first?.edges else { return nil }
        let together = edges.indices.filter { edges[$0].region == edges[edge].region }
        var best: (share: Double, hits: Int)?
        for point in pinnedShares {
            let hits = together.reduce(0) { $0 + point.policies[0].edges[$1].hits }
            if best == nil || hits >= best!.hits { best = (point.value, hits) }
        }
        return best?.share
    }
}
