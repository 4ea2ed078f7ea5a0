internal import Storage

/// Records on their way from one phase to the next, in buckets.
///
/// Several writers fill blocks (`ShuffleWriter`); what is full lies here until its bucket is read,
/// in memory or, when that is used up, in a temporary file.
final class Shuffle: @unchecked Sendable {
    /// Records that lie one behind the other.
    struct Segment {
        /// nil when it lies in the file.
        var memory: UnsafeMutableRawPointer?
        let size: Int
        var offset = 0
        let bytes: Int
    }

    let bucketCount: Int
    let pool: BlockPool

    // Guarded by `lock`.
    private var segments: ContiguousArray<ContiguousArray<Segment>>
    /// Full blocks in memory that may be written out; some may be gone since.
    private var evictable: ContiguousArray<(bucket: Int, index: Int)> = []
    private var isPinned: [Bool]
    private var file: TemporaryFile?
    private var fileBytes = 0
    private(set) var spilledBytes = 0

    private let lock = Monitor()

    init(buckets: Int, pool: BlockPool) {
        bucketCount = buckets
        self.pool = pool
        segments = ContiguousArray(repeating: [], count: buckets)
        isPinned = [Bool](repeating: false, count: buckets)
        pool.register(self)
    }

    deinit {
        pool.unregister(self)
        for bucket in 0..<bucketCount { release(segments[bucket]) }
    }

    // MARK: Written

    func append(_ block: UnsafeMutableRawPointer, size: Int, bytes: Int, to bucket: Int) {
        if bytes == 0 { return pool.give(block, size: size) }
        lock.locked {
            if size == 2 { evictable.append((bucket, segments[bucket].count)) }
            segments[bucket].append(Segment(memory: block, size: size, bytes: bytes))
        }
    }

    /// Writes a block out.
    ///
    /// - Returns: Its memory, which is the caller's now; nil when there is none to write out.
    func evict() throws -> UnsafeMutableRawPointer? {
        try lock.locked {
            var passedOver: [(bucket: Int, index: Int)] = []
            defer { evictable.append(contentsOf: passedOver) }
            while let (bucket, index) = evictable.popLast() {
                guard index < segments[bucket].count, segments[bucket][index].size == 2,
                    let memory = segments[bucket][index].memory
                else { continue }
                if isPinned[bucket] {
                    passedOver.append((bucket, index))
                    continue
                }
                if file == nil { file = try TemporaryFile(in: pool.folder) }
                let bytes = segments[bucket][index].bytes
                try file!.write(
                    UnsafeRawBufferPointer(start: memory, count: bytes), at: fileBytes)
                segments[bucket][index].memory = nil
                segments[bucket][index].offset = fileBytes
                fileBytes += bytes
                spilledBytes += bytes
                return memory
            }
            return nil
        }
    }

    // MARK: Read

    /// The bytes of a bucket.
    func bytes(of bucket: Int) -> Int {
        lock.locked { segments[bucket].reduce(0) { $0 + $1.bytes } }
    }

    var bytes: Int { (0..<bucketCount).reduce(0) { $0 + bytes(of: $1) } }

    /// Takes a bucket's segments out; they are the caller's to release.
    func claim(_ bucket: Int) -> ContiguousArray<Segment> {
        lock.locked {
            let claimed = segments[bucket]
            segments[bucket] = []
            return claimed
        }
    }

    /// Calls `body` with the segments of a bucket; whole records each. They are gone afterwards.
    ///
    /// - Parameter room: At least a block, for what lies in the file.
    func drain(
        _ bucket: Int, room: UnsafeMutableRawPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let claimed = claim(bucket)
        for (index, segment) in claimed.enumerated() {
            do {
                try body(try load(segment, room))
            } catch {
                release(ContiguousArray(claimed[index...]))
                throw error
            }
            release([segment])
        }
    }

    /// Moves a bucket's bytes to `target`, which has room for `bytes(of:)`.
    func drainAll(_ bucket: Int, into target: UnsafeMutableRawPointer) throws {
        var place = target
        let claimed = claim(bucket)
        defer { release(claimed) }
        for segment in claimed {
            let bytes = try load(segment, place)
            if segment.memory != nil {
                place.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
            }
            place += bytes.count
        }
    }

    /// Copies a bucket's bytes to `target`; they stay here as well.
    func copyAll(_ bucket: Int, into target: UnsafeMutableRawPointer) throws {
        let held = lock.locked {
            isPinned[bucket] = true
            return segments[bucket]
        }
        defer { lock.locked { isPinned[bucket] = false } }
        var place = target
        for segment in held {
            let bytes = try load(segment, place)
            if segment.memory != nil {
                place.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
            }
            place += bytes.count
        }
    }

    /// The same for a bucket that will be read again.
    func scan(
        _ bucket: Int, room: UnsafeMutableRawPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let held = lock.locked {
            isPinned[bucket] = true
            return segments[bucket]
        }
        defer { lock.locked { isPinned[bucket] = false } }
        for segment in held { try body(try load(segment, room)) }
    }

    /// A segment's bytes, in `room` when they lie in the file.
    func load(_ segment: Segment, _ room: UnsafeMutableRawPointer) throws -> UnsafeRawBufferPointer
    {
        if let memory = segment.memory {
            return UnsafeRawBufferPointer(start: memory, count: segment.bytes)
        }
        // The file is there since before the segment was, and stays.
        let buffer = UnsafeMutableRawBufferPointer(start: room, count: segment.bytes)
        try file!.read(into: buffer, at: segment.offset)
        return UnsafeRawBufferPointer(buffer)
    }

    func release(_ segments: ContiguousArray<Segment>) {
        for segment in segments {
            if let memory = segment.memory { pool.give(memory, size: segment.size) }
        }
    }
}

