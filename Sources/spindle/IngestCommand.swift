import Arguments
import Ingest
import Pipeline
import Storage

/// `spindle ingest`: source folders → blobs and ledger.
enum IngestCommand: StageCommand {
    static let command = Command(
        "spindle ingest", summary: "read new and changed MP3 files into the warehouse",
        discussion: """
            Scans the source folders and reads each file that is new or has changed (by size, \
            mtime, ctime and inode) once: splits it into leading tags, audio and trailing tags, \
            hashes and stores the three, reads the tags, and records it in the ledger. A file \
            that cannot be used is set aside with its reason (see spindle rejects) and the rest \
            goes on. Files that have vanished are marked gone; their bytes stay.

            Files are read in processes of their own under limits: one that crashes its reader, or \
            makes it take too much memory or time, is set aside like any other.

            An archive's files are known by path, size and mtime: one that comes again brings only \
            what is new in it. Nothing is marked gone for not being in it, and links and devices \
            are ignored. What was whole in an archive that is cut is kept, and the exit code is 65.

            Patterns are those of .gitignore files, for paths below the source: * and ? stop at \
            slashes, ** does not; without a slash a pattern is for a name at any depth; with a \
            slash at its end it is for folders. What is for a folder is for all below it. A file \
            is read when a pattern includes it, or there are none, and no pattern excludes it.

            With --watch the command does not end: it scans again each time the sources have \
            changed and been quiet for a while, until SIGTERM or SIGINT (exit 0). A source that \
            vanishes is told, and taken again when it is back.
            """,
        options: [
            Option(
                "source", "DIR", repeats: true, help: "A folder of MP3 files, with all below it"),
            Option(
                "sources", "FILE",
                help: "Folders with owner, region and patterns of each (JSON5, docs/FORMATS.md)"),
            Option(
                "files", "LIST",
                help: """
                    Look only at the files that LIST names (- for stdin), one a line or with NULs \
                    between; they need not be below a source
                    """),
            Option(
                "tar", "FILE",
                help: """
                    Take the files in a tar archive (- for stdin), plain or compressed by gzip, \
                    zstd, xz or bzip2
                    """),
            Option(
                "tar-name", "NAME",
                help: """
                    The archive's files are those of the source tar:NAME (default: FILE's name \
                    without .tar.gz or the like)
                    """),
            Option("include", "GLOB", repeats: true, help: "Only files that GLOB is for"),
            Option("exclude", "GLOB", repeats: true, help: "No files that GLOB is for"),
            Option(
                "workers", "N",
                help: "Processes that read files (default: one for each processor)"),
            .rejectLimit,
            Option(
                "removal-limit", "N", default: "50%",
                help: """
                    Stop, and mark nothing gone, when more than N (or N%) of a source's known \
                    files are missing: it is more likely unmounted than emptied
                    """),
            Option("accept-removals", help: "The missing files really were removed"),
            Option(
                "reread",
                help: """
                    Read unchanged files as well, and store again what the warehouse has lost or \
                    what has rotted there
                    """),
            .artistSeparator, .genreSeparator,
            Option(
                "dry-run",
                help: "List what is new, changed, moved or gone, by names and times; write nothing"),
            Option("watch", help: "Go on, and take what changes in the sources as it comes"),
            Option(
                "settle", "SECONDS", default: "3",
                help: "With --watch: how long the sources are quiet before they are scanned"),
            Option(
                "rescan", "MINUTES", default: "10",
                help: """
                    With --watch: scan every so often as well; unless given, only what cannot be \
                    watched or has failed
                    """),
        ] + stageOptions)

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        if arguments.flag("dry-run") {
            return try dryRun(arguments, terminal)
        }
        if arguments.flag("watch") { return try watch(arguments, terminal) }
        if let file = arguments.string("tar") {
            return try takeArchive(file, arguments, terminal)
        }
        if let list = arguments.string("files") {
            return try takeFiles(list, arguments, terminal)
        }
        guard !arguments.isGiven("tar-name") else {
            throw arguments.usageError("--tar-name names the archive of --tar")
        }
        return try runStage(try stage(arguments), arguments, terminal)
    }

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        for name in ["files", "tar", "dry-run", "watch"] where arguments.isGiven(name) {
            throw arguments.usageError("--\(name) is for the command line, not for a pipeline")
        }
        let sources = try sources(arguments)
        guard !sources.isEmpty else { throw arguments.usageError("no --source given") }
        return IngestStage(sources: sources, options: try options(arguments))
    }

    /// The patterns of the command line.
    static func filter(_ arguments: ParsedArguments) throws -> PathFilter {
        func patterns(_ name: String) throws -> [GlobPattern] {
            try arguments.strings(name).map { text in
                guard let pattern = GlobPattern(text) else {
                    throw arguments.usageError("--\(name) '\(text)' is no pattern")
                }
                return pattern
            }
        }
        return PathFilter(include: try patterns("include"), exclude: try patterns("exclude"))
    }

    /// Those of --source, with the patterns of the command line, and those of --sources, which have
    /// their own as well.
    static func sources(_ arguments: ParsedArguments) throws -> [IngestSource] {
        let common = try filter(arguments)
        let folders = arguments.strings("source")
        if let odd = folders.first(where: { $0.contains("\u{fffd}") && !FileSystem.exists($0) }) {
            throw arguments.usageError(
                "--source '\(odd)': a source's own name must be UTF-8, unlike those below it; "
                    + "name the folder above, or a link to it")
        }
        var sources = folders.map { IngestSource(absolutePath($0)) }
        if let file = arguments.string("sources") { sources += try SourceList.read(file) }
        for index in sources.indices {
            sources[index].filter.include += common.include
            sources[index].filter.exclude += common.exclude
            let path = sources[index].path
            guard !sources[..<index].contains(where: { $0.path == path }) else {
                throw arguments.usageError("\(path) is named twice as a source")
            }
        }
        return sources
    }

    static func options(_ arguments: ParsedArguments) throws -> Importer.Options {
        var options = Importer.Options()
        options.rejectLimit = try arguments.rejectLimit()
        guard let removalLimit = RejectLimit(arguments.string("removal-limit")!) else {
            throw arguments.usageError("--removal-limit takes a number or a percentage")
        }
        options.removalLimit = removalLimit
        options.acceptsRemovals = arguments.flag("accept-removals")
        options.rereads = arguments.flag("reread")
        options.separators = try arguments.tagSeparators()
        options.workers = try arguments.int("workers", in: 1...256) ?? processorCount()
        return options
    }
}
