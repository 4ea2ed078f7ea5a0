package import Storage

/// Decides what an edge holds when the plan's day starts, and what it fetches for that tonight.
///
/// 1. Every song has a worth: expected hits per byte. Held songs count a tenth more, so that the
///    night's fetches go where they matter and not into swapping near-equals.
/// 2. Held songs and others are taken in order of worth, best first, while they fit: all within
///    the pinned bytes, the newly fetched also within the nightly fill budget.
/// 3. Held songs that were not taken are evicted.
///
/// For songs that can be cut this is optimal: the hits gained by fetching the best x bytes and
/// keeping the best of the rest grow ever slower with x, so the best x is where the two meet, or
/// the budget. Whole songs lose at most one song's worth at each end.
///
/// - Complexity: O(n log n) in the songs that are held or asked for at the edge.
package enum PrefetchPlanner {
    package enum Action: String, Sendable {
        case hold, fetch, evict
    }

    /// A song as one edge sees it.
    package struct Candidate: Equatable, Sendable {
        package var song: Digest
        package var sizeBytes: Int
        package var expectedHits: Double
        package var isHeld: Bool
        /// Left the catalogue; can only be evicted.
        package var isGone: Bool

        package init(
            song: Digest, sizeBytes: Int, expectedHits: Double, isHeld: Bool, isGone: Bool = false
        ) {
            self.song = song
            self.sizeBytes = sizeBytes
            self.expectedHits = expectedHits
            self.isHeld = isHeld
            self.isGone = isGone
        }

        var hitsPerByte: Double { expectedHits / Double(max(1, sizeBytes)) }
    }

    package struct Limits: Equatable, Sendable {
        package var pinnedBytes: Int
        package var fillBudgetBytes: Int
        /// How much more a held song's hits count, so that near-equals are not swapped.
        package var heldBonus: Double

        package init(pinnedBytes: Int, fillBudgetBytes: Int, heldBonus: Double = 0.1) {
            self.pinnedBytes = pinnedBytes
            self.fillBudgetBytes = fillBudgetBytes
            self.heldBonus = heldBonus
        }
    }

    package struct Step: Equatable, Sendable {
        package var action: Action
        /// Index into the candidates.
        package var candidate: Int
    }

    /// Plans one edge.
    ///
    /// The steps are in rank order, best first, and each eviction stands before the first fetch
    /// that needs its room: an edge that carries out any first part of them is within its pinned
    /// bytes and has done the most useful part.
    package static func plan(_ candidates: [Candidate], _ limits: Limits) -> [Step] {
        let taken = choose(candidates, limits)

        var isTaken = Array(repeating: false, count: candidates.count)
        for index in taken { isTaken[index] = true }
        // Worst first, what left the catalogue before all.
        var evictions = candidates.indices
            .filter { candidates[$0].isHeld && !isTaken[$0] }
            .sorted { a, b in
                let (first, second) = (candidates[a], candidates[b])
                if first.isGone != second.isGone { return first.isGone }
                if first.hitsPerByte != second.hitsPerByte {
                    return first.hitsPerByte < second.hitsPerByte
                }
                return first.song < second.song
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

    /// The songs to have at the start of the day, by hits per byte, best first.
    private static func choose(_ candidates: [Candidate], _ limits: Limits) -> [Int] {
        func worth(_ candidate: Candidate) -> Double {
            candidate.hitsPerByte * (candidate.isHeld ? 1 + limits.heldBonus : 1)
        }
        let byWorth = candidates.indices
            // A held song without hits may stay while there is room; none is fetched for nothing.
            .filter {
                !candidates[$0].isGone && (candidates[$0].isHeld || candidates[$0].expectedHits > 0)
            }
            .sorted { a, b in
                let (worthA, worthB) = (worth(candidates[a]), worth(candidates[b]))
                if worthA != worthB { return worthA > worthB }
                if candidates[a].isHeld != candidates[b].isHeld { return candidates[a].isHeld }
                return candidates[a].song < candidates[b].song
            }
        var roomBytes = limits.pinnedBytes
        var budgetBytes = limits.fillBudgetBytes
        var taken: [Int] = []
        for index in byWorth {
            let candidate = candidates[index]
            guard candidate.sizeBytes <= roomBytes else { continue }
            if !candidate.isHeld {
                guard candidate.sizeBytes <= budgetBytes else { continue }
                budgetBytes -= candidate.sizeBytes
            }
            roomBytes -= candidate.sizeBytes
            taken.append(index)
        }
        return taken.sorted { a, b in
            let (first, second) = (candidates[a], candidates[b])
            if first.hitsPerByte != second.hitsPerByte {
                return first.hitsPerByte > second.hitsPerByte
            }
            return first.song < second.song
        }
    }
}
