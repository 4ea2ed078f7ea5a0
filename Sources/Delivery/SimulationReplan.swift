/// Plans of the same night for edges of other sizes or with another pinned share.
///
/// Made by `PrefetchPlanner` from the same demand. Nothing is held yet and nothing limits the fill:
/// the question is what an edge of that size would be worth, not what the first night with it is.
enum SimulationReplan {
    /// - Parameters:
    ///   - capacityBytes: Of every edge; nil for what each has.
    ///   - pinnedShare: Of the capacity; nil for what each has.
    static func pins(
        _ plan: SimulationPlan, capacityBytes: Int?, pinnedShare: Double?
    ) -> [SimulationPlan.EdgePins] {
        plan.topology.edges.indices.map { number in
            var edge = plan.topology.edges[number]
            if let capacityBytes { edge.capacityBytes = capacityBytes }
            if let pinnedShare { edge.pinnedShare = pinnedShare }
            let songs = plan.expectedSongs(edge: number)
            let fill = fill(
                capacityBytes: edge.pinnedBytes, fillBudgetBytes: .max, songs: songs,
                forecast: plan.forecast(songs, edge: number), of: plan, isHeld: { _ in false })
            return SimulationPlan.EdgePins(
                songs: fill.objects.map { songs[$0] }.sorted(),
                capacityBytes: edge.capacityBytes, pinnedBytes: edge.pinnedBytes, fillBytes: nil)
        }
    }

    /// What an edge of some size starts the day with by the forecast, and what of it is fetched
    /// tonight.
    ///
    /// - Parameters:
    ///   - songs: What is known at the edge.
    ///   - forecast: Of each of them, the requests that are expected.
    /// - Returns: Places in `songs`.
    static func fill(
        capacityBytes: Int, fillBudgetBytes: Int, songs: [UInt32], forecast: [Double],
        of plan: SimulationPlan, isHeld: (Int) -> Bool
    ) -> (objects: [Int], fetched: [Int]) {
        let candidates = songs.indices.map { place in
            let song = Int(songs[place])
            return PrefetchPlanner.Candidate(
                sizeBytes: plan.songs.sizesBytes[song], expectedHits: forecast[place],
                isHeld: isHeld(place))
        }
        let steps = PrefetchPlanner.plan(
            candidates,
            PrefetchPlanner.Limits(
                pinnedBytes: capacityBytes, fillBudgetBytes: fillBudgetBytes)
        ).steps
        let kept = steps.filter { $0.action != .evict }
        return (kept.map(\.candidate), kept.filter { $0.action == .fetch }.map(\.candidate))
    }
}

extension SimulationPlan {
    /// Songs that are expected to be asked for at an edge.
    func expectedSongs(edge: Int) -> [UInt32] {
        let region = topology.edges[edge].region
        return (0..<UInt32(songs.count)).filter { demand.streams(Int($0), in: region) > 0 }
    }

    /// Requests that are expected at an edge: an equal share of its region's.
    func forecast(_ songs: [UInt32], edge: Int) -> [Double] {
        let region = topology.edges[edge].region
        let share = 1 / Double(topology.edgeCount(inRegion: region))
        return songs.map { demand.streams(Int($0), in: region) * share }
    }
}
