/// The event ids that a day has seen, as 128-bit hashes in an open-addressing table.
///
/// 21 to 43 bytes an id, for a moment 64 while the table grows.
struct EventIDSet: ~Copyable {
    private var slots: UnsafeMutablePointer<(UInt64, UInt64)>
    private var mask: Int
    private(set) var count = 0

    init() {
        mask = (1 << 12) - 1
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: (0, 0), count: mask + 1)
    }

    deinit { slots.deallocate() }

    /// - Returns: false when the id was there before.
    /// - Complexity: O(1) on average.
    @inline(__always)
    mutating func insert(_ id: UnsafeRawBufferPointer) -> Bool {
        var hash = ByteHash.hash128(id)
        // (0, 0) marks an empty slot.
        if hash.0 == 0 { hash.0 = 1 }
        if count >= (mask + 1) / 4 * 3 { grow() }
        var index = Int(truncatingIfNeeded: hash.0) & mask
        while true {
            let slot = slots[index]
            if slot.0 == 0 {
                slots[index] = hash
                count += 1
                return true
            }
            if slot.0 == hash.0, slot.1 == hash.1 { return false }
            index = (index + 1) & mask
        }
    }

    /// Forgets all ids and gives their memory back.
    mutating func removeAll() {
        self = EventIDSet()
    }

    private mutating func grow() {
        let old = slots
        let oldCount = mask + 1
        mask = oldCount * 2 - 1
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: (0, 0), count: mask + 1)
        for position in 0..<oldCount where old[position].0 != 0 {
            var index = Int(truncatingIfNeeded: old[position].0) & mask
            while slots[index].0 != 0 { index = (index + 1) & mask }
            slots[index] = old[position]
        }
        old.deallocate()
    }
}
