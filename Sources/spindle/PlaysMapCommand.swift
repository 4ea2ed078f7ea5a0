import Arguments
import Plays
import Storage

/// `spindle plays map`: logs of a day, or a part of one → a partial.
enum PlaysMapCommand: Subcommand {
    static let command = Command(
        "spindle plays map", summary: "read logs, or a part of one, for a count on many machines",
        discussion: """
            Reads logs of one day into a new folder, a partial, which spindle plays merge counts \
            together with others. The folder is there whole or not at all, so a task that dies or \
            runs twice changes nothing. All logs of a day, and the merge, need the same options. \
            docs/formats/plays-partials.md says how a cluster is driven.
            """,
        options: [
            Option(
                "logs", "PATH", repeats: true, help: "A log file, a folder of logs or a glob"),
            Option(
                "range", "FIRST-LAST",
                help:
                    "Of the only log, plain and Spindle's own: the lines that begin at one of these bytes, from 0"
            ),
            Option(
                "late",
                help: "Instead of logs: what the warehouse has of the day from later logs"),
            Option("to", "DIR", help: "The partial to make; one that is there is replaced"),
            Option(
                "warehouse", "DIR",
                help: "Where late events lie, and the catalogue if --catalog names none"),
        ] + PlaysCommand.readingOptions + PlaysCommand.countingOptions + [.date, .json, .quiet])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        guard let date = try arguments.date("date") else {
            throw arguments.usageError("no --date given")
        }
        guard let target = arguments.string("to").map(absolutePath) else {
            throw arguments.usageError("no --to given")
        }
        let logs = arguments.strings("logs").map(absolutePath)
        let options = try PlaysCommand.options(arguments)
        let read: PlayAccounting
        if arguments.flag("late") {
            guard let warehouse = arguments.string("warehouse"), logs.isEmpty else {
                throw arguments.usageError("--late needs --warehouse and no --logs")
            }
            read = try PlayCounter(
                warehouse: Warehouse(path: absolutePath(warehouse)), logs: [], options: options
            ).mapLate(of: date, to: target)
        } else {
            guard !logs.isEmpty else { throw arguments.usageError("no --logs given") }
            read = try PlayCounter.map(
                logs, of: date, range: try range(arguments), options: options, to: target)
        }
        if arguments.flag("json") {
            var json = JSONWriter()
            json.value(read.json)
            json.newline()
            terminal.print(json)
        } else if !terminal.isQuiet {
            terminal.say(
                "read \(grouped(read.lines + read.lateIn)) lines, \(grouped(read.rejected)) rejected"
            )
        }
        return .ok
    }

    private static func range(_ arguments: ParsedArguments) throws -> Range<Int>? {
        guard let text = arguments.string("range") else { return nil }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, last >= first,
            last < .max
        else { throw arguments.usageError("--range \(text) is no FIRST-LAST in bytes") }
        return first..<last + 1
    }
}
