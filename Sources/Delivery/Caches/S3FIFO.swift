/// S3-FIFO: three first-in first-out queues; most objects are asked for once, and leave soon.
///
/// 1. A new object enters the small queue, a tenth of the capacity.
/// 2. At its tail, an object that was asked for twice meanwhile goes on to the main queue; another
///    leaves the cache, and its name is kept in the ghost queue (names for nine tenths of the bytes).
/// 3. A miss whose name is in the ghost queue enters the main queue at once.
/// 4. At the tail of main, an object that was asked for goes back to the head with one visit less
///    (three are remembered); another leaves.
/// 5. The small queue gives way unless main holds more than its nine tenths.
/// 6. Until the cache was full once, what the small queue has no room for enters main.
/// 7. An object larger than the small queue is passed through.
///
/// J. Yang, Y. Zhang, Z. Qiu, Y. Yue, K. V. Rashmi: FIFO queues are all you need for cache eviction,
/// SOSP 2023. Sizes, thresholds and corner cases are those of libCacheSim 0.3.5, by the same authors.
package struct S3FIFO: CachePolicy {
    package let capacityBytes: Int
    private let sizes: [Int]
    private let smallBytes: Int
    private let mainBytes: Int
    private let ghostBytes: Int
    private var cached: ObjectQueues
    private var ghost: ObjectQueues
    /// Visits since the object entered its queue.
    private var visits: [UInt8]
    private var wasFull = false

    private static let small = 0
    private static let main = 1
    private static let promotionVisits = 2
    private static let visitsKept: UInt8 = 3

    package init(capacityBytes: Int, sizes: [Int]) {
        self.capacityBytes = capacityBytes
        self.sizes = sizes
        smallBytes = Int(Double(capacityBytes) * 0.1)
        mainBytes = capacityBytes - smallBytes
        ghostBytes = Int(Double(capacityBytes) * 0.9)
        cached = ObjectQueues(count: 2, sizes: sizes)
        ghost = ObjectQueues(count: 1, sizes: sizes)
        visits = Array(repeating: 0, count: sizes.count)
    }

    package var usedBytes: Int { cached.bytes[Self.small] + cached.bytes[Self.main] }

    package mutating func request(_ object: Int) -> Bool {
        let queue = cached.queue(of: object)
        var isInGhost = false
        if queue != UInt8(Self.small), ghost.queue(of: object) == 0 {
            ghost.remove(object)
            isInGhost = true
        }
        if queue != ObjectQueues.none {
            if visits[object] < UInt8.max { visits[object] += 1 }
            return true
        }
        let size = sizes[object]
        guard size <= smallBytes else { return false }
        while usedBytes + size > capacityBytes { evict() }
        let entersMain = isInGhost || (!wasFull && cached.bytes[Self.small] >= smallBytes)
        // One that just fills the small queue would empty it each time.
        guard entersMain || size < smallBytes else { return false }
        visits[object] = 0
        cached.push(object, to: entersMain ? Self.main : Self.small)
        return false
    }

    private mutating func evict() {
        wasFull = true
        if cached.bytes[Self.main] > mainBytes || cached.oldest(Self.small) == nil {
            evictFromMain()
        } else {
            evictFromSmall()
        }
    }

    /// Lets one object go, or all go on to main.
    private mutating func evictFromSmall() {
        while let object = cached.oldest(Self.small) {
            if Int(visits[object]) >= Self.promotionVisits {
                visits[object] = 0
                cached.move(object, to: Self.main)
            } else {
                cached.remove(object)
                remember(object)
                return
            }
        }
    }

    private mutating func evictFromMain() {
        while let object = cached.oldest(Self.main) {
            guard visits[object] > 0 else { return cached.remove(object) }
            visits[object] = min(visits[object], Self.visitsKept) - 1
            cached.remove(object)
            cached.push(object, to: Self.main)
        }
    }

    private mutating func remember(_ object: Int) {
        let size = sizes[object]
        guard size <= ghostBytes, ghost.queue(of: object) == ObjectQueues.none else { return }
        while ghost.bytes[0] + size > ghostBytes { ghost.remove(ghost.oldest(0)!) }
        ghost.push(object, to: 0)
    }
}
