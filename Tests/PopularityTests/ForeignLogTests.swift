import Glibc
import Storage
import Testing

@testable import Plays

/// Logs of other services, counted as a night counts.
@Suite struct ForeignLogTests {
    private func set(_ options: inout PlayOptions) {
        options.reading.region = "eu"
        options.reading.listener = "me"
    }

    private func row(_ day: Int, _ second: Int, _ song: String, _ playedMs: Int = 60_000) -> String
    {
        "2026-11-\(day)T12:00:0\(second)Z,u1,\(song),\(playedMs)\n"
    }
    private let header = "ts,user_id,song_id,ms_played\n"

    @Test func `what is delivered again on a later day counts once`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-18/a.csv", header + row(18, 0, "s1") + row(18, 1, "s2"))
        try fixture.count("2026-11-18", set)
        try fixture.write(
            "2026-11-19/a.csv.gz", header + row(18, 1, "s2") + row(18, 2, "s2") + row(19, 0, "s1"))
        let summary = try fixture.count("2026-11-19", set)
        #expect(
            try fixture.counts("2026-11-18") == [
                "s1\teu\t1\t1\t1\t1\t60000\t0\t1", "s2\teu\t2\t2\t2\t1\t120000\t0\t1",
            ])
        #expect(try fixture.counts("2026-11-19") == ["s1\teu\t1\t1\t1\t1\t60000\t0\t1"])
        #expect(summary.total.duplicates == 1 && summary.total.leftOut == 2)
        #expect(summary.total.addsUp)
    }

    @Test func `other options count a day again`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19/region=us/a.csv", header + row(19, 0, "s1"))
        try fixture.write("2026-11-19/b.csv", header + row(19, 1, "s1"))
        try fixture.count("2026-11-19", set)
        #expect(
            try fixture.counts("2026-11-19").map { $0.split(separator: "\t")[1] } == ["eu", "us"])
        #expect(try fixture.count("2026-11-19", set).counted.lines == 0)
        let summary = try fixture.count("2026-11-19") { $0.reading.region = "asia" }
        #expect(summary.counted.lines == 4)
        #expect(
            try fixture.counts("2026-11-19").map { $0.split(separator: "\t")[1] } == ["asia", "us"])
    }

    @Test func `a history without a day goes to the days of its plays`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "history.json",
            """
            [{"ts":"2026-11-18T12:00:00Z","ms_played":60000,"master_metadata_track_name":"A \\"b\\"",
              "master_metadata_album_artist_name":"C","spotify_track_uri":"x"},
             {"ts":"2026-11-19T12:00:00Z","ms_played":1000,"master_metadata_track_name":"A \\"b\\"",
              "master_metadata_album_artist_name":"C","spotify_track_uri":"x"}]
            """)
        let summary = try fixture.count("2026-11-19", set)
        #expect(try fixture.counts("2026-11-18") == ["?C / A \"b\"\teu\t1\t1\t1\t1\t60000\t0\t1"])
        #expect(try fixture.counts("2026-11-19") == ["?C / A \"b\"\teu\t1\t0\t0\t0\t1000\t1\t0"])
        #expect(summary.undated.unresolved == 2)
    }

    @Test func `requests of a session lie in any file of their day`() throws {
        let fixture = try PlayLogFixture()
        func line(_ second: Int, _ start: Int) -> String {
            #"1.2.3.4 - - [19/Nov/2026:12:00:0\#(second) +0000] "GET /audio/x.mp3 HTTP/1.1" 206 160000 "-" "#
                + "\"VLC\" \"bytes \(start)-\(start + 159_999)/*\"\n"
        }
        try fixture.write("2026-11-19/a.log", line(1, 0) + line(2, 160_000))
        try fixture.write("2026-11-19/b.log.zst", line(3, 320_000) + line(4, 0))
        let summary = try fixture.count("2026-11-19") {
            self.set(&$0)
            $0.reading.bitrateKbps = 128
        }
        // 480,000 bytes at 128 kbit/s are 30 s.
        #expect(
            try fixture.counts("2026-11-19") == ["?/audio/x.mp3\teu\t1\t1\t1\t1\t30000\t0\t1"])
        #expect(summary.total.folded == 3 && summary.total.lines == 4)
    }

    @Test func `a log of no known format stops the night before anything changes`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19/a.csv", header + row(19, 0, "s1"))
        try fixture.count("2026-11-19", set)
        let before = try fixture.contents("plays")
        try fixture.write("2026-11-19/b.txt", "a recipe for soup\n")
        #expect(throws: FormatError.self) { try fixture.count("2026-11-19", set) }
        #expect(try fixture.contents("plays") == before)
    }

    @Test(arguments: ["a.ndjson", "a.csv"])
    func `the last line of a log that is being written waits`(name: String) throws {
        let fixture = try PlayLogFixture()
        let lines =
            name == "a.csv"
            ? [row(19, 0, "s1"), row(19, 1, "s1")]
            : [
                TestEvent(ts: "2026-11-19T12:00:00Z", song: "s1").line + "\n",
                TestEvent(id: "e2", ts: "2026-11-19T12:00:01Z", song: "s1").line + "\n",
            ]
        let begun = (name == "a.csv" ? header : "") + lines[0]
        for cut in [1, 5, lines[1].utf8.count - 1] {
            try fixture.write("2026-11-19/\(name)", begun + lines[1].dropLast(cut))
            let now = Timestamp.now.milliseconds
            let summary = try fixture.count("2026-11-19") {
                self.set(&$0)
                $0.reading.nowMs = now
            }
            // An object that is closed is whole without its line feed.
            let isWhole = name != "a.csv" && cut == 1
            #expect(summary.total.rejected(for: .cutLine) == (isWhole ? 0 : 1), "\(cut)")
            #expect(summary.total.streams == (isWhole ? 2 : 1))
        }
        try fixture.write("2026-11-19/\(name)", begun + lines[1])
        #expect(try fixture.count("2026-11-19", set).total.streams == 2)
        // A minute later it is taken as it is.
        try fixture.write("2026-11-19/\(name)", begun + lines[1].dropLast(5))
        let later = Timestamp.now.milliseconds + 61_000
        let summary = try fixture.count("2026-11-19") {
            self.set(&$0)
            $0.reading.nowMs = later
        }
        #expect(summary.total.rejected(for: .cutLine) == 0)
        #expect(summary.total.rejected(for: .notJSON) == (name == "a.csv" ? 0 : 1))
    }

    @Test func `a packed log that is cut keeps what came before`() throws {
        let fixture = try PlayLogFixture()
        let rows = (0..<5_000).map { "2026-11-19T12:00:00Z,u\($0),s\($0 * 7919 % 1000),60000\n" }
        try fixture.write("2026-11-19/a.csv.gz", header + rows.joined())
        let whole = try FileSystem.readAll(fixture.logs + "/2026-11-19/a.csv.gz")
        try fixture.write("2026-11-19/a.csv.gz", bytes: Array(whole.dropLast(whole.count / 2)))
        let total = try fixture.count("2026-11-19", set).total
        #expect(total.damagedFiles == 1)
        #expect(total.streams > 1_000 && total.streams < 5_000)
        // The line in which it was cut off may be one of fewer columns.
        #expect(total.rejected <= 1)
    }

    @Test func `one file under two names is read once`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19/b.csv", header + row(19, 0, "s1"))
        let path = fixture.logs + "/2026-11-19/"
        #expect(link(path + "b.csv", path + "c.csv") == 0)
        #expect(symlink("b.csv", path + "a.csv") == 0)
        let summary = try fixture.count("2026-11-19", set)
        #expect(summary.total.lines == 2 && summary.total.duplicates == 0)
        #expect(try LogFile.find([fixture.logs]).map(\.path) == [path + "a.csv"])
        // A copy is another file; its plays are known by their ids.
        try fixture.write("2026-11-19/d.csv", header + row(19, 0, "s1"))
        #expect(try fixture.count("2026-11-19", set).total.duplicates == 1)
    }

    /// A play stands for itself: clocks that jump, within a file or between files, hurt nothing.
    @Test func `times may come in any order`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "2026-11-19/a.csv",
            header + row(19, 5, "s1") + row(19, 1, "s1") + row(18, 0, "s1") + row(20, 0, "s1")
                + row(19, 3, "s1") + "1970-01-01T00:00:00Z,u1,s1,1\n")
        let summary = try fixture.count("2026-11-19", set)
        #expect(summary.total.streams == 4)
        #expect(summary.total.rejected(for: .future) == 1)
        #expect(summary.total.rejected(for: .badTimestamp) == 1)
    }

    @Test func `what came through standard input has no day, whatever its path looks like`() throws
    {
        let fixture = try PlayLogFixture()
        let path = fixture.path + "/backup-2026-11-01/plays/stdin"
        try fixture.write("x.ndjson", [TestEvent()])
        try FileSystem.makeDirectories(path)
        try FileSystem.rename(fixture.logs + "/x.ndjson", to: path + "/20141102aa.log")
        let logs = try LogFile.find([path])
        #expect(logs.map(\.day) == [nil])
        let counter = PlayCounter(
            warehouse: fixture.warehouse, logs: [path], options: PlayOptions())
        #expect(try counter.run(date: CalendarDate("2026-11-20")!).total.streams == 1)
    }

    @Test func `a run that stopped for something else leaves its rejects to the limit`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write(
            "u.ndjson", TestEvent().line + "\n" + String(repeating: "{\"bad\":\n", count: 9))
        try fixture.write("2026-11-19.log", "a recipe for soup\n")
        func count() throws {
            try fixture.count("2026-11-19") { $0.rejectLimit = .percent(10) }
        }
        #expect(throws: FormatError.self) { try count() }
        try FileSystem.remove(fixture.logs + "/2026-11-19.log")
        #expect(throws: RejectLimitExceeded.self) { try count() }
        #expect(throws: RejectLimitExceeded.self) { try count() }
    }

    @Test func `damage, and logs that are gone where others have changed, are told`() throws {
        let fixture = try PlayLogFixture()
        try fixture.write("2026-11-19/a.ndjson", (0..<5).map { TestEvent(id: "a\($0)") })
        try fixture.write("2026-11-19/b.ndjson", (0..<5).map { TestEvent(id: "b\($0)") })
        #expect(try fixture.count("2026-11-19").warnings == [])
        try FileSystem.remove(fixture.logs + "/2026-11-19/a.ndjson")
        try fixture.write("2026-11-19/b.ndjson", (0..<6).map { TestEvent(id: "b\($0)") })
        let warnings = try fixture.count("2026-11-19").warnings
        #expect(warnings.count == 1 && warnings[0].contains("6 lines instead of 10"))
        try fixture.write("2026-11-19/c.ndjson.gz", bytes: [0x1f, 0x8b])
        #expect(
            try fixture.count("2026-11-19") { $0.rejectLimit = .percent(100) }.warnings.contains {
                $0.contains("1 of the logs of 2026-11-19 are damaged")
            })
    }

    @Test func `a byte order mark is no part of an own log's first line`() throws {
        let fixture = try PlayLogFixture()
        let lines = (0..<3).map { TestEvent(id: "e\($0)").line + "\n" }
        try fixture.write("2026-11-19/a.ndjson", "\u{feff}" + lines[0] + lines[1])
        try fixture.write("2026-11-19/b.ndjson.zst", "\u{feff}" + lines[2])
        let summary = try fixture.count("2026-11-19")
        #expect(summary.total.streams == 3 && summary.total.rejected == 0)
    }

    @Test func `a copy of an access log adds nothing to its requests`() throws {
        let fixture = try PlayLogFixture()
        let line =
            #"1.2.3.4 - - [19/Nov/2026:12:00:01 +0000] "GET /audio/x.mp3 HTTP/1.1" 206 65536 "-" "VLC""#
            + "\n"
        try fixture.write("2026-11-19/a.log", line + line)
        func playedMs() throws -> [String] {
            try fixture.count("2026-11-19") {
                self.set(&$0)
                $0.reading.bitrateKbps = 64
            }
            return try fixture.counts("2026-11-19", "played_ms")
        }
        let once = try playedMs()
        try fixture.write("2026-11-19/b.log", line + line)
        #expect(try playedMs() == once)
        try fixture.write("2026-11-19/b.log", line + line + line)
        #expect(try playedMs() != once)
    }
}
