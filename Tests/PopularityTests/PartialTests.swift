import Storage
import Testing

@testable import Plays

/// A day that many machines read, against the same day read by one.
@Suite struct PartialTests {
    private static let date = CalendarDate("2026-11-19")!

    private static var options: PlayOptions {
        var options = PlayOptions()
        options.rejectLimit = .percent(100)
        options.rules.farmListeners = 3
        options.rules.loopPlays = 4
        options.rules.maximumListeningMs = 3_600_000
        options.tool = "test"
        options.reading.region = "eu"
        options.reading.bitrateKbps = 128
        return options
    }

    /// Two days' logs with late events, rejects, repeats, and what rules set aside.
    private func writeLogs(_ fixture: PlayLogFixture, _ random: inout SeededGenerator) throws {
        for day in ["2026-11-19", "2026-11-20"] {
            for log in 0..<3 {
                var text = ""
                for _ in 0..<400 {
                    func draw(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
                    switch draw(0..<20) {
                    case 0: text += "{\"bad\": \(draw(0..<9))\n"
                    case 1: text += "\n"
                    default:
                        let event = TestEvent(
                            id: "e\(draw(0..<3_000))",
                            ts:
                                "\(draw(0..<8) == 0 ? "2026-11-18" : day)T\(padded(draw(0..<24), 2)):00:00.\(padded(draw(0..<1000), 3))Z",
                            user: "u\(draw(0..<60))", song: "s\(draw(0..<12))",
                            region: ["eu", "us", "ap", "sa"][draw(log..<log + 2)],
                            playedMs: [31_000, 31_000, 90_000, 20_000][draw(0..<4)],
                            address: draw(0..<6) == 0 ? "a\(draw(0..<40))" : nil)
                        text += event.line + "\n"
                    }
                }
                try fixture.write("\(day)/\(log).ndjson", text)
            }
            // Between the others by name; what sessions came to is listed behind them all.
            let requests = ["18", "19", "20", "21"].map {
                #"1.2.3.4 - - [\#($0)/Nov/2026:10:00:00 +0000] "GET /audio/x.mp3 HTTP/1.1" 200 900000 "-" "VLC""#
            }
            try fixture.write(
                "\(day)/0-access.log", (requests + ["no request"]).map { $0 + "\n" }.joined())
        }
    }

    /// What a local run makes of the logs, but for the record of when what was made.
    private func expected(_ fixture: PlayLogFixture) throws -> [String: [UInt8]] {
        try fixture.count("2026-11-20") { $0 = Self.options }
        return try files(fixture)
    }

    private func files(_ fixture: PlayLogFixture) throws -> [String: [UInt8]] {
        try fixture.contents("plays").filter {
            $0.key.contains("date=2026-11-19/") || $0.key.contains("logged=2026-11-19/")
        }
    }

    /// Maps the day in random pieces, ranges of bytes among them.
    private func map(_ fixture: PlayLogFixture, _ job: String, _ random: inout SeededGenerator)
        throws -> [String]
    {
        let day = fixture.logs + "/2026-11-19"
        // Some logs together, one of the others between them.
        let ranged = Int.random(in: 0..<3, using: &random)
        var together = [day + "/0-access.log"]
        if ranged != 0 { together.append(day + "/0.ndjson") }
        if ranged == 1 { together.append(day + "/2.ndjson") }
        var folders = ["\(job)/partials/together"]
        _ = try PlayCounter.map(
            together, of: Self.date, range: nil, options: Self.options, to: folders[0])
        for log in 0..<3 where !together.contains("\(day)/\(log).ndjson") {
            let path = "\(day)/\(log).ndjson"
            let size = try #require(try FileStatus.of(path)?.sizeBytes)
            var ends = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                Int.random(in: 0...size, using: &random)
            }
            ends = (ends + [0, size]).sorted()
            for (start, end) in zip(ends, ends.dropFirst()) {
                let folder = "\(job)/partials/\(folders.count)"
                _ = try PlayCounter.map(
                    [path], of: Self.date, range: ends.count == 2 ? nil : start..<end,
                    options: Self.options, to: folder)
                folders.append(folder)
            }
        }
        return folders
    }

