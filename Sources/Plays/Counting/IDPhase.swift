internal import Storage

/// Finds event ids that several listeners have.
///
/// Deliveries of one event nearly always name the same listener, and the listener's own bucket
/// settles those; here come the others. They are suspected by 55 + 9 bits of their ids, and judged
/// by 96.
struct IDPhase {
    private let day: DayEvents
    private let workers: Int

    init(_ day: DayEvents, workers: Int) {
        self.day = day
        self.workers = workers
    }

    struct Entry {
        let word: UInt64
        let rest: UInt32
    }

    /// - Returns: What goes from listeners to whom it does not belong: `DropRecord`s by listener; nil for nothing.
    ///
    /// - Parameter needEvents: Called before the day's events are looked at.
    func run(needEvents: () throws -> Void = {}) throws -> Shuffle? {
        let suspects = Shuffle(buckets: PlayBuckets.events, pool: day.pool)
        let found = UnsafeMutablePointer<Int>.allocate(capacity: workers)
        found.initialize(repeating: 0, count: workers)
        defer { found.deallocate() }
        try BucketQueue.run(PlayBuckets.events, workers: workers) { worker, next in
            var finder = Finder()
            var writer = ShuffleWriter(suspects)
            while let bucket = next() {
                found[worker] += try finder.find(bucket, day.ids, &writer)
            }
            writer.finish()
        }
        if (0..<workers).allSatisfy({ found[$0] == 0 }) { return nil }
        try needEvents()
        return try settle(suspects)
    }

    /// One thread's tables.
    private struct Finder: ~Copyable {
        private var bytes = GrowingBuffer<UInt8>()
        private var seen = GrowingBuffer<UInt64>()
        private var several = GrowingBuffer<UInt64>()
        private var candidates = GrowingBuffer<Entry>()

        /// - Returns: How many ids have several listeners.
        mutating func find(_ bucket: Int, _ ids: Shuffle, _ writer: inout ShuffleWriter) throws
            -> Int
        {
            let total = ids.bytes(of: bucket)
            guard total > 0 else { return 0 }
            let count = total / IDRecord.bytes
            bytes.clear(room: total)
            try ids.drainAll(bucket, into: UnsafeMutableRawPointer(bytes.start))
            let raw = UnsafeRawPointer(bytes.start)
            // One bit an id, 16 to 32 times as many as ids: what meets nothing is alone.
            var bits = 10
            while 1 << bits < count * 16 { bits += 1 }
            let words = 1 << (bits - 6)
            seen.clear(room: words)
            several.clear(room: words)
            seen.start.initialize(repeating: 0, count: words)
            several.start.initialize(repeating: 0, count: words)
            let (seen, several) = (seen.start, several.start)
            let mask = UInt64(1 << bits - 1)
            for index in 0..<count {
                let word = raw.loadUnaligned(
                    fromByteOffset: index &* IDRecord.bytes, as: UInt64.self)
                let place = word >> 9 & mask
                let (cell, bit) = (Int(truncatingIfNeeded: place >> 6), UInt64(1) << (place & 63))
                let before = seen[cell]
                if before & bit != 0 { several[cell] |= bit } else { seen[cell] = before | bit }
            }
            candidates.clear()
            for index in 0..<count {
                let word = raw.loadUnaligned(
                    fromByteOffset: index &* IDRecord.bytes, as: UInt64.self)
                let place = word >> 9 & mask
                if several[Int(truncatingIfNeeded: place >> 6)] >> (place & 63) & 1 != 0 {
                    candidates.append(
                        Entry(
                            word: word,
                            rest: raw.loadUnaligned(
                                fromByteOffset: index &* IDRecord.bytes &+ 8, as: UInt32.self)))
                }
            }
            candidates.sort { ($0.word, $0.rest) < ($1.word, $1.rest) }
            var found = 0
            var start = 0
            while start < candidates.count {
                var end = start + 1
                while end < candidates.count,
                    candidates[end].word >> 9 == candidates[start].word >> 9
                {
                    end += 1
                }
                let (first, last) = (candidates[start], candidates[end - 1])
                if first.word != last.word || first.rest != last.rest {
                    found += 1
                    try writer.room(bucket, 8).storeBytes(
                        of: UInt64(bucket) << 55 | first.word >> 9, as: UInt64.self)
                }
                start = end
            }
            return found
        }
    }

