import Storage
import Testing

@testable import Plays

/// A counted day against a second count with dictionaries and sets, whatever memory and threads it had.
@Suite struct DayCountTests {
    private static let date = "2026-11-19"

    private static var options: PlayOptions {
        var options = PlayOptions()
        options.rejectLimit = .percent(100)
        options.rules.farmListeners = 4
        options.rules.loopPlays = 6
        options.rules.maximumListeningMs = 4 * 3_600_000
        options.rules.maximumChartStreams = 3
        return options
    }

    // MARK: Random days

    /// A day with everything that rules are about: repeats, ids of two listeners, loops, farms and
    /// listeners who never sleep.
    private func randomDay(_ count: Int, _ random: inout SeededGenerator) -> [TestEvent] {
        var events: [TestEvent] = []
        func draw(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
        func ts() -> String {
            let time = Timestamp(
                milliseconds: CalendarDate(Self.date)!.dayNumber * 86_400_000 + draw(0..<86_400_000)
            )
            return "\(time)"
        }
        while events.count < count {
            switch draw(0..<20) {
            case 0 where !events.isEmpty:
                // Delivered again, as it was or with another figure.
                var event = events[draw(0..<events.count)]
                if draw(0..<2) == 0 { event.playedMs += 1 }
                events.append(event)
            case 1 where !events.isEmpty:
                // The same id as another listener's event.
                var event = events[draw(0..<events.count)]
                event.ts = ts()
                event.user = "u\(draw(0..<60))"
                events.append(event)
            case 2:
                let user = "looper\(draw(0..<4))"
                let song = "s\(draw(0..<3))"
                for _ in 0..<draw(1..<9) {
                    events.append(
                        TestEvent(
                            id: "e\(random.next())", ts: ts(), user: user, song: song,
                            playedMs: draw(0..<5) == 0 ? 90_000 : draw(30_000..<36_000)))
                }
            case 3:
                let address = "farm\(draw(0..<3))"
                for _ in 0..<draw(1..<6) {
                    events.append(
                        TestEvent(
                            id: "e\(random.next())", ts: ts(), user: "f\(draw(0..<8))",
                            song: "s\(draw(0..<20))",
                            playedMs: draw(0..<4) == 0 ? 60_000 : draw(30_000..<35_000),
                            address: address))
                }
            case 4:
                events.append(
                    TestEvent(
                        id: "e\(random.next())", ts: ts(), user: "tireless\(draw(0..<2))",
                        song: "s\(draw(0..<20))", playedMs: 1_000_000, durationMs: 1_000_000))
            default:
                events.append(
                    TestEvent(
                        id: "e\(random.next())", ts: ts(), user: "u\(draw(0..<60))",
                        song: "s\(draw(0..<20) * draw(0..<20))",
                        region: ["eu", "us", "ap"][draw(0..<3)],
                        playedMs: [
                            5_000, 20_000, 29_999, 30_000, 34_999, 35_000, 90_000, 162_000, 180_000,
                        ][draw(0..<9)],
                        durationMs: [0, 20_000, 60_000, 180_000][draw(0..<4)],
                        address: draw(0..<3) == 0 ? "a\(draw(0..<6))" : nil))
            }
        }
        // Chance may leave a day without something for each rule.
        if count >= 3_000 {
            func add(_ user: String, address: String? = nil, playedMs: Int) {
                events.append(
                    TestEvent(
                        id: "e\(random.next())", ts: ts(), user: user, song: "s0",
                        playedMs: playedMs, durationMs: max(playedMs, 180_000), address: address))
            }
            for _ in 0..<40 { add("looper", playedMs: 31_000) }
            for number in 0..<60 { add("f\(number)", address: "farm", playedMs: 31_000) }
            for _ in 0..<100 { add("sleepless", playedMs: 1_000_000) }
            events.append(events[0])
        }
        return events
    }

    @Test(arguments: [0, 1, 40, 3_000])
    func `a recount by dictionaries agrees in every file`(count: Int) throws {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        let fixture = try PlayLogFixture()
        let events = randomDay(count, &random)
        try fixture.write("\(Self.date).ndjson", events)
        let summary = try fixture.count(Self.date) { $0 = Self.options }
        let expected = DayRecount(events, Self.options.rules)
        let day = try #require(summary.days.first).accounting
        #expect(day.addsUp)
        #expect(day.duplicates == expected.duplicates, "seed \(seed)")
        #expect(day.addressFarm == expected.addressFarm, "seed \(seed)")
        #expect(day.impossibleHours == expected.impossibleHours, "seed \(seed)")
        #expect(day.thresholdLoop == expected.thresholdLoop, "seed \(seed)")
        #expect(day.listeners == expected.listeners, "seed \(seed)")
        let folder = fixture.partition(Self.date)
        func lines(_ name: String) throws -> [String] {
            Array(try fixture.lines("\(folder)/\(name)").dropFirst())
        }
        #expect(try lines("counts.tsv.zst") == expected.counts, "seed \(seed)")
        #expect(try lines("exclusions.tsv.zst") == expected.exclusions, "seed \(seed)")
        #expect(try lines("coplays.tsv.zst") == expected.coplays, "seed \(seed)")
        #expect(
            try content("\(folder)/listeners.hll.zst") == expected.sketches, "seed \(seed)")
        if count == 3_000 {
            // A day on which a rule has nothing to do would prove nothing.
            #expect(day.duplicates > 0 && day.addressFarm > 0 && day.impossibleHours > 0)
            #expect(day.thresholdLoop > 0 && !expected.coplays.isEmpty)
        }
    }

