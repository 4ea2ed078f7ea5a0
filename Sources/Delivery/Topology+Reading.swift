internal import Storage

extension Topology {
    /// The format that this version reads; see `docs/schemas/topology.schema.json`.
    package static let format = "spindle-topology"
    package static let version = 1

    /// Bounds the sets of regions that a plan compares.
    static let replicasMax = 8

    /// Reads a topology from JSON or JSON5 and checks all of it.
    ///
    ///     topology.json: $.links[3].to: unknown region 'mars'
    ///     hint: name one of ap-east, eu-west, us-east, or add the region under $.regions
    ///
    /// - Throws: `FileError` when the file cannot be read, `FormatError` when it is not JSON5, and `DeliveryError` with `badTopology`, naming file and JSON path.
    package init(contentsOf path: String) throws {
        try self.init(JSONNode(try JSONValue.read(path), file: path))
    }

    /// Reads a topology from text that is at hand; `file` is named in errors.
    package init(json: String, file: String) throws {
        try self.init(
            JSONNode(
                try JSONValue.parse(Array(json.utf8), path: file, allowsJSON5: true), file: file))
    }

    private init(_ root: JSONNode) throws {
        let top = try root.object(
            ["format", "version", "replicas", "prices", "regions", "links", "edges"],
            optional: ["failure_domains_min", "majority_loss_songs_max", "rules"])
        // Before all else: another format deserves a better word than "unknown key".
        let format = try top["format"]!.string()
        guard format == Topology.format else {
            throw top["format"]!.error(
                "this is '\(format)', not a topology", hint: "it must be \"\(Topology.format)\"")
        }
        let version = try top["version"]!.integer()
        guard version == Topology.version else {
            throw top["version"]!.error(
                "version \(version) is not known",
                hint: "this Spindle reads version \(Topology.version)")
        }

        let priceKeys = ["move_usd_per_gb", "latency_usd_per_gb_ms"]
        let priceList = try top["prices"]!.object(priceKeys)
        let prices = Prices(
            moveUSDPerGB: try priceList["move_usd_per_gb"]!.price(),
            latencyUSDPerGBMs: try priceList["latency_usd_per_gb_ms"]!.price())

        let regions = try Topology.regions(top["regions"]!)
        let indexes = Dictionary(
            uniqueKeysWithValues: regions.enumerated().map { ($0.element.id, $0.offset) })
        let links = try Topology.links(top["links"]!, regions: regions, indexes: indexes)
        let edges = try Topology.edges(top["edges"]!, indexes: indexes)

        let replicas = try top["replicas"]!.integer()
        guard (1...Topology.replicasMax).contains(replicas) else {
            throw top["replicas"]!.error(
                "\(replicas) replicas", hint: "ask for 1 to \(Topology.replicasMax)")
        }
        let domainsMin = try top["failure_domains_min"].map { node in
            let count = try node.integer()
            guard (1...replicas).contains(count) else {
                throw node.error(
                    "\(count) failure domains for \(replicas) replicas",
                    hint: "ask for 1 to \(replicas)")
            }
            return count
        }
        self.init(
            replicas: replicas, prices: prices, regions: regions, edges: edges, links: links,
            failureDomainsMin: domainsMin,
            majorityLossSongsMax: try top["majority_loss_songs_max"].map { node in
                let count = try node.integer()
                guard (0...1_000_000_000_000).contains(count) else {
                    throw node.error("\(count) songs", hint: "give a whole number from 0 to 1e12")
                }
                return count
            },
            rules: try top["rules"].map {
                try Topology.rules($0, regions: indexes)
            } ?? [])
        let needed = failureDomainsMin ?? replicas
        guard domains.count >= needed else {
            throw top["replicas"]!.error(
                failureDomainsMin == nil
                    ? "\(replicas) replicas need as many failure domains, and there are "
                        + "\(domains.count) (\(domains.joined(separator: ", ")))"
                    : "\(needed) failure domains are asked for, and there are "
                        + "\(domains.count) (\(domains.joined(separator: ", ")))",
                hint: failureDomainsMin == nil
                    ? "lower replicas to \(domains.count), add regions in other domains, or "
                        + "say with failure_domains_min that copies may share one"
                    : "lower failure_domains_min to \(domains.count), or add regions in other domains"
            )
        }
        guard regions.count >= replicas else {
            throw top["replicas"]!.error(
                "\(replicas) replicas need as many regions, and there are \(regions.count)",
                hint: "lower replicas to \(regions.count), or add regions")
        }
        try checkRules(top["rules"])
    }