    // MARK: Settled

    private struct Instance {
        let event: EventRecord
        let bucket: Int

        var listener: UInt64 { UInt64(bucket) << 54 | event.words[0] >> 10 }
        var time: UInt64 { event.timeMs }
    }

    /// Ids that are settled at once: what they need of the events lies in memory.
    private static let round = 1 << 16

    private func settle(_ suspects: Shuffle) throws -> Shuffle {
        let drops = Shuffle(buckets: PlayBuckets.listeners, pool: day.pool)
        var writer = ShuffleWriter(drops)
        var ids: [UInt64] = []
        let room = UnsafeMutableRawPointer.allocate(byteCount: day.pool.sizes.2, alignment: 16)
        defer { room.deallocate() }
        for bucket in 0..<PlayBuckets.events {
            try suspects.drain(bucket, room: room) { bytes in
                for index in 0..<bytes.count / 8 {
                    ids.append(bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
                    if ids.count == Self.round {
                        try settle(ids, &writer)
                        ids.removeAll(keepingCapacity: true)
                    }
                }
            }
        }
        try settle(ids, &writer)
        writer.finish()
        return drops
    }

    private func settle(_ ids: [UInt64], _ writer: inout ShuffleWriter) throws {
        if ids.isEmpty { return }
        let wanted = HashSet(ids)
        let gathered = Gathered()
        let ranks = day.regions.sorted().ranks
        try BucketQueue.run(PlayBuckets.listeners, workers: workers) { _, next in
            let room = UnsafeMutableRawPointer.allocate(
                byteCount: day.pool.sizes.2, alignment: 16)
            defer { room.deallocate() }
            var own: [Instance] = []
            while let bucket = next() {
                try day.events.scan(bucket, room: room) { bytes in
                    EventRecord.forEach(in: bytes) { pointer in
                        let id = pointer.load(fromByteOffset: 32, as: UInt64.self)
                        if wanted.contains(id) {
                            own.append(
                                Instance(event: EventRecord(pointer, ranks), bucket: bucket))
                        }
                    }
                }
            }
            gathered.add(own)
        }
        var instances = gathered.instances
        instances.sort { a, b in
            if a.event.words[4] != b.event.words[4] { return a.event.words[4] < b.event.words[4] }
            if a.event.idHigh != b.event.idHigh { return a.event.idHigh < b.event.idHigh }
            if a.time != b.time { return a.time < b.time }
            if a.event.playedMs != b.event.playedMs { return a.event.playedMs > b.event.playedMs }
            return a.listener < b.listener
        }
        var start = 0
        while start < instances.count {
            var end = start
            while end < instances.count, instances[end].event.hasSameID(as: instances[start].event)
            {
                if instances[end].listener != instances[start].listener {
                    let room = try writer.room(instances[end].bucket, DropRecord.bytes)
                    DropRecord(instances[end].event).store(at: room)
                }
                end += 1
            }
            start = end
        }
    }

    private final class Gathered: @unchecked Sendable {
        // Guarded by `lock`, read once all workers have ended.
        private(set) var instances: [Instance] = []
        private let lock = Monitor()

        func add(_ own: [Instance]) { lock.locked { instances += own } }
    }
}

/// An event id that is another listener's: what this listener has of it is a duplicate.
struct DropRecord: Hashable {
    let listener: UInt64
    let id: UInt64
    let idHigh: UInt64

    static let bytes = 24

    init(_ event: EventRecord) {
        listener = event.words[0] >> 10
        id = event.words[4]
        idHigh = event.idHigh
    }

    init(_ pointer: UnsafeRawPointer) {
        listener = pointer.loadUnaligned(as: UInt64.self)
        id = pointer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        idHigh = pointer.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    }

    func store(at room: UnsafeMutableRawPointer) {
        room.storeBytes(of: listener, as: UInt64.self)
        room.storeBytes(of: id, toByteOffset: 8, as: UInt64.self)
        room.storeBytes(of: idHigh, toByteOffset: 16, as: UInt64.self)
    }
}
