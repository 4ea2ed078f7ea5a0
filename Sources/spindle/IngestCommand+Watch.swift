import Arguments
import Glibc
import Ingest
import Storage

/// `spindle ingest --watch`.
extension IngestCommand {
    static func watch(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        // What is right once need not be so the tenth time.
        for name in ["files", "tar", "force", "reread", "accept-removals"]
        where arguments.isGiven(name) {
            throw arguments.usageError("--\(name) is for a single run, not for --watch")
        }
        let settle = arguments.string("settle")!
        guard let seconds = Double(settle), (0...3600).contains(seconds) else {
            throw arguments.usageError("--settle takes seconds from 0 to 3600, not '\(settle)'")
        }
        let minutes = try arguments.int("rescan", in: 1...10_080)!
        let sources = try sources(arguments)
        guard !sources.isEmpty else { throw arguments.usageError("no --source given") }
        var options = try options(arguments)
        let signals = try EndSignals()
        options.isStopping = { signals.haveCome }
        options.stopDescriptor = signals.descriptor
        let loop = IngestWatch(
            sources: sources, options: options, arguments: arguments, terminal: terminal,
            signals: signals, settleMs: max(50, Int(seconds * 1000)), rescanMs: minutes * 60_000,
            rescansAll: arguments.isGiven("rescan"))
        try loop.run()
        terminal.say("stopped")
        return .ok
    }
}

/// Waits for changes, and runs the ingest of the sources that have changed once they are quiet.
private final class IngestWatch {
    private let sources: [IngestSource]
    private let options: Importer.Options
    private let arguments: ParsedArguments
    private let terminal: Terminal
    private let signals: EndSignals
    private let settleMs: Int
    private let rescanMs: Int
    private let rescansAll: Bool
    private let watch: SourceWatch
    /// Sources to be scanned, by index.
    private var touched: Set<Int> = []
    private var firstTouchMs = 0
    /// Nothing is done before it.
    private var quietMs = 0
    /// When a source is scanned though nothing was heard of it.
    private var rescanAtMs: [Int: Int] = [:]
    private var isWaitingForLock = false

    init(
        sources: [IngestSource], options: Importer.Options, arguments: ParsedArguments,
        terminal: Terminal, signals: EndSignals, settleMs: Int, rescanMs: Int, rescansAll: Bool
    ) {
        self.sources = sources
        self.options = options
        self.arguments = arguments
        self.terminal = terminal
        self.signals = signals
        self.settleMs = settleMs
        self.rescanMs = rescanMs
        self.rescansAll = rescansAll
        watch = SourceWatch(sources, Warehouse(path: arguments.string("warehouse")!))
    }

    /// - Throws: What no later run could mend: `UsageError`, `FormatError`.
    func run() throws {
        for index in sources.indices { refresh(index) }
        touched = Set(sources.indices)
        firstTouchMs = monotonicMs()
        while !signals.haveCome {
            let now = monotonicMs()
            if !touched.isEmpty, now >= quietMs {
                try scanTouched(now)
            } else {
                wait(now)
            }
        }
    }

    /// Waits for something to happen, or for the time to do something.
    private func wait(_ now: Int) {
        // Folders that come and go as a whole are looked for.
        var untilMs = min(2000, settleMs)
        if !touched.isEmpty { untilMs = min(untilMs, quietMs - now) }
        var requests = [
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        poll(&requests, 2, Int32(max(1, untilMs)))
        let heard = watch.takeEvents().union(watch.takeReplacedSources())
        if !heard.isEmpty { touch(heard) }
        let due = rescanAtMs.filter { $0.value <= monotonicMs() }.keys
        for index in due {
            rescanAtMs[index] = nil
            if touched.isEmpty { firstTouchMs = monotonicMs() }
            touched.insert(index)
        }
    }

    private func touch(_ indices: Set<Int>) {
        let now = monotonicMs()
        if touched.isEmpty { firstTouchMs = now }
        touched.formUnion(indices)
        // A source that is never quiet is taken all the same.
        quietMs = min(now + settleMs, max(now, firstTouchMs + rescanMs))
    }

    /// Watches the folders that are there now, and says what cannot be watched, once.
    @discardableResult
    private func refresh(_ index: Int) -> Bool {
        let before = watch.state(index)
        let hasNew = watch.refresh(index)
        let state = watch.state(index)
        guard state != before else { return hasNew }
        let path = sources[index].path
        switch state {
        case .unwatched(let reason, let hint):
            terminal.say(
                """
                warning: \(path): \(reason); it is scanned every \(rescanMs / 60_000) minutes
                hint: \(hint)
                """)
        case .missing:
            terminal.say(
                "warning: \(path): missing; nothing of it is marked gone, and it is awaited")
        case .watched where before != nil: terminal.say("\(path): watched again")
        case .watched, nil: break
        }
        return hasNew
    }

    private func scanTouched(_ now: Int) throws {
        let indices = touched.sorted()
        var hasNew = false
        for index in indices where refresh(index) { hasNew = true }
        // Files may still be on their way into folders that were not watched until now.
        if hasNew, now < firstTouchMs + rescanMs {
            quietMs = now + settleMs
            return
        }
        touched = []
        let stage = IngestStage(
            sources: indices.map { sources[$0] }, options: options,
            otherSources: sources.indices.filter { !indices.contains($0) }.map { sources[$0] })
        var hasFailed = false
        do {
            _ = try IngestCommand.runStage(stage, arguments, terminal)
            isWaitingForLock = false
        } catch let held as RunLock.Held {
            if !isWaitingForLock { terminal.say("waiting: \(held)") }
            isWaitingForLock = true
            touched = Set(indices)
            quietMs = monotonicMs() + settleMs
            return
        } catch is IngestStopped where signals.haveCome {
            return
        } catch let error as FormatError {
            throw error
        } catch {
            _ = report(error, to: terminal)
            hasFailed = true
        }
        for index in indices {
            let state = watch.state(index)
            let isUnwatched = if case .unwatched = state { true } else { false }
            let isMissing = if case .missing = state { true } else { false }
            rescanAtMs[index] =
                rescansAll || isUnwatched || hasFailed && !isMissing
                ? monotonicMs() + rescanMs : nil
        }
    }
}

private func monotonicMs() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
