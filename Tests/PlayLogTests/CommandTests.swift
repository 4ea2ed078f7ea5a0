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
        #expect(try FileSystem.list(bench.warehouse.path + "/plays/stdin").count == 2)
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
}
