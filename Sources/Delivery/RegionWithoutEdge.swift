/// A region whose listeners no edge is near to, and which regions serve them instead.
package struct RegionWithoutEdge: Equatable, Sendable {
    package let region: String
    /// On the plan's day.
    package let expectedStreams: Double
    /// By the regions that answer them, the most first.
    package let servedFrom: [(region: String, streams: Double)]

    package static func == (a: RegionWithoutEdge, b: RegionWithoutEdge) -> Bool {
        a.region == b.region && a.expectedStreams == b.expectedStreams
            && a.servedFrom.elementsEqual(b.servedFrom, by: ==)
    }

    /// Those regions of a topology that expect streams.
    static func all(
        topology: Topology, demand: RegionDemand, holders: [RegionSet]
    ) -> [RegionWithoutEdge] {
        topology.regions.indices.filter { topology.edgeCount(inRegion: $0) == 0 }.compactMap {
            region in
            var served = topology.regions.map { _ in 0.0 }
            for song in holders.indices {
                let streams = demand.streams(song, in: region)
                guard streams > 0, let from = topology.cheapest(of: holders[song], for: region)
                else { continue }
                served[from] += streams
            }
            let total = served.reduce(0, +)
            guard total > 0 else { return nil }
            return RegionWithoutEdge(
                region: topology.regions[region].id, expectedStreams: total,
                servedFrom: served.indices.filter { served[$0] > 0 }
                    .sorted { served[$0] != served[$1] ? served[$0] > served[$1] : $0 < $1 }
                    .map { (topology.regions[$0].id, served[$0]) })
        }
    }
}
