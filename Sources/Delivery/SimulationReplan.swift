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
        let topology = plan.topology
        return topology.edges.map { edge in
            var edge = edge
            if let capacityBytes { edge.capacityBytes = capacityBytes }
            if let pinnedShare { edge.pinnedShare = pinnedShare }
            let view = EdgeView(
                edge: edge, share: 1 / Double(topology.edgeCount(inRegion: edge.region)),
                songs: plan.songs, demand: plan.demand, held: nil)
            let steps = PrefetchPlanner.plan(
                view.candidates,
                PrefetchPlanner.Limits(pinnedBytes: edge.pinnedBytes, fillBudgetBytes: .max))
            return SimulationPlan.EdgePins(
                songs: steps.compactMap { step in
                    step.action == .evict
                        ? nil : view.songIndexes[step.candidate].map { UInt32($0) }
                }.sorted(),
                capacityBytes: edge.capacityBytes, pinnedBytes: edge.pinnedBytes, fillBytes: nil)
        }
    }

    /// What a cache that knows the forecast starts the day with, and what of it is fetched tonight,
    /// within the edge's fill budget: objects, by number.
    static func fill(
        capacityBytes: Int, fillBudgetBytes: Int, sizes: [Int], forecast: [Double],
        songs: [UInt32], of plan: SimulationPlan, isHeld: (Int) -> Bool
    ) -> (objects: [Int], fetched: [Int]) {
        let candidates = sizes.indices.map { object in
            PrefetchPlanner.Candidate(
                song: plan.songs.ids[Int(songs[object])], sizeBytes: sizes[object],
                expectedHits: forecast[object], isHeld: isHeld(object))
        }
        let steps = PrefetchPlanner.plan(
            candidates,
            PrefetchPlanner.Limits(pinnedBytes: capacityBytes, fillBudgetBytes: fillBudgetBytes))
        let kept = steps.filter { $0.action != .evict }
        return (
            kept.map(\.candidate), kept.filter { $0.action == .fetch }.map(\.candidate)
        )
    }
}
