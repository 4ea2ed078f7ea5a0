import Delivery
import TestSupport
import Testing

/// Traces that cache policies are tried on.
private struct Trace {
    var objects: [Int]
    var sizes: [Int]

    /// Popularity falls off, and shifts in the middle.
    init(seed: UInt64, requests: Int = 1000, isOfOneSize: Bool = false) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 5...120, using: &generator)
        // Of a hundredth of the cache some, so that W-TinyLFU's window has something to hold.
        let largest = isOfOneSize ? 1 : Int.random(in: 2...30, using: &generator)
        sizes = (0..<count).map { _ in Int.random(in: 1...largest, using: &generator) }
        objects = (0..<requests).map { place in
            let draw = Double.random(in: 0..<1, using: &generator)
            let rank = Int(Double(count) * draw * draw)
            return (rank + (place > requests / 2 ? count / 3 : 0)) % count
        }
    }

    var bytes: Int { sizes.reduce(0, +) }
    var numbers: [UInt32] { objects.map { UInt32($0) } }
    var nexts: [UInt32] { nextUses(numbers, objectCount: sizes.count) }

    func hits(_ policy: some CachePolicy) -> [Bool] {
        var policy = policy
        var overfull = 0
        let hits = objects.map { object in
            let isHit = policy.request(object)
            if policy.usedBytes > policy.capacityBytes { overfull += 1 }
            return isHit
        }
        #expect(overfull == 0, "\(type(of: policy)) held more than \(policy.capacityBytes) bytes")
        return hits
    }

    func hits(_ cache: some NaiveCache) -> [Bool] {
        var cache = cache
        return objects.map { cache.request($0, sizes[$0]) }
    }
}

@Suite struct CachePolicyTests {
    // MARK: Worked by hand

    private func hits(_ policy: some CachePolicy, _ text: String) -> String {
        var policy = policy
        return String(text.utf8.map { policy.request(Int($0) - 97) ? "+" : "-" }.joined())
    }

    @Test func `LRU lets go what was not asked for longest`() {
        // Room for two: c takes the place of b, as a was asked for meanwhile.
        let sizes = [1, 1, 1]
        #expect(hits(LRU(capacityBytes: 2, sizes: sizes), "abacab") == "--+-+-")
    }

    @Test func `LRU makes room for a large object and passes one that is too large`() {
        // c needs all; a then takes its place, and d has none.
        #expect(hits(LRU(capacityBytes: 3, sizes: [1, 1, 3, 4]), "abcaacdc") == "----+--+")
        #expect(hits(LRU(capacityBytes: 3, sizes: [1, 1, 3, 4]), "abcdc") == "----+")
    }

