internal import Arguments
internal import Glibc
internal import HTTPServer
internal import Storage
internal import Streaming

/// Parses the arguments, runs until a signal, and says how it ended.
func runDaemon(_ arguments: [String]) -> Int32 {
    let terminal = Terminal()
    do {
        let arguments = try ParsedArguments(.spindled, arguments)
        if arguments.flag("help") {
            terminal.print(String(Command.spindled.help.dropLast()))
            return ExitCode.ok.rawValue
        }
        if arguments.flag("version") {
            terminal.print("spindled \(StreamingService.version)")
            return ExitCode.ok.rawValue
        }
        try serve(arguments, terminal)
        return ExitCode.ok.rawValue
    } catch let error as HTTPServerError {
        terminal.error(error.description, hint: error.hint)
        return (error.isMalformedAddress ? ExitCode.usage : .failed).rawValue
    } catch {
        return report(error, to: terminal).rawValue
    }
}

private func serve(_ arguments: ParsedArguments, _ terminal: Terminal) throws {
    // Before the first thread, so that every thread leaves them to the loop below.
    let signals = Signals([SIGTERM, SIGINT, SIGHUP])
    let log: @Sendable (String) -> Void = { terminal.say("\(Timestamp.now) \($0)") }

    var server = WebServer.Configuration()
    server.address = arguments.string("listen")!
    server.threads = try arguments.int("threads", in: 1...256)!
    server.connectionLimit = try arguments.int("connections", in: 16...1_000_000)!
    let drainSeconds = try arguments.int("drain-seconds", in: 0...86_400)!
    let configuration = try serviceConfiguration(arguments, log)
    let warehouse = Warehouse(path: arguments.string("warehouse")!)
    try warehouse.check()
    raiseOpenFileLimit(connections: server.connectionLimit, log)

    let snapshots = SnapshotWatch(warehouse, readerCount: server.threads, log: log)
    snapshots.check()
    if snapshots.currentID == nil {
        if arguments.flag("require-snapshot") {
            throw FormatError(
                warehouse.currentSnapshotPath,
                snapshots.refusal?.reason ?? "no snapshot is published",
                hint: "publish one: spindle run pipelines/nightly.json5")
        }
        log("no snapshot yet; waiting for the first")
    }
    let playLog = try PlayLog(directory: arguments.string("play-log") ?? warehouse.playLogPath)
    let service = StreamingService(
        warehouse, configuration, snapshots: snapshots, playLog: playLog, log: log)
    var observer: (@Sendable (WebServer.Exchange) -> Void)?
    if arguments.flag("access-log") { observer = { writeAccessLine($0) } }
    let http = try WebServer(server, observer: observer) { service.respond(to: $0) }

    let watch = PeriodicThread(everySeconds: 1) { snapshots.check() }
    let sync = PeriodicThread(everySeconds: 1) {
        do { try playLog.sync() } catch { log("\(error)") }
    }
    log("listening on http://\(http.address)/")

    while true {
        let signal = signals.wait()
        if signal != SIGHUP { break }
        snapshots.check(force: true)
    }
    log("draining: \(http.runningResponses) answers are running")
    service.beginDraining()
    http.quiesce()
    let deadline = monotonicSeconds() + Double(drainSeconds)
    while http.runningResponses > 0, monotonicSeconds() < deadline {
        if let signal = signals.wait(milliseconds: 20), signal != SIGHUP { break }
    }
    let cut = http.runningResponses
    http.stop()
    watch.stop()
    sync.stop()
    try playLog.close()
    log(cut == 0 ? "stopped" : "stopped; \(cut) answers were cut short")
}

private func serviceConfiguration(
    _ arguments: ParsedArguments, _ log: @Sendable (String) -> Void
) throws -> StreamingService.Configuration {
    var configuration = StreamingService.Configuration()
    configuration.defaultRegion = arguments.string("default-region")!
    configuration.regionHeader = arguments.string("region-header")!
    guard configuration.isDefaultRegionValid else {
        throw arguments.usageError(
            "--default-region takes up to 64 letters, digits, '.', '_' or '-'")
    }
    let seconds = try arguments.int("edge-url-seconds", in: 60...31_536_000)!
    if let path = arguments.string("edge-secret-file") {
        configuration.signer = try EdgeURLSigner(secretFile: path, lifetimeSeconds: seconds)
    } else {
        log("no --edge-secret-file: every song is streamed from here, none from an edge")
    }
    return configuration
}

/// A connection is one descriptor, the file that it sends another.
private func raiseOpenFileLimit(connections: Int, _ log: @Sendable (String) -> Void) {
    let wanted = UInt(2 * connections + 256)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    guard limit.rlim_cur < wanted else { return }
    limit.rlim_cur = min(wanted, limit.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    if limit.rlim_cur < wanted {
        log("only \(limit.rlim_cur) files may be open, \(wanted) could be needed: raise ulimit -n")
    }
}

private func writeAccessLine(_ exchange: WebServer.Exchange) {
    var json = JSONWriter()
    json.object {
        $0.field("ts", Timestamp.now.description)
        $0.field("client", exchange.client)
        $0.field("method", exchange.method)
        $0.field("target", exchange.target)
        $0.field("status", exchange.status)
        $0.field("bytes", exchange.bodyBytes)
        $0.field("duration_ms", exchange.durationMs, decimals: 3)
        $0.field("complete", exchange.isComplete)
    }
    json.newline()
    // One write a line: lines of several threads do not mix.
    _ = json.bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}
