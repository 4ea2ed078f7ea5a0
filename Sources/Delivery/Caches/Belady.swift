/// Belady: what will be asked for again last goes first. No cache can know that; it is a measure.
///
/// 1. Each object's next request is known from the trace.
/// 2. A miss lets the objects go whose next requests are furthest, until the new one fits.
/// 3. The new object is always kept, as a cache that fetches it must put it somewhere; one that is
///    larger than the cache is passed through.
///
/// With objects of one size none that keeps every miss has more hits. With others it is a very good
/// cache and no bound: `HitBound` is one.
///
/// L. A. Belady: A study of replacement algorithms for a virtual-storage computer, IBM Systems
/// Journal 5(2), 1966.
package struct Belady: CachePolicy {
    package let capacityBytes: Int
    package private(set) var usedBytes = 0
    private let sizes: [Int]
    private let nexts: [UInt32]
    private var place = 0
    /// By the next use, the furthest on top.
    private var heap: ObjectHeap

    /// - Parameter nexts: Of the trace that is then requested, from its beginning (`nextUses`).
    package init(capacityBytes: Int, sizes: [Int], nexts: [UInt32]) {
        self.capacityBytes = capacityBytes
        self.sizes = sizes
        self.nexts = nexts
        heap = ObjectHeap(objectCount: sizes.count)
    }

    package mutating func request(_ object: Int) -> Bool {
        let key = -Double(nexts[place])
        place += 1
        if heap.contains(object) {
            heap.update(object, key: key)
            return true
        }
        let size = sizes[object]
        guard size <= capacityBytes else { return false }
        while usedBytes + size > capacityBytes, let victim = heap.pop() {
            usedBytes -= sizes[victim]
        }
        heap.insert(object, key: key)
        usedBytes += size
        return false
    }
}
