import Delivery
import Storage

/// A simulation done a second time, from the text of the manifests and logs alone: one request after
/// another, with lists and dictionaries.
struct NaiveReplay {
    struct Request: Equatable {
        var time: Int
        var song: String
        var region: String
        var listener: String
        var event: String
    }

    struct Answer {
        var request: Request
        var edge: String?
        /// The region that gave it; "" the origin, nil the edge itself.
        var source: String?
        var edgeRegion: String
        var size: Int
    }

    let topology: Topology
    let down: Set<String>
    var sizes: [String: Int] = [:]
    var holders: [String: [String]] = [:]
    var pins: [String: Set<String>] = [:]
    var pinnedBytes: [String: Int] = [:]
    var numbers: [String: Int] = [:]

    init(_ topology: Topology, placement: String, prefetch: String, down: Set<String>) throws {
        self.topology = topology
        self.down = down
        for record in try lines(placement + "/placement.ndjson.zst").dropFirst() {
            let song = record["song_id"]!.string!
            sizes[song] = record["size_bytes"]!.int!
            holders[song] = record["regions"]!.strings!
        }
        for (number, song) in sizes.keys.sorted().enumerated() { numbers[song] = number }
        for edge in topology.edges {
            let manifest = try lines("\(prefetch)/\(edge.id).ndjson.zst")
            pinnedBytes[edge.id] = manifest[0]["pinned_bytes"]!.int!
            pins[edge.id] = Set(
                manifest.dropFirst().filter { $0["action"]!.string! != "evict" }
                    .map { $0["song_id"]!.string! })
        }
    }

    /// The requests of a day in all logs, each event once.
    func requests(_ logs: [String], on day: String) throws -> [Request] {
        var earliest: [String: Request] = [:]
        for log in logs {
            for event in try lines(log) {
                let moment = event["ts"]!.string!
                guard moment.hasPrefix(day) else { continue }
                let clock = moment.dropFirst(11).dropLast()
                let parts = clock.split { ":.".contains($0) }.map { Int($0)! }
                let request = Request(
                    time: ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + parts[3],
                    song: event["song_id"]!.string!, region: event["region"]!.string!,
                    listener: event["user_id"]!.string!, event: event["event_id"]!.string!)
                if let other = earliest[request.event], other.time <= request.time { continue }
                earliest[request.event] = request
            }
        }
        return earliest.values.filter { request in
            sizes[request.song] != nil && topology.regions.contains { $0.id == request.region }
        }.sorted { $0.time < $1.time }
    }

    /// FNV-1a with a last mixing, as the daemon's redirects have it.
    private func weight(_ edge: String, _ request: Request) -> UInt64 {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in "\(edge)/\(request.listener)/\(request.song)".utf8 {
            hash ^= UInt64(byte)
            hash = hash &* 1_099_511_628_211
        }
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        return hash ^ hash >> 33
    }

    private func name(_ region: Int) -> String { topology.regions[region].id }

    func edge(for request: Request, down: Set<String>, pins: [String: Set<String>]?) -> String? {
        func up(_ region: String) -> [Topology.Edge] {
            down.contains(region)
                ? [] : topology.edges.filter { name($0.region) == region && !down.contains($0.id) }
        }
        var edges = up(request.region)
        let hasEdges = topology.edges.contains { name($0.region) == request.region }
        if edges.isEmpty, hasEdges || down.contains(request.region) {
            let listeners = topology.index(ofRegion: request.region)!
            let others = topology.regions.indices.filter { !up(name($0)).isEmpty }
            guard
                let nearest = others.min(by: {
                    topology.link(from: $0, to: listeners).latencyMs
                        < topology.link(from: $1, to: listeners).latencyMs
                })
            else { return nil }
            edges = up(name(nearest))
        }
        if let pins {
            let holding = edges.filter { pins[$0.id]!.contains(request.song) }
            if !holding.isEmpty { edges = holding }
        }
        return edges.max { weight($0.id, request) < weight($1.id, request) }?.id
    }