/// One thread's blocks of a shuffle.
struct ShuffleWriter: ~Copyable {
    /// Addresses; zero before the first block.
    struct Slot {
        var cursor: UInt = 0
        var end: UInt = 0
        var start: UInt = 0
        var size = -1
    }

    let shuffle: Shuffle
    private let slots: UnsafeMutablePointer<Slot>

    init(_ shuffle: Shuffle) {
        self.shuffle = shuffle
        slots = .allocate(capacity: shuffle.bucketCount)
        slots.initialize(repeating: Slot(), count: shuffle.bucketCount)
    }

    deinit {
        // What was not handed over is of a count that failed.
        for bucket in 0..<shuffle.bucketCount where slots[bucket].size >= 0 {
            shuffle.pool.give(
                UnsafeMutableRawPointer(bitPattern: slots[bucket].start)!, size: slots[bucket].size)
        }
        slots.deallocate()
    }

    /// Room for a record, which the caller fills; no longer than the smallest block.
    @inline(__always)
    mutating func room(_ bucket: Int, _ bytes: Int) throws -> UnsafeMutableRawPointer {
        let cursor = slots[bucket].cursor
        if cursor &+ UInt(bitPattern: bytes) > slots[bucket].end {
            return try grow(bucket, bytes)
        }
        slots[bucket].cursor = cursor &+ UInt(bitPattern: bytes)
        return UnsafeMutableRawPointer(bitPattern: cursor).unsafelyUnwrapped
    }

    @inline(never)
    private mutating func grow(_ bucket: Int, _ bytes: Int) throws -> UnsafeMutableRawPointer {
        let slot = slots[bucket]
        let size = min(slot.size + 1, 2)
        precondition(bytes <= shuffle.pool.bytes(of: size), "a record is longer than a block")
        handOver(bucket)
        let block = try shuffle.pool.take(size)
        let start = UInt(bitPattern: block)
        slots[bucket] = Slot(
            cursor: start + UInt(bytes), end: start + UInt(shuffle.pool.bytes(of: size)),
            start: start, size: size)
        return block
    }

    private func handOver(_ bucket: Int) {
        let slot = slots[bucket]
        guard slot.size >= 0 else { return }
        slots[bucket].cursor = 0
        slots[bucket].end = 0
        slots[bucket].size = -1
        shuffle.append(
            UnsafeMutableRawPointer(bitPattern: slot.start)!, size: slot.size,
            bytes: Int(slot.cursor - slot.start), to: bucket)
    }

    /// Bytes that may lie in several blocks; they are read in this order when nobody else writes
    /// to the bucket.
    mutating func append(_ bytes: UnsafeRawBufferPointer, to bucket: Int) throws {
        var rest = bytes
        while rest.count > 0 {
            var free = Int(slots[bucket].end - slots[bucket].cursor)
            if free == 0 {
                let first = try grow(bucket, 1)
                first.copyMemory(from: rest.baseAddress!, byteCount: 1)
                rest = UnsafeRawBufferPointer(rebasing: rest[1...])
                free = Int(slots[bucket].end - slots[bucket].cursor)
            }
            let count = min(free, rest.count)
            if count == 0 { continue }
            try room(bucket, count).copyMemory(from: rest.baseAddress!, byteCount: count)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Hands over what is in the making, in one bucket or in all.
    mutating func finish(_ bucket: Int) { handOver(bucket) }

    mutating func finish() {
        for bucket in 0..<shuffle.bucketCount { handOver(bucket) }
    }
}

/// Reads the bytes of one bucket one behind the other, wherever they lie.
final class BucketReader {
    private let shuffle: Shuffle
    private var segments: ContiguousArray<Shuffle.Segment>
    private var next = 0
    private var room: UnsafeMutableRawPointer?
    private var current = UnsafeRawBufferPointer(start: nil, count: 0)
    private var place = 0

    init(_ shuffle: Shuffle, _ bucket: Int) {
        self.shuffle = shuffle
        segments = shuffle.claim(bucket)
    }

    deinit {
        if next > 0 { shuffle.release([segments[next - 1]]) }
        shuffle.release(ContiguousArray(segments[next...]))
        room?.deallocate()
    }

    private func advance() throws -> Bool {
        if next > 0 {
            shuffle.release([segments[next - 1]])
            segments[next - 1].memory = nil
        }
        guard next < segments.count else {
            current = UnsafeRawBufferPointer(start: nil, count: 0)
            place = 0
            return false
        }
        let segment = segments[next]
        if segment.memory == nil, room == nil {
            room = .allocate(byteCount: shuffle.pool.sizes.2, alignment: 16)
        }
        current = try shuffle.load(segment, room ?? UnsafeMutableRawPointer(bitPattern: 16)!)
        next += 1
        place = 0
        return true
    }

    var isAtEnd: Bool {
        get throws {
            while place == current.count {
                if try !advance() { return true }
            }
            return false
        }
    }

    func byte() throws -> UInt8 {
        while place == current.count {
            guard try advance() else { preconditionFailure("a bucket ends early") }
        }
        place += 1
        return current[place - 1]
    }

    /// LEB128.
    func number() throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            value |= UInt64(byte & 0x7f) << shift
            if byte < 128 { return value }
            shift += 7
        }
    }

    func bytes(_ count: Int, into target: UnsafeMutableRawPointer) throws {
        var done = 0
        while done < count {
            while place == current.count {
                guard try advance() else { preconditionFailure("a bucket ends early") }
            }
            let part = min(count - done, current.count - place)
            (target + done).copyMemory(from: current.baseAddress! + place, byteCount: part)
            done += part
            place += part
        }
    }
}
