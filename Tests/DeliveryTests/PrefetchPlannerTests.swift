import Delivery
import Storage
import TestSupport
import Testing

@Suite struct PrefetchPlannerTests {
    private func candidates(_ instance: inout RandomInstance, _ count: Int) -> [PrefetchPlanner
        .Candidate]
    {
        (0..<count).map { _ in
            let draw = Double.random(in: 0.01...1, using: &instance.generator)
            let isHeld = Bool.random(using: &instance.generator)
            let isGone = isHeld && Int.random(in: 0..<10, using: &instance.generator) == 0
            return PrefetchPlanner.Candidate(
                song: instance.digest(),
                sizeBytes: Int.random(in: 1...100, using: &instance.generator),
                expectedHits: isGone ? 0 : 1 / draw, isHeld: isHeld, isGone: isGone)
        }
    }

    @Test(arguments: SeededGenerator.seeds(100))
    func `any first part of a plan is within capacity and budget`(seed: UInt64) {
        var instance = RandomInstance(seed: seed)
        let candidates = candidates(&instance, 60)
        let limits = PrefetchPlanner.Limits(
            pinnedBytes: Int.random(in: 0...3000, using: &instance.generator),
            fillBudgetBytes: Int.random(in: 0...800, using: &instance.generator))
        let steps = PrefetchPlanner.plan(candidates, limits)
        #expect(PrefetchPlanner.plan(candidates, limits) == steps)

        var used = candidates.filter(\.isHeld).map(\.sizeBytes).reduce(0, +)
        var filled = 0
        var wasFilled = false
        for step in steps {
            let candidate = candidates[step.candidate]
            switch step.action {
            case .hold: #expect(candidate.isHeld && !candidate.isGone)
            case .evict:
                #expect(candidate.isHeld)
                used -= candidate.sizeBytes
            case .fetch:
                #expect(!candidate.isHeld)
                used += candidate.sizeBytes
                filled += candidate.sizeBytes
                wasFilled = true
            }
            // An edge that shrank is over its limit until its evictions, which come first.
            #expect(used <= limits.pinnedBytes || !wasFilled)
            #expect(filled <= limits.fillBudgetBytes)
        }
        #expect(used <= limits.pinnedBytes)
        // Every held song is decided on, once; nothing is named twice.
        #expect(Set(steps.map(\.candidate)).count == steps.count)
        let decided = Set(steps.map(\.candidate))
        #expect(candidates.indices.allSatisfy { !candidates[$0].isHeld || decided.contains($0) })
        let ranked = steps.filter { $0.action != .evict }.map { step in
            candidates[step.candidate].expectedHits / Double(candidates[step.candidate].sizeBytes)
        }
        #expect(ranked == ranked.sorted(by: >))
    }

    @Test(arguments: SeededGenerator.seeds(40))
    func `a plan lacks at most the last song of capacity and of budget to the best`(seed: UInt64) {
        var instance = RandomInstance(seed: seed)
        let candidates = candidates(&instance, 12)
        let limits = PrefetchPlanner.Limits(
            pinnedBytes: Int.random(in: 100...500, using: &instance.generator),
            fillBudgetBytes: Int.random(in: 50...300, using: &instance.generator), heldBonus: 0)
        let hits = PrefetchPlanner.plan(candidates, limits).reduce(0.0) {
            $0 + ($1.action == .evict ? 0 : candidates[$1.candidate].expectedHits)
        }
        var best = 0.0
        for subset in 0..<(1 << candidates.count) {
            var (used, filled, worth) = (0, 0, 0.0)
            for (index, candidate) in candidates.enumerated() where subset >> index & 1 == 1 {
                guard !candidate.isGone else { used = .max / 2; break }
                used += candidate.sizeBytes
                if !candidate.isHeld { filled += candidate.sizeBytes }
                worth += candidate.expectedHits
            }
            if used <= limits.pinnedBytes, filled <= limits.fillBudgetBytes {
                best = max(best, worth)
            }
        }
        let largest = candidates.map(\.expectedHits).sorted(by: >).prefix(2).reduce(0, +)
        #expect(hits <= best + 1e-9)
        #expect(hits >= best - largest)
        #expect(hits >= best * 0.6, "\(hits) of \(best)")
    }

    @Test func `a fetch comes after the eviction that makes its room, and only for more hits`() {
        var instance = RandomInstance(seed: 1)
        func song(_ hits: Double, held: Bool) -> PrefetchPlanner.Candidate {
            PrefetchPlanner.Candidate(
                song: instance.digest(), sizeBytes: 10, expectedHits: hits, isHeld: held)
        }
        let candidates = [
            song(9, held: true), song(1, held: true), song(5, held: false),
            song(1.05, held: false), song(0, held: false),
        ]
        let limits = PrefetchPlanner.Limits(pinnedBytes: 20, fillBudgetBytes: 100)
        let steps = PrefetchPlanner.plan(candidates, limits)
        #expect(
            steps.map { "\($0.action) \($0.candidate)" } == ["hold 0", "evict 1", "fetch 2"])
        // Five in a hundred more hits are not worth a fetch.
        let even = PrefetchPlanner.plan(Array(candidates[..<2] + candidates[3...]), limits)
        #expect(even.map { "\($0.action) \($0.candidate)" } == ["hold 0", "hold 1"])
    }
}