    private func content(_ path: String) throws -> [UInt8] {
        let reader = try ContentReader(path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        var bytes: [UInt8] = []
        while case let count = try reader.read(into: buffer), count > 0 {
            bytes += buffer[..<count]
        }
        return bytes
    }

    @Test func `neither threads nor memory nor the order of lines change a byte`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        var events = randomDay(20_000, &random)
        var expected: [String: [UInt8]]?
        for (threads, memory) in [(1, 768 << 20), (1, 1), (2, 1), (3, 64 << 20)] {
            let fixture = try PlayLogFixture()
            events.shuffle(using: &random)
            // Several logs, so that regions and songs are first met by another worker each time.
            for (part, start) in stride(from: 0, to: events.count, by: 5_000).enumerated() {
                try fixture.write(
                    "\(Self.date)/\(part).ndjson",
                    Array(events[start..<min(start + 5_000, events.count)]))
            }
            try fixture.count(Self.date) {
                $0 = Self.options
                $0.threads = threads
                $0.memoryBytes = memory
            }
            let files = try fixture.contents("plays/date=\(Self.date)")
                .filter { !$0.key.hasSuffix("artefact.json") }
            #expect(files.count == 5)
            if let expected {
                #expect(files == expected, "seed \(seed), \(threads) threads, \(memory) bytes")
            }
            expected = files
        }
    }