    @Test func `Belady keeps what comes again soonest`() {
        // At c: a comes again before b.
        let trace: [UInt32] = [0, 1, 2, 0, 1, 0]
        let nexts = nextUses(trace, objectCount: 3)
        #expect(nexts == [3, 4, nextUseNever, 5, nextUseNever, nextUseNever])
        #expect(
            hits(Belady(capacityBytes: 2, sizes: [1, 1, 1], nexts: nexts), "abcaba") == "---+-+")
    }

    @Test func `S3-FIFO sends what was asked for twice to its main queue`() {
        // Ten bytes, one of them small. Until it is full, main takes what small has no room for; an
        // object of the small queue's whole size is passed through from then on.
        let sizes = Array(repeating: 1, count: 26)
        #expect(hits(S3FIFO(capacityBytes: 10, sizes: sizes), "aaab") == "----")
        // Twenty bytes, two of them small: a is in it, and again after twenty others have passed.
        let policy = S3FIFO(capacityBytes: 20, sizes: sizes)
        #expect(
            hits(policy, "aaabcdefghijklmnopqrstuvwxyza")
                == "-++" + String(repeating: "-", count: 25) + "+")
    }

    @Test func `W-TinyLFU does not let one-hit wonders displace what is asked for`() {
        // 100 bytes, one of them window, 19 on probation, 79 protected.
        let sizes = Array(repeating: 1, count: 1000)
        var policy = WTinyLFU(capacityBytes: 100, sizes: sizes)
        func hits(_ objects: Range<Int>) -> Int { objects.count { policy.request($0) } }
        #expect((0..<3).map { _ in hits(0..<90) } == [0, 90, 90])
        #expect(hits(100..<1000) == 0)
        // One was on probation when it filled; an LRU of that size has lost all ninety.
        #expect(hits(0..<90) == 89)
        var lru = LRU(capacityBytes: 100, sizes: sizes)
        for object in Array(0..<90) + Array(100..<1000) { _ = lru.request(object) }
        #expect((0..<90).count { lru.request($0) } == 0)
    }

    @Test func `a forecast-seeded LFU admits only over what scores less`() {
        // Room for two. a and b are expected 3 and 1 times: 6 and 2 points.
        var policy = SeededLFU(
            capacityBytes: 2, sizes: [1, 1, 1, 2], forecast: [3, 1, 0, 0])
        policy.fill(0)
        policy.fill(1)
        // c needs more points than b's 2; d, of two bytes, would have to outdo a, too.
        #expect(hits(policy, "ccccab") == "---+" + "+-")
        #expect(hits(policy, "dddddddda") == String(repeating: "-", count: 8) + "+")
        #expect(policy.usedBytes == 2)
    }

    @Test func `yesterday's top takes the most requests per byte that fit`() {
        // 3/1, 4/2, 2/2, none: with four bytes the third is left out, and nothing smaller is there.
        let set = StaticSet(capacityBytes: 4, sizes: [1, 2, 2, 1], weights: [3, 4, 2, 0])
        #expect((0..<4).map(set.holds) == [true, true, false, false])
        #expect(set.usedBytes == 3)
    }

    @Test func `pins lie beside an ordinary cache`() {
        // Four bytes pinned, of which three are used; the rest of 24 is S3-FIFO with two small.
        let policy = PinnedCache(
            capacityBytes: 24, pinnedCapacityBytes: 4, pinned: [0], sizes: [3, 1, 1])
        #expect(policy.usedBytes == 3)
        #expect(hits(policy, "aabab") == "++-++")
    }

    @Test func `the bound counts what a day's beginning may hold`() {
        // a: held for one request, then for two; b: for two. Six byte-requests suffice for all.
        let bound = HitBound([0, 1, 0], sizes: [1, 1])
        #expect(bound.bound(capacityBytes: 2) == HitBound.Bound(requests: 3, bytes: 3))
        // Three: the cheapest stays take 1 + 2; the second is all that fits with the first.
        #expect(bound.bound(capacityBytes: 1) == HitBound.Bound(requests: 2, bytes: 2))
        #expect(bound.bound(capacityBytes: 0) == HitBound.Bound())
        // Too large for the cache: no hit, however long the day.
        #expect(
            HitBound([0, 0, 0, 1], sizes: [5, 1]).bound(capacityBytes: 4)
                == HitBound.Bound(requests: 1, bytes: 1))
    }

    // MARK: Against plain ones

    @Test(arguments: SeededGenerator.seeds(20))
    func `every policy does what a plain one does`(seed: UInt64) {
        let trace = Trace(seed: seed)
        var generator = SeededGenerator(seed: seed &* 7919)
        for share in [0.02, 0.2, 0.6, 1.5] {
            let capacity = Int(Double(trace.bytes) * share)
            let forecast = trace.sizes.map { _ in
                Double(Int.random(in: 0...40, using: &generator)) / 4
            }
            let sizes = trace.sizes
            #expect(
                trace.hits(LRU(capacityBytes: capacity, sizes: sizes))
                    == trace.hits(NaiveLRU(capacity: capacity)), "LRU \(capacity)")
            #expect(
                trace.hits(S3FIFO(capacityBytes: capacity, sizes: sizes))
                    == trace.hits(NaiveS3FIFO(capacity: capacity)), "S3-FIFO \(capacity)")
            #expect(
                trace.hits(SeededLFU(capacityBytes: capacity, sizes: sizes, forecast: forecast))
                    == trace.hits(NaiveSeededLFU(capacity: capacity, forecast: forecast)),
                "seeded LFU \(capacity)")
        }
    }

    /// Objects of a hundredth of the cache, so that its window holds some, and few bytes, so that
    /// counts age.
    @Test(arguments: SeededGenerator.seeds(6))
    func `W-TinyLFU does what a plain one does`(seed: UInt64) {
        var trace = Trace(seed: seed, requests: 9000)
        trace.sizes = trace.sizes.map { 1 + $0 % 2 }
        trace.objects = trace.objects.enumerated().map { place, object in
            (object + (place % 5 == 0 ? place % trace.sizes.count : 0)) % trace.sizes.count
        }
        for capacity in [100, 200, 250] where capacity < trace.bytes * 2 {
            #expect(
                trace.hits(WTinyLFU(capacityBytes: capacity, sizes: trace.sizes))
                    == trace.hits(NaiveWTinyLFU(capacity: capacity)), "\(capacity)")
        }
    }

    @Test(arguments: SeededGenerator.seeds(8))
    func `caches that know the future do what plain ones do`(seed: UInt64) {
        let trace = Trace(seed: seed, requests: 400)
        for share in [0.05, 0.3, 0.7] {
            let capacity = Int(Double(trace.bytes) * share)
            // With objects that never come again it does not matter which goes first.
            let own = trace.hits(
                Belady(capacityBytes: capacity, sizes: trace.sizes, nexts: trace.nexts))
            #expect(
                own
                    == trace.hits(
                        NaiveBelady(capacity: capacity, trace: trace.objects, bySize: false)))
            #expect(
                trace.hits(
                    BeladySize(capacityBytes: capacity, sizes: trace.sizes, nexts: trace.nexts))
                    == trace.hits(
                        NaiveBelady(capacity: capacity, trace: trace.objects, bySize: true)))
        }
    }

    // MARK: What must hold

    @Test(arguments: SeededGenerator.seeds(20))
    func `with objects of one size none has more hits than Belady`(seed: UInt64) {
        let trace = Trace(seed: seed, isOfOneSize: true)
        let sizes = trace.sizes
        for capacity in [1, 7, 20, 60] {
            func hits(_ policy: some CachePolicy) -> Int { trace.hits(policy).count { $0 } }
            let best = hits(Belady(capacityBytes: capacity, sizes: sizes, nexts: trace.nexts))
            #expect(hits(LRU(capacityBytes: capacity, sizes: sizes)) <= best)
            #expect(hits(S3FIFO(capacityBytes: capacity, sizes: sizes)) <= best)
            #expect(hits(WTinyLFU(capacityBytes: capacity, sizes: sizes)) <= best)
        }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `nothing has more hits than the bound`(seed: UInt64) {
        let trace = Trace(seed: seed)
        let sizes = trace.sizes
        let bounds = HitBound(trace.numbers, sizes: sizes)
        // Knows the day itself: the best that a set held all day can be.
        let counts = sizes.indices.map { object in Double(trace.objects.count { $0 == object }) }
        for share in [0.02, 0.2, 0.6, 1] {
            let capacity = Int(Double(trace.bytes) * share)
            let bound = bounds.bound(capacityBytes: capacity)
            func check(_ policy: some CachePolicy) {
                let hits = trace.hits(policy)
                let bytes = zip(trace.objects, hits).reduce(0) { $0 + ($1.1 ? sizes[$1.0] : 0) }
                #expect(hits.count { $0 } <= bound.requests, "\(type(of: policy)) \(capacity)")
                #expect(bytes <= bound.bytes, "\(type(of: policy)) \(capacity)")
            }
            check(LRU(capacityBytes: capacity, sizes: sizes))
            check(S3FIFO(capacityBytes: capacity, sizes: sizes))
            check(WTinyLFU(capacityBytes: capacity, sizes: sizes))
            check(Belady(capacityBytes: capacity, sizes: sizes, nexts: trace.nexts))
            check(BeladySize(capacityBytes: capacity, sizes: sizes, nexts: trace.nexts))
            check(StaticSet(capacityBytes: capacity, sizes: sizes, weights: counts))
            var seeded = SeededLFU(capacityBytes: capacity, sizes: sizes, forecast: counts)
            let set = StaticSet(capacityBytes: capacity, sizes: sizes, weights: counts)
            for object in sizes.indices where set.holds(object) { seeded.fill(object) }
            check(seeded)
        }
        // Everything fits: the bound is everything, and a set that holds all has it.
        #expect(bounds.bound(capacityBytes: trace.bytes).requests == trace.objects.count)
    }

    @Test(arguments: SeededGenerator.seeds(30))
    func `the bound is not below what the best cache of all could do`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let sizes = (0..<5).map { _ in Int.random(in: 1...6, using: &generator) }
        let objects = (0..<14).map { _ in Int.random(in: 0..<5, using: &generator) }
        let bounds = HitBound(objects.map { UInt32($0) }, sizes: sizes)
        for capacity in [2, 5, 9, 14] {
            let bound = bounds.bound(capacityBytes: capacity)
            let most = mostHits(objects, sizes: sizes, capacity: capacity, countsBytes: false)
            let mostBytes = mostHits(objects, sizes: sizes, capacity: capacity, countsBytes: true)
            #expect(most <= bound.requests, "\(objects) \(sizes) \(capacity)")
            #expect(mostBytes <= bound.bytes, "\(objects) \(sizes) \(capacity)")
        }
    }
}
