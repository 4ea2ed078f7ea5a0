extension Topology {
    /// Reads `$.rules`.
    static func rules(_ node: JSONNode, regions: [String: Int]) throws -> [PlacementRule] {
        var names: Set<String> = []
        return try node.array().map { item in
            let keys = ["labels", "owners", "genres", "copyrights", "songs"]
            let rule = try item.object(["name"], optional: keys + ["replicas", "pin", "forbid"])
            let name = try rule["name"]!.text()
            guard names.insert(name).inserted else {
                throw rule["name"]!.error(
                    "a second rule '\(name)'", hint: "give each rule a name of its own")
            }
            func texts(_ key: String) throws -> [String] {
                try rule[key]?.array().map { try $0.text() } ?? []
            }
            func set(_ key: String) throws -> RegionSet {
                RegionSet(try rule[key]?.array().map { try $0.region(in: regions) } ?? [])
            }
            // A rule for every song is what the topology itself is for, or a slip.
            guard try keys.contains(where: { try !texts($0).isEmpty }) else {
                throw item.error(
                    "rule '\(name)' does not say which songs it is for",
                    hint: "give one of \(keys.joined(separator: ", "))")
            }
            let read = PlacementRule(
                name: name, labels: try texts("labels"), owners: try texts("owners"),
                genres: try texts("genres"), copyrights: try texts("copyrights"),
                songs: try texts("songs"),
                replicas: try rule["replicas"].map { node in
                    let count = try node.integer()
                    guard (1...replicasMax).contains(count) else {
                        throw node.error(
                            "\(count) replicas", hint: "ask for 1 to \(replicasMax)")
                    }
                    return count
                },
                pinned: try set("pin"), forbidden: try set("forbid"))
            guard read.replicas != nil || !read.pinned.isEmpty || !read.forbidden.isEmpty else {
                throw item.error(
                    "rule '\(name)' asks for nothing", hint: "give replicas, pin or forbid")
            }
            return read
        }
    }

    /// Refuses rules that no set of regions can follow, each on its own. Songs that match several
    /// are looked at when the catalogue is known.
    func checkRules(_ node: JSONNode?) throws {
        for (index, rule) in rules.enumerated() {
            let place = try node!.array()[index]
            if let region = RegionSet(bits: rule.pinned.bits & rule.forbidden.bits).first(
                where: { _ in true })
            {
                throw place.error(
                    "rule '\(rule.name)' pins and forbids \(regions[region].id)",
                    hint: "take it out of pin or of forbid")
            }
            if let fault = fault(of: PlacementClass(self, rules: [rule])) {
                throw place.error(
                    "rule '\(rule.name)': \(fault)",
                    hint: "lower its replicas, or forbid fewer regions")
            }
        }
    }

    /// Why no set of regions is allowed for a class; nil when one is.
    func fault(of group: PlacementClass) -> String? {
        let clash = RegionSet(bits: group.pinned.bits & group.forbidden.bits)
        guard clash.isEmpty else {
            return "\(clash.map { regions[$0].id }.joined(separator: ", ")) is both pinned and "
                + "forbidden"
        }
        let allowed = RegionSet(regions.indices).subtracting(group.forbidden)
        guard allowed.count >= group.replicas else {
            return "\(group.replicas) replicas in \(allowed.count) regions"
        }
        guard domainCount(of: allowed) >= group.failureDomains else {
            return "\(group.failureDomains) failure domains are asked for, and its regions are in "
                + "\(domainCount(of: allowed))"
        }
        return nil
    }
}
