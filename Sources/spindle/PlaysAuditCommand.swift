import Arguments
import Pipeline
import Plays
import Storage

/// `spindle plays audit`: whether an event counts, and why it does not.
enum PlaysAuditCommand: Subcommand {
    static let command = Command(
        "spindle plays audit", summary: "tell whether single events count, and why they do not",
        discussion: """
            Looks for events in the logs that a night has counted, by the options with which it \
            counted them, and goes through the rules: duplicates, farms, impossible hours, loops, \
            what a stream needs, and what charts take. Each delivery of an event is a line of its \
            own. Lines that could not be read are found by the event's id. Changes nothing.
            """,
        operands: "[EVENT_ID…]",
        options: [
            .warehouse,
            Option(
                "date", "DATE",
                help: "The night whose logs and rules are meant (default: the last)"),
            Option("listener", "NAME", help: "Only events of this listener"),
            Option("song", "ID", help: "Only events of this song"),
            Option("day", "DATE", help: "Only events that happened on this day"),
            Option(
                "logs", "PATH", repeats: true,
                help: "Look into these logs instead of those of the night"),
            .json, .quiet,
        ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        var question = PlayAudit.Question()
        question.eventIDs = arguments.operands
        question.listener = arguments.string("listener")
        question.song = arguments.string("song")
        question.day = try arguments.date("day")
        guard !question.eventIDs.isEmpty || question.listener != nil else {
            throw arguments.usageError("name an EVENT_ID, or a --listener")
        }
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        let counted = try night(arguments, warehouse)
        let logs =
            arguments.isGiven("logs")
            ? arguments.strings("logs").map(absolutePath) : PlaysCommand.logs(counted, warehouse)
        let audit = PlayAudit(warehouse: warehouse, options: try PlaysCommand.options(counted))
        let findings = try audit.run(question, logs: logs) { terminal.progress("audit: \($0)") }
        guard !findings.isEmpty else {
            throw NothingFound(what: "such event", logs: logs)
        }
        for finding in findings {
            if arguments.flag("json") {
                terminal.print(json(finding))
            } else {
                terminal.print(text(finding))
            }
        }
        let met = Set(findings.compactMap { $0.event?.id })
        let areAllReadable = findings.allSatisfy { $0.event != nil }
        let missing = question.eventIDs.filter { !met.contains($0) }
        // A line that could not be read may be any of them.
        guard areAllReadable, !missing.isEmpty else { return .ok }
        throw NothingFound(what: "event \(missing.joined(separator: ", "))", logs: logs)
    }

    /// How a night counted its plays: the arguments that its run recorded.
    private static func night(_ arguments: ParsedArguments, _ warehouse: Warehouse) throws
        -> ParsedArguments
    {
        let date = try arguments.date("date") ?? newestNight(warehouse)
        guard let date, let record = RunRecord.read("plays", date, warehouse) else {
            throw MissingNight(warehouse: warehouse, date: date)
        }
        return try ParsedArguments(PlaysCommand.command, record.arguments)
    }

    private static func newestNight(_ warehouse: Warehouse) -> CalendarDate? {
        ((try? FileSystem.list(warehouse.path + "/plays")) ?? []).compactMap {
            $0.hasPrefix("night=") ? CalendarDate($0.dropFirst(6)) : nil
        }.max()
    }

    // MARK: Output

    private static func text(_ finding: AuditFinding) -> String {
        var text = "\(finding.file):\(finding.line): \(finding.explanation)"
        if let event = finding.event {
            text += "\n    \(event.id): \(Timestamp(milliseconds: event.timeMs)), listener "
            text += "\(event.listener), song \(event.song), \(event.region), heard "
            text += "\(formatDecimal(Double(event.playedMs) / 1000, 1)) s"
            if event.durationMs > 0 {
                text += " of \(formatDecimal(Double(event.durationMs) / 1000, 1)) s"
            }
            if let logged = event.loggedOn {
                text += "\n    logged on \(logged), belongs to \(event.day)"
            }
        }
        return text.split(separator: "\n").map { visible(String($0)) }.joined(separator: "\n")
    }

    private static func json(_ finding: AuditFinding) -> JSONWriter {
        var json = JSONWriter()
        json.object { json in
            json.field("file", finding.file)
            json.field("line", finding.line)
            json.field("outcome", finding.outcome.name)
            json.field("explanation", finding.explanation)
            switch finding.outcome {
            case .stream(let number, let isInCharts, _):
                json.field("stream_number", number)
                json.field("in_charts", isInCharts)
            case .duplicate(let place): json.field("counted_place", place)
            case .rejected(let reason, _): json.field("reason", reason.rawValue)
            default: break
            }
            guard let event = finding.event else { return }
            json.field("event_id", event.id)
            json.field("day", event.day.description)
            if let logged = event.loggedOn { json.field("logged_on", logged.description) }
            json.field("ts", Timestamp(milliseconds: event.timeMs).description)
            json.field("user_id", event.listener)
            json.field("song_id", event.song)
            json.field("region", event.region)
            if !event.address.isEmpty { json.field("address", event.address) }
            json.field("ms_played", event.playedMs)
            json.field("duration_ms", event.durationMs)
        }
        return json
    }
}

private struct MissingNight: Diagnosed, CustomStringConvertible {
    let warehouse: Warehouse
    let date: CalendarDate?

    var message: String {
        date.map { "\(warehouse.path): no plays were counted in the night of \($0)" }
            ?? "\(warehouse.path): no plays were counted yet"
    }
    var description: String { message }
    var hint: String? { "run spindle plays first, or name another night with --date" }
    var cause: FailureCause { .inputMissing }
}

private struct NothingFound: Diagnosed, CustomStringConvertible {
    let what: String
    let logs: [String]

    var message: String { "no \(what) in \(logs.joined(separator: ", "))" }
    var description: String { message }
    var hint: String? {
        "check the id; logs that were removed since they were counted can be named with --logs"
    }
    var cause: FailureCause { .inputMissing }
}
