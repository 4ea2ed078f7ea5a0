internal import Storage

/// The events of one day while they are counted.
///
/// An event takes 24 bytes, its id 21 to 43 and the order by song 8, of which at most two lie in
/// memory together: 50 to 70 bytes an event, plus names of songs and listeners once each.
struct DayTally: ~Copyable {
    private var seen = EventIDSet()
    private var songs = ByteTable()
    private var users = ByteTable()
    private var regions = ByteTable()
    private var events = EventStore()
    private var listenedMs: ContiguousArray<Int> = []
    private let rules: PlayRules

    init(_ rules: PlayRules) { self.rules = rules }

    /// Takes an event in.
    ///
    /// - Returns: false when an event with this id was there before.
    @inline(__always)
    mutating func add(_ event: PlayEvent) -> Bool {
        guard seen.insert(event.eventID) else { return false }
        let user = users.number(of: event.userID)
        if user == listenedMs.count { listenedMs.append(0) }
        listenedMs[user] += event.playedMs
        let isStream = rules.isStream(playedMs: event.playedMs, durationMs: event.durationMs)
        events.append(
            EventStore.Event(
                song: UInt32(truncatingIfNeeded: songs.number(of: event.songID)),
                user: UInt32(truncatingIfNeeded: user),
                playedMs: UInt32(truncatingIfNeeded: event.playedMs),
                regionAndStream: UInt32(truncatingIfNeeded: regions.number(of: event.region)) << 1
                    | (isStream ? 1 : 0),
                durationMs: UInt32(truncatingIfNeeded: event.durationMs),
                hour: UInt32((event.timeMs - event.dayNumber * 86_400_000) / 3_600_000)))
        return true
    }

    /// What a song has in a region.
    private struct Row {
        var counts = CountsRow()
        /// The listener that was counted last, so that each counts once.
        var lastListener = -1
    }

    /// Applies the rules and writes the day's counts, by song and region in byte order.
    mutating func finish(into writer: FileWriter, _ accounting: inout PlayAccounting) throws {
        seen.removeAll()
        var listeners = [Bool](repeating: false, count: users.count)
        var order = songOrder(&accounting)
        let regionRanks = ranks(regions.sortedNumbers())
        var rows = [Row](repeating: Row(), count: regions.count)
        var touched: [Int] = []
        var line: [UInt8] = []
        try writer.write(CountsFile.header)
        for song in songs.sortedNumbers() {
            let range = order.starts[song]..<order.starts[song + 1]
            if range.isEmpty { continue }
            order.keys.withUnsafeMutableBufferPointer { keys in
                var events = UnsafeMutableBufferPointer(rebasing: keys[range])
                events.sort()
            }
            var songListeners = 0
            var user = -1
            var userStreams = 0
            for position in range {
                let key = order.keys[position]
                let event = events[Int(key & 0xffff_ffff)]
                if Int(key >> 32) != user {
                    user = Int(key >> 32)
                    userStreams = 0
                }
                let region = Int(event.regionAndStream >> 1)
                if rows[region].counts.plays == 0 { touched.append(region) }
                rows[region].counts.plays += 1
                rows[region].counts.playedMs += Int(event.playedMs)
                let (played, duration) = (Int(event.playedMs), Int(event.durationMs))
                if rules.isScrobble(playedMs: played, durationMs: duration) {
                    rows[region].counts.scrobbles += 1
                }
                if duration > 0 {
                    rows[region].counts.timedPlays += 1
                    if played * 10 >= duration * 9 { rows[region].counts.completedPlays += 1 }
                    rows[region].counts.completionPermille += min(1000, played * 1000 / duration)
                }
                guard event.regionAndStream & 1 == 1 else {
                    rows[region].counts.skips += 1
                    continue
                }
                rows[region].counts.streams += 1
                rows[region].counts.hours[Int(event.hour)] += 1
                userStreams += 1
                if userStreams == 1 { songListeners += 1 }
                if userStreams <= rules.maximumChartStreams {
                    rows[region].counts.chartStreams += 1
                }
                if rows[region].lastListener != user {
                    rows[region].lastListener = user
                    rows[region].counts.listeners += 1
                }
                listeners[user] = true
            }
            touched.sort { regionRanks[$0] < regionRanks[$1] }
            for region in touched {
                let row = rows[region].counts
                line.removeAll(keepingCapacity: true)
                line.append(contentsOf: songs[song])
                line.append(9)
                line.append(contentsOf: regions[region])
                for value in [
                    row.plays, row.streams, row.chartStreams, row.scrobbles, row.listeners,
                    row.playedMs, row.skips, row.timedPlays, row.completedPlays,
                    row.completionPermille, songListeners,
                ] {
                    line.append(9)
                    line.append(contentsOf: String(value).utf8)
                }
                var separator: UInt8 = 9
                for hour in 0..<24 where row.hours[hour] > 0 {
                    line.append(separator)
                    line.append(contentsOf: "\(hour):\(row.hours[hour])".utf8)
                    separator = 32
                }
                if separator == 9 { line.append(9) }
                line.append(10)
                try writer.write(line)
                accounting.streams += row.streams
                accounting.short += row.skips
                accounting.chartStreams += row.chartStreams
                rows[region] = Row()
            }
            touched.removeAll(keepingCapacity: true)
        }
        accounting.listeners = listeners.count { $0 }
    }

