/// Belady-Size: of what is cached, what takes most bytes for longest until its next request goes
/// first.
///
/// 1. Each object's next request is known from the trace, as for `Belady`.
/// 2. A miss lets objects go, the largest size × time to the next request first, until the new one
///    fits. Where more than 128 are cached, that is judged among 128 drawn at random from a fixed
///    seed, as all their products change with each request.
/// 3. The new object is always kept; one that is larger than the cache is passed through.
///
/// Where sizes differ it has more hits than `Belady`; it is no bound either. Named and measured in
/// D. S. Berger, N. Beckmann, M. Harchol-Balter: Practical bounds on optimal caching with variable
/// object sizes, Proc. ACM Meas. Anal. Comput. Syst. 2(2), 2018.
package struct BeladySize: CachePolicy {
    package let capacityBytes: Int
    package private(set) var usedBytes = 0
    private let sizes: [Int]
    private let nexts: [UInt32]
    private var place = 0
    /// The next request of each cached object.
    private var nextOf: [UInt32]
    private var cached: [UInt32] = []
    /// Where each object stands in `cached`.
    private var places: [UInt32]
    private var random: UInt64 = 0x5370_696e_646c_6521

    private static let nowhere = UInt32.max
    private static let drawn = 128

    /// - Parameter nexts: Of the trace that is then requested, from its beginning (`nextUses`).
    package init(capacityBytes: Int, sizes: [Int], nexts: [UInt32]) {
        self.capacityBytes = capacityBytes
        self.sizes = sizes
        self.nexts = nexts
        nextOf = Array(repeating: 0, count: sizes.count)
        places = Array(repeating: Self.nowhere, count: sizes.count)
    }

    package mutating func request(_ object: Int) -> Bool {
        defer { place += 1 }
        nextOf[object] = nexts[place]
        if places[object] != Self.nowhere { return true }
        let size = sizes[object]
        guard size <= capacityBytes else { return false }
        while usedBytes + size > capacityBytes { evict() }
        places[object] = UInt32(cached.count)
        cached.append(UInt32(object))
        usedBytes += size
        return false
    }

    private mutating func evict() {
        var victim = 0
        var highest = -1.0
        func consider(_ candidate: Int) {
            let object = Int(cached[candidate])
            let next = nextOf[object]
            // What never comes again goes before all, the largest first.
            let wait = next == nextUseNever ? 1e18 : Double(Int(next) - place)
            let product = wait * Double(max(1, sizes[object]))
            if product > highest || (product == highest && object < Int(cached[victim])) {
                highest = product
                victim = candidate
            }
        }
        if cached.count <= Self.drawn {
            for candidate in cached.indices { consider(candidate) }
        } else {
            for _ in 0..<Self.drawn { consider(draw(below: cached.count)) }
        }
        let object = Int(cached[victim])
        let last = cached.removeLast()
        if victim < cached.count {
            cached[victim] = last
            places[Int(last)] = UInt32(victim)
        }
        places[object] = Self.nowhere
        usedBytes -= sizes[object]
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    private mutating func draw(below count: Int) -> Int {
        random &+= 0x9e37_79b9_7f4a_7c15
        var mixed = random
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        mixed ^= mixed >> 31
        return Int(mixed.multipliedFullWidth(by: UInt64(count)).high)
    }
}
