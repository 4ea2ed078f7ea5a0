import Arguments
import Catalog
import Storage
import TagReading
import WorkerProcesses

/// `spindle tags`: everything that the tags of files say.
enum TagsCommand: Subcommand {
    static let command = Command(
        "spindle tags", summary: "print all that the tags of files say, and where it stands",
        discussion: """
            Each value with the frame or item it comes from, of all tags that a file has; pictures \
            with type, size and SHA-256; texts that were mislabelled and what they were; warnings. \
            Each file is read in a helper process under limits, so that a hostile one costs no more \
            than its line. 65 means that a file broke its reader, 66 that one cannot be opened; the \
            others are printed all the same.
            """, operands: "FILE…",
        options: [
            Option("json", help: "Print one JSON object a file and line (docs/formats/tags.md)"),
            Option("frames", help: "Walk all frames of audio, too, for the duration"),
            Option(
                "compare", help: "Print what has changed since the last ingest, field by field"),
            .artistSeparator, .genreSeparator, .warehouse,
        ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    private static let workerKindName = "tags"
    /// A second process takes as long to start as the first to read some hundred files; and the
    /// cover of an album is digested in each.
    private static let filesForTwoWorkers = 4096

    static let workerKind = WorkerService.Kind(workerKindName) {
        TagReport.prepareMemory()
        var reader: (settings: [UInt8], report: TagReport)?
        return { bytes in
            let request = TagRequest(bytes)
            if !(reader?.settings.elementsEqual(request.settings) ?? false) {
                let bytes = Array(request.settings)
                let settings = TagRequest.Settings(bytes)
                var options = TagReport.Options()
                options.walksFrames = settings.walksFrames
                options.reading.separators = settings.separators
                reader = (bytes, TagReport(options: options))
            }
            var (line, isRead) = reader!.report.line(request.path)
            line.append(isRead ? 1 : 0)
            return line
        }
    }

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        guard !arguments.operands.isEmpty else { throw arguments.usageError("no FILE given") }
        let comparison =
            arguments.flag("compare")
            ? try TagComparison(Warehouse(path: arguments.string("warehouse")!)) : nil
        let asJSON = arguments.flag("json")
        var output = Output(terminal: terminal)
        var exitCode = ExitCode.ok
        let paths = ArgumentBytes().paths(arguments.operands)
        let settings = TagRequest.Settings(
            walksFrames: arguments.flag("frames"), separators: try arguments.tagSeparators()
        ).bytes
        var options = WorkerPool.Options(
            kind: workerKindName, workers: paths.count < filesForTwoWorkers ? 1 : 2,
            limits: WorkerLimits(memoryBytes: 1 << 30, cpuSeconds: 20, wallClockMs: 120_000))
        options.inFlight = 64
        options.gathersAnswers = true
        var (asked, answered) = (0, 0)
        try WorkerPool(options).process {
            guard asked < paths.count else { return nil }
            defer { asked += 1 }
            return TagRequest.bytes(settings: settings, path: paths[asked])
        } deliver: { outcome in
            let path = paths[answered]
            answered += 1
            var line: [UInt8]
            if case .reply(let reply) = outcome {
                line = Array(reply.dropLast())
                if reply.last != 1, exitCode == .ok { exitCode = .inputMissing }
            } else {
                line = TagReport.failure(path, "the reader \(describe(outcome))")
                exitCode = .badData
            }
            if let comparison { line = try comparison.add(to: line, path) }
            if asJSON {
                output.append(line)
            } else {
                output.append(Array(try TagText.describe(line).utf8))
            }
        }
        output.flush()
        return exitCode
    }

    private static func describe(_ outcome: WorkerOutcome) -> String {
        switch outcome {
        case .reply: "answered"
        case .crashed(let signal): "crashed on it (signal \(signal))"
        case .exited(let code): "ended on it (exit code \(code))"
        case .timedOut: "took too long over it"
        case .overMemory: "needed too much memory for it"
        case .replyTooLong: "found more than a line may hold"
        }
    }

    /// Lines, written some at a time.
    private struct Output {
        let terminal: Terminal
        private var bytes: [UInt8] = []

        init(terminal: Terminal) { self.terminal = terminal }

        mutating func append(_ line: [UInt8]) {
            bytes += line
            bytes.append(10)
            if bytes.count > 64 << 10 { flush() }
        }

        mutating func flush() {
            if !bytes.isEmpty { terminal.print(bytes) }
            bytes.removeAll(keepingCapacity: true)
        }
    }
}
