/// One bucket's events in the order of listeners and their days.
struct ListenerBucket: ~Copyable {
    /// An event's first word, the half of its second that decides what that leaves open, and where
    /// it lies, in words.
    struct Key {
        let word: UInt64
        let second: UInt32
        let place: UInt32
    }

    private var raw = GrowingBuffer<UInt64>()
    private var keys = GrowingBuffer<Key>()
    private var starts = GrowingBuffer<UInt32>()
    private let ranks: [UInt16]

    init(ranks: [UInt16]) { self.ranks = ranks }

    var count: Int { keys.count }

    /// - Parameter isLast: Whether the bucket is not read again.
    mutating func load(_ events: Shuffle, _ bucket: Int, isLast: Bool) throws {
        let bytes = events.bytes(of: bucket)
        raw.clear(room: bytes / 8)
        keys.clear()
        guard bytes > 0 else { return }
        guard bytes / 8 <= UInt32.max else {
            throw MemoryExceeded(detail: "a thousandth of the day's listeners have 32 GB of events")
        }
        if isLast {
            try events.drainAll(bucket, into: UnsafeMutableRawPointer(raw.start))
        } else {
            try events.copyAll(bucket, into: UnsafeMutableRawPointer(raw.start))
        }
        // Groups of some eight events by the listener's highest bits, then each for itself.
        var bits = 4
        while bits < 16, (bytes / EventRecord.bytes) >> bits > 8 { bits += 1 }
        let shift = UInt64(64 - bits)
        let (raw, words) = (raw.start, bytes / 8)
        starts.clear(room: 1 << bits + 1)
        starts.start.initialize(repeating: 0, count: 1 << bits + 1)
        let starts = starts.start
        var index = 0
        var count = 0
        while index < words {
            starts[Int(truncatingIfNeeded: raw[index] >> shift) &+ 1] &+= 1
            count &+= 1
            index &+= raw[index &+ 1] & EventRecord.Flag.address == 0 ? 5 : 6
        }
        for group in 0..<1 << bits { starts[group + 1] &+= starts[group] }
        keys.clear(room: count)
        keys.count = count
        let keys = keys.start
        index = 0
        while index < words {
            let (word, second) = (raw[index], raw[index &+ 1])
            let group = Int(truncatingIfNeeded: word >> shift)
            let place = Int(starts[group])
            starts[group] &+= 1
            keys[place] = Key(
                word: word, second: UInt32(truncatingIfNeeded: second >> 32),
                place: UInt32(truncatingIfNeeded: index))
            index &+= second & EventRecord.Flag.address == 0 ? 5 : 6
        }
        // Each start is now where the next group begins.
        var start = 0
        for group in 0..<1 << bits {
            let end = Int(starts[group])
            sort(start, end)
            start = end
        }
    }

    private func sort(_ start: Int, _ end: Int) {
        let keys = keys.start
        if end - start > 64 {
            return self.keys.sort(start..<end) { precedes($0, $1) }
        }
        guard end - start > 1 else { return }
        for index in start + 1..<end {
            let key = keys[index]
            var place = index
            while place > start, precedes(key, keys[place &- 1]) {
                keys[place] = keys[place &- 1]
                place &-= 1
            }
            keys[place] = key
        }
    }

    @inline(__always)
    private func precedes(_ a: Key, _ b: Key) -> Bool {
        if a.word != b.word { return a.word < b.word }
        if a.second != b.second { return a.second < b.second }
        return precedesInAll(a, b)
    }

    @inline(never)
    private func precedesInAll(_ a: Key, _ b: Key) -> Bool {
        EventRecord.precedes(event(a), event(b))
    }

    @inline(__always)
    private func event(_ key: Key) -> EventRecord {
        EventRecord(UnsafeRawPointer(raw.start + Int(key.place)), ranks)
    }

    @inline(__always)
    subscript(_ index: Int) -> EventRecord { event(keys[index]) }

    /// Where the events of the listener end that begin at `start`.
    @inline(__always)
    func end(of start: Int) -> Int {
        let listener = keys[start].word >> 10
        var end = start &+ 1
        while end < keys.count, keys[end].word >> 10 == listener { end &+= 1 }
        return end
    }

    /// The listener's hash without the bits of its bucket.
    @inline(__always)
    func listener(at index: Int) -> UInt64 { keys[index].word >> 10 }
}

/// Numbers what comes again from 0, however much there is.
struct HashNumbering: ~Copyable {
    struct Slot {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var number: Int32 = -1
    }

    private var slots = GrowingBuffer<Slot>()
    private var mask = 0
    private(set) var count = 0

    /// Forgets all; room for so many.
    mutating func clear(room: Int) {
        var size = 16
        while size < room * 2 { size *= 2 }
        slots.clear(room: size)
        slots.start.initialize(repeating: Slot(), count: size)
        mask = size - 1
        count = 0
    }

    /// - Returns: The number, and whether it is new.
    @inline(__always)
    mutating func number(_ low: UInt64, _ high: UInt64) -> (number: Int, isNew: Bool) {
        var index = Int(truncatingIfNeeded: low ^ low >> 29 ^ high &* 0x9e37_79b9_7f4a_7c15) & mask
        while true {
            let slot = slots[index]
            if slot.number < 0 {
                slots[index] = Slot(low: low, high: high, number: Int32(truncatingIfNeeded: count))
                count &+= 1
                return (count &- 1, true)
            }
            if slot.low == low, slot.high == high { return (Int(slot.number), false) }
            index = (index &+ 1) & mask
        }
    }
}
