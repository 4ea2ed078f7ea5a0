import Pipeline
import Storage
import TestSupport
import Testing

struct PipelineFileTests {
    private func parse(_ text: String, _ overrides: [String: String] = [:]) throws -> PipelineFile {
        try withTemporaryFolder { folder in
            try write(text, to: folder + "/night.json5")
            return try PipelineFile(path: folder + "/night.json5", overrides: overrides)
        }
    }

    private static let night = """
        // A night
        {
          name: "nightly",
          variables: { source: "music", limit: 5, empty: "", },
          newest_day_of: "${source}/logs",
          stages: [
            { stage: "ingest", source: ["${source}", "more ${source} ${limit}"], "reject-limit": "${limit}%" },
            { stage: 'plays', again: true, dull: false, keep: 7, share: 0.5, releases: "${empty}", none: null, },
          ],
        }
        """

    @Test func `a pipeline's stages are command lines`() throws {
        let file = try parse(Self.night)
        #expect(file.name == "nightly")
        #expect(file.newestDayOf == "music/logs")
        #expect(file.variables == ["source": "music", "limit": "5", "empty": ""])
        #expect(file.steps.map(\.stage) == ["ingest", "plays"])
        #expect(
            file.steps[0].arguments == [
                "--reject-limit", "5%", "--source", "music", "--source", "more music 5",
            ])
        #expect(file.steps[1].arguments == ["--again", "--keep", "7", "--share", "0.5"])
    }

    @Test func `variables are set from outside, and not expanded twice`() throws {
        let file = try parse(Self.night, ["source": "${limit}", "empty": "r.json"])
        #expect(file.newestDayOf == "${limit}/logs")
        #expect(file.steps[1].arguments.suffix(2) == ["--share", "0.5"])
        #expect(file.steps[1].arguments.contains("r.json"))
    }

    @Test(arguments: [
        ("[]", "is not an object"), ("{ name: 'n', stage: [] }", "unknown key 'stage'"),
        ("{ stages: [ { stage: 'a' } ] }", "'name' is missing or no text"),
        ("{ name: 5, stages: [ { stage: 'a' } ] }", "'name' is missing or no text"),
        ("{ name: 'n' }", "'stages' is missing or empty"),
        (
            "{ name: 'n', stages: [ { stage: 'a', warehouse: 'w' } ] }",
            "stages[0].warehouse: belongs to the whole run"
        ),
        ("{ name: 'n', stages: [] }", "'stages' is missing or empty"),
        ("{ name: 'n', stages: [ { source: 'x' } ] }", "stages[0]: 'stage' is missing"),
        ("{ name: 'n', stages: [ 'ingest' ] }", "stages[0]: 'stage' is missing"),
        (
            "{ name: 'n', stages: [ { stage: 'a' }, { stage: 'b', x: '${y}' } ] }",
            "stages[1].x: unknown variable 'y'"
        ),
        ("{ name: 'n', stages: [ { stage: 'b', x: 'a${y' } ] }", "stages[0].x: '${' without '}'"),
        (
            "{ name: 'n', stages: [ { stage: 'b', x: { y: 1 } } ] }",
            "stages[0].x: must be a text, a number or a list"
        ),
        (
            "{ name: 'n', stages: [ { stage: 'b', x: [[1]] } ] }",
            "stages[0].x: must be a text, a number or a list"
        ),
        (
            "{ name: 'n', newest_day_of: '${y}', stages: [ { stage: 'b' } ] }",
            "newest_day_of: unknown variable 'y'"
        ),
        (
            "{ name: 'n', newest_day_of: 5, stages: [ { stage: 'b' } ] }",
            "'newest_day_of' is no text"
        ),
        (
            "{ name: 'n', variables: { y: [] }, stages: [ { stage: 'b' } ] }",
            "variable 'y' is no text"
        ),
        (
            "{ name: 'n', variables: ['y'], stages: [ { stage: 'b' } ] }",
            "'variables' is not an object"
        ),
        ("{ name: 'n'\n stages: [] }", "line 2, column 2: no ',' or '}' behind the value"),
    ])
    func `a mistake is told with its place`(text: String, detail: String) throws {
        let error = #expect(throws: FormatError.self) { try parse(text) }
        #expect(error?.detail == detail)
        #expect(error?.path.hasSuffix("/night.json5") == true)
        #expect(error?.hint != "")
        #expect(error?.hint != nil)
    }

    @Test func `only variables that the file declares can be set`() {
        let error = #expect(throws: FormatError.self) { try parse(Self.night, ["sauce": "x"]) }
        #expect(error?.detail == "has no variable 'sauce'")
        #expect(error?.hint == "its variables are empty, limit, source")
    }

    @Test func `a missing file is missing`() {
        let error = #expect(throws: FileError.self) {
            try PipelineFile(path: "/nowhere/night.json5")
        }
        #expect(error?.cause == .inputMissing)
    }

    @Test func `the nightly pipeline of the repository is well formed`() throws {
        let file = try PipelineFile(
            path: Repository.sample + "/../pipelines/nightly.json5", overrides: ["source": "/music"]
        )
        #expect(
            file.steps.map(\.stage) == [
                "ingest", "plays", "popularity", "index", "place", "prefetch", "publish",
            ])
        #expect(file.steps[0].arguments.contains("/music"))
    }
}
