internal import Storage

/// What the listeners of a day add up to.
struct ListenerTotals {
    var streams = 0
    var short = 0
    var chartStreams = 0
    var listeners = 0
    var duplicates = 0
    var impossibleHours = 0
    var addressFarm = 0
    var thresholdLoop = 0
    var exclusions: [Exclusion] = []
    /// By address.
    var farms: [UInt64: Exclusion] = [:]

    static func += (a: inout ListenerTotals, b: ListenerTotals) {
        a.streams += b.streams
        a.short += b.short
        a.chartStreams += b.chartStreams
        a.listeners += b.listeners
        a.duplicates += b.duplicates
        a.impossibleHours += b.impossibleHours
        a.addressFarm += b.addressFarm
        a.thresholdLoop += b.thresholdLoop
        a.exclusions += b.exclusions
        for (address, exclusion) in b.farms { a.addFarm(address, exclusion) }
    }

    mutating func addFarm(_ address: UInt64, _ exclusion: Exclusion) {
        var sum = farms[address] ?? Exclusion(reason: .addressFarm, address: address)
        sum.events += exclusion.events
        sum.playedMs += exclusion.playedMs
        farms[address] = sum
    }
}

/// Goes through each listener's day in the order of time: removes duplicates, applies the rules, and
/// hands what is left on to the songs.
///
/// As a listener's whole day lies before it, it also knows which play is his first of a song: the
/// songs need count no listeners.
struct ListenerPhase {
    private let day: DayEvents
    private let drops: Shuffle?
    private let farms: HashSet
    private let songs: Shuffle
    private let sittings: SittingPairs?
    private let workers: Int

    init(
        _ day: DayEvents, drops: Shuffle?, farms: HashSet, into songs: Shuffle,
        sittings: SittingPairs?, workers: Int
    ) {
        self.day = day
        self.drops = drops
        self.farms = farms
        self.songs = songs
        self.sittings = sittings
        self.workers = workers
    }

    func run() throws -> ListenerTotals {
        let totals = UnsafeMutablePointer<ListenerTotals>.allocate(capacity: workers)
        totals.initialize(repeating: ListenerTotals(), count: workers)
        defer {
            totals.deinitialize(count: workers)
            totals.deallocate()
        }
        let ranks = day.regions.sorted().ranks
        try BucketQueue.run(PlayBuckets.listeners, workers: workers) { worker, next in
            var bucket = ListenerBucket(ranks: ranks)
            var listener = ListenerDay(day.rules, farms, songs, sittings)
            while let number = next() {
                let drops = try DropSet(self.drops, number, isLast: true)
                try bucket.load(day.events, number, isLast: true)
                var start = 0
                while start < bucket.count {
                    let end = bucket.end(of: start)
                    listener.begin(
                        UInt64(number) << 54 | bucket.listener(at: start), room: end - start)
                    for index in start..<end { listener.add(bucket[index], drops) }
                    try listener.finish()
                    start = end
                }
            }
            listener.handOver()
            totals[worker] = listener.totals
        }
        var sum = ListenerTotals()
        for worker in 0..<workers { sum += totals[worker] }
        return sum
    }
}

/// One listener's day after the other.
struct ListenerDay: ~Copyable {
    private(set) var totals = ListenerTotals()

    private let rules: PlayRules
    private let farms: HashSet
    private var songs: ShuffleWriter
    private var pairs: SittingWriter

    private var listener: UInt64 = 0
    private var isLarge = false
    private var events = GrowingBuffer<EventRecord>()
    private var ids = HashNumbering()

    /// What the listener plays of a song.
    struct Song {
        let low: UInt64
        let high: UInt64
        var plays: Int32 = 0
        var thresholds: Int32 = 0
        var streams: Int32 = 0
        var isLoop = false
        var playedMs = 0
    }

    private var played = GrowingBuffer<Song>()
    /// The place in `played` of each event's song.
    private var songOfEvent = GrowingBuffer<Int32>()
    private var songNumbers = HashNumbering()
    private var regionNumbers = HashNumbering()

    /// Up to here looking at each is faster than hashing.
    private static let small = 24

    init(_ rules: PlayRules, _ farms: HashSet, _ songs: Shuffle, _ sittings: SittingPairs?) {
        self.rules = rules
        self.farms = farms
        self.songs = ShuffleWriter(songs)
        pairs = SittingWriter(sittings)
    }

    mutating func begin(_ listener: UInt64, room: Int) {
        self.listener = listener
        events.clear(room: room)
        isLarge = room > Self.small
        if isLarge { ids.clear(room: room) }
    }

    /// Takes the listener's next event, unless it was there before.
    @inline(__always)
    mutating func add(_ event: EventRecord, _ drops: borrowing DropSet) {
        if drops.contains(event) || isRepeated(event) {
            totals.duplicates &+= 1
            return
        }
        events.append(event)
    }

    @inline(__always)
    private mutating func isRepeated(_ event: EventRecord) -> Bool {
        if isLarge { return !ids.number(event.words[4], event.idHigh).isNew }
        for index in 0..<events.count where events.start[index].hasSameID(as: event) {
            return true
        }
        return false
    }

