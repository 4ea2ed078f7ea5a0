/// Ours, as edges run it: what the night has planned is pinned, S3-FIFO has the rest.
///
/// 1. The pinned set lies in a store of its own, all day; requests for it are hits.
/// 2. The share of the capacity that is not for pinning is an ordinary cache (`S3FIFO`), which sees
///    the other requests alone.
/// 3. Neither part lends the other what it does not use: on an edge they are two folders.
///
/// A prefetch that is pushed into an ordinary cache is soon washed out; that is why it is pinned.
package struct PinnedCache: CachePolicy {
    package let capacityBytes: Int
    private let pinnedBytes: Int
    private let isPinned: [Bool]
    private var rest: S3FIFO

    /// - Parameters:
    ///   - pinned: The objects that are pinned.
    ///   - pinnedCapacityBytes: What of the capacity is for pinning.
    package init(capacityBytes: Int, pinnedCapacityBytes: Int, pinned: [Int], sizes: [Int]) {
        self.capacityBytes = capacityBytes
        var isPinned = Array(repeating: false, count: sizes.count)
        for object in pinned { isPinned[object] = true }
        self.isPinned = isPinned
        pinnedBytes = sizes.indices.reduce(0) { $0 + (isPinned[$1] ? sizes[$1] : 0) }
        precondition(pinnedBytes <= pinnedCapacityBytes && pinnedCapacityBytes <= capacityBytes)
        rest = S3FIFO(capacityBytes: capacityBytes - pinnedCapacityBytes, sizes: sizes)
    }

    package var usedBytes: Int { pinnedBytes + rest.usedBytes }

    package mutating func request(_ object: Int) -> Bool {
        isPinned[object] || rest.request(object)
    }
}
