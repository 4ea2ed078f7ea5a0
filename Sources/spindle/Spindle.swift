import Arguments
import AudioAnalysis
import CoverImages
import Ingest
import Storage
import WorkerProcesses

let version = spindleVersion

/// All subcommands, in the order of the help; the stages in the order of the night.
var subcommands: [any Subcommand.Type] {
    [
        RunCommand.self, IngestCommand.self, PlaysCommand.self, PopularityCommand.self,
        IndexCommand.self, PlaceCommand.self, PrefetchCommand.self, PublishCommand.self,
        SimulateCommand.self, DecodeCommand.self, DuplicatesCommand.self,
        StatusCommand.self, RejectsCommand.self, SnapshotsCommand.self, ExportCommand.self,
        CheckCommand.self, TagsCommand.self, SearchCommand.self, ChartsCommand.self,
        ScrubCommand.self, CapacityCommand.self,
    ]
}

var stageCommands: [any StageCommand.Type] {
    subcommands.compactMap { $0 as? any StageCommand.Type }
}

/// What helper processes of this program can do, a kind for each command that has some.
private let workerKinds: [WorkerService.Kind] = [
    IntakeService.kind, DecodeService.kind, CoverService.kind, TagsCommand.workerKind,
]

private var overview: String {
    var text = """
        Spindle: the nightly toolchain of a music streaming service.

        usage: spindle COMMAND [options]

        Commands:

        """
    for subcommand in subcommands {
        let name = subcommand.name
        let margin = String(repeating: " ", count: 12 - name.count)
        text += "  \(name)\(margin)\(subcommand.command.summary)\n"
    }
    text += """

        spindle COMMAND --help says more about each; spindle --version prints the version.
        The daemon that serves what the night made is spindled.
        """
    return text
}

/// Runs the command line and tells what went wrong.
func runSpindle(_ arguments: [String]) -> ExitCode {
    guard let name = arguments.first else {
        Terminal().error("no command given", hint: "spindle --help lists the commands")
        return .usage
    }
    if ["--help", "-h", "help"].contains(name) {
        Terminal().print(overview)
        return .ok
    }
    if name == "--version" {
        Terminal().print("spindle \(version)")
        return .ok
    }
    if name == WorkerService.command {
        WorkerService.run(arguments.dropFirst(), kinds: workerKinds)
    }
    guard let subcommand = subcommands.first(where: { $0.name == name }) else {
        let hint =
            nearestName(to: name, among: subcommands.map { $0.name })
            .map { "did you mean spindle \($0)?" } ?? "spindle --help lists the commands"
        Terminal().error("unknown command '\(name)'", hint: hint)
        return .usage
    }
    var terminal = Terminal()
    do {
        let (called, words) = try resolve(subcommand, arguments.dropFirst())
        let parsed = try ParsedArguments(called.command, words)
        if parsed.flag("help") {
            terminal.print(String(called.command.help.dropLast()))
            return .ok
        }
        terminal = Terminal(
            isQuiet: parsed.command.options.contains { $0.name == "quiet" } && parsed.flag("quiet"))
        return try called.run(parsed, terminal)
    } catch {
        return report(error, to: terminal)
    }
}