    /// Applies the rules to what there is of the listener.
    mutating func finish() throws {
        if !farms.isEmpty { leaveOutFarms() }
        guard events.count > 0 else { return }
        var playedMs = 0
        for index in 0..<events.count {
            playedMs &+= Int(truncatingIfNeeded: events.start[index].playedMs)
        }
        if playedMs > rules.maximumListeningMs {
            totals.impossibleHours += events.count
            totals.exclusions.append(
                Exclusion(
                    reason: .impossibleHours, listener: listener, events: events.count,
                    playedMs: playedMs))
            return
        }
        numberSongs()
        if rules.loopPlays > 0, events.count >= rules.loopPlays { markLoops() }
        try emit()
    }

    private mutating func leaveOutFarms() {
        var kept = 0
        for index in 0..<events.count {
            let event = events[index]
            if farms.contains(event.address) {
                totals.addressFarm += 1
                totals.addFarm(
                    event.address,
                    Exclusion(
                        reason: .addressFarm, events: 1, playedMs: Int(event.playedMs)))
            } else {
                events[kept] = event
                kept += 1
            }
        }
        events.count = kept
    }

    @inline(__always)
    private mutating func numberSongs() {
        played.clear(room: events.count)
        songOfEvent.clear(room: events.count)
        if isLarge { songNumbers.clear(room: events.count) }
        for index in 0..<events.count {
            let (low, high) = (events.start[index].words[2], events.start[index].songHigh)
            var number = 0
            if isLarge {
                number = songNumbers.number(low, high).number
            } else {
                while number < played.count,
                    played.start[number].low != low || played.start[number].high != high
                {
                    number &+= 1
                }
            }
            if number == played.count { played.append(Song(low: low, high: high)) }
            songOfEvent.append(Int32(truncatingIfNeeded: number))
        }
    }

    private mutating func markLoops() {
        for index in 0..<events.count {
            let song = Int(songOfEvent[index])
            played.start[song].plays += 1
            played.start[song].playedMs += Int(events[index].playedMs)
            if events[index].flags & EventRecord.Flag.threshold != 0 {
                played.start[song].thresholds += 1
            }
        }
        for index in 0..<played.count {
            let song = played[index]
            guard song.plays >= rules.loopPlays,
                PlayRules.isMostly(Int(song.thresholds), of: Int(song.plays))
            else { continue }
            played.start[index].isLoop = true
            totals.thresholdLoop += Int(song.plays)
            totals.exclusions.append(
                Exclusion(
                    reason: .thresholdLoop, listener: listener,
                    song: SongHash(low: song.low, high: song.high), events: Int(song.plays),
                    playedMs: song.playedMs))
        }
    }

    @inline(__always)
    private mutating func emit() throws {
        let entry = UInt64(ListenerSketch.entry(of: listener))
        var streams = 0
        if isLarge { regionNumbers.clear(room: events.count) }
        pairs.begin(listener)
        for index in 0..<events.count {
            let event = events.start[index]
            let song = Int(songOfEvent[index])
            if played.start[song].isLoop { continue }
            var flags = event.flags & 0xf
            if flags & SongRecord.Flag.stream != 0 {
                let before = Int(played.start[song].streams)
                played.start[song].streams &+= 1
                streams &+= 1
                if before < rules.maximumChartStreams {
                    flags |= SongRecord.Flag.chart
                    totals.chartStreams &+= 1
                }
                if before == 0 { flags |= SongRecord.Flag.firstOfSong }
                if isLarge {
                    let key = UInt64(song) << 16 | UInt64(event.region)
                    if regionNumbers.number(key, 0).isNew {
                        flags |= SongRecord.Flag.firstOfRegion
                    }
                } else if before == 0 || isFirstOfRegion(index, song, event.region) {
                    flags |= SongRecord.Flag.firstOfRegion
                }
                pairs.add(song: song, timeMs: Int(truncatingIfNeeded: event.timeMs))
            } else {
                totals.short &+= 1
            }
            let (low, time) = (event.words[2], event.timeMs)
            let room = try songs.room(PlayBuckets.song(low), SongRecord.bytes)
            room.storeBytes(of: low, as: UInt64.self)
            room.storeBytes(
                of: event.words[3] & 0xffff_ffff_0000_0000 | entry << 8 | flags, toByteOffset: 8,
                as: UInt64.self)
            room.storeBytes(
                of: event.playedMs << 34 | event.permille << 24 | time / 3_600_000,
                toByteOffset: 16, as: UInt64.self)
        }
        totals.streams &+= streams
        if streams > 0 { totals.listeners &+= 1 }
        if pairs.isSampled {
            let played = played.start
            try pairs.finish { played[$0].low }
        }
    }

    private func isFirstOfRegion(_ index: Int, _ song: Int, _ region: Int) -> Bool {
        for earlier in 0..<index
        where Int(songOfEvent[earlier]) == song && events.start[earlier].region == region
            && events.start[earlier].flags & EventRecord.Flag.stream != 0
        {
            return false
        }
        return true
    }

    mutating func handOver() {
        songs.finish()
        pairs.handOver()
    }
}
