import Storage
import TestSupport
import Testing

@Suite struct PlaysCommandTests {
    private let log = "played at,song,who\n2026-11-19T12:00:00Z,s1,u\n2026-11-19T12:00:01Z,s2,u\n"

    private func plays(_ bench: LogBench, _ arguments: [String], input: String = "/dev/null") throws
        -> Program.Result
    {
        try Program.spindle.run(
            ["plays", "--warehouse", bench.warehouse.path, "--date", "2026-11-19"] + arguments,
            under: ["/bin/sh", "-c", "exec \"$@\" < '\(input)'", "sh"])
    }

    private func streams(_ bench: LogBench) throws -> Int {
        let record = try JSONValue.read(
            bench.warehouse.artefact("plays", CalendarDate("2026-11-19")!) + "/artefact.json")
        return record["counts"]?["streams"]?.int ?? -1
    }

    @Test func `standard input is kept and counted once`() throws {
        let bench = try LogBench()
        let input = try bench.write("x.csv", log)
        let arguments = ["--logs", "-", "--region", "eu", "--columns", "user_id=who"]
        var result = try plays(bench, arguments, input: input)
        #expect(result.code == 0, "\(result.stderr)")
        #expect(try streams(bench) == 2)
        // The same again, then something else: nothing is lost and nothing counts twice.
        result = try plays(bench, arguments, input: input)
        #expect(result.code == 0)
        #expect(try streams(bench) == 2)
        let other = try bench.write("y.csv", log.replacing("s2", with: "s3"))
        result = try plays(bench, arguments, input: other)
        #expect(result.code == 0, "\(result.stderr)")
        #expect(try streams(bench) == 3)
        let kept = bench.warehouse.path + "/plays/stdin/columns=user_id=who/region=eu"
        #expect(try FileSystem.list(kept).count == 2)
    }

    @Test func `a backtest prints what the forecasts were worth and leaves nothing`() throws {
        let bench = try LogBench()
        var lines = "ts,song,user_id,ms_played,region\n"
        for day in 10...19 {
            for listener in 0..<(day % 3 + 4) {
                lines += "2026-11-\(day)T12:00:00Z,s1,u\(listener),60000,eu\n"
                lines += "2026-11-\(day)T13:00:00Z,s2,u\(listener),60000,us\n"
            }
        }
        var result = try plays(bench, ["--logs", try bench.write("x.csv", lines)])
        #expect(result.code == 0, "\(result.stderr)")
        func backtest(_ arguments: [String]) throws -> Program.Result {
            try Program.spindle.run(
                ["popularity", "--warehouse", bench.warehouse.path, "--date", "2026-11-19"]
                    + arguments)
        }
        result = try backtest(["--backtest", "--from", "2026-11-18"])
        #expect(result.code == 0, "\(result.stderr)")
        #expect(result.stdout.hasPrefix("2 days held out, 2026-11-18 to 2026-11-19: "))
        for name in ["spindle", "yesterday", "week_before", "seven_day_mean", "perfect"] {
            #expect(result.stdout.contains("\n\(name) "), "\(result.stdout)")
        }
        let json = try JSONValue.parse(
            Array(try backtest(["--backtest", "--json"]).stdout.utf8), path: "stdout")
        #expect(json["format"]?.string == "spindle-backtest")
        // The tenth has no day before it; of the others the last seven.
        #expect(json["days"]?.array?.count == 7)
        #expect(json["forecasts"]?.array?.count == 5)
        #expect(!FileSystem.exists(bench.warehouse.path + "/popularity"))
        for (arguments, code, complaint) in [
            (["--from", "2026-11-18"], Int32(64), "--from is for --backtest"),
            (["--backtest", "--force"], 64, "--force"),
            (["--backtest", "--from", "2026-11-20"], 64, "--from 2026-11-20"),
            (["--backtest", "--to", "2026-11-10"], 65, "has a counted day before it"),
        ] {
            let result = try backtest(arguments)
            #expect(result.code == code, "\(arguments): \(result.stderr)")
            #expect(result.stderr.contains(complaint), "\(result.stderr)")
        }
    }

