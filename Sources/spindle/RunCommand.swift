import Arguments
import Pipeline
import Plays
import Popularity
import Publication
import Storage

/// `spindle run`: a pipeline, stage by stage.
enum RunCommand: Subcommand {
    static let command = Command(
        "spindle run", summary: "run the stages of a pipeline in order",
        discussion: """
            Runs each stage that is not up to date, and ends with a summary. Without --date the \
            night is the newest day of the pipeline's logs, or else yesterday. A range of dates \
            (FIRST..LAST) runs one night after another. It can be stopped at any moment and run \
            again: what was done is not repeated.
            """,
        operands: "PIPELINE",
        options: [
            .warehouse,
            Option(
                "date", "DATE",
                help: "The night, named by the day that has just ended, or FIRST..LAST"),
            Option("from", "STAGE", help: "Start with this stage"),
            Option("only", "STAGE", repeats: true, help: "Run this stage and no other"),
            Option(
                "set", "NAME=VALUE", repeats: true, help: "Give a variable of the pipeline a value"),
            Option("force", help: "Run stages although nothing has changed"),
            Option("dry-run", help: "Say what would run and why, and change nothing"),
            .json, .quiet,
        ])

    private struct Step {
        let stage: any Stage
        let arguments: [String]
    }

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        guard arguments.operands.count == 1 else {
            throw arguments.usageError(
                "name one PIPELINE file, pipelines/nightly.json5 for example")
        }
        var overrides: [String: String] = [:]
        for setting in arguments.strings("set") {
            let parts = setting.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw arguments.usageError("--set takes NAME=VALUE, not '\(setting)'")
            }
            overrides[String(parts[0])] = String(parts[1])
        }
        let pipeline = try PipelineFile(path: arguments.operands[0], overrides: overrides)
        let steps = try select(try steps(of: pipeline), arguments)
        let nights = try nights(arguments, pipeline)
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try checkPaths(steps)

        if arguments.flag("dry-run") {
            for date in nights {
                let night = Night(warehouse: warehouse, date: date, tool: version)
                dryRun(steps, night, force: arguments.flag("force"), terminal)
            }
            return .ok
        }
        var json = JSONWriter()
        try hold(
            warehouse, for: steps.map(\.stage), command: "spindle run \(pipeline.name)"
        ) {
            try json.array { json in
                for date in nights {
                    let night = Night(
                        warehouse: warehouse, date: date, tool: version,
                        progress: { terminal.progress("  \($0)") })
                    try runNight(
                        pipeline, steps, night, force: arguments.flag("force"), terminal, &json)
                }
            }
        }
        if arguments.flag("json") { terminal.print(json) }
        return .ok
    }

    // MARK: What to run

    private static func steps(of pipeline: PipelineFile) throws -> [Step] {
        var steps: [Step] = []
        for step in pipeline.steps {
            guard let command = stageCommands.first(where: { $0.name == step.stage }) else {
                let names = stageCommands.map { $0.name }.joined(separator: ", ")
                throw FormatError(
                    pipeline.path, "unknown stage '\(step.stage)'", hint: "the stages are \(names)")
            }
            do {
                let parsed = try ParsedArguments(command.command, step.arguments)
                steps.append(
                    Step(
                        stage: try command.stage(parsed),
                        arguments: command.recordedArguments(parsed)))
            } catch let error as UsageError {
                throw FormatError(
                    pipeline.path, "stage \(step.stage): \(error.message)", hint: error.hint)
            }
        }
        return steps
    }

    private static func select(_ steps: [Step], _ arguments: ParsedArguments) throws -> [Step] {
        func check(_ name: String) throws {
            guard steps.contains(where: { $0.stage.name == name }) else {
                let names = steps.map(\.stage.name).joined(separator: ", ")
                throw UsageError(
                    "the pipeline has no stage '\(name)'", hint: "its stages are \(names)")
            }
        }
        let only = arguments.strings("only")
        for name in only { try check(name) }
        if !only.isEmpty { return steps.filter { only.contains($0.stage.name) } }
        guard let from = arguments.string("from") else { return steps }
        try check(from)
        return Array(steps.drop { $0.stage.name != from })
    }

    /// A mistyped path is told now, and not when its stage comes, hours later.
    private static func checkPaths(_ steps: [Step]) throws {
        for step in steps {
            guard let command = stageCommands.first(where: { $0.name == step.stage.name }) else {
                continue
            }
            for (name, value) in zip(step.arguments, step.arguments.dropFirst()) {
                let isPath = command.command.options.contains {
                    "--" + $0.name == name && $0.takesPath
                }
                let isPattern = value.contains { "*?[".contains($0) }
                if isPath, !isPattern, !FileSystem.exists(value) {
                    throw FileError("open for the stage \(step.stage.name)", value, code: 2)
                }
            }
        }
    }

    private static func nights(_ arguments: ParsedArguments, _ pipeline: PipelineFile) throws
        -> [CalendarDate]
    {
        if let text = arguments.string("date"), let dots = text.firstRange(of: "..") {
            guard let first = CalendarDate(text[..<dots.lowerBound]),
                let last = CalendarDate(text[dots.upperBound...])
            else {
                throw arguments.usageError("--date takes YYYY-MM-DD or FIRST..LAST, not '\(text)'")
            }
            guard first <= last else {
                throw arguments.usageError(
                    "the range \(text) runs backwards: write \(last)..\(first)")
            }
            return (0...last.dayNumber - first.dayNumber).map { first + $0 }
        }
        if let date = try arguments.date("date") { return [date] }
        if let logs = pipeline.newestDayOf,
            let newest = try PlayCounter.newestLogDay(in: [absolutePath(logs)])
        {
            return [newest]
        }
        return [.today - 1]
    }

    private static func dryRun(_ steps: [Step], _ night: Night, force: Bool, _ terminal: Terminal) {
        terminal.print("night of \(night.date)")
        var follows: String?
        for step in steps {
            let verdict: String
            do {
                switch try StageRunner.freshness(of: step.stage, night) {
                case _ where force: verdict = "would run (forced)"
                case .neverRan: verdict = "would run (never ran)"
                case .stale(let reason): verdict = "would run (\(reason))"
                case .fresh:
                    verdict =
                        follows.map { "would run if \($0) changes its result" } ?? "up to date"
                }
            } catch is MissingStage {
                verdict = "would run (never ran)"
            } catch {
                verdict = "would fail: \((error as? any Diagnosed)?.message ?? "\(error)")"
            }
            if verdict != "up to date", follows == nil { follows = step.stage.name }
            terminal.print("  \(column(step.stage.name, 12))\(verdict)")
        }
    }

    // MARK: One night

    private static func runNight(
        _ pipeline: PipelineFile, _ steps: [Step], _ night: Night, force: Bool,
        _ terminal: Terminal, _ json: inout JSONWriter
    ) throws {
        let started = Timestamp.now
        terminal.say("\(pipeline.name), night of \(night.date) → plans for \(night.planDate)")
        var records: [String: RunRecord] = [:]
        if night.date > .today {
            terminal.say(
                "  warning: \(night.date) has not ended yet; later nights that are earlier will not replace its snapshot"
            )
        }
        var ranCount = 0
        for (index, step) in steps.enumerated() {
            let name = step.stage.name
            let place = "  [\(index + 1)/\(steps.count)] \(column(name, 12))"
            terminal.progress(place)
            let result = try StageRunner.run(
                step.stage, night, arguments: step.arguments, force: force)
            switch result {
            case .upToDate(let record):
                records[name] = record
                terminal.say("\(place)up to date")
                json.object { write(name, night.date, record, isUpToDate: true, into: &$0) }
            case .ran(let record):
                ranCount += 1
                records[name] = record
                terminal.say(
                    "\(place)\(record.summary)  (\(formatDuration(record.elapsedMs)))")
                for warning in record.warnings { terminal.say("        warning: \(warning)") }
                json.object { write(name, night.date, record, isUpToDate: false, into: &$0) }
            }
        }
        let elapsed = formatDuration(Timestamp.now.milliseconds - started.milliseconds)
        terminal.say(
            ranCount == 0
                ? "everything is up to date (\(elapsed))" : "done in \(elapsed)")
        summarize(records, night, terminal)
    }

    /// The few lines that the people on call look for.
    private static func summarize(
        _ records: [String: RunRecord], _ night: Night, _ terminal: Terminal
    ) {
        func count(_ stage: String, _ name: String) -> Int? { records[stage]?.counts[name]?.int }
        var lines: [(String, String)] = []
        if let songs = count("index", "songs") { lines.append(("songs", grouped(songs))) }
        if let streams = count("plays", "streams") {
            lines.append(("streams", "\(grouped(streams)) in the window"))
        }
        if let files = count("ingest", "rejected") {
            let logLines = count("plays", "rejected") ?? 0
            lines.append(
                (
                    "rejects",
                    "\(grouped(files)) files, \(grouped(logLines)) log lines (spindle rejects lists them)"
                ))
        }
        if let directory = Snapshot.currentDirectory(night.warehouse) {
            let id = FileSystem.name(of: directory)
            lines.append(("published", "\(id) in \(night.warehouse.snapshotsPath)"))
            lines.append(("report", directory + "/report.html"))
            let path = night.warehouse.path
            lines.append(
                (
                    "listen",
                    "make serve WAREHOUSE=\(path), or spindled --warehouse \(path); then open http://127.0.0.1:8080/"
                ))
        }
        for (label, text) in lines { terminal.say("  \(column(label, 12))\(text)") }
    }

    static func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
