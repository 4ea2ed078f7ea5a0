import Glibc
import Storage
import Testing

@testable import Plays

@Suite struct PlayCounterTests {
    // MARK: Rules

    @Test(arguments: [
        (29_999, 180_000, false), (30_000, 180_000, true), (20_000, 20_000, true),
        (19_999, 20_000, false), (25_000, 20_000, true), (29_999, 30_000, false),
        (0, 0, false), (29_999, 0, false), (30_000, 0, true),
    ])
    func `a play counts from thirty seconds, a shorter song when heard to its end`(
        playedMs: Int, durationMs: Int, counts: Bool
    ) throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "2026-11-19.ndjson", [TestEvent(playedMs: playedMs, durationMs: durationMs)])
        let day = try fixture.count("2026-11-19").total
        #expect((day.streams, day.short) == (counts ? (1, 0) : (0, 1)))
        #expect(
            try fixture.counts("2026-11-19") == [
                "s1\teu-west\t1\t\(counts ? 1 : 0)\t\(counts ? 1 : 0)\t\(counts ? 1 : 0)\t\(playedMs)\t\(counts ? 0 : 1)\t\(counts ? 1 : 0)"
            ])
    }

    @Test func `of events with one id the earliest counts, whatever file it is in`() throws {
        let fixture = try PlayLogFixture()
        let later = "2026-11-19T12:00:00.001Z"
        try fixture.write(
            "2026-11-19/a.ndjson.gz",
            [TestEvent(ts: later, song: "later", playedMs: 90_000), TestEvent(playedMs: 40_000)])
        try fixture.write(
            "2026-11-19/b.ndjson", [TestEvent(playedMs: 41_000), TestEvent(ts: later)])
        try fixture.write("2026-11-20/a.ndjson.zst", [TestEvent(ts: later, user: "late")])
        let summary = try fixture.count("2026-11-20")
        #expect(summary.total.duplicates == 4)
        // Of two at one moment it is the one that was heard longer.
        #expect(try fixture.counts("2026-11-19") == ["s1\teu-west\t1\t1\t1\t1\t41000\t0\t1"])
    }

    @Test func `more than a day of listening in a day is a bot's`() throws {
        let fixture = try PlayLogFixture()
        let hour = 3_600_000
        let tireless = (0..<24).map {
            TestEvent(id: "t\($0)", user: "tireless", playedMs: hour, durationMs: hour)
        }
        try fixture.write("2026-11-19.ndjson", tireless)
        #expect(try fixture.count("2026-11-19").total.streams == 24)
        try fixture.write(
            "2026-11-19.ndjson",
            tireless + [TestEvent(id: "t24", user: "tireless", playedMs: 1), TestEvent()])
        let day = try fixture.count("2026-11-19").total
        #expect((day.streams, day.impossibleHours) == (1, 25))
        #expect(try fixture.counts("2026-11-19").count == 1)
    }

    @Test func `charts count ten streams a listener and song, wherever the listener is`() throws {
        let fixture = try PlayLogFixture()
        let events = (0..<13).map {
            TestEvent(id: "e\($0)", region: $0 < 8 ? "eu-west" : "us-east")
        }
        try fixture.write("2026-11-19.ndjson", events + [TestEvent(id: "x", user: "u2")])
        #expect(try fixture.count("2026-11-19").total.chartStreams == 11)
        // The cap keeps the first ten; the last event is another listener's.
        #expect(
            try fixture.counts("2026-11-19") == [
                "s1\teu-west\t9\t9\t9\t2\t540000\t0\t2", "s1\tus-east\t5\t5\t2\t1\t300000\t0\t2",
            ])
    }

    // MARK: Days

    @Test func `an event belongs to the day on which it happened`() throws {
        let fixture = try PlayLogFixture()
        let late = (0...9).map {
            TestEvent(id: "l\($0)", ts: "2026-11-\(padded(19 - $0, 2))T23:59:59Z")
        }
        try fixture.write(
            "2026-11-19.ndjson", late + [TestEvent(id: "f", ts: "2026-11-20T00:00:00Z")])
        let summary = try fixture.count("2026-11-19")
        #expect(summary.days.map(\.accounting.streams) == Array(repeating: 1, count: 8))
        #expect(summary.days.map(\.accounting.lateIn) == [1, 1, 1, 1, 1, 1, 1, 0])
        let own = try #require(summary.days.last).accounting
        #expect((own.lines, own.lateOut, own.rejected) == (11, 7, 3))
        #expect(own.rejected(for: .future) == 1)
        #expect(own.rejected(for: .tooOld) == 2)
        #expect(summary.days.allSatisfy { $0.accounting.addsUp })
    }

    @Test func `logs after the night are not read`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19.ndjson", [TestEvent()])
        try fixture.write("2026-11-20.ndjson", [TestEvent(id: "e2")])
        #expect(try fixture.count("2026-11-19").total.streams == 1)
        let counter = PlayCounter(warehouse: fixture.warehouse, logs: [fixture.logs])
        #expect(
            try counter.fingerprints(date: CalendarDate("2026-11-19")!).map(\.name)
                == [fixture.logs + "/2026-11-19.ndjson"])
        #expect(
            try PlayCounter.newestLogDay(in: [fixture.logs]) == CalendarDate("2026-11-20"))
    }

    @Test func `logs without a date wait for the night of each event`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "current.log",
            [TestEvent(), TestEvent(id: "e2", ts: "2026-11-20T00:00:00Z"), TestEvent()])
        let first = try fixture.count("2026-11-19")
        #expect(first.undated.lines == 3)
        #expect((first.undated.lateOut, first.undated.pending) == (2, 1))
        #expect(first.undated.addsUp)
        let accounting = try #require(first.days.first).accounting
        #expect((accounting.lateIn, accounting.streams, accounting.duplicates) == (2, 1, 1))
        let second = try fixture.count("2026-11-20")
        #expect(second.days.map(\.outcome) == [.unchanged, .counted])
        #expect(second.days.map(\.accounting.streams) == [1, 1])
        #expect(second.undated.pending == 0)
    }

    @Test func `lines and rejects of logs without a date are among what a run has read`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("nd/current.log", TestEvent().line + "\nbad\n")
        let first = try fixture.count("2026-11-19")
        #expect((first.read.lines, first.read.streams, first.read.rejected) == (2, 1, 1))
        #expect(first.read.addsUp)
        let second = try fixture.count("2026-11-19")
        #expect((second.read.lines, second.read.rejected) == (0, 0))
        #expect((second.total.lines, second.total.rejected) == (2, 1))
    }

    @Test(arguments: [
        ("logs/2026-11-19.ndjson", "2026-11-19"), ("date=2026-11-18/2026-11-19/x", "2026-11-19"),
        ("logs/20261119/eu.gz", "2026-11-19"), ("logs/eu-20261119T23.gz", "2026-11-19"),
        ("2026-11-19/part-12345678.gz", "2026-11-19"), ("logs/120261119/x", nil),
        ("logs/2026-11-190/x", nil), ("logs/2026-02-30/x", nil), ("logs/current", nil),
        ("2026-11-19T00-2026-11-18.gz", "2026-11-18"),
    ])
    func `the last date in a path is the log's day`(path: String, day: String?) {
        #expect(LogFile.day(in: path).map { "\($0)" } == day)
    }

    @Test func `a night without logs is empty and says so`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-17.ndjson", [TestEvent(ts: "2026-11-17T00:00:00Z")])
        let summary = try fixture.count("2026-11-19")
        #expect(summary.days.map { "\($0.date)" } == ["2026-11-17", "2026-11-18", "2026-11-19"])
        #expect(summary.warnings == ["no logs of 2026-11-19"])
        #expect(try fixture.counts("2026-11-19") == [])
    }

    @Test func `a counted day outlives its logs`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-18.ndjson", [TestEvent(ts: "2026-11-18T00:00:00Z")])
        try fixture.count("2026-11-18")
        try FileSystem.remove(fixture.logs + "/2026-11-18.ndjson")
        try fixture.write(
            "2026-11-19.ndjson", [TestEvent(), TestEvent(id: "l", ts: "2026-11-18T09:00:00Z")])
        let summary = try fixture.count("2026-11-19")
        #expect(summary.days.map(\.outcome) == [.kept, .counted])
        #expect(summary.warnings.count == 1)
        #expect(try fixture.counts("2026-11-18").count == 1)
    }

    @Test func `a day keeps its counts when one of its logs is archived`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19/a.ndjson", [TestEvent(id: "a")])
        try fixture.write("2026-11-19/b.ndjson", [TestEvent(id: "b")])
        try fixture.count("2026-11-19")
        let before = try fixture.contents("plays")
        try FileSystem.remove(fixture.logs + "/2026-11-19/a.ndjson")
        let kept = try fixture.count("2026-11-19")
        #expect(kept.days.map(\.outcome) == [.kept])
        #expect(kept.total.streams == 2)
        #expect(
            kept.warnings == [
                "1 of the 2 logs of 2026-11-19 are gone, as \(fixture.logs)/2026-11-19/a.ndjson: "
                    + "the day stays as it was counted"
            ])
        #expect(try fixture.contents("plays") == before)
        // Packed, it is there again.
        try fixture.write("2026-11-19/a.ndjson.gz", [TestEvent(id: "a")])
        let packed = try fixture.count("2026-11-19")
        #expect(packed.days.map(\.outcome) == [.counted])
        #expect((packed.total.streams, packed.warnings) == (2, []))
    }

    @Test func `logs without a date are kept as well when one is archived`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("a.log", [TestEvent(id: "a")])
        try fixture.write("b.log", [TestEvent(id: "b")])
        try fixture.count("2026-11-19")
        try FileSystem.remove(fixture.logs + "/a.log")
        let kept = try fixture.count("2026-11-19")
        #expect(kept.total.streams == 2)
        #expect(kept.warnings.count == 2)
        try fixture.write("b.log", [TestEvent(id: "b"), TestEvent(id: "c")])
        #expect(try fixture.count("2026-11-19").undated.lines == 2)
    }

    // MARK: Bad input

    @Test func `every line that is set aside is listed with place, reason and original`() throws {
        let fixture = try PlayLogFixture()
        let bad = [
            "{\"cut", TestEvent(song: "").line, TestEvent(ts: "yesterday").line,
            TestEvent(playedMs: -1).line, "{}", String(repeating: "x", count: 70_000),
        ]
        try fixture.write(
            "2026-11-19.ndjson",
            TestEvent().line + "\n\n  \n" + bad.joined(separator: "\r\n") + "\n")
        let day = try fixture.count("2026-11-19").total
        #expect((day.lines, day.streams, day.rejected) == (7, 1, 6))
        let rejects = try fixture.rejects("2026-11-19")
        #expect(
            rejects.map { $0["reason"]?.string }
                == [
                    "not_json", "bad_id", "bad_timestamp", "out_of_range", "missing_field",
                    "too_long",
                ])
        #expect(rejects.map { $0["line"]?.int } == [4, 5, 6, 7, 8, 9])
        #expect(rejects.dropLast().map { $0["text"]?.string } == bad.dropLast())
        #expect(rejects.last?["text"]?.string?.utf8.count == 65_536)
        #expect(rejects[0]["file"]?.string == fixture.logs + "/2026-11-19.ndjson")
    }

    @Test func `bytes that are not UTF-8 are kept as base64`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19.ndjson", bytes: [0x7b, 0xff, 0x7d, 10])
        try fixture.count("2026-11-19")
        let reject = try #require(try fixture.rejects("2026-11-19").first)
        #expect(reject["reason"]?.string == "not_utf8")
        #expect(reject["bytes"]?.string == "e/99")
        #expect(reject["text"] == nil)
    }

    @Test(arguments: ["gz", "zst"])
    func `what comes before the damage of a packed log counts`(kind: String) throws {
        let fixture = try PlayLogFixture()
        var random = SeededGenerator(7)
        let events = (0..<4_000).map { TestEvent(id: "e\(random.next())", user: "u\($0)") }
        let name = "2026-11-19.ndjson.\(kind)"
        try fixture.write(name, events)
        let whole = try FileSystem.readAll(fixture.logs + "/" + name)
        try fixture.write(name, bytes: Array(whole[..<(whole.count / 2)]))
        let day = try fixture.count("2026-11-19").total
        #expect(day.streams > 500 && day.streams < 3_500)
        #expect(day.damagedFiles == 1)
        #expect(day.addsUp)
        #expect(try fixture.rejects("2026-11-19").last?["reason"]?.string == "damaged_file")
    }

    @Test func `members and frames behind each other are one log`() throws {
        let fixture = try PlayLogFixture()
        for kind in ["gz", "zst"] {
            try fixture.write("part.\(kind)", [TestEvent(id: "1-\(kind)")])
            let first = try FileSystem.readAll(fixture.logs + "/part.\(kind)")
            try fixture.write("part.\(kind)", [TestEvent(id: "2-\(kind)")])
            let second = try FileSystem.readAll(fixture.logs + "/part.\(kind)")
            try FileSystem.remove(fixture.logs + "/part.\(kind)")
            // The name says nothing; the first bytes do.
            try fixture.write("2026-11-19-\(kind).log", bytes: first + second)
        }
        #expect(try fixture.count("2026-11-19").total.streams == 4)
    }

    @Test func `too many rejects change no partition and are listed`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-18.ndjson", [TestEvent(ts: "2026-11-18T00:00:00Z")])
        try fixture.count("2026-11-18")
        let before = try fixture.contents("plays/date=2026-11-18")
        try fixture.write("2026-11-18.ndjson", "bad\nbad\n")
        try fixture.write("2026-11-19.ndjson", [TestEvent()])
        let error = #expect(throws: RejectLimitExceeded.self) {
            try fixture.count("2026-11-19") { $0.rejectLimit = .count(1) }
        }
        #expect(error?.rejected == 2)
        #expect(error?.total == 3)
        #expect(try fixture.contents("plays/date=2026-11-18") == before)
        #expect(!FileSystem.exists(fixture.partition("2026-11-19")))
        #expect(
            try fixture.lines(fixture.warehouse.rejects("plays") + "/2026-11-18.ndjson").count == 2)
        // The operator accepts them: nothing is read again, and the list goes with the partition.
        let summary = try fixture.count("2026-11-19") { $0.rejectLimit = .count(2) }
        #expect(summary.total.rejected == 2)
        #expect(!FileSystem.exists(fixture.warehouse.rejects("plays")))
        #expect(try fixture.rejects("2026-11-18").count == 2)
    }

    @Test func `rejects that are mended are listed no longer`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-18.ndjson", "bad\n")
        try fixture.write("2026-11-19.ndjson", "bad\n")
        for _ in 0..<2 {
            #expect(throws: RejectLimitExceeded.self) {
                try fixture.count("2026-11-19") { $0.rejectLimit = .count(0) }
            }
            let day = TestEvent(ts: "2026-11-18T00:00:00Z")
            try fixture.write("2026-11-18.ndjson", [day])
        }
        #expect(try FileSystem.list(fixture.warehouse.rejects("plays")) == ["2026-11-19.ndjson"])
    }

    @Test(arguments: ["/nothing", "/nothing/*.gz", "/logs/2026-11-19.ndjson"])
    func `a log that cannot be read stops the night`(place: String) throws {
        let fixture = try PlayLogFixture()
        try FileSystem.makeDirectories(fixture.logs)
        try FileSystem.link(target: "nowhere", at: fixture.logs + "/2026-11-19.ndjson")
        let counter = PlayCounter(warehouse: fixture.warehouse, logs: [fixture.path + place])
        let error = #expect(throws: FileError.self) {
            try counter.run(date: CalendarDate("2026-11-19")!)
        }
        #expect(error?.isMissing == true)
        #expect(error?.path == fixture.path + place)
    }

    @Test func `files, folders and patterns may overlap`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19/deep/a.ndjson", [TestEvent()])
        try fixture.write("2026-11-19/.hidden", "bad\n")
        let counter = PlayCounter(
            warehouse: fixture.warehouse,
            logs: [
                fixture.logs, fixture.logs + "/*/deep/?.ndjson",
                fixture.logs + "/2026-11-19/deep/a.ndjson",
            ])
        #expect(try counter.run(date: CalendarDate("2026-11-19")!).total.lines == 1)
    }

    @Test func `names that only Unicode calls equal are two logs`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19/caf\u{e9}.ndjson", [TestEvent()])
        try fixture.write("2026-11-19/cafe\u{301}.ndjson", [TestEvent(id: "e2")])
        #expect(try fixture.count("2026-11-19").total.lines == 2)
    }

    @Test func `what a folder holds beside logs is named and left out`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19/a.ndjson", [TestEvent()])
        let folder = fixture.logs + "/2026-11-19"
        try FileSystem.link(target: "nowhere", at: folder + "/b.ndjson")
        try FileSystem.link(target: "loop", at: folder + "/loop")
        #expect(mkfifo(folder + "/c.ndjson", 0o600) == 0)
        let name = Array("\(folder)/d".utf8CString.dropLast()) + [-1, 0]
        let descriptor = open(name, O_CREAT | O_WRONLY, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
        defer { unlink(name) }
        for place in [fixture.logs, fixture.logs + "/*", folder + "/*"] {
            let summary = try PlayCounter(warehouse: fixture.warehouse, logs: [place])
                .run(date: CalendarDate("2026-11-19")!)
            #expect(summary.total.lines == 1)
            #expect(
                summary.warnings == [
                    "\(folder)/b.ndjson is left out: it is a link that leads nowhere",
                    "\(folder)/c.ndjson is left out: it is neither a file nor a folder",
                    "\(folder)/d\u{fffd} is left out: its name is not UTF-8",
                    "\(folder)/loop is left out: it is a link that leads nowhere",
                ])
        }
    }

    @Test func `a log's name may hold control characters`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "2026-11-19/a\r\nb\tc\u{1}.ndjson", [TestEvent(ts: "2026-11-18T00:00:00Z")])
        #expect(try fixture.count("2026-11-19").total.streams == 1)
        try FileSystem.removeTree(fixture.partition("2026-11-18"))
        #expect(try fixture.count("2026-11-19").total.streams == 1)
    }

    // MARK: Doing nothing twice

    @Test func `an unchanged night reads nothing`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-18.ndjson", [TestEvent(ts: "2026-11-18T00:00:00Z")])
        try fixture.write("2026-11-19.ndjson", [TestEvent()])
        try fixture.count("2026-11-19")
        let before = try fixture.contents("plays")
        var messages: [String] = []
        let summary = try PlayCounter(warehouse: fixture.warehouse, logs: [fixture.logs])
            .run(date: CalendarDate("2026-11-19")!) { messages.append($0) }
        #expect(messages.isEmpty)
        #expect(summary.days.map(\.outcome) == [.unchanged, .unchanged])
        #expect(try fixture.contents("plays") == before)
    }

    @Test func `a partition that lost a file is counted again`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19.ndjson", [TestEvent()])
        try fixture.count("2026-11-19")
        let before = try fixture.contents("plays")
        try FileSystem.remove(fixture.partition("2026-11-19") + "/counts.tsv.zst")
        #expect(try fixture.count("2026-11-19").days.map(\.outcome) == [.counted])
        #expect(try fixture.contents("plays") == before)
    }

    @Test func `another rule counts again`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19.ndjson", [TestEvent(playedMs: 20_000)])
        #expect(try fixture.count("2026-11-19").total.streams == 0)
        let summary = try fixture.count("2026-11-19") { $0.rules.minimumStreamMs = 20_000 }
        #expect(summary.total.streams == 1)
    }
}
