import Foundation
import Storage

/// `topology.json` as any JSON reader sees it.
struct TopologyText {
    struct Edge {
        let id: String
        let region: String
        let url: String
        let capacityBytes: Int
        let fillBudgetBytes: Int
        let pinnedShare: Double
    }

    let replicas: Int
    private(set) var edges: [Edge] = []
    private(set) var domains: [String: String] = [:]
    private(set) var capacities: [String: Int] = [:]
    /// From the region that holds a song to the one that listens, per GB.
    private var costs: [String: [String: Double]] = [:]

    init(_ path: String) throws {
        let json = try jsonObject(path)
        replicas = json["replicas"] as! Int
        let prices = json["prices"] as! [String: Double]
        for region in json["regions"] as! [[String: Any]] {
            let id = region["id"] as! String
            domains[id] = region["failure_domain"] as? String
            capacities[id] = region["capacity_bytes"] as? Int
            costs[id] = [id: 2 * prices["latency_usd_per_gb_ms"]!]
        }
        for link in json["links"] as! [[String: Any]] {
            let from = link["from"] as! String
            let to = link["to"] as! String
            costs[from]![to] =
                (link["transfer_usd_per_gb"] as! Double)
                + (link["latency_ms"] as! Double) * prices["latency_usd_per_gb_ms"]!
        }
        for edge in json["edges"] as! [[String: Any]] {
            edges.append(
                Edge(
                    id: edge["id"] as! String, region: edge["region"] as! String,
                    url: edge["url"] as! String, capacityBytes: edge["capacity_bytes"] as! Int,
                    fillBudgetBytes: edge["fill_budget_bytes"] as! Int,
                    pinnedShare: edge["pinned_share"] as! Double))
        }
    }

    func cost(from: String, to: String) -> Double { costs[from]?[to] ?? .infinity }
}

/// `placement.ndjson.zst` by its text.
struct PlacementText {
    let header: [String: Any]
    let records: [[String: Any]]

    init(_ path: String) throws {
        let lines = try jsonLines(path)
        header = lines[0]
        records = Array(lines.dropFirst())
    }

    var regions: [String: [String]] {
        Dictionary(
            uniqueKeysWithValues: records.map {
                ($0["song_id"] as! String, $0["regions"] as! [String])
            })
    }

    /// Every way in which it breaks a rule.
    func faults(topology: TopologyText, catalogue: CatalogueRows, previous: PlacementText?) throws
        -> [String]
    {
        var faults: [String] = []
        if records.map({ $0["song_id"] as! String }) != catalogue.songs.map(\.id) {
            faults.append("the songs are not the catalogue's, in its order")
        }
        if header["songs"] as? Int != records.count { faults.append("header: songs") }
        if header["regions"] as? [String] != topology.domains.keys.sorted() {
            faults.append("header: regions")
        }
        let sizes = catalogue.byID.mapValues(\.sizeBytes)
        let before = previous?.regions ?? [:]
        var used: [String: Int] = [:]
        for record in records {
            let song = record["song_id"] as! String
            let size = record["size_bytes"] as! Int
            let regions = record["regions"] as! [String]
            if size != sizes[song] { faults.append("\(song): size") }
            if regions != Set(regions).sorted() { faults.append("\(song): regions") }
            let domains = Set(regions.compactMap { topology.domains[$0] })
            if domains.count < topology.replicas { faults.append("\(song): \(domains)") }
            if domains.count != regions.count { faults.append("\(song): two in one domain") }
            for region in regions { used[region, default: 0] += size }
            let old = Set(before[song] ?? [])
            if record["added"] as? [String] != Set(regions).subtracting(old).sorted() {
                faults.append("\(song): added")
            }
            if record["removed"] as? [String] != old.subtracting(regions).sorted() {
                faults.append("\(song): removed")
            }
        }
        for (region, bytes) in used where bytes > topology.capacities[region] ?? 0 {
            faults.append("\(region) holds \(bytes) bytes")
        }
        return faults
    }
}

