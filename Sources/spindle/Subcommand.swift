import Arguments
import Pipeline
import Storage

/// One command of `spindle`: its text, and what it does.
protocol Subcommand {
    static var command: Command { get }
    /// Commands of its own, as `spindle plays show`.
    static var subcommands: [any Subcommand.Type] { get }
    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode
}

extension Subcommand {
    /// `ingest` for the command `spindle ingest`, `show` for `spindle plays show`.
    static var name: String { String(command.name.split(separator: " ").last!) }

    static var subcommands: [any Subcommand.Type] { [] }
}

/// The command that a call is of, and what is left of its words.
///
/// - Throws: `UsageError` for a word where only the name of a command could stand.
func resolve(_ subcommand: any Subcommand.Type, _ words: ArraySlice<String>) throws
    -> (any Subcommand.Type, ArraySlice<String>)
{
    let choices = subcommand.subcommands
    guard !choices.isEmpty, let word = words.first, !word.hasPrefix("-") else {
        return (subcommand, words)
    }
    if let found = choices.first(where: { $0.name == word }) {
        return try resolve(found, words.dropFirst())
    }
    guard subcommand.command.operands == nil else { return (subcommand, words) }
    let name = subcommand.command.name
    let nearest = nearestName(to: word, among: choices.map { $0.name })
    throw UsageError(
        "unknown command '\(name) \(word)'",
        hint: nearest.map { "did you mean \(name) \($0)?" } ?? "\(name) --help lists the commands")
}

/// The name that was probably meant; nil when none is near.
func nearestName(to word: String, among names: [String]) -> String? {
    names.map { ($0, editDistance($0, word)) }.min { $0.1 < $1.1 }
        .flatMap { $0.1 <= 2 ? $0.0 : nil }
}

/// A command that is a stage of the night, and so can stand in a pipeline.
protocol StageCommand: Subcommand {
    /// Whether nights do well without it.
    static var isOptional: Bool { get }
    /// - Throws: `UsageError`, and what reading the parameters' files throws.
    static func stage(_ arguments: ParsedArguments) throws -> any Stage
}

/// The options that every stage has.
let stageOptions: [Option] = [
    .warehouse, .date, Option("force", help: "Run although nothing has changed"), .json, .quiet,
]

extension StageCommand {
    static var isOptional: Bool { false }

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        try runStage(arguments, terminal)
    }

    static func runStage(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        try runStage(try stage(arguments), arguments, terminal)
    }

    /// Runs a stage under the warehouse's lock, with its record.
    static func runStage(
        _ stage: any Stage, _ arguments: ParsedArguments, _ terminal: Terminal
    ) throws -> ExitCode {
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        let date = try arguments.date("date") ?? .today - 1
        let name = stage.name
        let night = Night(
            warehouse: warehouse, date: date, tool: version,
            progress: { terminal.progress("\(name): \($0)") })
        let result = try hold(
            warehouse, for: [stage], command: "spindle \(name) --date \(date)"
        ) {
            try StageRunner.run(
                stage, night, arguments: recordedArguments(arguments),
                force: arguments.flag("force"))
        }
        let record: RunRecord?
        let isUpToDate: Bool
        switch result {
        case .upToDate(let last): (record, isUpToDate) = (last, true)
        case .ran(let run): (record, isUpToDate) = (run, false)
        }
        if arguments.flag("json") {
            terminal.print(json(stage.name, date, record, isUpToDate: isUpToDate))
        } else if !terminal.isQuiet {
            for warning in record?.warnings ?? [] { terminal.say("warning: \(warning)") }
            let summary = record?.summary ?? "done"
            terminal.say(isUpToDate ? "up to date: \(summary)" : summary)
        }
        return .ok
    }

    /// The options of a call as the run record keeps them, paths absolute, so that the stage can
    /// be made again from any folder.
    static func recordedArguments(_ arguments: ParsedArguments) -> [String] {
        var recorded: [String] = []
        for option in command.options
        where ![
            "warehouse", "date", "force", "json", "quiet", "help", "watch", "settle", "rescan",
        ].contains(option.name) {
            guard arguments.isGiven(option.name) else { continue }
            guard option.placeholder != nil else {
                recorded.append("--\(option.name)")
                continue
            }
            for value in arguments.strings(option.name) {
                recorded += [
                    "--\(option.name)", option.takesPath ? absolutePath(value) : value,
                ]
            }
        }
        return recorded
    }
}

/// Runs stages under the warehouse's lock where one of them needs it.
func hold<Result>(
    _ warehouse: Warehouse, for stages: [any Stage], command: String, _ body: () throws -> Result
) throws -> Result {
    guard stages.contains(where: \.holdsWarehouse) else {
        try warehouse.check()
        return try body()
    }
    return try RunLock.hold(warehouse, command: command) {
        try warehouse.prepare()
        try warehouse.emptyTemporaryFolder()
        return try body()
    }
}

private func json(_ stage: String, _ date: CalendarDate, _ record: RunRecord?, isUpToDate: Bool)
    -> JSONWriter
{
    var json = JSONWriter()
    json.object { write(stage, date, record, isUpToDate: isUpToDate, into: &$0) }
    return json
}

/// The fields of one stage's result, as `--json` prints them.
func write(
    _ stage: String, _ date: CalendarDate, _ record: RunRecord?, isUpToDate: Bool,
    into json: inout JSONWriter
) {
    json.field("stage", stage)
    json.field("date", date.description)
    json.field("result", isUpToDate ? "up_to_date" : "ran")
    json.field("summary", record?.summary)
    json.field("elapsed_ms", record?.elapsedMs)
    json.field("warnings", record?.warnings ?? [])
    json.field("counts", record?.counts ?? .null)
}

extension Option {
    var takesPath: Bool { ["DIR", "FILE", "PATH"].contains(placeholder) }
}

func absolutePath(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileSystem.absolute(".") + "/" + path
}

/// One decimal below a minute: "0.4 s", "12.0 s", "2 min 5 s".
func formatDuration(_ milliseconds: Int) -> String {
    if milliseconds < 60_000 { return formatDecimal(Double(milliseconds) / 1000, 1) + " s" }
    return "\(milliseconds / 60_000) min \(milliseconds / 1000 % 60) s"
}
