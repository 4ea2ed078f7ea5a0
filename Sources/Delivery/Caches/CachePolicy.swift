/// A cache of whole objects with a capacity in bytes, and the rule by which it keeps them.
///
/// Objects are numbered from 0 and have a fixed size each, so that what a policy knows of them lies
/// in arrays. A policy never holds more than its capacity, not even for a moment.
package protocol CachePolicy {
    /// Answers a request from the cache if it can, and else decides whether to keep the object.
    ///
    /// - Returns: Whether the object was there.
    mutating func request(_ object: Int) -> Bool

    var usedBytes: Int { get }
    var capacityBytes: Int { get }
}

/// The policies by the names that people call them by.
package enum CachePolicyName: String, CaseIterable, Sendable {
    case lru
    case s3fifo
    case wtinylfu
    /// Yesterday's most requested for their size, all day long.
    case top
    /// LFU that starts with the forecast.
    case seeded
    case belady
    case beladysize

    /// As tables and curves name it.
    package var title: String {
        switch self {
        case .lru: "LRU"
        case .s3fifo: "S3-FIFO"
        case .wtinylfu: "W-TinyLFU"
        case .top: "yesterday's top"
        case .seeded: "seeded LFU"
        case .belady: "Belady"
        case .beladysize: "Belady-Size"
        }
    }

    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// For each request of a trace the place of the next one for the same object; `nextUseNever` for
/// the last.
///
/// - Complexity: O(requests + objects).
package func nextUses(_ trace: [UInt32], objectCount: Int) -> [UInt32] {
    var nextOf = Array(repeating: nextUseNever, count: objectCount)
    var nexts = Array(repeating: nextUseNever, count: trace.count)
    for place in trace.indices.reversed() {
        let object = Int(trace[place])
        nexts[place] = nextOf[object]
        nextOf[object] = UInt32(place)
    }
    return nexts
}

/// Later than every request.
package let nextUseNever = UInt32.max
