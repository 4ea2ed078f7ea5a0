/// Refuses what no placement can satisfy, and says which domains, regions or rules are to blame.
enum PlacementRoom {
    /// - Throws: `DeliveryError` with `impossiblePlacement` and the figures.
    static func check(_ problem: PlacementProblem) throws(DeliveryError) {
        let topology = problem.topology
        var bytesOfClass = Array(repeating: 0, count: problem.classes.count)
        var largestOfClass = Array(repeating: -1, count: problem.classes.count)
        for song in 0..<problem.songs.count {
            let group = Int(problem.groupOf(song))
            let size = problem.songs.sizesBytes[song]
            bytesOfClass[group] += size
            if largestOfClass[group] < 0
                || size > problem.songs.sizesBytes[largestOfClass[group]]
            {
                largestOfClass[group] = song
            }
        }
        for (index, group) in problem.classes.enumerated() where largestOfClass[index] >= 0 {
            if let fault = topology.fault(of: group) {
                throw DeliveryError(
                    .impossiblePlacement, at: "", "\(group.label): \(fault)",
                    hint: "change the rules, or add regions")
            }
            try checkBytes(
                group, bytes: bytesOfClass[index], copyBytes: group.replicas * bytesOfClass[index],
                topology, problem)
            try checkLargest(group, song: largestOfClass[index], problem)
        }
        try checkPinned(problem, bytesOfClass)
        try checkForcedDomains(problem, bytesOfClass)
        let copies = zip(problem.classes, bytesOfClass).reduce(0) { $0 + $1.0.replicas * $1.1 }
        try checkBytes(
            nil, bytes: bytesOfClass.reduce(0, +), copyBytes: copies, topology, problem)
    }

    /// - Parameter group: nil: songs of all classes together.
    private static func checkBytes(
        _ group: PlacementClass?, bytes: Int, copyBytes: Int, _ topology: Topology,
        _ problem: PlacementProblem
    ) throws(DeliveryError) {
        let isSpread =
            group.map { $0.failureDomains >= $0.replicas }
            ?? problem.classes.allSatisfy {
                $0.failureDomains >= $0.replicas
            }
        let forbidden = group?.forbidden ?? RegionSet()
        // What may hold at most one copy of a song: a domain, or a region where domains are shared.
        var capacity: [(name: String, bytes: Int)] = []
        if isSpread {
            capacity = topology.domains.map { ($0, 0) }
            for (index, region) in topology.regions.enumerated() where !forbidden.contains(index) {
                capacity[topology.domainOfRegion[index]].bytes += region.capacityBytes
            }
        } else {
            capacity = topology.regions.enumerated().map {
                ($0.element.id, forbidden.contains($0.offset) ? 0 : $0.element.capacityBytes)
            }
        }
        let usable = capacity.reduce(0) { $0 + min($1.bytes, bytes) }
        guard usable < copyBytes else { return }
        let parts = capacity.map {
            "\($0.name) " + ($0.bytes > bytes ? "\(bytes) of \($0.bytes)" : "\($0.bytes)")
        }
        let short = capacity.filter { $0.bytes < bytes }.map(\.name)
        let what = isSpread ? "failure domains" : "regions"
        let copies =
            problem.classes.count == 1
            ? "\(topology.replicas) replicas"
            : group.map { "\($0.replicas) replicas (\($0.label))" } ?? "the replicas of all songs"
        throw DeliveryError(
            .impossiblePlacement, at: "",
            "\(copies) in distinct \(what) need \(copyBytes) bytes (\(problem.songs.count) songs "
                + "of \(bytes) bytes), and the \(isSpread ? "domains" : "regions") can take "
                + "\(usable): \(parts.joined(separator: ", "))",
            hint: "add \(copyBytes - usable) bytes of capacity_bytes in "
                + short.joined(separator: ", ") + ", or lower replicas")
    }

    private static func checkLargest(
        _ group: PlacementClass, song: Int, _ problem: PlacementProblem
    ) throws(DeliveryError) {
        let topology = problem.topology
        let size = problem.songs.sizesBytes[song]
        let fitting = RegionSet(
            topology.regions.indices.filter {
                topology.regions[$0].capacityBytes >= size && !group.forbidden.contains($0)
            })
        let domains = topology.domainCount(of: fitting)
        guard domains < group.failureDomains || fitting.count < group.replicas else { return }
        throw DeliveryError(
            .impossiblePlacement, at: "",
            "song \(problem.songs.ids[song]) of \(size) bytes needs \(group.failureDomains) failure "
                + "domains with a region that large, and there are \(domains)",
            hint: "raise capacity_bytes to \(size) or more in "
                + "\(max(group.failureDomains - domains, 1)) more domains")
    }

    /// Where songs must be in as many failure domains as there are, each must hold all of them.
    private static func checkForcedDomains(
        _ problem: PlacementProblem, _ bytesOfClass: [Int]
    ) throws(DeliveryError) {
        let topology = problem.topology
        var forced = Array(repeating: 0, count: topology.domains.count)
        for (group, bytes) in zip(problem.classes, bytesOfClass) where bytes > 0 {
            let allowed = topology.regions.indices.filter { !group.forbidden.contains($0) }
            let domains = Set(allowed.map { topology.domainOfRegion[$0] })
            guard domains.count == group.failureDomains else { continue }
            for domain in domains { forced[domain] += bytes }
        }
        for (index, name) in topology.domains.enumerated() {
            let capacity = topology.regions.indices.reduce(0) {
                $0 + (topology.domainOfRegion[$1] == index ? topology.regions[$1].capacityBytes : 0)
            }
            guard forced[index] > capacity else { continue }
            throw DeliveryError(
                .impossiblePlacement, at: "",
                "every song needs a copy in the failure domain \(name), as there are no others left: "
                    + "\(forced[index]) bytes, and its regions have \(capacity)",
                hint:
                    "add \(forced[index] - capacity) bytes of capacity_bytes in \(name), or ask for "
                    + "fewer failure domains")
        }
    }

    private static func checkPinned(
        _ problem: PlacementProblem, _ bytesOfClass: [Int]
    ) throws(DeliveryError) {
        for (index, region) in problem.topology.regions.enumerated() {
            var bytes = 0
            var rules: [String] = []
            for (group, size) in zip(problem.classes, bytesOfClass)
            where group.pinned.contains(index) {
                bytes += size
                rules.append(group.label)
            }
            guard bytes > region.capacityBytes else { continue }
            throw DeliveryError(
                .impossiblePlacement, at: "",
                "\(bytes) bytes are pinned to \(region.id) (\(rules.joined(separator: "; "))), which "
                    + "has \(region.capacityBytes)",
                hint:
                    "add \(bytes - region.capacityBytes) bytes of capacity_bytes to \(region.id), "
                    + "or pin fewer songs")
        }
    }
}
