internal import Glibc
internal import Storage

/// Adds up the plays of each song in each region.
///
/// Hands on one run of bytes a bucket, its songs in byte order: for each song the length of its
/// name and the name, ten bytes of its hash, the count of its rows, and the rows (`SongRow.append`).
struct SongPhase {
    private let songs: Shuffle
    private let names: Shuffle
    private let runs: Shuffle
    private let workers: Int
    /// Songs whose names the exclusions want.
    private let wanted: Set<SongHash>

    init(
        _ songs: Shuffle, names: Shuffle, into runs: Shuffle, wanted: Set<SongHash>, workers: Int
    ) {
        self.songs = songs
        self.names = names
        self.runs = runs
        self.wanted = wanted
        self.workers = workers
    }

    /// - Returns: The names of the songs that were wanted.
    func run() throws -> [SongHash: [UInt8]] {
        let found = Found()
        try BucketQueue.run(PlayBuckets.songs, workers: workers) { _, next in
            var bucket = SongBucket(blockBytes: songs.pool.sizes.2)
            var writer = ShuffleWriter(runs)
            while let number = next() {
                try bucket.count(songs, number)
                try bucket.name(names, number)
                if !wanted.isEmpty { found.add(bucket.names(of: wanted)) }
                try bucket.write(number, &writer)
                writer.finish(number)
            }
        }
        return found.names
    }

    private final class Found: @unchecked Sendable {
        // Guarded by `lock`, read once all workers have ended.
        private(set) var names: [SongHash: [UInt8]] = [:]
        private let lock = Monitor()

        func add(_ own: [SongHash: [UInt8]]) {
            lock.locked { names.merge(own) { first, _ in first } }
        }
    }
}

/// What a song has in a region, while it is counted.
struct SongRow {
    var low: UInt64
    /// The song's further 16 bits and the region.
    var key: UInt32
    var padding: UInt32 = 0
    /// Plays, streams, scrobbles, timed, completed, chart streams, listeners of the song who are
    /// first met here, listeners.
    var counts = SIMD8<UInt32>(repeating: 0)
    var playedMs: UInt64 = 0
    var permille: UInt64 = 0

    var region: Int { Int(key & 0xffff) }
    var songHigh: UInt64 { UInt64(key >> 16) }
}

/// One bucket of songs after the other.
struct SongBucket: ~Copyable {
    private var slots = GrowingBuffer<UInt32>()
    private var mask = 0
    private var rows = GrowingBuffer<SongRow>()
    private var hours = GrowingBuffer<UInt32>()
    private var sketches = RowSketches()
    private let room: UnsafeMutableRawPointer
    /// What the eight flags of a record add to the eight counts.
    private let additions: UnsafeMutablePointer<SIMD8<UInt32>>

    struct Song {
        let low: UInt64
        let high: UInt64
        let name: Int
        let prefix: UInt64
    }

    private var nameBytes = GrowingBuffer<UInt8>()
    private var songs = GrowingBuffer<Song>()
    private var numbers = HashNumbering()
    private var order = GrowingBuffer<UInt32>()
    private var rankOfSong = GrowingBuffer<UInt32>()
    private var starts = GrowingBuffer<UInt32>()
    private var rowOrder = GrowingBuffer<UInt32>()
    private var out: [UInt8] = []

    init(blockBytes: Int) {
        room = .allocate(byteCount: blockBytes, alignment: 16)
        additions = .allocate(capacity: 128)
        for flags in 0..<128 {
            let bits = SongRecord.Flag.self
            func one(_ flag: UInt64) -> UInt32 { UInt64(flags) & flag == 0 ? 0 : 1 }
            (additions + flags).initialize(
                to: SIMD8(
                    1, one(bits.stream), one(bits.scrobble), one(bits.timed), one(bits.completed),
                    one(bits.chart), one(bits.firstOfSong), one(bits.firstOfRegion)))
        }
    }

    deinit {
        room.deallocate()
        additions.deallocate()
    }

    // MARK: Counted

    mutating func count(_ records: Shuffle, _ bucket: Int) throws {
        rows.clear()
        hours.clear()
        sketches.clear()
        resize(max(rows.capacity, 64))
        try records.drain(bucket, room: room) { bytes in add(bytes) }
        sketches.finish(rows: rows.count)
    }