    @Test func `merging in any grouping gives the same bytes, and the day of a local run`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        let fixture = try PlayLogFixture()
        try writeLogs(fixture, &random)
        let local = try expected(fixture)
        #expect(local.count > 6)
        let folders = try map(fixture, fixture.path + "/job", &random)
        var merged: [String: [UInt8]]?
        for round in 0..<3 {
            var left = folders.shuffled(using: &random)
            var number = 0
            while left.count > 1 {
                let group = Array(left.prefix(Int.random(in: 2...left.count, using: &random)))
                let target = "\(fixture.path)/merged/\(round)-\(number)"
                try PlayCounter.merge(group, to: target)
                left = left.dropFirst(group.count) + [target]
                number += 1
            }
            let content = try Dictionary(
                uniqueKeysWithValues: FileSystem.list(left[0]).map {
                    ($0, try FileSystem.readAll("\(left[0])/\($0)"))
                })
            if folders.count > 1 {
                if let merged { #expect(content == merged, "seed \(seed)") }
                merged = content
            }
            for name in ["date=2026-11-19", "late/logged=2026-11-19"] {
                try FileSystem.removeTree("\(fixture.warehouse.path)/plays/\(name)")
            }
            let counter = PlayCounter(
                warehouse: fixture.warehouse, logs: [], options: Self.options)
            _ = try counter.finish(round == 0 ? folders.shuffled(using: &random) : left)
            #expect(try files(fixture) == local, "seed \(seed), round \(round)")
        }
    }

