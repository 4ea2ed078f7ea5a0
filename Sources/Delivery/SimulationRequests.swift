package import Plays
package import Storage

/// One request of a day, in 16 bytes.
struct SimulationRequest: Comparable {
    /// Milliseconds of the day (27 bits), song (32 bits), listeners' region (5 bits): in order of time.
    let key: UInt64
    /// Place in the table of listeners.
    let listener: UInt32
    let flags: UInt32

    init(timeMs: Int, song: UInt32, region: Int, listener: UInt32, flags: UInt32 = 0) {
        key = UInt64(timeMs) << 37 | UInt64(song) << 5 | UInt64(region)
        self.listener = listener
        self.flags = flags
    }

    var timeMs: Int { Int(key >> 37) }
    var song: Int { Int(UInt32(truncatingIfNeeded: key >> 5)) }
    var region: Int { Int(key & 31) }

    static func < (a: SimulationRequest, b: SimulationRequest) -> Bool {
        a.key == b.key ? a.listener < b.listener : a.key < b.key
    }

    fileprivate static let unknownSong = UInt32.max
    fileprivate static let unknownRegion: UInt32 = 1
}

/// The requests of the night's day, which warm caches, and of the day after it, which are replayed.
package struct SimulationRequests: Sendable {
    /// What was asked for and cannot be replayed, on the day that is.
    package struct Strays: Equatable, Sendable {
        /// Deliveries of an event that had come before.
        package var duplicates = 0
        package var unknownSongs = 0
        package var unknownSongRequests = 0
        package var unknownRegionRequests = 0
        /// Their names, sorted; at most a hundred.
        package var unknownRegions: [String] = []
    }

    /// In order of time.
    var warming: [SimulationRequest] = []
    var replayed: [SimulationRequest] = []
    var listeners = ListenerTable()
    package internal(set) var strays = Strays()
    package internal(set) var reading: RequestLog.Summary

    package var warmingCount: Int { warming.count }
    package var replayedCount: Int { replayed.count }

    /// Reads the logs of the night `date` and of the day after it.
    ///
    /// An event that was delivered several times is one request, at the earliest of its times.
    /// Memory while reading: 24 bytes an event of the two days, then 16; beside that the listeners'
    /// names and 8 bytes a song.
    ///
    /// - Throws: `NothingToReplay`; what reading logs throws.
    package init(
        _ log: RequestLog, night date: CalendarDate, songs: SongList, topology: Topology
    ) throws {
        let table = SongTable(songs)
        let regionOf = Dictionary(
            uniqueKeysWithValues: topology.regions.enumerated().map {
                (Array($0.element.id.utf8), $0.offset)
            })
        var days = [RequestBuckets(), RequestBuckets()]
        var listeners = ListenerTable()
        var unknownSongs: Set<UInt64> = []
        var unknownRegions: Set<String> = []
        var lastRegion: (name: [UInt8], number: Int) = ([], 0)

        reading = try log.forEach(on: [date, date.next]) { request in
            let isReplayed = request.dayNumber == date.next.dayNumber
            let song =
                Digest(hexBytes: request.songID).flatMap { table.song($0, songs) }
                ?? SimulationRequest.unknownSong
            if song == SimulationRequest.unknownSong, isReplayed {
                var hash = StableHash()
                hash.add(request.songID)
                unknownSongs.insert(hash.value)
            }
            if !request.region.elementsEqual(lastRegion.name) {
                let name = Array(request.region)
                lastRegion = (name, regionOf[name] ?? -1)
            }
            if lastRegion.number < 0, isReplayed, unknownRegions.count < 100 {
                unknownRegions.insert(String(decoding: lastRegion.name, as: UTF8.self))
            }
            days[isReplayed ? 1 : 0].add(
                SimulationRequest(
                    timeMs: request.timeMs, song: song, region: max(0, lastRegion.number),
                    listener: listeners.number(of: request.listener),
                    flags: lastRegion.number < 0 ? SimulationRequest.unknownRegion : 0),
                event: request.eventHash)
        }
        listeners.endOfInput()
        self.listeners = listeners
        var ignored = Strays()
        warming = days[0].finish(&ignored)
        replayed = days[1].finish(&strays)
        strays.unknownSongs = unknownSongs.count
        strays.unknownRegions = unknownRegions.sorted()
        try checkThereAreSome(date.next)
    }

    private func checkThereAreSome(_ day: CalendarDate) throws {
        guard replayed.isEmpty else { return }
        let unknown = strays.unknownSongRequests + strays.unknownRegionRequests
        let hasLogs = reading.logsOfTheDays[1] > 0
        throw NothingToReplay(
            day: day, why: unknown > 0 ? .strays(unknown) : hasLogs ? .empty : .noLogs,
            reading: reading)
    }
}

/// The day after the night has no request that could be replayed.
package struct NothingToReplay: Diagnosed, CustomStringConvertible, Equatable {
    package enum Why: Equatable, Sendable {
        case noLogs
        case empty
        /// So many requests, all of songs or regions that are not known.
        case strays(Int)
    }

    package let day: CalendarDate
    package let why: Why
    package let reading: RequestLog.Summary

    package var message: String {
        switch why {
        case .noLogs: "there are no play logs of \(day), the day on which the plan is replayed"
        case .empty:
            "the day \(day) is empty: no event of it is in the \(reading.logs) logs "
                + "(\(reading.lines) lines, \(reading.rejected) rejected)"
        case .strays(let count):
            "none of the \(count) requests of \(day) is for a song of the night's catalogue by a "
                + "listener in a region of the topology"
        }
    }
    package var description: String { message }
    package var hint: String? {
        switch why {
        case .noLogs:
            "name them with --logs, wait until the day has ended, or name an earlier night with --date"
        case .empty: "name the logs of \(day) with --logs, or another night with --date"
        case .strays: "are these the logs of the service that the plan is for?"
        }
    }
    package var cause: FailureCause { why == .noLogs ? .inputMissing : .badData }
}

