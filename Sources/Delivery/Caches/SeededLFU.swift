/// Ours, where a cache lets the forecast in: LFU that starts with the forecast and learns in the day.
///
/// 1. An object's score is (2 × forecast + requests so far today) / size.
/// 2. The day starts with what the night has chosen and filled.
/// 3. A miss may take the place of objects that score less than it does, the least first; if those
///    are too few to make room it is passed through.
///
/// The two is from a sweep on generated fortnights: a forecast for the whole day is worth about two
/// days' requests as they come in. LFU with sizes goes back to N. Young: On-line file caching,
/// SODA 1998, and L. Cherkasova: GDSF, HP Labs 1998.
package struct SeededLFU: CachePolicy {
    package let capacityBytes: Int
    package private(set) var usedBytes = 0
    private let sizes: [Int]
    private var weights: [Double]
    /// What is held, the lowest score on top.
    private var heap: ObjectHeap

    /// - Parameter forecast: Requests expected of each object in the day.
    package init(capacityBytes: Int, sizes: [Int], forecast: [Double]) {
        self.capacityBytes = capacityBytes
        self.sizes = sizes
        weights = forecast.map { 2 * $0 }
        heap = ObjectHeap(objectCount: sizes.count)
    }

    /// Puts an object in before the day begins.
    ///
    /// - Precondition: It fits, and is not there.
    package mutating func fill(_ object: Int) {
        precondition(usedBytes + sizes[object] <= capacityBytes && !heap.contains(object))
        heap.insert(object, key: score(object))
        usedBytes += sizes[object]
    }

    package func holds(_ object: Int) -> Bool { heap.contains(object) }

    private func score(_ object: Int) -> Double { weights[object] / Double(max(1, sizes[object])) }

    package mutating func request(_ object: Int) -> Bool {
        weights[object] += 1
        let score = score(object)
        if heap.contains(object) {
            heap.update(object, key: score)
            return true
        }
        let size = sizes[object]
        guard size <= capacityBytes else { return false }
        var victims: [Int] = []
        var freed = 0
        while usedBytes - freed + size > capacityBytes {
            guard let victim = heap.top, heap.key(victim) < score else {
                for victim in victims { heap.insert(victim, key: heap.key(victim)) }
                return false
            }
            heap.remove(victim)
            victims.append(victim)
            freed += sizes[victim]
        }
        heap.insert(object, key: score)
        usedBytes += size - freed
        return false
    }
}
