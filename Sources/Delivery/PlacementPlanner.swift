/// Decides which regions keep which song.
///
/// 1. Limits get prices (`PlacementBound`): at them, each song takes its cheapest set of regions, and
///    no placement costs less than the bound that they give.
/// 2. What still exceeds a limit, as songs are whole, moves where it loses least; what is left free
///    goes to the songs that save most (`PlacementRepair`); and where songs are few, songs change
///    places with one another (`PlacementExchange`).
/// 3. Yesterday's placement, with new songs added, stands as long as that is no dearer.
/// 4. Where prices lead to no placement, as room is too short to choose, songs are packed.
///
/// The move budgets and the limit on majorities give way where they leave no placement at all; what
/// was given up is in the plan. Capacities, replicas and rules never do.
///
/// Deterministic, whatever the number of workers. Memory: about 12 bytes a song beside the problem.
///
/// - Complexity: O(songs × sets of regions) a pass, some ten passes.
package enum PlacementPlanner {
    /// - Throws: `DeliveryError` with `impossiblePlacement` and the figures, when songs do not fit.
    package static func plan(
        _ problem: PlacementProblem, workers: Int = 2
    ) throws(DeliveryError) -> PlacementPlan {
        try PlacementRoom.check(problem)
        let pricing = try PlacementPricing(problem, workers: workers)
        let limits = PlacementLimits(problem.topology).raisedForSongsWithoutChoice(pricing)
        do {
            return try plan(pricing, limits)
        } catch {
            guard problem.topology.majorityLossSongsMax != nil else { throw error }
            return try plan(pricing, limits.withoutMajorities)
        }
    }

    private static func plan(
        _ pricing: PlacementPricing, _ asked: PlacementLimits
    ) throws(DeliveryError) -> PlacementPlan {
        let problem = pricing.problem
        var limits = asked
        pricing.setPrices(PlacementPrices(problem.topology))
        var kept: PlacementState?
        if problem.previous.contains(where: { !$0.isEmpty }) {
            kept = keep(pricing, limits)
            limits = kept?.limits ?? limits.withoutBudgets
            // Song by song, budgets were exceeded; prices may find a way that keeps to them.
            if limits != asked, let plan = within(pricing, asked) { return plan }
        } else {
            // Every song must be copied: budgets are for the nights after.
            limits = limits.withoutBudgets
        }

        let bound = PlacementBound(pricing, limits)
        if let yesterday = kept {
            // The sources of copies have changed with the prices, and with them what regions send.
            var again = PlacementState(yesterday, limits: limits)
            kept = !again.isOver || again.repair() ? again : nil
        }
        var method = PlacementPlan.Method.priced
        var priced: PlacementState? = PlacementState(pricing, limits: limits, choice: bound.choice)
        if priced!.repair() == false { priced = nil }
        if priced == nil, kept == nil {
            priced = try pack(pricing, limits)
            method = .packed
        }
        var isSettled = true
        if priced != nil { isSettled = improve(&priced!, bound.prices) }
        if kept != nil, priced == nil || problem.songs.count <= PlacementExchange.songsMax {
            let settled = improve(&kept!, bound.prices)
            if priced == nil { isSettled = settled }
        }
        let free = PlacementPrices(problem.topology)
        pricing.setPrices(free, keepingSources: true)
        // On a tie yesterday's stands; below a millionth prices are rounding.
        if let kept, priced.map({ kept.costUSD() <= $0.costUSD() * (1 + 1e-6) }) ?? true {
            return plan(kept, .kept, isSettled, bound)
        }
        return plan(priced!, method, isSettled, bound)
    }

    /// A plan within limits by prices alone; nil where repair does not come to one.
    private static func within(
        _ pricing: PlacementPricing, _ limits: PlacementLimits
    ) -> PlacementPlan? {
        let bound = PlacementBound(pricing, limits)
        var state = PlacementState(pricing, limits: limits, choice: bound.choice)
        guard state.repair() else { return nil }
        let isSettled = improve(&state, bound.prices)
        return plan(state, .priced, isSettled, bound)
    }

    /// - Parameter bound: Replaced by one without limits where it is of limits that were given up.
    private static func plan(
        _ state: PlacementState, _ method: PlacementPlan.Method, _ isSettled: Bool,
        _ bound: PlacementBound
    ) -> PlacementPlan {
        let plan = PlacementPlan(state, method: method, isSettled: isSettled, bound: bound)
        guard !(bound.boundUSD <= plan.cost.totalUSD * (1 + 1e-9)) else { return plan }
        return PlacementPlan(
            state, method: method, isSettled: isSettled,
            bound: PlacementBound(unlimited: state.pricing))
    }

    /// Yesterday's placement with new songs added; nil when there is no room for that.
    private static func keep(
        _ pricing: PlacementPricing, _ limits: PlacementLimits
    ) -> PlacementState? {
        /// Goes on without budgets; then those that this exceeds become what it took.
        func softened(
            _ state: PlacementState, _ body: (inout PlacementState) -> Bool
        ) -> PlacementState? {
            var soft = PlacementState(state, limits: limits.withoutBudgets)
            guard body(&soft) else { return nil }
            var raised = PlacementState(soft, limits: state.limits)
            raised.raiseExceededBudgets()
            return raised
        }
        var state = PlacementState(pricing, limits: limits)
        state.keepPrevious()
        if !state.repair() {
            guard let soft = softened(state, { $0.repair() }) else { return nil }
            state = soft
        }
        _ = state.fill(passesMax: 3, onlyHomeless: true)
        if state.isWhole { return state }
        return softened(state) {
            _ = $0.fill(passesMax: 3, onlyHomeless: true)
            return $0.isWhole
        }
    }

    /// - Returns: Whether nothing more pays.
    private static func improve(_ state: inout PlacementState, _ prices: PlacementPrices) -> Bool {
        let free = PlacementPrices(state.pricing.topology)
        state.pricing.setPrices(free, keepingSources: true)
        let isSettled = state.fill(passesMax: 4)
        guard state.choice.count <= PlacementExchange.songsMax else { return isSettled }
        var exchange = PlacementExchange(state, prices: prices)
        exchange.run(&state)
        return state.fill(passesMax: 4)
    }

    private static func pack(
        _ pricing: PlacementPricing, _ limits: PlacementLimits
    ) throws(DeliveryError) -> PlacementState {
        let problem = pricing.problem
        pricing.setPrices(PlacementPrices(pricing.topology), keepingSources: true)
        let slackBytes = problem.songs.sizesBytes.max() ?? 0
        for slack in [slackBytes, 0] {
            var state = PlacementState(pricing, limits: limits)
            if state.packByStreams(slackBytes: slack) { return state }
        }
        var state = PlacementState(pricing, limits: limits)
        guard let song = state.packBySize() else { return state }
        throw DeliveryError(
            .impossiblePlacement, at: "",
            "\(problem.placementClass(song).replicas) replicas could not be packed: song "
                + "\(problem.songs.ids[song]) of \(problem.songs.sizesBytes[song]) bytes found no "
                + "place, in whichever order songs were placed",
            hint: "add capacity_bytes to the regions that its rules and failure domains leave it "
                + "(\(slackBytes) bytes, the largest song, is the least that may help)")
    }
}