    private static func regions(_ node: JSONNode) throws -> [Region] {
        let keys = [
            "id", "name", "failure_domain", "latitude", "longitude", "capacity_bytes",
            "storage_usd_per_gb_month",
        ]
        let optional = ["move_in_budget_bytes", "move_out_budget_bytes", "outage_probability"]
        var regions: [Region] = []
        var seen: Set<String> = []
        for item in try node.array() {
            let region = try item.object(keys, optional: optional)
            let id = try region["id"]!.identifier()
            guard seen.insert(id).inserted else {
                throw region["id"]!.error(
                    "a second region '\(id)'", hint: "give each region an id of its own")
            }
            regions.append(
                Region(
                    id: id,
                    name: try region["name"]!.text(),
                    failureDomain: try region["failure_domain"]!.text(),
                    latitude: try region["latitude"]!.number(in: -90...90),
                    longitude: try region["longitude"]!.number(in: -180...180),
                    capacityBytes: try region["capacity_bytes"]!.bytes(),
                    storageUSDPerGBMonth: try region["storage_usd_per_gb_month"]!.price(),
                    moveInBudgetBytes: try region["move_in_budget_bytes"]?.bytes(),
                    moveOutBudgetBytes: try region["move_out_budget_bytes"]?.bytes(),
                    outageProbability: try region["outage_probability"]?.number(in: 0...1) ?? 0))
        }
        guard (1...RegionSet.countMax).contains(regions.count) else {
            throw node.error(
                "\(regions.count) regions", hint: "list 1 to \(RegionSet.countMax) of them")
        }
        guard regions.reduce(0, { $0 + $1.outageProbability }) <= 1 else {
            throw node.error(
                "the outage probabilities add up to more than 1",
                hint: "each is the share of days on which that region, and no other, is down")
        }
        return regions.sorted { $0.id < $1.id }
    }

    private static func links(
        _ node: JSONNode, regions: [Region], indexes: [String: Int]
    ) throws -> [Link] {
        var links: [Link?] = Array(repeating: nil, count: regions.count * regions.count)
        for item in try node.array() {
            let link = try item.object(["from", "to", "latency_ms", "transfer_usd_per_gb"])
            let from = try link["from"]!.region(in: indexes)
            let to = try link["to"]!.region(in: indexes)
            let cell = from * regions.count + to
            guard links[cell] == nil else {
                throw item.error(
                    "a second link from '\(regions[from].id)' to '\(regions[to].id)'",
                    hint: "links are directed; list each ordered pair once")
            }
            links[cell] = Link(
                latencyMs: try link["latency_ms"]!.latency(),
                transferUSDPerGB: try link["transfer_usd_per_gb"]!.price())
        }
        var complete: [Link] = []
        complete.reserveCapacity(links.count)
        for from in regions.indices {
            for to in regions.indices {
                guard let link = links[from * regions.count + to] ?? (from == to ? .local : nil)
                else {
                    throw node.error(
                        "no link from '\(regions[from].id)' to '\(regions[to].id)'",
                        hint: "links are directed; add one with latency_ms and "
                            + "transfer_usd_per_gb for this ordered pair")
                }
                complete.append(link)
            }
        }
        return complete
    }

    private static func edges(_ node: JSONNode, indexes: [String: Int]) throws -> [Edge] {
        let keys = ["id", "region", "url", "capacity_bytes", "fill_budget_bytes", "pinned_share"]
        var edges: [Edge] = []
        var seen: Set<String> = []
        for item in try node.array() {
            let edge = try item.object(keys)
            let id = try edge["id"]!.identifier()
            guard seen.insert(id).inserted else {
                throw edge["id"]!.error(
                    "a second edge '\(id)'", hint: "give each edge an id of its own")
            }
            let url = try edge["url"]!.text()
            guard isEdgeURL(url) else {
                throw edge["url"]!.error(
                    "'\(url)' is not the base of an edge",
                    hint: "write http:// or https://, a host, no slash at the end and none of "
                        + "\" ' \\ , ; ? #")
            }
            edges.append(
                Edge(
                    id: id,
                    region: try edge["region"]!.region(in: indexes),
                    url: url,
                    capacityBytes: try edge["capacity_bytes"]!.bytes(),
                    fillBudgetBytes: try edge["fill_budget_bytes"]!.bytes(),
                    pinnedShare: try edge["pinned_share"]!.number(in: 0...1)))
        }
        return edges.sorted { $0.id < $1.id }
    }
}

extension JSONNode {
    /// An id that can name a file in any of our folders, and stand in a URL and a TSV field.
    fileprivate func identifier() throws -> String {
        let id = try string()
        let isSafe = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isSafe, (1...64).contains(id.utf8.count), let first = id.utf8.first,
            first != UInt8(ascii: "."), first != UInt8(ascii: "-")
        else {
            throw error(
                "'\(id)' cannot name a file",
                hint: "use 1 to 64 of a-z A-Z 0-9 - _ . and begin with none of - and .")
        }
        return id
    }

    func region(in indexes: [String: Int]) throws -> Int {
        let id = try string()
        guard let index = indexes[id] else {
            let known = indexes.keys.sorted().joined(separator: ", ")
            throw error(
                "unknown region '\(id)'",
                hint: "name one of \(known), or add the region under $.regions")
        }
        return index
    }

    fileprivate func bytes() throws -> Int {
        let value = try integer()
        // Sums over regions are taken in Int; 1e17 bytes a region leave room for all of them.
        guard (0...100_000_000_000_000_000).contains(value) else {
            throw error("\(value) bytes", hint: "give whole bytes from 0 to 1e17")
        }
        return value
    }

    // Far above all that is real, and low enough that a night's costs keep their digits.

    fileprivate func price() throws -> Double { try number(in: 0...1e6) }
    fileprivate func latency() throws -> Double { try number(in: 0...1e6) }
}