    @Test func `phases bucket by bucket make the day of a local run`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        let fixture = try PlayLogFixture()
        try writeLogs(fixture, &random)
        let local = try expected(fixture)
        for name in ["date=2026-11-19", "late/logged=2026-11-19"] {
            try FileSystem.removeTree("\(fixture.warehouse.path)/plays/\(name)")
        }
        let job = fixture.path + "/job"
        _ = try map(fixture, job, &random)
        let counter = PlayCounter(warehouse: fixture.warehouse, logs: [], options: Self.options)
        let phases = PartialPhases(job, options: Self.options)
        #expect(throws: FormatError.self) { try phases.finish(in: fixture.warehouse) }
        _ = try counter.mapLate(of: Self.date, to: job + "/partials/late")
        for phase in PartialPhases.Phase.allCases {
            let count = Int.random(in: 1...5, using: &random)
            for task in (0..<count).shuffled(using: &random) {
                // As when a task is thought to be lost.
                for _ in 0..<Int.random(in: 1...2, using: &random) {
                    try phases.run(phase, task: task, of: count)
                }
            }
        }
        let (date, accounting) = try phases.finish(in: fixture.warehouse)
        #expect(date == Self.date)
        #expect(accounting.addressFarm > 0 || accounting.thresholdLoop > 0)
        #expect(accounting.lateIn == 0 || accounting.duplicates > 0)
        #expect(try files(fixture) == local, "seed \(seed)")
        #expect(try FileSystem.list(job + "/listeners").allSatisfy { !$0.hasPrefix(".") })
    }

    @Test func `what is missing or twice is refused`() throws {
        var random = SeededGenerator(1)
        let fixture = try PlayLogFixture()
        try writeLogs(fixture, &random)
        let path = "\(fixture.logs)/2026-11-19/0.ndjson"
        let size = try #require(try FileStatus.of(path)?.sizeBytes)
        func map(_ name: String, _ range: Range<Int>?) throws -> String {
            let folder = "\(fixture.path)/\(name)"
            _ = try PlayCounter.map(
                [path], of: Self.date, range: range, options: Self.options, to: folder)
            return folder
        }
        let (first, middle) = (try map("a", 0..<1000), try map("b", 1000..<size / 2))
        let (last, whole) = (try map("c", size / 2..<size), try map("d", nil))
        let counter = PlayCounter(warehouse: fixture.warehouse, logs: [], options: Self.options)
        for folders in [
            [first, last], [first, middle], [first, middle, last, whole],
            [first, first, middle, last],
        ] {
            #expect(throws: FormatError.self) { try counter.finish(folders) }
        }
        var others = Self.options
        others.rules.maximumChartStreams = 3
        let other = PlayCounter(warehouse: fixture.warehouse, logs: [], options: others)
        #expect(throws: FormatError.self) { try other.finish([whole]) }
        #expect(!FileSystem.exists(fixture.partition("2026-11-19")))
        _ = try counter.finish([last, first, middle])
        #expect(FileSystem.exists(fixture.partition("2026-11-19")))
        // A file that is cut is none.
        let events = "\(whole)/events.bin"
        let bytes = try FileSystem.readAll(events)
        try FileSystem.remove(events)
        let file = try FileDescriptor(events, .createNew)
        try bytes.dropLast(8).withUnsafeBytes { try file.write($0) }
        #expect(throws: FormatError.self) { try counter.finish([whole]) }
    }

    @Test func `a log that changes between its maps is refused`() throws {
        let fixture = try PlayLogFixture()
        let events = (0..<3).map { TestEvent(id: "e\($0)") }
        try fixture.write("2026-11-19.ndjson", events)
        let path = fixture.logs + "/2026-11-19.ndjson"
        let size = try #require(try FileStatus.of(path)?.sizeBytes)
        func map(_ range: Range<Int>) throws -> String {
            let folder = "\(fixture.path)/\(range.lowerBound)"
            _ = try PlayCounter.map(
                [path], of: Self.date, range: range, options: Self.options, to: folder)
            return folder
        }
        let last = try map(10..<size)
        try fixture.write("2026-11-19.ndjson", events + [TestEvent(id: "e4"), TestEvent(id: "e5")])
        let folders = [try map(0..<10), last]
        let counter = PlayCounter(warehouse: fixture.warehouse, logs: [], options: Self.options)
        #expect(throws: FormatError.self) { try counter.finish(folders) }
        #expect(!FileSystem.exists(fixture.partition("2026-11-19")))
    }

    @Test func `access logs in two partials, and logs of another day, are refused`() throws {
        let fixture = try PlayLogFixture()
        let line =
            #"1.2.3.4 - - [19/Nov/2026:10:00:00 +0000] "GET /audio/x.mp3 HTTP/1.1" 200 900000 "-" "VLC""#
        var folders: [String] = []
        for name in ["a", "b"] {
            try fixture.write("2026-11-19/\(name).log", line + "\n")
            folders.append("\(fixture.path)/\(name)")
            _ = try PlayCounter.map(
                ["\(fixture.logs)/2026-11-19/\(name).log"], of: Self.date, range: nil,
                options: Self.options, to: folders.last!)
        }
        let counter = PlayCounter(warehouse: fixture.warehouse, logs: [], options: Self.options)
        #expect(throws: FormatError.self) { try counter.finish(folders) }
        _ = try counter.finish([folders[0]])
        #expect(throws: FormatError.self) {
            try PlayCounter.map(
                [fixture.logs], of: CalendarDate("2026-11-18")!, range: nil, options: Self.options,
                to: fixture.path + "/c")
        }
    }

    @Test func `a partial replaces a partial and nothing else`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19.ndjson", [TestEvent()])
        func map(_ folder: String) throws {
            _ = try PlayCounter.map(
                [fixture.logs], of: Self.date, range: nil, options: Self.options, to: folder)
        }
        let (partial, music) = (fixture.path + "/partial", fixture.path + "/home")
        try map(partial)
        try map(partial)
        try FileSystem.makeDirectories(music + "/music")
        #expect(throws: FormatError.self) { try map(music) }
        #expect(throws: FormatError.self) { try PlayCounter.merge([partial], to: music) }
        #expect(throws: FormatError.self) { try PlayCounter.merge([partial], to: fixture.path) }
        #expect(try FileSystem.list(music) == ["music"])
        #expect(FileSystem.exists(partial + "/partial.json"))
    }
}