    private mutating func resize(_ capacity: Int) {
        var size = 128
        while size < capacity * 2 { size *= 2 }
        slots.clear(room: size)
        slots.start.initialize(repeating: 0, count: size)
        mask = size - 1
        for row in 0..<rows.count {
            var index = place(rows.start[row].low, rows.start[row].key)
            while slots[index] != 0 { index = (index + 1) & mask }
            slots[index] = UInt32(row + 1)
        }
    }

    @inline(__always)
    private func place(_ low: UInt64, _ key: UInt32) -> Int {
        Int(truncatingIfNeeded: low ^ UInt64(key) &* 0x9e37_79b9_7f4a_7c15 >> 20) & mask
    }

    @inline(__always)
    private mutating func row(_ low: UInt64, _ key: UInt32) -> Int {
        var index = place(low, key)
        while true {
            let slot = slots.start[index]
            if slot == 0 { return insert(low, key, index) }
            let row = Int(slot) &- 1
            if rows.start[row].low == low, rows.start[row].key == key { return row }
            index = (index &+ 1) & mask
        }
    }

    @inline(never)
    private mutating func insert(_ low: UInt64, _ key: UInt32, _ index: Int) -> Int {
        let row = rows.count
        slots[index] = UInt32(row + 1)
        rows.append(SongRow(low: low, key: key))
        for _ in 0..<24 { hours.append(0) }
        if rows.count * 2 > mask { resize(rows.count * 2) }
        return row
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) {
        for offset in stride(from: 0, to: bytes.count, by: SongRecord.bytes) {
            let low = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let second = bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
            let third = bytes.loadUnaligned(fromByteOffset: offset &+ 16, as: UInt64.self)
            let row = row(low, UInt32(truncatingIfNeeded: second >> 32))
            let flags = Int(truncatingIfNeeded: second & 0x7f)
            rows.start[row].counts &+= additions[flags]
            rows.start[row].playedMs &+= third >> 34
            rows.start[row].permille &+= third >> 24 & 0x3ff
            if second & SongRecord.Flag.stream != 0 {
                hours.start[row &* 24 &+ Int(truncatingIfNeeded: third & 0x1f)] &+= 1
            }
            if second & SongRecord.Flag.firstOfRegion != 0 {
                sketches.add(row, UInt32(truncatingIfNeeded: second >> 8 & 0xff_ffff))
            }
        }
    }

    // MARK: Named