    /// The events that remain, gathered by song: for each its listener and its place in reading
    /// order, which decides what the cap keeps.
    private func songOrder(_ accounting: inout PlayAccounting)
        -> (starts: ContiguousArray<Int>, keys: ContiguousArray<UInt64>)
    {
        precondition(events.count <= 0xffff_ffff, "more than 4 billion events in a day")
        var starts = ContiguousArray<Int>(repeating: 0, count: songs.count + 1)
        var remaining = 0
        for index in 0..<events.count {
            let event = events[index]
            if listenedMs[Int(event.user)] > rules.maximumListeningMs {
                accounting.impossibleHours += 1
            } else {
                starts[Int(event.song) + 1] += 1
                remaining += 1
            }
        }
        for song in 0..<songs.count { starts[song + 1] += starts[song] }
        var next = starts
        var keys = ContiguousArray<UInt64>(repeating: 0, count: remaining)
        for index in 0..<events.count {
            let event = events[index]
            if listenedMs[Int(event.user)] > rules.maximumListeningMs { continue }
            keys[next[Int(event.song)]] = UInt64(event.user) << 32 | UInt64(index)
            next[Int(event.song)] += 1
        }
        return (starts, keys)
    }

    private func ranks(_ sorted: [Int]) -> [Int] {
        var ranks = [Int](repeating: 0, count: sorted.count)
        for (rank, number) in sorted.enumerated() { ranks[number] = rank }
        return ranks
    }
}

/// Events in blocks of a million, so that a growing day is never copied.
struct EventStore: ~Copyable {
    struct Event {
        let song: UInt32
        let user: UInt32
        let playedMs: UInt32
        /// The region's number, and in the lowest bit whether it is a stream.
        let regionAndStream: UInt32
        let durationMs: UInt32
        let hour: UInt32
    }

    private var blocks: ContiguousArray<UnsafeMutablePointer<Event>> = []
    private(set) var count = 0

    private static let blockBits = 20

    deinit { for block in blocks { block.deallocate() } }

    @inline(__always)
    mutating func append(_ event: Event) {
        let offset = count & (1 << Self.blockBits - 1)
        if offset == 0 { blocks.append(.allocate(capacity: 1 << Self.blockBits)) }
        blocks[count >> Self.blockBits][offset] = event
        count += 1
    }

    subscript(_ index: Int) -> Event {
        blocks[index >> Self.blockBits][index & (1 << Self.blockBits - 1)]
    }
}
