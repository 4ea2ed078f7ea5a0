import Glibc
import Storage
import Testing

@testable import Plays

/// Random logs counted by a second, naive implementation, and in every order of nights.
@Suite struct NightOrderTests {
    private static let first = CalendarDate("2026-11-10")!
    private static let days = 9
    private static var last: CalendarDate { first + (days - 1) }

    // MARK: Random logs

    private struct Log {
        let name: String
        let day: CalendarDate?
        var lines: [(text: String, event: TestEvent?)] = []
    }

    private func randomLogs(_ random: inout SeededGenerator) -> [Log] {
        var logs: [Log] = []
        for day in 0..<Self.days where day != 5 {
            for name in ["a.ndjson", "b.ndjson.gz", "c.ndjson.zst"] {
                let date = Self.first + day
                logs.append(Log(name: "\(date)/\(name)", day: date))
            }
        }
        logs.append(Log(name: "undated.ndjson.gz", day: nil))
        var earlier: [TestEvent] = []
        for index in logs.indices {
            let logDay = logs[index].day ?? Self.last
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                if Int.random(in: 0..<12, using: &random) == 0 {
                    logs[index].lines.append(("{\"bad\":", nil))
                    continue
                }
                var event: TestEvent
                if let repeated = earlier.randomElement(using: &random),
                    Int.random(in: 0..<6, using: &random) == 0
                {
                    event = repeated
                    // Delivered again with another figure: the first one counts.
                    if Bool.random(using: &random) { event.playedMs += 1 }
                } else {
                    let age =
                        Int.random(in: 0..<4, using: &random) == 0
                        ? Int.random(in: -1...9, using: &random) : 0
                    let moment = Timestamp(
                        milliseconds: (logDay - age).dayNumber * 86_400_000
                            + Int.random(in: 0..<86_400_000, using: &random))
                    event = TestEvent(
                        id: "e\(random.next() % 100_000)", ts: "\(moment)",
                        user: "u\(Int.random(in: 0..<6, using: &random))",
                        song: "s\(Int.random(in: 0..<5, using: &random))",
                        region: ["eu", "us", "ap"].randomElement(using: &random)!,
                        playedMs: [5_000, 29_999, 30_000, 200_000, 20_000_000].randomElement(
                            using: &random)!,
                        durationMs: [5_000, 180_000].randomElement(using: &random)!)
                }
                earlier.append(event)
                logs[index].lines.append((event.line, event))
            }
        }
        return logs
    }

    private func write(_ logs: [Log], _ fixture: PlayLogFixture) throws {
        for log in logs {
            try fixture.write(log.name, log.lines.map { $0.text + "\n" }.joined())
        }
    }

    // MARK: The naive count

    private struct Key: Hashable {
        let song: String
        let region: String
    }

    /// The rows of a day, from all logs up to `night`, with dictionaries and sets.
    private func naiveCounts(_ logs: [Log], _ day: CalendarDate) -> [String] {
        let own = logs.filter { $0.day == day }
        let late = logs.filter { log in log.day.map { $0 > day && $0 <= day + 7 } ?? false }
        let undated = logs.filter { $0.day == nil }
        // Of events with one id the earliest counts, and of those the one that was heard longest.
        var chosen: [String: TestEvent] = [:]
        func precedes(_ a: TestEvent, _ b: TestEvent) -> Bool {
            (a.ts, -a.playedMs) < (b.ts, -b.playedMs)
        }
        for log in own + late + undated {
            for case let event? in log.lines.map(\.event) where Timestamp(event.ts)!.date == day {
                let known = chosen[event.id]
                if known.map({ precedes(event, $0) }) ?? true { chosen[event.id] = event }
            }
        }
        var events = chosen.values.sorted(by: precedes)
        var hours: [String: Int] = [:]
        for event in events { hours[event.user, default: 0] += event.playedMs }
        events.removeAll { hours[$0.user]! > 86_400_000 }
        var rows: [Key: [Int]] = [:]
        var listeners: [Key: Set<String>] = [:]
        var songListeners: [String: Set<String>] = [:]
        var chart: [String: Int] = [:]
        for event in events {
            let key = Key(song: event.song, region: event.region)
            let isStream =
                event.playedMs >= 30_000
                || (event.durationMs < 30_000 && event.playedMs >= event.durationMs)
            var row = rows[key] ?? [0, 0, 0, 0, 0]
            row[0] += 1
            row[3] += event.playedMs
            row[4] += isStream ? 0 : 1
            if isStream {
                row[1] += 1
                listeners[key, default: []].insert(event.user)
                songListeners[event.song, default: []].insert(event.user)
                chart["\(event.user) \(event.song)", default: 0] += 1
                if chart["\(event.user) \(event.song)"]! <= 10 { row[2] += 1 }
            }
            rows[key] = row
        }
        return rows.sorted { ($0.key.song, $0.key.region) < ($1.key.song, $1.key.region) }.map {
            key, row in
            "\(key.song)\t\(key.region)\t\(row[0])\t\(row[1])\t\(row[2])\t\(listeners[key]?.count ?? 0)\t\(row[3])\t\(row[4])\t\(songListeners[key.song]?.count ?? 0)"
        }
    }

    // MARK: Tests

    @Test func `a naive recount of random logs agrees`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        for _ in 0..<8 {
            let fixture = try PlayLogFixture()
            let logs = randomLogs(&random)
            try write(logs, fixture)
            let summary = try fixture.count("\(Self.last)")
            #expect(
                summary.days.allSatisfy { $0.accounting.addsUp } && summary.undated.addsUp,
                "seed \(seed)")
            #expect(summary.total.addsUp, "seed \(seed)")
            for day in summary.days {
                #expect(
                    try fixture.counts("\(day.date)") == naiveCounts(logs, day.date),
                    "seed \(seed), \(day.date)")
            }
            let lines = logs.reduce(0) { $0 + $1.lines.count }
            #expect(summary.total.lines == lines, "seed \(seed)")
        }
    }

    @Test func `no order of nights leaves a trace in the partitions`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        for _ in 0..<3 {
            let fixture = try PlayLogFixture()
            try write(randomLogs(&random), fixture)
            try fixture.count("\(Self.last)")
            let expected = try partitions(fixture)
            #expect(expected.count >= 3 * Self.days)

            // Night by night.
            try fixture.replaceWarehouse()
            for day in 0..<Self.days { try fixture.count("\(Self.first + day)") }
            #expect(try partitions(fixture) == expected, "seed \(seed)")

            // An old night once more undoes nothing.
            try fixture.count("\(Self.first + 4)")
            #expect(try partitions(fixture) == expected, "seed \(seed)")

            // In any order, some twice, the last at the end.
            try fixture.replaceWarehouse()
            for _ in 0..<6 {
                try fixture.count("\(Self.first + Int.random(in: 0..<Self.days, using: &random))")
            }
            try fixture.count("\(Self.last)")
            #expect(try partitions(fixture) == expected, "seed \(seed)")
        }
    }

    @Test func `a log that comes later is counted as if it had been there`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        let fixture = try PlayLogFixture()
        let logs = randomLogs(&random).shuffled(using: &random)
        for log in logs {
            try write([log], fixture)
            if Bool.random(using: &random) { try fixture.count("\(Self.last)") }
        }
        try fixture.count("\(Self.last)")
        let grown = try partitions(fixture)
        try fixture.replaceWarehouse()
        try fixture.count("\(Self.last)")
        #expect(try partitions(fixture) == grown, "seed \(seed)")
    }

    @Test func `a run that is killed anywhere goes on to the same bytes`() async throws {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        let fixture = try PlayLogFixture()
        try write(randomLogs(&random), fixture)
        try fixture.count("\(Self.last)")
        let expected = try partitions(fixture)
        try fixture.replaceWarehouse()
        let warehouse = fixture.warehouse.path
        let logs = fixture.logs
        for _ in 0..<8 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [warehouse = warehouse as String, logs = logs as String] in
                var heard = 0
                let counter = PlayCounter(
                    warehouse: Warehouse(path: warehouse), logs: [logs],
                    options: NightOrderTests.options)
                _ = try counter.run(date: NightOrderTests.last) { _ in
                    heard += 1
                    // One more day is done and waits; none is in its place yet.
                    if heard == 2 { kill(getpid(), SIGKILL) }
                }
            }
            let published = try partitions(fixture)
            #expect(published.isEmpty)
        }
        try fixture.warehouse.emptyTemporaryFolder()
        try fixture.count("\(Self.last)")
        #expect(try partitions(fixture) == expected, "seed \(seed)")
    }

    private static var options: PlayOptions {
        var options = PlayOptions()
        options.rejectLimit = .percent(100)
        return options
    }

    /// What other stages see: the partitions, not the spools.
    private func partitions(_ fixture: PlayLogFixture) throws -> [String: [UInt8]] {
        try fixture.contents("plays").filter { $0.key.hasPrefix("/plays/date=") }
    }
}