/// Requests as they come, told apart by their events, and then put into order of time.
///
/// In passes over small parts that the processor's caches hold: by event, then by time.
private struct RequestBuckets {
    private struct Entry {
        let event: UInt64
        let request: SimulationRequest
    }

    private var buckets: [[Entry]] = Array(repeating: [], count: 256)

    mutating func add(_ request: SimulationRequest, event: UInt64) {
        buckets[Int(event >> 56)].append(Entry(event: event, request: request))
    }

    /// - Returns: Requests that can be replayed, in order of time.
    mutating func finish(_ strays: inout SimulationRequests.Strays) -> [SimulationRequest] {
        // Of two seconds each: a few hundred requests of a day of ten million.
        let slots = 86_400_000 >> Self.slotBits + 1
        var starts = Array(repeating: 0, count: slots + 1)
        for number in buckets.indices {
            strays.duplicates += Self.removeDuplicates(&buckets[number])
            buckets[number].removeAll { entry in
                if entry.request.song == Int(SimulationRequest.unknownSong) {
                    strays.unknownSongRequests += 1
                    return true
                }
                guard entry.request.flags == SimulationRequest.unknownRegion else { return false }
                strays.unknownRegionRequests += 1
                return true
            }
            for entry in buckets[number] { starts[entry.request.timeMs >> Self.slotBits + 1] += 1 }
        }
        for slot in 0..<slots { starts[slot + 1] += starts[slot] }
        var next = starts
        let nothing = SimulationRequest(timeMs: 0, song: 0, region: 0, listener: 0)
        var requests = Array(repeating: nothing, count: starts[slots])
        for number in buckets.indices {
            for entry in buckets[number] {
                let slot = entry.request.timeMs >> Self.slotBits
                requests[next[slot]] = entry.request
                next[slot] += 1
            }
            buckets[number] = []
        }
        for slot in 0..<slots where starts[slot + 1] - starts[slot] > 1 {
            requests[starts[slot]..<starts[slot + 1]].sort()
        }
        return requests
    }

    private static let slotBits = 11

    /// Leaves the earliest delivery of each event, in any order.
    ///
    /// - Returns: How many others there were.
    private static func removeDuplicates(_ entries: inout [Entry]) -> Int {
        var size = 16
        while size < entries.count * 2 { size *= 2 }
        let free = UInt32.max
        var table = Array(repeating: free, count: size)
        var kept = 0
        for place in entries.indices {
            let entry = entries[place]
            // The bucket is told by the highest bits.
            var slot = Int(truncatingIfNeeded: entry.event) & (size - 1)
            while table[slot] != free, entries[Int(table[slot])].event != entry.event {
                slot = (slot + 1) & (size - 1)
            }
            if table[slot] == free {
                table[slot] = UInt32(kept)
                entries[kept] = entry
                kept += 1
            } else if entry.request < entries[Int(table[slot])].request {
                entries[Int(table[slot])] = entry
            }
        }
        defer { entries.removeLast(entries.count - kept) }
        return entries.count - kept
    }
}

/// Listeners' names, each once, by numbers.
struct ListenerTable: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Numbers by hash, open addressing; `free` where there is none.
    private var slots: [UInt32] = Array(repeating: free, count: 1 << 10)

    private static let free = UInt32.max

    var count: Int { ends.count }

    func withName<Result>(_ number: UInt32, _ body: (ArraySlice<UInt8>) -> Result) -> Result {
        let number = Int(number)
        return body(bytes[(number == 0 ? 0 : ends[number - 1])..<ends[number]])
    }

    mutating func number(of name: UnsafeRawBufferPointer) -> UInt32 {
        if ends.count * 2 >= slots.count { grow() }
        let mask = slots.count - 1
        var slot = hash(name) & mask
        while slots[slot] != Self.free {
            let number = slots[slot]
            if withName(number, { $0.elementsEqual(name) }) { return number }
            slot = (slot + 1) & mask
        }
        bytes.append(contentsOf: name)
        ends.append(bytes.count)
        slots[slot] = UInt32(ends.count - 1)
        return slots[slot]
    }

    /// Names are looked up no longer.
    mutating func endOfInput() { slots = [Self.free] }

    private func hash(_ name: some Sequence<UInt8>) -> Int {
        var hash = StableHash()
        hash.add(name)
        return Int(truncatingIfNeeded: hash.value)
    }

    private mutating func grow() {
        slots = Array(repeating: Self.free, count: slots.count * 2)
        let mask = slots.count - 1
        for number in ends.indices {
            var slot = withName(UInt32(number)) { hash($0) } & mask
            while slots[slot] != Self.free { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number)
        }
    }
}

/// Finds songs by their ids, where a binary search for each of ten million would miss the caches
/// twenty times.
private struct SongTable {
    private var slots: [UInt32]

    init(_ songs: SongList) {
        var size = 16
        while size < songs.count * 2 { size *= 2 }
        slots = Array(repeating: UInt32.max, count: size)
        for song in songs.ids.indices {
            var slot = songs.ids[song].hashValue & (size - 1)
            while slots[slot] != UInt32.max { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt32(song)
        }
    }

    func song(_ id: Digest, _ songs: SongList) -> UInt32? {
        var slot = id.hashValue & (slots.count - 1)
        while slots[slot] != UInt32.max {
            if songs.ids[Int(slots[slot])] == id { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }
}
