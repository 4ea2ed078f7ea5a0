import Arguments
import Pipeline
import Publication
import Storage

/// `spindle status`: what is fresh, stale or failed, and since when.
enum StatusCommand: Subcommand {
    static let command = Command(
        "spindle status", summary: "show what is fresh, stale or failed, and since when",
        discussion: """
            For each stage of the night: fresh (made from the inputs of now), stale (with what has \
            changed), failed (with the error), or never ran. Changes nothing. Without --date it is \
            the newest night that was run.
            """,
        options: [.warehouse, .date, .json],
        exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    private struct Line {
        let stage: String
        let state: String
        let reason: String?
        let record: RunRecord?
    }

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        guard let date = try arguments.date("date") ?? RunRecord.nights(warehouse).last else {
            terminal.print("no night has been run yet")
            return .ok
        }
        let night = Night(warehouse: warehouse, date: date, tool: version)
        let lines = stageCommands.filter {
            !$0.isOptional || RunRecord.read($0.name, date, warehouse) != nil
        }.map { status(of: $0, night) }
        let snapshot = Snapshot.currentDirectory(warehouse).map { FileSystem.name(of: $0) }
        let badBlobs = try ScrubRecord.read(warehouse).findings.count
        if arguments.flag("json") {
            terminal.print(json(lines, date, snapshot, badBlobs))
        } else {
            terminal.print("night of \(date), published snapshot: \(snapshot ?? "none")")
            for line in lines {
                let since = line.record.map {
                    " since \($0.finished), took \(formatDuration($0.elapsedMs))"
                }
                terminal.print(
                    "  \(RunCommand.column(line.stage, 12))\(RunCommand.column(line.state, 10))"
                        + (line.reason.map { "\($0);" } ?? "") + (since ?? ""))
            }
            if badBlobs > 0 {
                terminal.print(
                    "  \(RunCommand.column("blobs", 12))\(grouped(badBlobs)) rotten or lost (spindle scrub --list)"
                )
            }
        }
        return .ok
    }

    private static func status(of command: any StageCommand.Type, _ night: Night) -> Line {
        let name = command.name
        guard let record = RunRecord.read(name, night.date, night.warehouse) else {
            return Line(stage: name, state: "never ran", reason: nil, record: nil)
        }
        if record.status == .failed {
            return Line(stage: name, state: "failed", reason: record.error, record: record)
        }
        do {
            let stage = try command.stage(try ParsedArguments(command.command, record.arguments))
            switch try StageRunner.freshness(of: stage, night) {
            case .fresh: return Line(stage: name, state: "fresh", reason: nil, record: record)
            case .neverRan:
                return Line(
                    stage: name, state: "stale", reason: "its results are gone", record: record)
            case .stale(let reason):
                return Line(stage: name, state: "stale", reason: reason, record: record)
            }
        } catch {
            let message = (error as? any Diagnosed)?.message ?? "\(error)"
            return Line(stage: name, state: "stale", reason: message, record: record)
        }
    }

    private static func json(
        _ lines: [Line], _ date: CalendarDate, _ snapshot: String?, _ badBlobs: Int
    )
        -> JSONWriter
    {
        var json = JSONWriter()
        json.object {
            $0.field("date", date.description)
            $0.field("snapshot", snapshot)
            $0.field("bad_blobs", badBlobs)
            $0.array("stages") {
                for line in lines {
                    $0.object {
                        $0.field("stage", line.stage)
                        $0.field("state", line.state.split(separator: " ").joined(separator: "_"))
                        $0.field("reason", line.reason)
                        $0.field("since", line.record?.finished.description)
                        $0.field("elapsed_ms", line.record?.elapsedMs)
                    }
                }
            }
        }
        return json
    }
}