    @Test func `what does not fit into memory is spilled and found again`() throws {
        let fixture = try PlayLogFixture()
        let pool = BlockPool(bytes: 1, streams: 8, folder: fixture.warehouse.temporaryPath)
        let shuffle = Shuffle(buckets: 8, pool: pool)
        var writer = ShuffleWriter(shuffle)
        for number in 0..<40_000 {
            try writer.room(number % 8, 8).storeBytes(of: number, as: Int.self)
        }
        writer.finish()
        #expect(shuffle.spilledBytes > 300_000)
        #expect(shuffle.bytes == 320_000)
        for bucket in 0..<8 {
            let bytes = UnsafeMutableRawBufferPointer.allocate(
                byteCount: shuffle.bytes(of: bucket), alignment: 8)
            defer { bytes.deallocate() }
            try shuffle.drainAll(bucket, into: bytes.baseAddress!)
            #expect(
                Array(bytes.bindMemory(to: Int.self))
                    == Array(stride(from: bucket, to: 40_000, by: 8)))
        }
        #expect(try FileSystem.list(fixture.warehouse.temporaryPath) == [])
    }

    // MARK: Rules

    @Test func `a listener may have a whole day of one song`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "\(Self.date).ndjson",
            (0..<3_000).map {
                TestEvent(
                    id: "e\($0)", region: $0 % 3 == 0 ? "us" : "eu", playedMs: 20_000,
                    durationMs: 20_000)
            })
        let day = try fixture.count(Self.date).total
        #expect((day.streams, day.chartStreams, day.listeners) == (3_000, 10, 1))
        #expect(
            try fixture.counts(Self.date, "region streams listeners song_listeners") == [
                "eu\t2000\t1\t1", "us\t1000\t1\t1",
            ])
    }

    @Test(arguments: [(24, 18, 0), (25, 18, 0), (25, 19, 25)])
    func `an address is a farm from so many listeners and plays at the threshold`(
        listeners: Int, atThreshold: Int, excluded: Int
    ) throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "\(Self.date).ndjson",
            (0..<listeners).map {
                TestEvent(
                    id: "e\($0)", user: "u\($0)", playedMs: $0 < atThreshold ? 34_999 : 35_000,
                    address: "192.0.2.1")
            } + [TestEvent(id: "home", user: "u0", playedMs: 60_000, address: "192.0.2.2")])
        let day = try fixture.count(Self.date).total
        #expect(day.addressFarm == excluded)
        #expect(day.addsUp)
        let played = atThreshold * 34_999 + (listeners - atThreshold) * 35_000
        #expect(
            try fixture.lines("\(fixture.partition(Self.date))/exclusions.tsv.zst").dropFirst()
                == (excluded > 0 ? ["address_farm\t\t\t192.0.2.1\t\(excluded)\t\(played)"] : []))
        #expect(try fixture.count(Self.date) { $0.rules.farmListeners = 0 }.total.addressFarm == 0)
    }

    @Test(arguments: [(29, 29, 0), (30, 22, 0), (30, 23, 30), (40, 30, 40)])
    func `one song at the threshold is a loop from so many plays`(
        plays: Int, atThreshold: Int, excluded: Int
    ) throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "\(Self.date).ndjson",
            (0..<plays).map {
                TestEvent(id: "e\($0)", playedMs: $0 < atThreshold ? 30_000 : 29_999)
            } + [TestEvent(id: "other", song: "s2")])
        let day = try fixture.count(Self.date).total
        #expect(day.thresholdLoop == excluded)
        #expect(try fixture.counts(Self.date, "song_id").last == "s2")
        #expect(try fixture.count(Self.date) { $0.rules.loopPlays = 0 }.total.thresholdLoop == 0)
    }

    @Test(arguments: [
        (89_999, 180_000, false), (90_000, 180_000, true), (240_000, 600_000, true),
        (239_999, 600_000, false), (30_000, 30_000, false), (15_001, 30_001, true),
        (600_000, 0, false),
    ])
    func `the other rule set takes half of a song or four minutes`(
        playedMs: Int, durationMs: Int, counts: Bool
    ) throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "\(Self.date).ndjson", [TestEvent(playedMs: playedMs, durationMs: durationMs)])
        let day = try fixture.count(Self.date) { $0.rules.ruleSet = .scrobble }.total
        #expect((day.streams, day.short) == (counts ? (1, 0) : (0, 1)))
        #expect(try fixture.counts(Self.date, "scrobbles") == [counts ? "1" : "0"])
    }

    @Test func `more regions than there can be are refused`() throws {
        let regions = RegionTable()
        func number(_ name: Int) throws -> Int {
            try Array("r\(name)".utf8).withUnsafeBytes { try regions.number(of: $0) }
        }
        for name in 0..<65_535 { #expect(try number(name) == name) }
        #expect(throws: TooManyRegions.self) { try number(70_000) }
        #expect(try number(7) == 7)
    }

    // MARK: Time zones

    @Test func `a region's day is its own where a time zone is named`() throws {
        let fixture = try PlayLogFixture()
        let zones = fixture.path + "/zones.json"
        let file = try FileWriter(zones)
        try file.write("{\"eu\": \"Europe/Berlin\", \"ap\": \"+09:00\", \"us\": \"-08:00\"}")
        _ = try file.finish()
        func event(_ id: String, _ ts: String, _ region: String) -> TestEvent {
            TestEvent(id: id, ts: ts, region: region)
        }
        try fixture.write(
            "2026-11-18.ndjson",
            [
                event("1", "2026-11-18T15:00:00Z", "ap"),
                event("2", "2026-11-18T14:59:59.999Z", "ap"),
                event("3", "2026-11-18T23:30:00Z", "eu"), event("4", "2026-11-18T23:30:00Z", "utc"),
            ])
        try fixture.write(
            "2026-11-19.ndjson",
            [
                event("5", "2026-11-19T07:59:59Z", "us"), event("6", "2026-11-19T08:00:00Z", "us"),
                event("7", "2026-11-19T20:00:00Z", "ap"), event("8", "2026-11-20T00:00:00Z", "utc"),
            ])
        let summary = try fixture.count("2026-11-19") { $0.timeZones = try! TimeZones.read(zones) }
        #expect(summary.days.allSatisfy { $0.accounting.addsUp })
        #expect(
            try fixture.counts("2026-11-18", "region streams hours") == [
                "ap\t1\t23:1", "us\t1\t23:1", "utc\t1\t23:1",
            ])
        #expect(
            try fixture.counts("2026-11-19", "region streams hours") == [
                "ap\t1\t0:1", "eu\t1\t0:1", "us\t1\t0:1",
            ])
        #expect(summary.total.rejected(for: .future) == 1)
        // What is of the next day there waits for its night.
        try fixture.write("2026-11-20.ndjson", [event("9", "2026-11-20T12:00:00Z", "utc")])
        _ = try fixture.count("2026-11-20") { $0.timeZones = try! TimeZones.read(zones) }
        #expect(
            try fixture.counts("2026-11-20", "region streams hours") == [
                "ap\t1\t5:1", "utc\t1\t12:1",
            ])
    }

    @Test(arguments: [
        "[]", "{\"eu\": 1}", "{\"eu\": \"Nowhere/City\"}", "{\"eu\": \"+25:00\"}",
        "{\"eu\": \"../../etc/passwd\"}", "{\"eu\": \"\"}",
    ])
    func `a time zone that is none is named`(text: String) throws {
        let fixture = try PlayLogFixture()
        let file = try FileWriter(fixture.path + "/zones.json")
        try file.write(text)
        _ = try file.finish()
        #expect(throws: FormatError.self) { try TimeZones.read(fixture.path + "/zones.json") }
    }

    /// Moments as `date -d` says them with the zone's rule alone.
    @Test(arguments: [
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-14T23:30:00Z", 0),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2040-07-01T23:30:00Z", 1),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29T00:59:59Z", 0),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29T01:00:00Z", 1),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-10-25T00:59:59Z", 1),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-10-25T01:00:00Z", 0),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-07-01T00:00:00Z", -4),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -5),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -4),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -5),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 11),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-12-31T23:00:00Z", 11),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z", 10),
        ("<+03>-3", "2026-07-01T00:00:00Z", 3), ("JST-9", "2050-01-01T00:00:00Z", 9),
        ("XXX0YYY,J60,J61/0", "2028-03-01T03:00:00Z", 1),
        ("XXX0YYY,J60,J61/0", "2028-02-29T23:00:00Z", 0),
        ("XXX0YYY,59,60/0", "2028-02-29T03:00:00Z", 1),
    ])
    func `behind the last change a zone's rule holds`(rule: String, moment: String, hours: Int)
        throws
    {
        let zone = try #require(ZoneRule(rule.utf8))
        let time = try #require(Timestamp(moment)).milliseconds
        #expect(zone.offset(at: time / 1000) == hours * 3_600_000)
    }

    @Test(arguments: ["", "X", "ABC", "ABC5DEF", "ABC5DEF,M13.1.0,M1.1.0", "ABC5DEF,M3.2.0"])
    func `what is no rule of a zone is none`(rule: String) {
        #expect(ZoneRule(rule.utf8) == nil)
    }

    @Test func `the database's own files go on behind their last change`() throws {
        let zone = try ZoneInfo("/usr/share/zoneinfo/Europe/Dublin")
        for (moment, hours) in [
            ("2026-07-01T12:00:00Z", 1), ("2036-07-01T12:00:00Z", 1), ("2040-07-01T12:00:00Z", 1),
            ("2040-01-01T12:00:00Z", 0),
        ] {
            let time = try #require(Timestamp(moment)).milliseconds
            #expect(zone.offset(at: time) == hours * 3_600_000, "\(moment)")
        }
    }
}
