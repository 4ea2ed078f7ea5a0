/// LRU: what has not been asked for longest goes first.
///
/// 1. One queue, the last requested object at its head.
/// 2. A hit moves the object to the head.
/// 3. A miss lets objects go at the tail until the new one fits, and puts it at the head.
/// 4. An object that is larger than the cache is passed through.
///
/// What nginx (`proxy_cache`) and most caches do unless told otherwise. R. L. Mattson, J. Gecsei,
/// D. R. Slutz, I. L. Traiger: Evaluation techniques for storage hierarchies, IBM Systems Journal
/// 9(2), 1970.
package struct LRU: CachePolicy {
    package let capacityBytes: Int
    private let sizes: [Int]
    private var queue: ObjectQueues

    package init(capacityBytes: Int, sizes: [Int]) {
        self.capacityBytes = capacityBytes
        self.sizes = sizes
        queue = ObjectQueues(count: 1, sizes: sizes)
    }

    package var usedBytes: Int { queue.bytes[0] }

    package mutating func request(_ object: Int) -> Bool {
        if queue.queue(of: object) == 0 {
            queue.move(object, to: 0)
            return true
        }
        let size = sizes[object]
        guard size <= capacityBytes else { return false }
        while usedBytes + size > capacityBytes { queue.remove(queue.oldest(0)!) }
        queue.push(object, to: 0)
        return false
    }
}
