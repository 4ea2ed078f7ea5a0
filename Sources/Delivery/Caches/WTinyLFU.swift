/// W-TinyLFU: a small window in front of a main cache that only takes what is asked for more often
/// than what it would lose.
///
/// 1. New objects enter the window, an LRU queue of a hundredth of the capacity, which may use what
///    main leaves free.
/// 2. Main is a segmented LRU: a fifth on probation, four fifths protected; a hit on probation
///    protects, and what overflows there goes back on probation.
/// 3. When the cache is full, the window's oldest stands against main's next victim: the one that
///    was counted more often stays (on a tie main's).
/// 4. Counted are insertions, hits in main, and contests; all counts are halved after 32 hits in
///    main for each byte of main.
/// 5. An object larger than the window is passed through.
///
/// G. Einziger, R. Friedman, B. Manes: TinyLFU: a highly efficient cache admission policy, ACM
/// Transactions on Storage 13(4), 2017. The paper counts in a sketch; with objects numbered, the
/// counts here are exact. Sizes and what is counted are those of libCacheSim 0.3.5.
package struct WTinyLFU: CachePolicy {
    package let capacityBytes: Int
    private let sizes: [Int]
    private let windowBytes: Int
    private let mainBytes: Int
    private let probationBytes: Int
    private let protectedBytes: Int
    private var queues: ObjectQueues
    private var counts: [UInt32]
    private var hitsInMain = 0
    private let agingHits: Int

    private static let probation = 0
    private static let protected = 1
    private static let window = 2

    package init(capacityBytes: Int, sizes: [Int]) {
        self.capacityBytes = capacityBytes
        self.sizes = sizes
        windowBytes = Int(Double(capacityBytes) * 0.01)
        mainBytes = capacityBytes - windowBytes
        probationBytes = mainBytes / 5
        protectedBytes = mainBytes * 4 / 5
        agingHits = max(1, mainBytes.multipliedReportingOverflow(by: 32).partialValue)
        queues = ObjectQueues(count: 3, sizes: sizes)
        counts = Array(repeating: 0, count: sizes.count)
    }

    package var usedBytes: Int { queues.bytes[Self.window] + usedInMain }

    private var usedInMain: Int { queues.bytes[Self.probation] + queues.bytes[Self.protected] }

    package mutating func request(_ object: Int) -> Bool {
        switch queues.queue(of: object) {
        case UInt8(Self.window):
            queues.move(object, to: Self.window)
            return true
        case ObjectQueues.none: break
        default:
            queues.move(object, to: Self.protected)
            cool()
            count(object)
            hitsInMain += 1
            if hitsInMain >= agingHits {
                hitsInMain = 0
                for object in counts.indices { counts[object] >>= 1 }
            }
            return true
        }
        let size = sizes[object]
        guard size <= windowBytes, size <= probationBytes else { return false }
        while usedBytes + size > capacityBytes { makeRoom() }
        queues.push(object, to: Self.window)
        count(object)
        return false
    }

    private mutating func count(_ object: Int) {
        if counts[object] < UInt32.max { counts[object] += 1 }
    }

    /// Sends what is too much to be protected back on probation, and lets go what is too much there.
    private mutating func cool() {
        while queues.bytes[Self.protected] > protectedBytes {
            queues.move(queues.oldest(Self.protected)!, to: Self.probation)
            while queues.bytes[Self.probation] > probationBytes {
                queues.remove(queues.oldest(Self.probation)!)
            }
        }
    }

    private var victim: Int? { queues.oldest(Self.probation) ?? queues.oldest(Self.protected) }

    /// Lets the window's oldest objects go on to main, until one of them or of main had to go.
    private mutating func makeRoom() {
        while let candidate = queues.oldest(Self.window) {
            defer { count(candidate) }
            if usedInMain + sizes[candidate] <= mainBytes {
                queues.remove(candidate)
                enterMain(candidate)
            } else if let victim, counts[candidate] > counts[victim] {
                queues.remove(victim)
                queues.remove(candidate)
                enterMain(candidate)
                return
            } else {
                queues.remove(candidate)
                return
            }
        }
        if let victim { queues.remove(victim) }
    }

    /// Into the lowest segment that has room.
    private mutating func enterMain(_ object: Int) {
        let size = sizes[object]
        if queues.bytes[Self.probation] + size <= probationBytes {
            return queues.push(object, to: Self.probation)
        }
        if queues.bytes[Self.protected] + size <= protectedBytes {
            return queues.push(object, to: Self.protected)
        }
        while usedInMain + size > mainBytes, let victim { queues.remove(victim) }
        queues.push(object, to: Self.probation)
    }
}
