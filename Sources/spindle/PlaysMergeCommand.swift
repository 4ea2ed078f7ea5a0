import Arguments
import Plays
import Storage

/// `spindle plays merge`: partials → one partial, a phase's task, or the day's partition.
enum PlaysMergeCommand: Subcommand {
    static let command = Command(
        "spindle plays merge", summary: "count a day from what many machines have read",
        discussion: """
            Makes of the partials of a day one partial (--to), whose bytes do not tell in which \
            order and grouping they were merged; or, with --finish, the day's partition, as \
            spindle plays would make it from the same logs. Where that is too much for one machine, \
            --job names a folder with the partials in partials/, and --phase with --bucket and \
            --buckets does one task of a phase; the phases follow each other as events, addresses, \
            listeners, songs, and then --finish. docs/formats/plays-partials.md describes it.
            """,
        options: [
            Option("from", "DIR", repeats: true, help: "A partial"),
            Option("to", "DIR", help: "The partial to make of them"),
            Option("finish", help: "Make the day's partition in the warehouse"),
            Option("job", "DIR", help: "A folder with partials/, and what the phases leave"),
            Option("phase", "NAME", help: "events, addresses, listeners or songs"),
            Option("bucket", "N", help: "The task, from 0"),
            Option("buckets", "M", help: "Into how many tasks the phase is cut, at most 64"),
            Option("warehouse", "DIR", help: "Where the day's partition goes"), .rejectLimit,
        ] + PlaysCommand.readingOptions + PlaysCommand.countingOptions + [.json, .quiet])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        var options = try PlaysCommand.options(arguments)
        options.rejectLimit = try arguments.rejectLimit() ?? .percent(100)
        let partials = arguments.strings("from").map(absolutePath)
        let job = arguments.string("job").map(absolutePath)
        if let name = arguments.string("phase") {
            guard let job else { throw arguments.usageError("--phase needs --job") }
            guard let phase = PartialPhases.Phase(rawValue: name) else {
                throw arguments.usageError(
                    "--phase \(name) is none of events, addresses, listeners, songs")
            }
            guard let count = try arguments.int("buckets", in: 1...64),
                let task = try arguments.int("bucket", in: 0...63), task < count
            else { throw arguments.usageError("--phase needs --bucket below --buckets") }
            try PartialPhases(job, options: options).run(phase, task: task, of: count)
            return .ok
        }
        guard (job == nil) != partials.isEmpty else {
            throw arguments.usageError("name partials with --from, or a folder of them with --job")
        }
        guard arguments.flag("finish") else {
            guard let target = arguments.string("to").map(absolutePath), !partials.isEmpty else {
                throw arguments.usageError("say what to make: --to DIR of --from DIR, or --finish")
            }
            try PlayCounter.merge(partials, to: target)
            return .ok
        }
        guard let path = arguments.string("warehouse") else {
            throw arguments.usageError("--finish needs --warehouse")
        }
        let warehouse = Warehouse(path: absolutePath(path))
        let counted = try RunLock.hold(warehouse, command: "spindle plays merge --finish") {
            try warehouse.prepare()
            try warehouse.emptyTemporaryFolder()
            if let job { return try PartialPhases(job, options: options).finish(in: warehouse).1 }
            return try PlayCounter(warehouse: warehouse, logs: [], options: options)
                .finish(partials)
        }
        if arguments.flag("json") {
            var json = JSONWriter()
            json.value(counted.json)
            json.newline()
            terminal.print(json)
        } else if !terminal.isQuiet {
            terminal.say(
                """
                counted \(grouped(counted.streams)) streams, \(grouped(counted.short)) too short, \
                \(grouped(counted.duplicates)) duplicates, \(grouped(counted.rejected)) rejected
                """)
        }
        return .ok
    }
}