    mutating func name(_ names: Shuffle, _ bucket: Int) throws {
        songs.clear()
        let total = names.bytes(of: bucket)
        nameBytes.clear(room: total)
        if total > 0 { try names.drainAll(bucket, into: UnsafeMutableRawPointer(nameBytes.start)) }
        let bytes = UnsafeRawBufferPointer(start: nameBytes.start, count: total)
        numbers.clear(room: max(rows.count, 64))
        var offset = 0
        var room = max(rows.count, 64)
        while offset < total {
            let low = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let high = UInt64(bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt16.self))
            let name = offset + 10
            offset = name + 1 + Int(bytes[name])
            if numbers.count == room {
                room *= 2
                numbers.clear(room: room)
                for index in 0..<songs.count {
                    _ = numbers.number(songs[index].low, songs[index].high)
                }
            }
            if numbers.number(low, high).isNew {
                songs.append(
                    Song(low: low, high: high, name: name, prefix: Self.prefix(bytes, name)))
            }
        }
        sortSongs()
        sortRows()
    }

    private static func prefix(_ bytes: UnsafeRawBufferPointer, _ name: Int) -> UInt64 {
        let count = Int(bytes[name])
        if count >= 8 {
            return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: name + 1, as: UInt64.self))
        }
        var prefix: UInt64 = 0
        for index in 0..<8 {
            prefix = prefix << 8 | (index < count ? UInt64(bytes[name + 1 + index]) : 0)
        }
        return prefix
    }

    private func nameBytes(_ song: Song) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: nameBytes.start + song.name + 1, count: Int(nameBytes[song.name]))
    }

    private mutating func sortSongs() {
        order.clear(room: songs.count)
        for index in 0..<songs.count { order.append(UInt32(index)) }
        order.sort { a, b in
            let (x, y) = (songs[Int(a)], songs[Int(b)])
            if x.prefix != y.prefix { return x.prefix < y.prefix }
            return bytesPrecede(nameBytes(x), nameBytes(y))
        }
        rankOfSong.clear(room: songs.count)
        rankOfSong.count = songs.count
        for (rank, song) in order.elements.enumerated() { rankOfSong[Int(song)] = UInt32(rank) }
    }

    /// By song, then region.
    private mutating func sortRows() {
        starts.clear(room: songs.count + 2)
        starts.count = songs.count + 2
        starts.start.initialize(repeating: 0, count: songs.count + 2)
        rowOrder.clear(room: rows.count)
        rowOrder.count = rows.count
        for row in 0..<rows.count {
            let (number, isNew) = numbers.number(rows.start[row].low, rows.start[row].songHigh)
            precondition(!isNew, "a song came without its name")
            let rank = rankOfSong[number]
            rows.start[row].padding = rank
            starts[Int(rank) + 2] += 1
        }
        for rank in 0..<songs.count { starts[rank + 2] += starts[rank + 1] }
        for row in 0..<rows.count {
            let rank = Int(rows.start[row].padding) + 1
            rowOrder[Int(starts[rank])] = UInt32(row)
            starts[rank] += 1
        }
        let rows = rows.start
        for rank in 0..<songs.count {
            let (start, end) = (Int(starts[rank]), Int(starts[rank + 1]))
            if end - start < 2 { continue }
            rowOrder.sort(start..<end) { rows[Int($0)].key < rows[Int($1)].key }
        }
    }

    func names(of wanted: Set<SongHash>) -> [SongHash: [UInt8]] {
        var found: [SongHash: [UInt8]] = [:]
        for index in 0..<songs.count {
            let hash = SongHash(low: songs[index].low, high: songs[index].high)
            if wanted.contains(hash) { found[hash] = Array(nameBytes(songs[index])) }
        }
        return found
    }

    // MARK: Written

    mutating func write(_ bucket: Int, _ writer: inout ShuffleWriter) throws {
        for rank in 0..<songs.count {
            let song = songs[Int(order[rank])]
            let (start, end) = (Int(starts[rank]), Int(starts[rank + 1]))
            // A song all of whose plays were set aside has a name and no row.
            if start == end { continue }
            out.removeAll(keepingCapacity: true)
            out.append(nameBytes[song.name])
            out.append(contentsOf: nameBytes(song))
            withUnsafeBytes(of: song.low.littleEndian) { out.append(contentsOf: $0) }
            withUnsafeBytes(of: UInt16(song.high).littleEndian) { out.append(contentsOf: $0) }
            out.appendNumber(UInt64(end - start))
            var listeners: UInt64 = 0
            for index in start..<end { listeners += UInt64(rows[Int(rowOrder[index])].counts[6]) }
            out.appendNumber(listeners)
            for index in start..<end {
                try append(Int(rowOrder[index]))
                if out.count > 8 << 10 { try flush(bucket, &writer) }
            }
            try flush(bucket, &writer)
        }
    }

    private mutating func flush(_ bucket: Int, _ writer: inout ShuffleWriter) throws {
        try out.withUnsafeBytes { try writer.append($0, to: bucket) }
        out.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ number: Int) throws {
        let row = rows[number]
        out.appendNumber(UInt64(row.region))
        for index in [0, 1, 5, 2, 7, 3, 4] { out.appendNumber(UInt64(row.counts[index])) }
        out.appendNumber(row.playedMs)
        out.appendNumber(row.permille)
        var count: UInt8 = 0
        for hour in 0..<24 where hours[number * 24 + hour] > 0 { count += 1 }
        out.append(count)
        for hour in 0..<24 where hours[number * 24 + hour] > 0 {
            out.append(UInt8(hour))
            out.appendNumber(UInt64(hours[number * 24 + hour]))
        }
        sketches.append(number, to: &out)
    }
}

extension [UInt8] {
    /// LEB128.
    @inline(__always)
    mutating func appendNumber(_ value: UInt64) {
        var rest = value
        while rest > 127 {
            append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}