    /// - Parameters:
    ///   - pins: nil for caches that know nothing of them.
    ///   - cache: Makes the cache of an edge from what it is going to be asked for on both days.
    func replay(
        _ warming: [Request], _ replayed: [Request], pins: [String: Set<String>]?,
        _ cache: (Topology.Edge, _ warming: [Request], _ all: [Request]) -> any NaiveCache
    ) -> [Answer] {
        var answers: [Answer] = []
        var caches: [String: any NaiveCache] = [:]
        let warmingEdges = warming.map { edge(for: $0, down: [], pins: pins) }
        let edges = replayed.map { edge(for: $0, down: down, pins: pins) }
        for edge in topology.edges {
            let before = zip(warming, warmingEdges).filter { $0.1 == edge.id }.map(\.0)
            let after = zip(replayed, edges).filter { $0.1 == edge.id }.map(\.0)
            var cache = cache(edge, before, before + after)
            for request in before {
                _ = cache.request(numbers[request.song]!, sizes[request.song]!)
            }
            caches[edge.id] = cache
        }
        for (request, edge) in zip(replayed, edges) {
            let size = sizes[request.song]!
            let edgeRegion =
                edge.map { id in name(topology.edges.first { $0.id == id }!.region) }
                ?? request.region
            var isHit = false
            if let edge { isHit = caches[edge]!.request(numbers[request.song]!, size) }
            let to = topology.index(ofRegion: edgeRegion)!
            let source = holders[request.song]!.filter { !down.contains($0) }.min { a, b in
                func price(_ region: String) -> Double {
                    let link = topology.link(from: topology.index(ofRegion: region)!, to: to)
                    return link.transferUSDPerGB
                        + link.latencyMs * topology.prices.latencyUSDPerGBMs
                }
                return price(a) < price(b)
            }
            answers.append(
                Answer(
                    request: request, edge: edge, source: isHit ? nil : source ?? "",
                    edgeRegion: edgeRegion, size: size))
        }
        return answers
    }

    /// Milliseconds and USD per GB of the way that an answer has taken.
    func way(_ answer: Answer) -> (latency: Double, transfer: Double) {
        let edge = topology.index(ofRegion: answer.edgeRegion)!
        let listeners = topology.index(ofRegion: answer.request.region)!
        let last = topology.link(from: edge, to: listeners)
        guard let source = answer.source else { return (last.latencyMs, last.transferUSDPerGB) }
        let links = topology.regions.indices.map { topology.link(from: $0, to: edge) }
        let latency =
            source.isEmpty
            ? links.map(\.latencyMs).max()!
            : links[topology.index(ofRegion: source)!].latencyMs
        let transfer =
            source.isEmpty
            ? links.map(\.transferUSDPerGB).max()!
            : links[topology.index(ofRegion: source)!].transferUSDPerGB
        guard edge != listeners else { return (latency, transfer) }
        return (latency + last.latencyMs, transfer + last.transferUSDPerGB)
    }
}

/// A set that is held beside an ordinary cache.
struct NaivePinned: NaiveCache {
    let pins: Set<Int>
    var rest: NaiveS3FIFO

    mutating func request(_ object: Int, _ size: Int) -> Bool {
        pins.contains(object) || rest.request(object, size)
    }
}

/// The most requested per byte that fit, by number where alike.
struct NaiveTop: NaiveCache {
    var held: Set<Int> = []

    init(capacity: Int, requests: [(object: Int, size: Int)]) {
        var counts: [Int: (size: Int, count: Int)] = [:]
        for request in requests {
            counts[request.object, default: (request.size, 0)].count += 1
        }
        var used = 0
        let sorted = counts.sorted { a, b in
            let (left, right) = (a.value.count * b.value.size, b.value.count * a.value.size)
            return left > right
        }
        for (object, entry) in sorted where used + entry.size <= capacity {
            held.insert(object)
            used += entry.size
        }
    }

    mutating func request(_ object: Int, _ size: Int) -> Bool { held.contains(object) }
}
