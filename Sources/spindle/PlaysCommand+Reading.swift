import Arguments
import Glibc
import Plays
import Storage

/// How logs are read, whatever is made of them.
extension PlaysCommand {
    static let readingOptions = [
        Option(
            "log-format", "NAME",
            help:
                "What the logs are, where their content does not tell: \(LogFormat.names)"),
        Option(
            "columns", "FIELD=NAME,…",
            help: "Which columns of CSV and TSV are what, such as user_id=listener,ts=played"),
        Option(
            "region", "NAME",
            help: "The region of plays that name none, where no folder is called region=NAME"),
        Option("listener", "NAME", help: "The listener of plays that name none"),
        Option(
            "bitrate", "KBPS",
            help: "Of songs in access logs that the catalogue does not know"),
        Option(
            "catalog", "DIR",
            help:
                "The folder with the catalog.sqlite in which songs are found; without it the published one"
        ),
        Option(
            "late-days", "N", default: "7",
            help: "How many days after it happened an event may be logged"),
    ]

    /// What reading and counting go by.
    static func options(_ arguments: ParsedArguments) throws -> PlayOptions {
        var options = try readingAlone(arguments)
        try setCounting(&options, arguments)
        return options
    }

    /// What reading alone goes by.
    static func readingAlone(_ arguments: ParsedArguments) throws -> PlayOptions {
        var options = PlayOptions()
        options.tool = version
        options.lateDays = try arguments.int("late-days", in: 0...60)!
        options.reading = try reading(arguments)
        return options
    }

    private static func reading(_ arguments: ParsedArguments) throws -> PlayLogOptions {
        var reading = PlayLogOptions()
        if let name = arguments.string("log-format") {
            guard let format = LogFormat(rawValue: name) else {
                throw arguments.usageError("--log-format \(name) is none of \(LogFormat.names)")
            }
            reading.format = format
        }
        if let columns = arguments.string("columns") {
            do {
                reading.columns = try LogColumns.parse(columns)
            } catch let error as ColumnError {
                throw arguments.usageError(
                    "--columns: '\(error.pair)' is no FIELD=NAME, or names a field again; "
                        + "fields are \(ColumnError.names)")
            }
        }
        for (option, path) in [("region", \PlayLogOptions.region), ("listener", \.listener)] {
            guard let name = arguments.string(option) else { continue }
            guard (1...64).contains(name.utf8.count), name != "*",
                name.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
            else {
                throw arguments.usageError(
                    "--\(option) is not 1 to 64 bytes without control characters")
            }
            reading[keyPath: path] = name
        }
        reading.bitrateKbps = try arguments.int("bitrate", in: 1...10_000)
        reading.catalog = arguments.string("catalog").map(absolutePath)
        if let catalog = reading.catalog, !FileSystem.exists(catalog + "/catalog.sqlite") {
            throw FileError("open", catalog + "/catalog.sqlite", code: ENOENT)
        }
        reading.nowMs = Timestamp.now.milliseconds
        return reading
    }
}
