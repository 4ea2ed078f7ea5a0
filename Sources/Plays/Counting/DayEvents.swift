internal import Storage

/// All events of a day between reading and counting, in buckets.
final class DayEvents: @unchecked Sendable {
    let rules: PlayRules
    let pool: BlockPool
    let regions = RegionTable()
    /// Ids and listeners, by id: what finds one id with several listeners.
    let ids: Shuffle
    /// `EventRecord`s by listener.
    let events: Shuffle
    /// Addresses of plays at the threshold, by address.
    let thresholds: Shuffle
    // Texts, by their hashes; each at least once.
    let songNames: Shuffle
    let userNames: Shuffle
    let addressNames: Shuffle

    /// What the sum of the streams that are written to at once comes to, for one worker.
    static let streams =
        PlayBuckets.events + PlayBuckets.listeners + PlayBuckets.songs + 3 * PlayBuckets.addresses

    init(_ rules: PlayRules, _ pool: BlockPool) {
        self.rules = rules
        self.pool = pool
        ids = Shuffle(buckets: PlayBuckets.events, pool: pool)
        events = Shuffle(buckets: PlayBuckets.listeners, pool: pool)
        thresholds = Shuffle(buckets: PlayBuckets.addresses, pool: pool)
        songNames = Shuffle(buckets: PlayBuckets.songs, pool: pool)
        userNames = Shuffle(buckets: PlayBuckets.addresses, pool: pool)
        addressNames = Shuffle(buckets: PlayBuckets.addresses, pool: pool)
    }
}

/// One worker's way of adding events to a day.
struct DayIntake: ~Copyable {
    private var ids: ShuffleWriter
    private var events: ShuffleWriter
    private var thresholds: ShuffleWriter
    private var songNames: ShuffleWriter
    private var userNames: ShuffleWriter
    private var addressNames: ShuffleWriter
    private var regions: RegionCache
    private var songsSeen: SeenTable
    private var usersSeen = SeenTable(bits: 16)
    private var addressesSeen = SeenTable(bits: 16)
    private let rules: PlayRules
    /// Played time of the listeners that share a cell: who listens for longer than is possible has
    /// a cell that says so, at one worker at least.
    private let cells: UnsafeMutablePointer<UInt32>
    private let cellMask: Int
    private let cellLimit: UInt32
    private(set) var count = 0

    static let maximumTableBits = 20

    /// What a worker holds beside the shuffles' blocks.
    static func tableBytes(bits: Int) -> Int {
        (8 << bits) + (4 << cellBits(bits)) + (2 << 19)
    }
    private static func cellBits(_ bits: Int) -> Int { max(bits - 2, 4) }

    /// - Parameter tableBits: Of the count of songs that a worker remembers.
    init(_ day: DayEvents, workers: Int, tableBits: Int, allNames: Bool) {
        ids = ShuffleWriter(day.ids)
        events = ShuffleWriter(day.events)
        thresholds = ShuffleWriter(day.thresholds)
        songNames = ShuffleWriter(day.songNames)
        userNames = ShuffleWriter(day.userNames)
        addressNames = ShuffleWriter(day.addressNames)
        regions = RegionCache(day.regions)
        songsSeen = SeenTable(bits: tableBits)
        rules = day.rules
        let cellBits = Self.cellBits(tableBits)
        cellMask = 1 << cellBits - 1
        cells = .allocate(capacity: 1 << cellBits)
        cells.initialize(repeating: 0, count: 1 << cellBits)
        // Who listens little here may listen much elsewhere.
        cellLimit =
            allNames ? 0 : UInt32(clamping: day.rules.maximumListeningMs / max(workers, 1))
    }

    deinit { cells.deallocate() }

    /// - Throws: `TooManyRegions`.
    @inline(__always)
    mutating func region(_ name: UnsafeRawBufferPointer) throws -> Int {
        try regions.number(of: name)
    }

