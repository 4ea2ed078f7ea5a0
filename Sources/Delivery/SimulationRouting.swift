internal import Storage

/// Regions and edges that are down all day.
package struct Outage: Equatable, Sendable {
    package internal(set) var regions = RegionSet()
    /// Places in `Topology.edges`; those of regions that are down among them.
    package internal(set) var edges: Set<Int> = []

    package init() {}

    /// - Parameter names: Ids of regions and edges; a region takes its edges with it.
    /// - Returns: nil when one is neither.
    package init?(_ names: [String], in topology: Topology) {
        for name in names {
            let region = topology.index(ofRegion: name)
            let edge = topology.edges.firstIndex { $0.id == name }
            guard region != nil || edge != nil else { return nil }
            if let region { regions.insert(region) }
            if let edge { edges.insert(edge) }
        }
        for (number, edge) in topology.edges.enumerated() where regions.contains(edge.region) {
            edges.insert(number)
        }
    }

    package var isEmpty: Bool { regions.isEmpty && edges.isEmpty }
}

/// Which edge serves which request, and where edges fetch what they lack.
struct SimulationRouting {
    /// No edge: the listener is served by a region.
    static let direct = UInt16.max

    let topology: Topology
    let outage: Outage
    /// For listeners of each region, the edges among which the hash chooses.
    let edgesFor: [[Int]]

    init(_ topology: Topology, _ outage: Outage) {
        self.topology = topology
        self.outage = outage
        let up = topology.edges.indices.filter { !outage.edges.contains($0) }
        edgesFor = topology.regions.indices.map { listeners in
            let own = up.filter { topology.edges[$0].region == listeners }
            let hadSome = topology.edges.contains { $0.region == listeners }
            // A region that never had an edge is served by regions; one that lost them, by the next.
            guard own.isEmpty, hadSome || outage.regions.contains(listeners) else { return own }
            let nearest = Set(up.map { topology.edges[$0].region }).min { a, b in
                let (latencyA, latencyB) = (
                    topology.link(from: a, to: listeners).latencyMs,
                    topology.link(from: b, to: listeners).latencyMs
                )
                return latencyA == latencyB ? a < b : latencyA < latencyB
            }
            return nearest.map { nearest in up.filter { topology.edges[$0].region == nearest } }
                ?? []
        }
    }

    /// The edge of each request when it does not matter what edges hold.
    func edges(
        _ requests: [SimulationRequest], _ listeners: ListenerTable, _ songs: SongList
    ) -> [UInt16] {
        requests.map { request in
            let edges = edgesFor[request.region]
            guard edges.count > 1 else { return edges.first.map { UInt16($0) } ?? Self.direct }
            return UInt16(heaviest(edges, request, listeners, songs))
        }
    }

    /// The edge of each request when those that hold the song go first, as the daemon has it.
    ///
    /// - Parameter blind: What `edges` has said.
    func edges(
        _ requests: [SimulationRequest], blind: [UInt16], pins: [SimulationPlan.EdgePins],
        _ listeners: ListenerTable, _ songs: SongList
    ) -> [UInt16] {
        guard edgesFor.contains(where: { $0.count > 1 }) else { return blind }
        let pinned = pins.map { SongBits($0.songs, count: songs.count) }
        return requests.indices.map { place in
            let first = blind[place]
            let request = requests[place]
            guard first != Self.direct, !pinned[Int(first)].contains(request.song) else {
                return first
            }
            let holding = edgesFor[request.region].filter { pinned[$0].contains(request.song) }
            guard holding.count > 1 else { return holding.first.map { UInt16($0) } ?? first }
            return UInt16(heaviest(holding, request, listeners, songs))
        }
    }

    private func heaviest(
        _ edges: [Int], _ request: SimulationRequest, _ listeners: ListenerTable, _ songs: SongList
    ) -> Int {
        let song = songs.ids[request.song]
        return listeners.withName(request.listener) { name in
            var best: (edge: Int, weight: UInt64)?
            for edge in edges {
                let weight = EdgeChoice.weight(
                    edge: topology.edges[edge].id.utf8, listener: name, song: song)
                if best == nil || weight > best!.weight { best = (edge, weight) }
            }
            return best!.edge
        }
    }

    /// Where an edge in a region, or a listener without an edge, gets a song from; nil: the origin.
    func source(of holders: RegionSet, to region: Int) -> Int? {
        topology.cheapest(of: holders.subtracting(outage.regions), for: region)
    }
}

/// A set of songs, a bit each.
struct SongBits {
    private var words: [UInt64]

    init(_ songs: [UInt32], count: Int) {
        words = Array(repeating: 0, count: (count + 63) / 64)
        for song in songs { words[Int(song) / 64] |= 1 << UInt64(song % 64) }
    }

    func contains(_ song: Int) -> Bool { words[song / 64] & 1 << UInt64(song % 64) != 0 }
}

/// The places of a day's requests, edge by edge, each in order of time.
struct RoutedRequests {
    private let places: [UInt32]
    private let starts: [Int]

    /// - Parameter edges: Of each request.
    init(_ edges: [UInt16], edgeCount: Int) {
        // The last part is for requests without an edge.
        func part(_ edge: UInt16) -> Int { min(Int(edge), edgeCount) }
        var starts = Array(repeating: 0, count: edgeCount + 2)
        for edge in edges { starts[part(edge) + 1] += 1 }
        for part in 0...edgeCount { starts[part + 1] += starts[part] }
        var next = starts
        var places = Array(repeating: UInt32(0), count: edges.count)
        for (place, edge) in edges.enumerated() {
            places[next[part(edge)]] = UInt32(place)
            next[part(edge)] += 1
        }
        self.places = places
        self.starts = starts
    }

    func of(edge: Int) -> ArraySlice<UInt32> { places[starts[edge]..<starts[edge + 1]] }
    var direct: ArraySlice<UInt32> { places[starts[starts.count - 2]...] }
}
