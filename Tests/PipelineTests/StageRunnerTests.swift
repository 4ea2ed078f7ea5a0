import Pipeline
import Storage
import Synchronization
import TestSupport
import Testing

struct StageRunnerTests {
    /// A stage that copies a text into its artefact.
    private struct CopyStage: Stage {
        var name: String { "copy" }
        var parameters = ["days": "14"]
        var input = "one"
        var more: [String] = []
        var isBroken = false
        var isMissing = false

        func inputs(_ night: Night) throws -> [ArtefactRecord.Input] {
            if isMissing { throw FileError("open", "/nowhere/logs", code: 2) }
            return [.init(name: "text", fingerprint: input)]
                + more.map { .init(name: $0, fingerprint: "x") }
        }

        func completed(_ night: Night) throws -> ArtefactRecord? {
            let folder = night.warehouse.artefact("copies", night.date)
            guard let record = ArtefactRecord.read(folder), record.filesExist(in: folder) else {
                return nil
            }
            return record
        }

        func run(_ night: Night) throws -> StageOutcome {
            let staged = try StagedDirectory(in: night.warehouse, name: "copies")
            try staged.write("copy.txt") { try $0.write(input) }
            if isBroken {
                staged.discard()
                throw FormatError("/logs/x", "line 5 is no line", hint: "mend it")
            }
            try commit(
                self, staged, inputs: try inputs(night), night,
                to: night.warehouse.artefact("copies", night.date))
            return StageOutcome(
                summary: "copied 1 text", warnings: ["a warning"],
                counts: .object(["texts": .integer(1)]))
        }
    }

    private static let date = CalendarDate(year: 2026, month: 11, day: 19)