    /// Takes an event of the day in.
    ///
    /// - Parameters:
    ///   - timeMs: Since the day began in the region's time zone.
    ///   - region: Its number by `region(_:)`.
    @inline(__always)
    mutating func add(_ event: PlayEvent, timeMs: Int, region: Int) throws {
        count &+= 1
        let id = ByteHash.hash128(event.eventID)
        let listener = ByteHash.hash64(event.userID)
        let song = ByteHash.hash128(event.songID)
        let (playedMs, durationMs) = (event.playedMs, event.durationMs)

        let first = try ids.room(PlayBuckets.event(id.0), IDRecord.bytes)
        IDRecord.store(id: id.0, listener: listener, at: first)

        var flags: UInt64 = 0
        var permille: UInt64 = 0
        let isStream = rules.isStream(playedMs: playedMs, durationMs: durationMs)
        if isStream { flags |= EventRecord.Flag.stream }
        if durationMs > 0 {
            flags |= EventRecord.Flag.timed
            if playedMs >= durationMs {
                permille = 1000
                flags |= EventRecord.Flag.completed
            } else {
                permille = UInt64(playedMs &* 1000 / durationMs)
                if playedMs &* 10 >= durationMs &* 9 { flags |= EventRecord.Flag.completed }
            }
            if rules.isScrobble(playedMs: playedMs, durationMs: durationMs) {
                flags |= EventRecord.Flag.scrobble
            }
        }
        let hasAddress = event.address.count > 0
        let cell = Int(truncatingIfNeeded: listener >> 20) & cellMask
        let (sum, overflows) = cells[cell].addingReportingOverflow(UInt32(playedMs))
        cells[cell] = overflows ? .max : sum
        if isStream, rules.isAtThreshold(playedMs: playedMs, durationMs: durationMs) {
            flags |= EventRecord.Flag.threshold
            try noteThreshold(event, listener)
        } else if cells[cell] > cellLimit {
            try noteUser(event, listener)
        }

        let time = UInt64(truncatingIfNeeded: timeMs)
        let played = UInt64(truncatingIfNeeded: playedMs) ^ EventRecord.playedMask
        let room: UnsafeMutableRawPointer
        if hasAddress {
            flags |= EventRecord.Flag.address
            room = try events.room(
                PlayBuckets.listener(listener), EventRecord.bytesWithAddress)
            room.storeBytes(
                of: ByteHash.hash64(event.address), toByteOffset: 40, as: UInt64.self)
        } else {
            room = try events.room(PlayBuckets.listener(listener), EventRecord.bytes)
        }
        room.storeBytes(of: listener << 10 | time >> 17, as: UInt64.self)
        room.storeBytes(
            of: (time & 0x1ffff) << 47 | played << 17 | permille << 7 | flags, toByteOffset: 8,
            as: UInt64.self)
        room.storeBytes(of: song.0, toByteOffset: 16, as: UInt64.self)
        room.storeBytes(
            of: (song.1 >> 48) << 48 | UInt64(truncatingIfNeeded: region) << 32 | id.1 >> 32,
            toByteOffset: 24, as: UInt64.self)
        room.storeBytes(of: id.0, toByteOffset: 32, as: UInt64.self)

        if songsSeen.insert(song.0, place: song.1) { try noteSong(event.songID, song) }
    }

    @inline(never)
    private mutating func noteSong(_ name: UnsafeRawBufferPointer, _ hash: (UInt64, UInt64)) throws
    {
        let room = try songNames.room(PlayBuckets.song(hash.0), 11 + name.count)
        room.storeBytes(of: hash.0, as: UInt64.self)
        room.storeBytes(of: UInt16(hash.1 >> 48), toByteOffset: 8, as: UInt16.self)
        room.storeBytes(of: UInt8(name.count), toByteOffset: 10, as: UInt8.self)
        (room + 11).copyMemory(from: name.baseAddress!, byteCount: name.count)
    }

    @inline(never)
    private mutating func noteThreshold(_ event: PlayEvent, _ listener: UInt64) throws {
        try noteUser(event, listener)
        guard event.address.count > 0, rules.farmListeners > 0 else { return }
        let hash = ByteHash.hash64(event.address)
        try thresholds.room(PlayBuckets.address(hash), 8).storeBytes(of: hash, as: UInt64.self)
        if addressesSeen.insert(hash, place: hash) {
            try Self.note(event.address, hash, &addressNames)
        }
    }

    @inline(never)
    private mutating func noteUser(_ event: PlayEvent, _ listener: UInt64) throws {
        if usersSeen.insert(listener, place: listener) {
            try Self.note(event.userID, listener, &userNames)
        }
    }

    private static func note(
        _ name: UnsafeRawBufferPointer, _ hash: UInt64, _ writer: inout ShuffleWriter
    ) throws {
        let room = try writer.room(PlayBuckets.address(hash), 9 + name.count)
        room.storeBytes(of: hash, as: UInt64.self)
        room.storeBytes(of: UInt8(name.count), toByteOffset: 8, as: UInt8.self)
        (room + 9).copyMemory(from: name.baseAddress!, byteCount: name.count)
    }

    /// Hands over what is in the making; nothing may be added afterwards.
    mutating func finish() {
        ids.finish()
        events.finish()
        thresholds.finish()
        songNames.finish()
        userNames.finish()
        addressNames.finish()
    }
}

/// 55 bits of an event's id behind those of its bucket, and 41 of its listener.
enum IDRecord {
    static let bytes = 12

    @inline(__always)
    static func store(id: UInt64, listener: UInt64, at room: UnsafeMutableRawPointer) {
        room.storeBytes(of: id << 9 | listener >> 55, as: UInt64.self)
        room.storeBytes(
            of: UInt32(truncatingIfNeeded: listener >> 23), toByteOffset: 8, as: UInt32.self)
    }
}
