/// Decides what an edge holds when the plan's day starts, and what it fetches for that tonight.
///
/// Worth is what a song's expected hits count (`Objective`). Chosen is the set of songs with the
/// greatest Σ worth − fill price · bytes fetched, within the pinned bytes, and the newly fetched
/// within the night's fill budget:
///
/// 1. Two prices, for a byte of room and for a byte of fill, at which the songs that are worth more
///    than they cost just fill both (`PrefetchPrices`). They also bound what any plan can reach.
/// 2. Those songs are taken; then what still fits, by worth per byte; then songs near the margin are
///    exchanged for ones that use the last bytes better (`PrefetchSelection`).
/// 3. Where a gap to the bound is left, the few songs that decide are enumerated (`PrefetchProof`).
/// 4. Into what is left: releases of the days to come, then held songs that nobody is expected to
///    ask for.
/// 5. Held songs that were not taken are evicted.
///
/// The fill price keeps near-equals from being swapped night after night; it is part of the
/// objective and so of the bound.
///
/// - Complexity: O(n log n) in the songs that are held or asked for at the edge, about 50 bytes each.
package enum PrefetchPlanner {
    package enum Action: String, Sendable {
        case hold, fetch, evict
    }

    /// What the edge is to answer the most of.
    package enum Objective: String, CaseIterable, Sendable {
        /// Counted in streams.
        case requests
        /// Counted in GB.
        case bytes

        func worth(hits: Double, sizeBytes: Int) -> Double {
            switch self {
            case .requests: hits
            case .bytes: hits * (Double(sizeBytes) / 1e9)
            }
        }
    }

    /// What a byte that is fetched has to be worth more than the room it takes.
    package enum FillPrice: Equatable, Sendable {
        /// Of what the last byte of room is worth when the best songs fill it, whoever has them.
        case share(Double)
        /// In the objective's unit.
        case perGB(Double)

        /// A tenth: see docs/formats/delivery.md for what it was chosen by.
        package static let standard = FillPrice.share(0.1)
    }

    /// A song as one edge sees it.
    package struct Candidate: Equatable, Sendable {
        package var sizeBytes: Int
        /// On the plan's day; none for a song under embargo.
        package var expectedHits: Double
        package var isHeld: Bool
        /// Left the catalogue; can only be evicted.
        package var isGone: Bool
        /// Comes out so soon after the plan's day that it may be held where there is room left.
        package var isComing: Bool

        package init(
            sizeBytes: Int, expectedHits: Double, isHeld: Bool, isGone: Bool = false,
            isComing: Bool = false
        ) {
            self.sizeBytes = sizeBytes
            self.expectedHits = expectedHits
            self.isHeld = isHeld
            self.isGone = isGone
            self.isComing = isComing
        }
    }

    package struct Limits: Equatable, Sendable {
        package var pinnedBytes: Int
        package var fillBudgetBytes: Int
        package var objective: Objective
        package var fillPrice: FillPrice

        package init(
            pinnedBytes: Int, fillBudgetBytes: Int, objective: Objective = .requests,
            fillPrice: FillPrice = .standard
        ) {
            self.pinnedBytes = pinnedBytes
            self.fillBudgetBytes = fillBudgetBytes
            self.objective = objective
            self.fillPrice = fillPrice
        }
    }

    package struct Step: Equatable, Sendable {
        package var action: Action
        /// Index into the candidates.
        package var candidate: Int
    }

    package struct Plan: Equatable, Sendable {
        /// In rank order, best first, each eviction before the first fetch that needs its room: an
        /// edge that carries out any first part of them is within its pinned bytes and has done the
        /// most useful part.
        package var steps: [Step]
        package var certificate: PrefetchCertificate
    }

    /// Plans one edge.
    ///
    /// - Parameter candidates: In an order that is the same every night, as it breaks ties.
    package static func plan(_ candidates: [Candidate], _ limits: Limits) -> Plan {
        let order = PrefetchOrder(candidates, limits)
        let prices = PrefetchPrices(order, limits)
        var (selection, certificate) = choose(order, limits, prices, [], [])
        if certificate.gapPercent > gapPercentSought {
            let proof = PrefetchProof(
                order, limits, prices, value: certificate.value, bound: certificate.bound)
            if let open = proof.open {
                let found = choose(order, limits, prices, proof.held ?? [], open)
                if found.1.value > certificate.value { (selection, certificate) = found }
            }
            certificate.bound = min(certificate.bound, max(certificate.value, proof.bound))
        }
        selection.takeWhatIsLeft()
        return Plan(
            steps: steps(candidates, limits, order, selection.isTaken), certificate: certificate)
    }

    /// Above this what decides is looked at song by song.
    private static let gapPercentSought = 0.001

    /// - Parameters:
    ///   - held: Held songs to take before all others.
    ///   - open: The same of songs to fetch.
    private static func choose(
        _ order: PrefetchOrder, _ limits: Limits, _ prices: PrefetchPrices, _ held: [UInt32],
        _ open: [UInt32]
    ) -> (PrefetchSelection, PrefetchCertificate) {
        var selection = PrefetchSelection(order, limits, prices)
        for index in held { selection.takeIfFits(index, isOpen: false) }
        for index in open { selection.takeIfFits(index, isOpen: true) }
        selection.takeWhatPays()
        selection.exchange()
        selection.takeWhatPays()
        return (selection, PrefetchCertificate(order, limits, prices, selection))
    }

    private static func steps(
        _ candidates: [Candidate], _ limits: Limits, _ order: PrefetchOrder, _ isTaken: [Bool]
    ) -> [Step] {
        let taken = candidates.indices.filter { isTaken[$0] }.sorted { a, b in
            // A release of another day is of no use on this one.
            if candidates[a].isComing != candidates[b].isComing { return candidates[b].isComing }
            if order.density[a] != order.density[b] { return order.density[a] > order.density[b] }
            return a < b
        }
        // Worst first, what left the catalogue before all.
        var evictions = candidates.indices.filter { candidates[$0].isHeld && !isTaken[$0] }
            .sorted { a, b in
                if candidates[a].isGone != candidates[b].isGone { return candidates[a].isGone }
                if order.density[a] != order.density[b] {
                    return order.density[a] < order.density[b]
                }
                return a < b
            }[...]
        var usedBytes = candidates.reduce(0) { $0 + ($1.isHeld ? $1.sizeBytes : 0) }
        var steps: [Step] = []
        func evictNext() {
            let index = evictions.removeFirst()
            usedBytes -= candidates[index].sizeBytes
            steps.append(Step(action: .evict, candidate: index))
        }
        // An edge that has shrunk is over its limit before the first fetch.
        while usedBytes > limits.pinnedBytes, !evictions.isEmpty { evictNext() }
        for index in taken {
            let candidate = candidates[index]
            if candidate.isHeld {
                steps.append(Step(action: .hold, candidate: index))
                continue
            }
            while usedBytes + candidate.sizeBytes > limits.pinnedBytes, !evictions.isEmpty {
                evictNext()
            }
            usedBytes += candidate.sizeBytes
            steps.append(Step(action: .fetch, candidate: index))
        }
        while !evictions.isEmpty { evictNext() }
        return steps
    }
}
