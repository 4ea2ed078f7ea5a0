/// Remembers which hashes came lately, so that a name goes along with its first play and not with
/// each.
///
/// A hash that another one has pushed out counts as new again; one that never came is never taken
/// for known.
struct SeenTable: ~Copyable {
    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: Int

    init(bits: Int) {
        mask = (1 << bits) - 1
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
    }

    deinit { slots.deallocate() }

    /// Whether the hash comes for the first time, or for the first time again.
    ///
    /// - Parameter place: Any bits that are the same whenever the hash is.
    @inline(__always)
    mutating func insert(_ hash: UInt64, place: UInt64) -> Bool {
        // Zero marks an empty slot; that hash is new each time.
        let index = Int(truncatingIfNeeded: place) & mask
        if slots[index] == hash, hash != 0 { return false }
        slots[index] = hash
        return true
    }
}
