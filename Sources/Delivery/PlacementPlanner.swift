/// Decides which regions keep which song.
///
/// 1. Yesterday's placement stands; songs without a valid place (new ones, or ones whose region
///    left) go first to last by expected streams, each to its cheapest set of regions that leaves
///    room for the rest (`PlacementReserve`).
/// 2. On the first night, or when yesterday's leaves no room, all songs are placed so; copies that
///    exist cost nothing to move.
/// 3. When room is too short to choose, largest songs first into the emptiest failure domains.
/// 4. Then each song in turn takes a cheaper set, with more copies or fewer, if that pays for its
///    storage and moves, and colder songs give way if that pays for theirs, until nothing does.
///
/// Deterministic. Memory: about 60 bytes a song beside the problem.
///
/// - Complexity: O(songs × sets of regions) a pass, a handful of passes, and one sort.
package enum PlacementPlanner {
    /// Passes of improvement at most; three or four are usual.
    static let passesMax = 12

    /// - Throws: `DeliveryError` with `impossiblePlacement` and the figures, when songs do not fit.
    package static func plan(_ problem: PlacementProblem) throws(DeliveryError) -> PlacementPlan {
        try checkRoom(problem)
        var search = try PlacementSearch(problem)
        let method = try place(&search)
        let isSettled = search.improve(passesMax: passesMax)
        return PlacementPlan(&search, method: method, isSettled: isSettled)
    }

    /// Finds a first valid placement.
    private static func place(
        _ search: inout PlacementSearch
    ) throws(DeliveryError) -> PlacementPlan.Method {
        let empty = search
        let slackBytes = search.problem.songs.sizesBytes.max() ?? 0
        if search.problem.previous.contains(where: { !$0.isEmpty }),
            let homeless = search.keepPrevious()
        {
            let kept = search
            for slack in [slackBytes, 0] {
                if search.placeGreedily(homeless, slackBytes: slack) { return .kept }
                search = kept
            }
        }
        for slack in [slackBytes, 0] {
            search = empty
            if search.placeGreedily(search.order, slackBytes: slack) { return .fresh }
        }
        search = empty
        guard let song = search.placeBalanced() else { return .balanced }
        let problem = search.problem
        throw DeliveryError(
            .impossiblePlacement, at: "",
            "\(problem.topology.replicas) replicas could not be packed: song "
                + "\(problem.songs.ids[song]) of \(problem.songs.sizesBytes[song]) bytes found no "
                + "place, though the bytes would suffice if songs could be cut",
            hint: "add \(slackBytes) bytes or more of capacity_bytes to the smallest regions")
    }

    /// Refuses what no placement can satisfy, and says which domains or regions are to blame.
    private static func checkRoom(_ problem: PlacementProblem) throws(DeliveryError) {
        let topology = problem.topology
        let replicas = topology.replicas
        let bytes = problem.songs.sizesBytes.reduce(0, +)
        var capacityOfDomain = Array(repeating: 0, count: topology.domains.count)
        var largestOfDomain = capacityOfDomain
        for (index, region) in topology.regions.enumerated() {
            let domain = topology.domainOfRegion[index]
            capacityOfDomain[domain] += region.capacityBytes
            largestOfDomain[domain] = max(largestOfDomain[domain], region.capacityBytes)
        }

        let usable = capacityOfDomain.reduce(0) { $0 + min($1, bytes) }
        guard usable >= replicas * bytes else {
            let parts = topology.domains.indices.map { domain in
                let capacity = capacityOfDomain[domain]
                return "\(topology.domains[domain]) "
                    + (capacity > bytes ? "\(bytes) of \(capacity)" : "\(capacity)")
            }
            let short = topology.domains.indices.filter { capacityOfDomain[$0] < bytes }
            throw DeliveryError(
                .impossiblePlacement, at: "",
                "\(replicas) replicas in distinct failure domains need \(replicas * bytes) bytes "
                    + "(\(problem.songs.count) songs of \(bytes) bytes), and the domains can take "
                    + "\(usable): \(parts.joined(separator: ", "))",
                hint: "add \(replicas * bytes - usable) bytes of capacity_bytes in "
                    + short.map { topology.domains[$0] }.joined(separator: ", ")
                    + ", or lower replicas")
        }

        let sizes = problem.songs.sizesBytes
        if let largest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) {
            let fitting = largestOfDomain.count { $0 >= sizes[largest] }
            guard fitting >= replicas else {
                throw DeliveryError(
                    .impossiblePlacement, at: "",
                    "song \(problem.songs.ids[largest]) of \(sizes[largest]) bytes needs "
                        + "\(replicas) failure domains with a region that large, and there are "
                        + "\(fitting)",
                    hint: "raise capacity_bytes to \(sizes[largest]) or more in "
                        + "\(replicas - fitting) more domains")
            }
        }
    }
}