/// One edge's prefetch manifest by its text.
struct PrefetchText {
    let header: [String: Any]
    let records: [[String: Any]]

    init(_ path: String) throws {
        let lines = try jsonLines(path)
        header = lines[0]
        records = Array(lines.dropFirst())
    }

    /// What the edge has when all is done.
    var held: Set<String> {
        Set(
            records.filter { $0["action"] as? String != "evict" }.map { $0["song_id"] as! String })
    }

    /// Every way in which it breaks a rule.
    func faults(
        _ edge: TopologyText.Edge, _ topology: TopologyText, _ placement: PlacementText,
        sizes: [String: Int], previous: PrefetchText?
    ) -> [String] {
        var faults: [String] = []
        func check(_ holds: Bool, _ what: String) { if !holds { faults.append(what) } }
        let pinned = Int(Double(edge.capacityBytes) * edge.pinnedShare)
        check(header["edge"] as? String == edge.id, "edge")
        check(header["region"] as? String == edge.region, "region")
        check(header["url"] as? String == edge.url, "url")
        check(header["capacity_bytes"] as? Int == edge.capacityBytes, "capacity_bytes")
        check(header["pinned_bytes"] as? Int == pinned, "pinned_bytes")
        check(header["fill_budget_bytes"] as? Int == edge.fillBudgetBytes, "fill_budget_bytes")

        let placed = placement.regions
        let before = previous?.held ?? []
        var bytes: [String: Int] = [:]
        var counts: [String: Int] = [:]
        var hits = 0.0
        var present = before.reduce(0) { $0 + (sizes[$1] ?? 0) }
        for (index, record) in records.enumerated() {
            let song = record["song_id"] as! String
            let action = record["action"] as! String
            let size = record["size_bytes"] as! Int
            check(record["rank"] as? Int == index + 1, "rank \(index + 1)")
            check(record["sha256"] as? String == song, "\(song): sha256")
            check(record["url"] as? String == "/audio/\(song).mp3", "\(song): url")
            if action != "evict" { check(sizes[song] == size, "\(song): size") }
            check((action == "fetch") != before.contains(song), "\(song): \(action)")
            bytes[action, default: 0] += size
            counts[action, default: 0] += 1
            if action != "evict" { hits += record["expected_hits"] as! Double }
            if action == "fetch" { present += size }
            if action == "evict" { present -= size }
            // After any step the edge is within its room.
            check(present <= pinned, "\(song): \(present) bytes after step \(index + 1)")
            let source = record["source_region"] as? String
            if action == "evict" {
                check(source == nil, "\(song): source of an eviction")
            } else {
                let regions = placed[song] ?? []
                check(source.map(regions.contains) == true, "\(song): its source has no replica")
                let cheapest = regions.map { topology.cost(from: $0, to: edge.region) }.min()
                let cost = source.map { topology.cost(from: $0, to: edge.region) }
                check(cost == cheapest, "\(song): a nearer region has it")
            }
        }
        check(Set(records.map { $0["song_id"] as! String }).count == records.count, "a song twice")
        check(bytes["fetch"] ?? 0 <= edge.fillBudgetBytes, "the fill budget is exceeded")
        check((bytes["fetch"] ?? 0) + (bytes["hold"] ?? 0) <= pinned, "the room is exceeded")
        check(header["fill_bytes"] as? Int == bytes["fetch"] ?? 0, "fill_bytes")
        for action in ["hold", "fetch", "evict"] {
            check(header["\(action)_songs"] as? Int == counts[action] ?? 0, "\(action)_songs")
        }
        check(abs((header["expected_hits"] as! Double) - hits) < 0.01, "expected_hits")
        return faults
    }
}

extension TestWarehouse {
    func blob(_ digest: String) -> String {
        "\(path)/blobs/\(digest.prefix(2))/\(digest.dropFirst(2).prefix(2))/\(digest)"
    }
}