    private func withNight(_ body: (Night) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            try body(Night(warehouse: warehouse, date: Self.date, tool: "0.1.0"))
        }
    }

    private func ran(_ result: StageRunner.Result) -> Bool {
        if case .ran = result { true } else { false }
    }

    private func text(_ night: Night) throws -> String {
        try FileSystem.readText(night.warehouse.artefact("copies", night.date) + "/copy.txt")
    }

    @Test func `a stage runs once, and is then up to date`() throws {
        try withNight { night in
            #expect(try StageRunner.freshness(of: CopyStage(), night) == .neverRan)
            let first = try StageRunner.run(CopyStage(), night, arguments: ["--days", "14"])
            guard case .ran(let record) = first else { return #expect(Bool(false)) }
            #expect(record.status == .ok)
            #expect(record.summary == "copied 1 text")
            #expect(record.warnings == ["a warning"])
            #expect(record.arguments == ["--days", "14"])
            #expect(record.error == nil)
            #expect(try StageRunner.freshness(of: CopyStage(), night) == .fresh)
            let second = try StageRunner.run(CopyStage(), night, arguments: [])
            guard case .upToDate(let kept) = second else { return #expect(Bool(false)) }
            #expect(kept?.started == record.started)
            #expect(kept?.counts["texts"]?.int == 1)
            #expect(ran(try StageRunner.run(CopyStage(), night, arguments: [], force: true)))
            // Another night is another matter.
            let next = Night(warehouse: night.warehouse, date: night.date.next, tool: night.tool)
            #expect(try StageRunner.freshness(of: CopyStage(), next) == .neverRan)
            #expect(next.planDate.description == "2026-11-21")
        }
    }

    @Test(arguments: [
        ("input", CopyStage(input: "two"), "0.1.0", "changed: text"),
        ("parameter", CopyStage(parameters: ["days": "7"]), "0.1.0", "changed: days"),
        ("new parameter", CopyStage(parameters: ["days": "14", "a": "1"]), "0.1.0", "changed: a"),
        ("dropped parameter", CopyStage(parameters: [:]), "0.1.0", "changed: days"),
        ("version", CopyStage(), "0.2.0", "made by version 0.1.0"),
        ("new inputs", CopyStage(more: ["a", "b"]), "0.1.0", "changed: a, b"),
        (
            "many inputs", CopyStage(input: "two", more: ["e", "d", "c", "b"]), "0.1.0",
            "changed: b, c, d and 2 more"
        ),
    ])
    private func `what has changed makes a stage stale`(
        what: String, stage: CopyStage, tool: String, reason: String
    ) throws {
        try withNight { night in
            _ = try StageRunner.run(CopyStage(), night, arguments: [])
            let now = Night(warehouse: night.warehouse, date: night.date, tool: tool)
            #expect(try StageRunner.freshness(of: stage, now) == .stale(reason))
            #expect(ran(try StageRunner.run(stage, now, arguments: [])))
            #expect(try StageRunner.freshness(of: stage, now) == .fresh)
            #expect(try text(now) == stage.input)
        }
    }

    @Test func `a failed stage leaves a record, and the old artefact as it was`() throws {
        try withNight { night in
            _ = try StageRunner.run(CopyStage(), night, arguments: [])
            #expect(throws: FormatError.self) {
                _ = try StageRunner.run(
                    CopyStage(input: "two", isBroken: true), night, arguments: ["--x"])
            }
            #expect(try text(night) == "one")
            let record = try #require(RunRecord.read("copy", night.date, night.warehouse))
            #expect(record.status == .failed)
            #expect(record.error == "/logs/x: line 5 is no line")
            #expect(record.arguments == ["--x"])
            // The old result is still that of the old input.
            #expect(try StageRunner.freshness(of: CopyStage(), night) == .fresh)
            #expect(try FileSystem.list(night.warehouse.temporaryPath) == [])
        }
    }

    @Test func `a missing input fails the stage with a record`() throws {
        try withNight { night in
            _ = try StageRunner.run(CopyStage(), night, arguments: [])
            let error = #expect(throws: FileError.self) {
                _ = try StageRunner.run(CopyStage(isMissing: true), night, arguments: [])
            }
            #expect(error?.cause == .inputMissing)
            #expect(RunRecord.read("copy", night.date, night.warehouse)?.status == .failed)
            #expect(try text(night) == "one")
        }
    }

    @Test(arguments: ["copy.txt", "artefact.json"]) func `a result that has lost a file never ran`(
        name: String
    ) throws {
        try withNight { night in
            _ = try StageRunner.run(CopyStage(), night, arguments: [])
            try FileSystem.remove(night.warehouse.artefact("copies", night.date) + "/" + name)
            #expect(try StageRunner.freshness(of: CopyStage(), night) == .neverRan)
            #expect(ran(try StageRunner.run(CopyStage(), night, arguments: [])))
        }
    }

    @Test func `the run record is on disk as it was`() throws {
        try withNight { night in
            let record = RunRecord(
                stage: "plays", date: night.date, tool: "0.1.0", arguments: ["--logs", "a b"],
                status: .failed,
                started: Timestamp(milliseconds: 1_795_091_696_789),
                finished: Timestamp(milliseconds: 1_795_091_699_000),
                cpuMs: 17, summary: "s", warnings: ["w \"q\"", "荒"],
                counts: .object(["a": .integer(1), "b": .number(0.5)]), error: "e")
            try record.write(to: night.warehouse)
            let read = try #require(RunRecord.read("plays", night.date, night.warehouse))
            #expect(read.stage == "plays" && read.date == night.date && read.tool == "0.1.0")
            #expect(read.arguments == record.arguments)
            #expect(read.status == .failed)
            #expect(read.started == record.started && read.finished == record.finished)
            #expect(read.elapsedMs == 2_211)
            #expect(read.cpuMs == 17)
            #expect(
                read.summary == "s" && read.warnings == record.warnings
                    && read.counts == record.counts && read.error == "e")
            #expect(RunRecord.nights(night.warehouse) == [night.date])
            #expect(RunRecord.read("none", night.date, night.warehouse) == nil)
            try write("{}", to: night.warehouse.runRecord("plays", night.date))
            #expect(RunRecord.read("plays", night.date, night.warehouse) == nil)
        }
    }

    // MARK: Artefact records

    private static let record = ArtefactRecord(
        stage: "plays", date: date, tool: "0.1.0", parameters: ["b": "2", "a": "1"],
        inputs: [.init(name: "x", fingerprint: "1"), .init(name: "w", fingerprint: "2")],
        files: [
            FileDigest(name: "counts.tsv.zst", sizeBytes: 5, sha256: SHA256.hash("c")),
            FileDigest(name: "a/b", sizeBytes: 0, sha256: SHA256.hash("")),
        ])

    @Test func `an artefact's record reads back as it was`() throws {
        try withTemporaryFolder { folder in
            try write(Self.record.json, to: folder + "/artefact.json")
            #expect(ArtefactRecord.read(folder) == Self.record)
            #expect(!Self.record.filesExist(in: folder))
            try FileSystem.makeDirectories(folder + "/a")
            try write("", to: folder + "/a/b")
            try write("12345", to: folder + "/counts.tsv.zst")
            #expect(Self.record.filesExist(in: folder))
            try write("123456", to: folder + "/counts.tsv.zst")
            #expect(!Self.record.filesExist(in: folder))
        }
    }

    @Test(arguments: [
        ("\"version\": 1", "\"version\": 2"), ("spindle-artefact", "other"),
        ("\"bytes\": 5", "\"bytes\": \"5\""),
        (SHA256.hash("c").hex, "abc"), ("\"path\": \"a/b\"", "\"name\": \"a/b\""),
        ("\"fingerprint\": \"1\"", "\"fingerprint\": 1"),
        ("\"2026-11-19\"", "\"2026-11-31\""), ("}\n", "\n"), ("\"b\": \"2\"", "\"b\": 2"),
    ])
    func `a record that cannot be read whole is none`(old: String, new: String) throws {
        try withTemporaryFolder { folder in
            let text = String(decoding: Self.record.json, as: UTF8.self)
            try #require(text.contains(old))
            let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
            try write(parts.joined(separator: new), to: folder + "/artefact.json")
            #expect(ArtefactRecord.read(folder) == nil)
        }
    }

    @Test func `what later stages depend on is what the files hold, and nothing else`() {
        func record(tool: String = "1", files: [FileDigest] = Self.record.files) -> ArtefactRecord {
            ArtefactRecord(
                stage: "plays", date: Self.date, tool: tool, parameters: [:], inputs: [],
                files: files)
        }
        #expect(record(tool: "2").contentDigest == record().contentDigest)
        #expect(record(files: Self.record.files.reversed()).contentDigest == record().contentDigest)
        #expect(record(files: [Self.record.files[0]]).contentDigest != record().contentDigest)
        let renamed = FileDigest(name: "other", sizeBytes: 5, sha256: SHA256.hash("c"))
        #expect(
            record(files: [renamed, Self.record.files[1]]).contentDigest != record().contentDigest)
    }

    @Test func `a stage that is fresh without a good record for the night gets one`() throws {
        try withNight { night in
            _ = try StageRunner.run(CopyStage(), night, arguments: ["--x"])
            let path = night.warehouse.runRecord("copy", night.date)
            // Killed before the record was written.
            try FileSystem.remove(path)
            guard
                case .upToDate(let record) = try StageRunner.run(
                    CopyStage(), night, arguments: ["--x"])
            else {
                Issue.record("it ran again")
                return
            }
            #expect(record?.status == .ok)
            #expect(RunRecord.read("copy", night.date, night.warehouse)?.arguments == ["--x"])

            // A failure that has been mended is no longer the stage's state.
            #expect(throws: FileError.self) {
                try StageRunner.run(CopyStage(isMissing: true), night, arguments: [])
            }
            #expect(RunRecord.read("copy", night.date, night.warehouse)?.status == .failed)
            _ = try StageRunner.run(CopyStage(), night, arguments: ["--x"])
            #expect(RunRecord.read("copy", night.date, night.warehouse)?.status == .ok)
        }
    }
}