    /// Each stays his, whoever's comes later.
    @Test func `histories of two people may come one after the other`() throws {
        let bench = try LogBench()
        for (name, song) in [("anna", "s1"), ("ben", "s1"), ("anna", "s2")] {
            let input = try bench.write(
                "x.csv", "ts,song,ms_played\n2026-11-19T12:00:00Z,\(song),60000\n")
            let result = try plays(
                bench, ["--logs", "-", "--region", "eu", "--listener", name], input: input)
            #expect(result.code == 0, "\(result.stderr)")
        }
        let counts = try counts(bench)
        #expect(
            counts == [
                "s1\teu\t2\t2\t2\t0\t2\t120000\t0\t0\t0\t0\t2\t12:2",
                "s2\teu\t1\t1\t1\t0\t1\t60000\t0\t0\t0\t0\t1\t12:1",
            ])
    }

    @Test func `folders say whose a history is`() throws {
        let bench = try LogBench()
        let history = "ts,song,ms_played\n2026-11-19T12:00:00Z,s1,60000\n"
        let path = try bench.write("listener=anna/region=eu/x.csv", history)
        try bench.write("listener=ben/region=eu/x.csv", history)
        let result = try plays(
            bench,
            ["--logs", FileSystem.parent(of: FileSystem.parent(of: FileSystem.parent(of: path)))])
        #expect(result.code == 0, "\(result.stderr)")
        #expect(try counts(bench) == ["s1\teu\t2\t2\t2\t0\t2\t120000\t0\t0\t0\t0\t2\t12:2"])
    }

    private func counts(_ bench: LogBench) throws -> [String] {
        var lines: [String] = []
        _ = try LineReader(
            bench.warehouse.artefact("plays", CalendarDate("2026-11-19")!) + "/counts.tsv.zst"
        ).forEach { lines.append(String(decoding: $0.bytes, as: UTF8.self)) }
        return Array(lines.dropFirst())
    }

    @Test func `ranges of a log that are mapped apart are counted as one`() throws {
        let bench = try LogBench()
        var text = ""
        for number in 0..<50 {
            text += """
                {"event_id":"e\(number)","ts":"2026-11-19T12:00:00Z","user_id":"u\(number % 7)",\
                "song_id":"s\(number % 3)","region":"eu","ms_played":60000,"duration_ms":90000}

                """
            if number % 10 == 0 { text += "bad\n" }
        }
        let path = try bench.write("2026-11-19.ndjson", text)
        let whole = try plays(bench, ["--logs", path])
        #expect(whole.code == 0, "\(whole.stderr)")
        let names = ["counts.tsv.zst", "rejects.ndjson", "artefact.json"]
        let day = bench.warehouse.artefact("plays", CalendarDate("2026-11-19")!)
        let expected = try names.map { try FileSystem.readAll("\(day)/\($0)") }
        try FileSystem.removeTree(day)
        let program = Program.spindle
        var from: [String] = []
        for (number, range) in ["0-2999", "3000-3000", "3001-99999"].enumerated() {
            let target = bench.folder / "partials/\(number)"
            let result = try program.run(
                [
                    "plays", "map", "--date", "2026-11-19", "--logs", path, "--range", range,
                    "--to",
                    target,
                ])
            #expect(result.code == 0, "\(result.stderr)")
            from += ["--from", target]
        }
        let merged = try program.run(
            ["plays", "merge", "--finish", "--warehouse", bench.warehouse.path] + from)
        #expect(merged.code == 0, "\(merged.stderr)")
        #expect(merged.stderr.contains("50 streams"))
        #expect(try names.map { try FileSystem.readAll("\(day)/\($0)") } == expected)
        for wrong in [
            ["--range", "5"], ["--range", "9-2"], ["--rules", "none"], ["--memory", "1M"],
        ] {
            let result = try program.run(
                ["plays", "map", "--date", "2026-11-19", "--logs", path, "--to", "x"] + wrong)
            #expect(result.code == 64, "\(wrong)")
        }
    }

    @Test func `an unknown log is refused with what was seen in it`() throws {
        let bench = try LogBench()
        let path = try bench.write("2026-11-19.txt", "dear diary\n")
        let result = try plays(bench, ["--logs", path])
        #expect(result.code == 65)
        #expect(result.stderr.contains("its first line is 'dear diary'"))
        #expect(result.stderr.contains("--log-format"))
    }

    @Test(arguments: [
        (["--log-format", "xml"], "xml is none of spindle, csv"),
        (["--columns", "ts"], "'ts' is no FIELD=NAME"), (["--bitrate", "0"], "bitrate"),
        (["--region", "*"], "--region"), (["--listener", ""], "--listener"),
    ])
    func `a wrong option is told`(options: [String], message: String) throws {
        let bench = try LogBench()
        let result = try plays(bench, ["--logs", bench.folder.path] + options)
        #expect(result.code == 64)
        #expect(result.stderr.contains(message), "\(result.stderr)")
    }

    @Test func `standard input that is no log is not kept`() throws {
        let bench = try LogBench()
        let input = try bench.write("x.csv", "When,Who,Song\n2026-11-19T10:00:00Z,u1,s1\n")
        func refused(_ more: [String]) throws -> String {
            let result = try plays(bench, ["--logs", "-", "--region", "eu"] + more, input: input)
            #expect(result.code == 65)
            return result.stderr
        }
        #expect(try refused([]).contains("--columns ts="))
        #expect(try refused(["--columns", "ts=Wen"]).contains("no column 'Wen': it has 'When', "))
        #expect(
            try refused(["--columns", "ts=Wen", "--log-format", "csv"]).contains("no column 'Wen'"))
        let result = try plays(
            bench, ["--logs", "-", "--region", "eu", "--columns", "ts=When,user_id=Who"],
            input: input)
        #expect(result.code == 0, "\(result.stderr)")
        #expect(try streams(bench) == 1)
    }
}
