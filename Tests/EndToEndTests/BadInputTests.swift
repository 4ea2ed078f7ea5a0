import Foundation
import Glibc
import Storage
import TestSupport
import Testing

/// One clear line, a hint, and nothing about crashes.
func expectClearError(
    _ result: Program.Result, _ comment: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let lines = result.stderr.split(separator: "\n")
    let errors = lines.filter { $0.hasPrefix("error: ") }
    let hints = lines.filter { $0.hasPrefix("hint: ") }
    #expect(errors.count == 1, "\(comment) \(result.stderr)", sourceLocation: sourceLocation)
    #expect(hints.count == 1, "\(comment) \(result.stderr)", sourceLocation: sourceLocation)
    #expect(
        lines.last?.hasPrefix("hint: ") == true, "\(comment) \(result.stderr)",
        sourceLocation: sourceLocation)
    #expect(result.signal == nil, "\(comment)", sourceLocation: sourceLocation)
    for internals in ["Error(", "DecodingError", "Optional(", "NSCocoa", "Fatal error"] {
        #expect(
            !result.stderr.contains(internals), "\(comment) \(result.stderr)",
            sourceLocation: sourceLocation)
    }
}

/// Bad input ends in one clear line, the right exit code, and nothing half-written.
@Suite struct BadInputTests {
    /// Runs a night that must fail on a warehouse that has a good one, and checks what stays.
    private func expectFailure(
        _ arguments: [String], code: Int32, saying words: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let warehouse = try TestWarehouse(copyOf: SampleNight.warehouse)
        let before = try warehouse.tree("snapshots")
        let result = try warehouse.night(["--date", "2026-11-19"] + arguments)
        #expect(result.code == code, "\(result.stderr)", sourceLocation: sourceLocation)
        expectClearError(result, sourceLocation: sourceLocation)
        for word in words {
            #expect(
                result.stderr.contains(word), "\(result.stderr)", sourceLocation: sourceLocation)
        }
        #expect(try warehouse.tree("snapshots") == before, sourceLocation: sourceLocation)
        #expect(try faults(in: warehouse) == [], sourceLocation: sourceLocation)
        #expect(
            try FileSystem.list(warehouse.path + "/tmp") == [], sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        (["--set", "source=/nowhere/music"], "/nowhere/music"),
        (["--set", "source=\(Repository.sample)/music.json"], "music.json"),
        (["--set", "logs=/nowhere/plays"], "/nowhere/plays"),
        (["--set", "topology=/nowhere/topology.json"], "/nowhere/topology.json"),
        (["--set", "releases=/nowhere/releases.json"], "/nowhere/releases.json"),
    ])
    func `what is missing is named`(arguments: [String], path: String) throws {
        try expectFailure(arguments, code: 66, saying: [path])
    }

    // MARK: Pipeline files

    @Test(arguments: [
        ("{ name: \"n\", stages: [", 65, "line 1, column"),
        ("{\n  name: \"n\"\n  stages: [] }", 65, "line 3, column 3"),
        ("{ name: nightly }", 65, "line 1, column 9"),
        ("{ name: \"ü\", /* no end", 65, "line 1, column"),
        ("{ name \"n\" }", 65, "line 1, column 8"), ("{} {}", 65, "line 1, column 4"),
        ("{ name: \"n\", stages: [{ stage: \"index\" }], colour: 1 }", 65, "'colour'"),
        ("{ name: \"n\", stages: [{ stage: \"indx\" }] }", 65, "'indx'"),
        ("{ name: \"n\", stages: [{ stage: \"index\", speed: 3 }] }", 65, "--speed"),
        ("{ name: \"n\", stages: [{ stage: \"place\", topology: \"${where}\" }] }", 65, "'where'"),
        ("{ name: \"n\", stages: [{ stage: \"place\", topology: \"${where\" }] }", 65, "${"),
        ("{ name: \"n\", stages: [] }", 65, "stages"), ("[]", 65, "object"),
        ("{ stages: [{ stage: \"index\" }] }", 65, "name"),
        ("{ name: \"n\", stages: [{ stage: \"index\" }, \"plays\"] }", 65, "stages[1]"),
        ("{ name: \"n\", stages: [{ stage: \"popularity\", days: { a: 1 } }] }", 65, "days"),
        ("{ name: \"n\", stages: [{ stage: \"popularity\", days: \"many\" }] }", 65, "--days"),
    ])
    func `a wrong pipeline file is told where it is wrong`(text: String, code: Int32, word: String)
        throws
    {
        let folder = try TemporaryFolder()
        let path = folder / "wrong.json5"
        try Data(text.utf8).write(to: URL(filePath: path))
        let result = try Program.spindle.run(["run", path, "--warehouse", folder / "warehouse"])
        #expect(result.code == code, "\(result.stderr)")
        expectClearError(result, text)
        #expect(result.stderr.contains("wrong.json5"), "\(result.stderr)")
        #expect(result.stderr.contains(word), "\(result.stderr)")
        #expect(try FileStatus.of(folder / "warehouse") == nil)
    }

    @Test(
        arguments: [
            (["rum"], 64, "did you mean spindle run?"), ([], 64, "spindle --help"),
            (["explode"], 64, "spindle --help"),
            (["ingest", "--sauce", "x"], 64, "did you mean --source?"),
            (["ingest", "--source"], 64, "--source DIR"), (["ingest"], 64, "--source"),
            (["ingest", "extra", "--source", "x"], 64, "extra"),
            (["plays", "--logs", "x", "--days", "0"], 64, "--days"),
            (["index", "--date", "2026-02-30"], 64, "2026-02-30"),
            (["ingest", "--source", "x", "--reject-limit", "lots"], 64, "--reject-limit"),
            (["run"], 64, "PIPELINE"), (["run", "/nowhere/p.json5"], 66, "/nowhere/p.json5"),
            (["run", Repository.nightly, "--set", "sorce=x"], 65, "sorce"),
            (["run", Repository.nightly, "--set", "source"], 64, "NAME=VALUE"),
            (["run", Repository.nightly, "--only", "indx"], 64, "indx"),
            (["run", Repository.nightly, "--from", "indx"], 64, "indx"),
            (
                ["run", Repository.nightly, "--date", "2026-11-19..2026-11-17"], 64,
                "runs backwards"
            ),
            (["snapshots", "verfy"], 66, "warehouse"), (["rejects"], 66, "warehouse"),
            (["status"], 66, "warehouse"), (["export", "x"], 66, "warehouse"),
        ] as [([String], Int32, String)])
    func `a wrong command line is told what is wrong`(
        arguments: [String], code: Int32, word: String
    ) throws {
        let folder = try TemporaryFolder()
        let isCommand = arguments.first.map { !["rum", "explode"].contains($0) } ?? false
        let result = try Program.spindle.run(
            arguments.prefix(1) + (isCommand ? ["--warehouse", folder / "warehouse"] : [])
                + arguments.dropFirst())
        #expect(result.code == code, "\(arguments): \(result.stderr)")
        expectClearError(result, "\(arguments)")
        #expect(result.stderr.contains(word), "\(arguments): \(result.stderr)")
        #expect(result.stdout.isEmpty)
        #expect(try FileStatus.of(folder / "warehouse") == nil)
    }

    // MARK: Topologies

    @Test(arguments: [
        ("s/\"replicas\": 3/\"replicas\": 5/", "replicas"),
        ("s/\"capacity_bytes\": [0-9]*,/\"capacity_bytes\": 1000000,/", "capacity"),
        ("s/\"latency_ms\": 81/\"latency_ms\": -81/", "latency_ms"),
        ("s/\"to\": \"us-east\"/\"to\": \"mars\"/", "mars"),
        ("s/\"to\": \"sa-east\"/\"to\": \"us-east\"/", "links"),
        (
            "s/\"failure_domain\": \"asia\"/\"failure_domain\": \"europe\"/;s/\"asia\"/\"europe\"/;s/\"south-america\"/\"europe\"/",
            "domain"
        ),
        ("s/\"pinned_share\": 0.95/\"pinned_share\": 1.5/", "pinned_share"),
        ("s/\"version\": 1/\"version\": 2/", "version"),
        ("s/\"regions\": \\[/\"regions\": /", "topology.json"),
    ])
    func `a topology that cannot be is told why`(edit: String, word: String) throws {
        let folder = try TemporaryFolder()
        let path = folder / "topology.json"
        try shell("sed '\(edit)' \(Repository.sample)/topology.json >\(path)")
        try expectFailure(["--set", "topology=\(path)"], code: 65, saying: [word])
    }

    // MARK: Sources

    /// Root may read everything, so then the program runs as nobody.
    private static let asNobody =
        geteuid() == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : []

    @Test func `an unreadable file is set aside and the night goes on`() throws {
        let sample = try SampleCopy()
        let warehouse = try TestWarehouse()
        try shell(
            """
            chmod -R a+rX \(sample.folder.path); chmod 777 \(warehouse.folder.path)
            chmod 000 '\(sample.music)/Europe/Clara Wendt/Kleine Stücke/02 Für Elise.mp3' \
              '\(sample.music)/Latin America'
            """)
        defer { _ = try? shell("chmod 755 '\(sample.music)/Latin America'") }
        func night() throws -> Program.Result {
            try Program.spindle.run(
                ["run", Repository.nightly, "--warehouse", warehouse.path] + sample.settings,
                under: Self.asNobody)
        }
        let result = try night()
        #expect(result.code == 0, "\(result.stderr)")
        let rejects = try warehouse.spindle("rejects", "--stage", "ingest", "--json").stdout
            .split(separator: "\n").map { try jsonObject(Data($0.utf8)) }
            .filter { $0["reason"] as? String == "unreadable" }
        #expect(rejects.count == 2, "the file and the folder")
        #expect(
            rejects.allSatisfy { ($0["detail"] as? String)?.contains("Permission denied") == true })
        #expect(try CatalogueRows(warehouse.current).songs.count == 33)
        // Readable again, they are read again, though neither size nor mtime has changed.
        try shell(
            """
            chmod 644 '\(sample.music)/Europe/Clara Wendt/Kleine Stücke/02 Für Elise.mp3'
            chmod 755 '\(sample.music)/Latin America'
            """)
        #expect(try night().code == 0)
        #expect(try CatalogueRows(warehouse.current).songs.count == 37)
    }

    @Test func `an emptied source is not taken for removals`() throws {
        let sample = try SampleCopy()
        let warehouse = try TestWarehouse()
        func night(_ more: String...) throws -> Program.Result {
            try warehouse.night(["--date", SampleNight.date] + sample.settings + more)
        }
        #expect(try night("--quiet").code == 0)
        let before = warehouse.currentID
        try shell("mv \(sample.music) \(sample.music).away; mkdir \(sample.music)")
        let refused = try night()
        #expect(refused.code == 65)
        expectClearError(refused)
        #expect(refused.stderr.contains("--accept-removals"))
        #expect(warehouse.currentID == before)
        #expect(try warehouse.spindle("rejects", "--warnings").code == 0)
        #expect(try statuses(warehouse)["ingest"] == "failed")

        // They come back: nothing was lost and nothing is to be done again but to look.
        try shell("rmdir \(sample.music); mv \(sample.music).away \(sample.music)")
        #expect(try night().code == 0)
        #expect(warehouse.currentID == before)

        try shell(
            "rm -r '\(sample.music)/Europe' '\(sample.music)/Asia'; rm -r '\(sample.music)/North America'"
        )
        #expect(try night().code == 65)
        let accepted = try warehouse.spindle(
            "ingest", "--source", sample.music, "--accept-removals", "--date", SampleNight.date)
        #expect(accepted.code == 0, "\(accepted.stderr)")
        #expect(accepted.stderr.contains("23 gone"), "\(accepted.stderr)")
        #expect(try night().code == 0)
        #expect(try CatalogueRows(warehouse.current).songs.count == 14)
        #expect(try faults(in: warehouse) == [])
        // Gone from the source, kept in the warehouse.
        #expect(
            try warehouse.spindle(
                "export", "Europe/Clara Wendt/Kleine Stücke/02 Für Elise.mp3", "--output",
                sample.folder / "elise"
            ).code == 0)
    }

    @Test(arguments: [
        (
            ["ingest", "--source", Repository.sample + "/music", "--reject-limit", "1"], "files",
            "ingest"
        ),
        (
            ["plays", "--logs", Repository.sample + "/plays", "--reject-limit", "0.1%"], "lines",
            "plays"
        ),
        (
            ["plays", "--logs", Repository.sample + "/plays", "--reject-limit", "139"], "lines",
            "plays"
        ),
    ])
    func `beyond the reject limit nothing is published, and the rejects are listed`(
        arguments: [String], what: String, stage: String
    ) throws {
        let warehouse = try TestWarehouse()
        let command = arguments + ["--date", SampleNight.date, "--warehouse", warehouse.path]
        let result = try Program.spindle.run(command)
        #expect(result.code == 65)
        expectClearError(result)
        #expect(result.stderr.contains("--reject-limit"))
        #expect(result.stderr.contains(what))
        if stage == "plays" {
            #expect(try FileStatus.of("\(warehouse.path)/plays/date=2026-11-19") == nil)
            #expect(try FileStatus.of("\(warehouse.path)/plays/night=2026-11-19") == nil)
        }
        let list = try warehouse.spindle("rejects", "--stage", stage, "--json")
        let count = list.stdout.split(separator: "\n").count
        #expect(count == (stage == "plays" ? 140 : 2), "\(list.stdout.prefix(500))")
        #expect(try statuses(warehouse)[stage] == "failed")
        #expect(warehouse.currentID == nil)
        #expect(try Program.spindle.run(command).code == 65, "the same again")
        #expect(try warehouse.night().code == 0)
        #expect(differences(try warehouse.artefacts(), try SampleNight.warehouse.artefacts()) == [])
    }

    private func statuses(_ warehouse: TestWarehouse) throws -> [String: String] {
        let json = try jsonObject(Data(try warehouse.spindle("status", "--json").stdout.utf8))
        let stages = try #require(json["stages"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: stages.map { ($0["stage"] as! String, $0["state"] as! String) })
    }

    // MARK: Warehouses

    @Test(arguments: ["flipped", "truncated", "text", "empty folder"])
    func `a corrupt ledger is named and nothing else is touched`(damage: String) throws {
        let warehouse = try TestWarehouse(copyOf: SampleNight.warehouse)
        let ledger = warehouse.path + "/ledger.sqlite"
        // A clean ledger in one file, so that the damage is not undone by the write-ahead log.
        try shell("rm -f \(ledger)-wal \(ledger)-shm")
        switch damage {
        case "flipped":
            try shell(
                "for p in 4096 8192 12288; do head -c 2000 /dev/zero | tr '\\0' Z | dd of=\(ledger) bs=1 seek=$p conv=notrunc status=none; done"
            )
        case "truncated": try shell("truncate -s 5000 \(ledger)")
        case "text":
            try shell("echo 'this is no database, however long one looks at it' >\(ledger)")
        default: try shell("rm \(ledger) && mkdir \(ledger)")
        }
        let before = try warehouse.tree("snapshots")
        let result = try warehouse.night(["--force"])
        #expect(result.code == (damage == "empty folder" ? 1 : 65), "\(result.stderr)")
        expectClearError(result)
        #expect(result.stderr.contains("ledger.sqlite"), "\(result.stderr)")
        #expect(try warehouse.tree("snapshots") == before)
        #expect(try warehouse.spindle("snapshots", "verify").code == 0)
        // As the hint says: move it away, and everything is read again.
        try shell("rm -rf \(ledger)")
        #expect(try warehouse.night().code == 0)
        #expect(differences(try warehouse.artefacts(), try SampleNight.warehouse.artefacts()) == [])
    }

    @Test func `an unwritable warehouse is told so`() throws {
        let warehouse = try TestWarehouse()
        try shell("mkdir \(warehouse.path); chmod 555 \(warehouse.path)")
        let result = try Program.spindle.run(
            ["run", Repository.nightly, "--warehouse", warehouse.path], under: Self.asNobody)
        #expect(result.code == 1)
        expectClearError(result)
        #expect(result.stderr.contains(warehouse.path))
        #expect(try FileSystem.list(warehouse.path) == [])
    }

    @Test func `another folder is not taken for a warehouse`() throws {
        let folder = try TemporaryFolder()
        try shell("mkdir \(folder / "letters"); echo dear >\(folder / "letters/one.txt")")
        for arguments in [
            ["run", Repository.nightly], ["ingest", "--source", Repository.sample + "/music"],
        ] {
            let result = try Program.spindle.run(
                arguments + ["--warehouse", folder / "letters", "--date", SampleNight.date])
            #expect(result.code == 65)
            expectClearError(result)
            #expect(try FileSystem.list(folder / "letters") == ["one.txt"])
        }
        for arguments in [["status"], ["rejects"], ["snapshots"]] {
            let result = try Program.spindle.run(arguments + ["--warehouse", folder / "letters"])
            #expect([65, 66].contains(result.code))
            expectClearError(result)
        }
        let file = try Program.spindle.run(
            ["run", Repository.nightly, "--warehouse", folder / "letters/one.txt"])
        #expect([1, 65, 66].contains(file.code))
        expectClearError(file)
    }

    @Test func `a warehouse of a later version is left alone`() throws {
        let warehouse = try TestWarehouse()
        try shell(
            """
            mkdir \(warehouse.path)
            echo '{"format":"spindle-warehouse","version":99}' >\(warehouse.path)/warehouse.json
            """)
        let result = try warehouse.night()
        #expect(result.code == 65)
        expectClearError(result)
        #expect(result.stderr.contains("99"))
    }

    @Test func `the second of two runs is told who holds the warehouse`() throws {
        let warehouse = try TestWarehouse()
        let first = try warehouse.startNight()
        while first.isRunning, !first.stderrSoFar.contains("[1/") { usleep(1000) }
        let second = try warehouse.night()
        let alone = try warehouse.spindle("index", "--date", SampleNight.date)
        for result in [second, alone] {
            #expect(result.code == 75, "\(result.stderr)")
            expectClearError(result)
            #expect(result.stderr.contains("process \(first.processID)"), "\(result.stderr)")
            #expect(result.stderr.contains("spindle run nightly"))
        }
        // To look is allowed.
        #expect(try warehouse.spindle("status").code == 0)
        #expect(first.wait().code == 0)
        #expect(differences(try warehouse.artefacts(), try SampleNight.warehouse.artefacts()) == [])
    }

    @Test func `a reader that goes away ends the output and nothing else`() throws {
        let script = """
            set -o pipefail
            '\(Program.spindle.path)' rejects --warehouse '\(SampleNight.warehouse.path)' | head -n 1
            """
        let result = try Program(path: "/bin/bash").run(["-c", script])
        #expect(result.code == 0, "\(result.stderr)")
        #expect(result.stdout.split(separator: "\n").count == 1)
        #expect(!result.stderr.contains("error"))
    }
}
