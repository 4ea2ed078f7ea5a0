internal import Storage

/// Finds addresses from which machines play: many listeners, and most plays at the threshold.
struct FarmPhase {
    private let day: DayEvents
    private let workers: Int

    init(_ day: DayEvents, workers: Int) {
        self.day = day
        self.workers = workers
    }

    private struct Address {
        let hash: UInt64
        var plays = 0
        var thresholds = 0
        var listeners = 0
    }

    /// - Parameter drops: What is another listener's; asked for, with the events, where there is a suspect.
    /// - Returns: Hashes, ascending.
    func run(drops: () throws -> Shuffle?) throws -> [UInt64] {
        guard day.rules.farmListeners > 0 else { return [] }
        let suspects = try self.suspects()
        if suspects.isEmpty { return [] }
        let counted = try count(suspects, try drops())
        return counted.filter {
            $0.listeners >= day.rules.farmListeners
                && PlayRules.isMostly($0.thresholds, of: $0.plays)
        }.map(\.hash).sorted()
    }

    /// Addresses with as many plays at the threshold as a farm must have, repeated ones included.
    private func suspects() throws -> [UInt64] {
        let room = UnsafeMutableRawPointer.allocate(byteCount: day.pool.sizes.2, alignment: 16)
        defer { room.deallocate() }
        var suspects: [UInt64] = []
        var hashes = GrowingBuffer<UInt64>()
        let least = (day.rules.farmListeners * 3 + 3) / 4
        for bucket in 0..<PlayBuckets.addresses {
            let bytes = day.thresholds.bytes(of: bucket)
            if bytes == 0 { continue }
            hashes.clear(room: bytes / 8)
            hashes.count = bytes / 8
            try day.thresholds.drainAll(bucket, into: UnsafeMutableRawPointer(hashes.start))
            hashes.sort(by: <)
            var start = 0
            while start < hashes.count {
                var end = start + 1
                while end < hashes.count, hashes[end] == hashes[start] { end += 1 }
                if end - start >= least { suspects.append(hashes[start]) }
                start = end
            }
        }
        return suspects
    }

    /// Counts the plays from the suspected addresses, each event once.
    private func count(_ suspects: [UInt64], _ allDrops: Shuffle?) throws -> [Address] {
        let wanted = HashSet(suspects)
        let sum = Sum()
        let ranks = day.regions.sorted().ranks
        try BucketQueue.run(PlayBuckets.listeners, workers: workers) { _, next in
            var bucket = ListenerBucket(ranks: ranks)
            var own: [UInt64: Address] = [:]
            var kept: [EventRecord] = []
            var numbers = HashNumbering()
            while let number = next() {
                guard try isConcerned(number, wanted) else { continue }
                let drops = try DropSet(allDrops, number, isLast: false)
                try bucket.load(day.events, number, isLast: false)
                var start = 0
                while start < bucket.count {
                    let end = bucket.end(of: start)
                    var hits = 0
                    for index in start..<end where wanted.contains(bucket[index].address) {
                        hits += 1
                    }
                    if hits > 0 {
                        kept.removeAll(keepingCapacity: true)
                        numbers.clear(room: end - start)
                        for index in start..<end {
                            let event = bucket[index]
                            if drops.contains(event) { continue }
                            if numbers.number(event.words[4], event.idHigh).isNew {
                                kept.append(event)
                            }
                        }
                        Self.add(kept, wanted, &own)
                    }
                    start = end
                }
            }
            sum.add(own)
        }
        return sum.addresses.values.map { $0 }
    }

    private static func add(
        _ events: [EventRecord], _ wanted: HashSet, _ sum: inout [UInt64: Address]
    ) {
        var met: Set<UInt64> = []
        for event in events where wanted.contains(event.address) {
            var address = sum[event.address] ?? Address(hash: event.address)
            address.plays += 1
            if event.flags & EventRecord.Flag.threshold != 0 { address.thresholds += 1 }
            if met.insert(event.address).inserted { address.listeners += 1 }
            sum[event.address] = address
        }
    }

    private func isConcerned(_ bucket: Int, _ wanted: HashSet) throws -> Bool {
        var isConcerned = false
        let room = UnsafeMutableRawPointer.allocate(byteCount: day.pool.sizes.2, alignment: 16)
        defer { room.deallocate() }
        try day.events.scan(bucket, room: room) { bytes in
            if isConcerned { return }
            EventRecord.forEach(in: bytes) { pointer in
                if EventRecord.length(pointer) == EventRecord.bytesWithAddress,
                    wanted.contains(pointer.loadUnaligned(fromByteOffset: 40, as: UInt64.self))
                {
                    isConcerned = true
                }
            }
        }
        return isConcerned
    }

    private final class Sum: @unchecked Sendable {
        // Guarded by `lock`, read once all workers have ended.
        private(set) var addresses: [UInt64: Address] = [:]
        private let lock = Monitor()

        func add(_ own: [UInt64: Address]) {
            lock.locked {
                for (hash, part) in own {
                    var address = addresses[hash] ?? Address(hash: hash)
                    address.plays += part.plays
                    address.thresholds += part.thresholds
                    address.listeners += part.listeners
                    addresses[hash] = address
                }
            }
        }
    }
}

/// A few hashes that much is compared with.
final class HashSet: @unchecked Sendable {
    // Nothing changes once it is made.
    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: Int
    let isEmpty: Bool

    init(_ hashes: [UInt64]) {
        var size = 64
        while size < hashes.count * 4 { size *= 2 }
        mask = size - 1
        slots = .allocate(capacity: size)
        slots.initialize(repeating: 0, count: size)
        isEmpty = hashes.isEmpty
        for hash in hashes where hash != 0 {
            var index = Int(truncatingIfNeeded: hash) & mask
            while slots[index] != 0, slots[index] != hash { index = (index + 1) & mask }
            slots[index] = hash
        }
    }

    deinit { slots.deallocate() }

    @inline(__always)
    func contains(_ hash: UInt64) -> Bool {
        // Zero marks an empty slot, and an event without an address.
        if hash == 0 { return false }
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index] != 0 {
            if slots[index] == hash { return true }
            index = (index + 1) & mask
        }
        return false
    }
}

/// What of a bucket's listeners is another one's.
struct DropSet {
    private var records: Set<DropRecord> = []

    init(_ drops: Shuffle?, _ bucket: Int, isLast: Bool) throws {
        guard let drops, drops.bytes(of: bucket) > 0 else { return }
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: drops.bytes(of: bucket), alignment: 8)
        defer { bytes.deallocate() }
        if isLast {
            try drops.drainAll(bucket, into: bytes.baseAddress!)
        } else {
            try drops.copyAll(bucket, into: bytes.baseAddress!)
        }
        for offset in stride(from: 0, to: bytes.count, by: DropRecord.bytes) {
            records.insert(DropRecord(UnsafeRawPointer(bytes.baseAddress! + offset)))
        }
    }

    @inline(__always)
    func contains(_ event: EventRecord) -> Bool {
        !records.isEmpty && has(event)
    }

    @inline(never)
    private func has(_ event: EventRecord) -> Bool { records.contains(DropRecord(event)) }
}
