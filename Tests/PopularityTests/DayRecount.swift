import Storage

@testable import Plays

/// A day counted with dictionaries and sets, by the rules as docs/formats/popularity.md has them.
struct DayRecount {
    private(set) var duplicates = 0
    private(set) var addressFarm = 0
    private(set) var impossibleHours = 0
    private(set) var thresholdLoop = 0
    private(set) var listeners = 0
    private(set) var counts: [String] = []
    private(set) var exclusions: [String] = []
    private(set) var coplays: [String] = []
    private(set) var sketches: [UInt8] = []

    private struct Pair: Hashable {
        let first: String
        let second: String
    }

    init(_ all: [TestEvent], _ rules: PlayRules) {
        // One event of each id: the earliest, of those the one that was heard longest.
        func precedes(_ a: TestEvent, _ b: TestEvent) -> Bool {
            (a.ts, -a.playedMs) < (b.ts, -b.playedMs)
        }
        var chosen: [String: TestEvent] = [:]
        for event in all where chosen[event.id].map({ precedes(event, $0) }) ?? true {
            chosen[event.id] = event
        }
        duplicates = all.count - chosen.count
        var events = Array(chosen.values)
        func isStream(_ event: TestEvent) -> Bool {
            rules.isStream(playedMs: event.playedMs, durationMs: event.durationMs)
        }
        func isAtThreshold(_ event: TestEvent) -> Bool {
            isStream(event)
                && (rules.minimumStreamMs..<rules.minimumStreamMs + 5_000).contains(event.playedMs)
        }
        func isMostlyAtThreshold(_ events: [TestEvent]) -> Bool {
            events.count(where: isAtThreshold) * 4 >= events.count * 3
        }
        func exclude(_ events: [TestEvent], _ columns: String) {
            exclusions.append(
                "\(columns)\t\(events.count)\t\(events.reduce(0) { $0 + $1.playedMs })")
        }

        var byAddress: [String: [TestEvent]] = [:]
        for event in events {
            if let address = event.address { byAddress[address, default: []].append(event) }
        }
        let farms = byAddress.filter {
            Set($0.value.map(\.user)).count >= rules.farmListeners
                && isMostlyAtThreshold($0.value)
        }
        for (address, events) in farms {
            exclude(events, "address_farm\t\t\t\(address)")
            addressFarm += events.count
        }
        events.removeAll { $0.address.map { farms[$0] != nil } ?? false }

        for (user, events) in Dictionary(grouping: events, by: \.user)
        where events.reduce(0, { $0 + $1.playedMs }) > rules.maximumListeningMs {
            exclude(events, "impossible_hours\t\(user)\t\t")
            impossibleHours += events.count
        }
        let tireless = Set(
            exclusions.filter { $0.hasPrefix("impossible") }.map { $0.split(separator: "\t")[1] })
        events.removeAll { tireless.contains($0.user[...]) }

        let bySong = Dictionary(grouping: events) { Pair(first: $0.user, second: $0.song) }
        let loops = bySong.filter {
            $0.value.count >= rules.loopPlays && isMostlyAtThreshold($0.value)
        }
        for (pair, events) in loops {
            exclude(events, "threshold_loop\t\(pair.first)\t\(pair.second)\t")
            thresholdLoop += events.count
        }
        events.removeAll { loops[Pair(first: $0.user, second: $0.song)] != nil }
        exclusions.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }

        // What counts, each listener's in the order of time.
        events.sort(by: precedes)
        countRows(events, rules, isStream)
        countPairs(events.filter(isStream))
    }

    private mutating func countRows(
        _ events: [TestEvent], _ rules: PlayRules, _ isStream: (TestEvent) -> Bool
    ) {
        var rows: [Pair: CountsRow] = [:]
        var users: [Pair: Set<String>] = [:]
        var songUsers: [String: Set<String>] = [:]
        var cap: [Pair: Int] = [:]
        for event in events {
            let key = Pair(first: event.song, second: event.region)
            var row = rows[key] ?? CountsRow()
            row.plays += 1
            row.playedMs += event.playedMs
            if event.durationMs > 0 {
                row.timedPlays += 1
                if event.playedMs * 10 >= event.durationMs * 9 { row.completedPlays += 1 }
                row.completionPermille += min(1000, event.playedMs * 1000 / event.durationMs)
            }
            if event.durationMs > 30_000,
                event.playedMs >= 240_000 || event.playedMs * 2 >= event.durationMs
            {
                row.scrobbles += 1
            }
            if isStream(event) {
                row.streams += 1
                row.hours[Timestamp(event.ts)!.milliseconds / 3_600_000 % 24] += 1
                users[key, default: []].insert(event.user)
                songUsers[event.song, default: []].insert(event.user)
                cap[Pair(first: event.user, second: event.song), default: 0] += 1
                if cap[Pair(first: event.user, second: event.song)]! <= rules.maximumChartStreams {
                    row.chartStreams += 1
                }
            } else {
                row.skips += 1
            }
            rows[key] = row
        }
        listeners = songUsers.values.reduce(into: Set<String>()) { $0.formUnion($1) }.count
        for (key, row) in rows.sorted(by: {
            ($0.key.first, $0.key.second) < ($1.key.first, $1.key.second)
        }) {
            let hours = (0..<24).filter { row.hours[$0] > 0 }.map { "\($0):\(row.hours[$0])" }
            let figures = [
                row.plays, row.streams, row.chartStreams, row.scrobbles, users[key]?.count ?? 0,
                row.playedMs, row.skips, row.timedPlays, row.completedPlays,
                row.completionPermille, songUsers[key.first]?.count ?? 0,
            ]
            counts.append(
                ([key.first, key.second] + figures.map(String.init)
                    + [hours.joined(separator: " ")]).joined(separator: "\t"))
            var sketch = ListenerSketch()
            for user in users[key] ?? [] {
                sketch.insert(hash: Array(user.utf8).withUnsafeBytes { ByteHash.hash64($0) })
            }
            sketches.appendNumber(UInt64(sketch.byteCount))
            sketch.append(to: &sketches)
        }
    }

    private mutating func countPairs(_ streams: [TestEvent]) {
        var pairs: [Pair: Int] = [:]
        for day in Dictionary(grouping: streams, by: \.user).values {
            var met: Set<Pair> = []
            for (index, first) in day.enumerated() {
                for next in index + 1..<max(min(index + 11, day.count), index + 1) {
                    let gap =
                        Timestamp(day[next].ts)!.milliseconds
                        - Timestamp(day[next - 1].ts)!.milliseconds
                    if gap > 1_800_000 { break }
                    let songs = [first.song, day[next].song].sorted()
                    if songs[0] != songs[1] { met.insert(Pair(first: songs[0], second: songs[1])) }
                }
            }
            for pair in met { pairs[pair, default: 0] += 1 }
        }
        coplays = pairs.sorted { ($0.key.first, $0.key.second) < ($1.key.first, $1.key.second) }
            .map { "\($0.key.first)\t\($0.key.second)\t\($0.value)" }
    }
}
