import Glibc
import HTTPTestClient
import Storage
import Testing

/// The built binary, as an operator runs it.
final class Daemon {
    let process: pid_t
    let errorPath: String
    private var isOver = false

    /// - Parameter arguments: `--listen 127.0.0.1:0` is added.
    init(_ arguments: [String], errorPath: String) throws {
        self.errorPath = errorPath
        let binary = FileSystem.parent(of: FileSystem.readLink("/proc/self/exe")!) + "/spindled"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(
            &actions, 2, errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(
            &actions, 1, errorPath + ".out", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        let words = [binary] + arguments + ["--listen", "127.0.0.1:0"]
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        let code = posix_spawn(&process, binary, &actions, nil, &pointers, environ)
        guard code == 0 else { throw FileError("run", binary, code: code) }
        self.process = process
    }

    /// What it has said so far.
    var output: String { (try? FileSystem.readText(errorPath)) ?? "" }
    var standardOutput: String { (try? FileSystem.readText(errorPath + ".out")) ?? "" }

    func waitFor(_ text: String) throws -> String {
        for _ in 0..<1000 {
            let output = output
            if output.contains(text) { return output }
            usleep(10_000)
        }
        throw ConnectionFailure(description: "never said '\(text)': \(output)")
    }

    func port() throws -> Int {
        let text = try waitFor("listening on http://127.0.0.1:")
        let tail = text.split(separator: "http://127.0.0.1:")[1]
        return Int(tail.prefix { $0.isNumber })!
    }

    /// A test that failed must not leave a daemon behind.
    deinit { if !isOver { kill(process, SIGKILL); _ = wait() } }

    func wait() -> Int32 {
        isOver = true
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }
}

@Suite(.timeLimit(.minutes(3))) struct `The daemon` {
    @Test func `SIGTERM lets a running stream end and refuses new listeners`() throws {
        let fixture = try TestWarehouse(sizes: [12_000_000])
        try fixture.publish(1)
        let daemon = try Daemon(
            ["--warehouse", fixture.warehouse.path, "--drain-seconds", "20"],
            errorPath: fixture.warehouse.path + "/daemon.err")
        let port = try daemon.port()
        let song = fixture.songs[0]
        let play = """
            {"song_id":"s","ms_played":1,"duration_ms":2,"reason_end":"trackdone","platform":"web","user_id":"u"}
            """
        #expect(
            try TestConnection.request(port: port, "POST", "/v1/plays", body: Array(play.utf8))
                .status == 202)
        let listener = try TestConnection(port: port, receiveBufferBytes: 16 << 10)
        try listener.send("GET /v1/songs/\(song.id.hex)/stream HTTP/1.1\r\nHost: t\r\n\r\n")
        #expect(try listener.readHead().status == 200)
        var received = try listener.readBytes(50_000)

        kill(daemon.process, SIGTERM)
        _ = try daemon.waitFor("draining: ")
        usleep(300_000)
        #expect(throws: ConnectionFailure.self) {
            try TestConnection.request(port: port, "GET", "/healthz")
        }
        received += try listener.readBytes(song.audio.count - received.count)
        // Not compared inside #expect, which would go on to find the difference of millions of bytes.
        let isWhole = received == song.audio
        #expect(isWhole)
        #expect(daemon.wait() == 0)
        #expect(daemon.output.hasSuffix("stopped\n"))
        let logs = try FileSystem.list(fixture.warehouse.playLogPath)
        let lines = try FileSystem.list(fixture.warehouse.playLogPath + "/" + logs[0])
        #expect(lines.count == 1 && lines[0].hasPrefix("spindled-"))
    }

    @Test func `a drain that takes too long is cut short`() throws {
        let fixture = try TestWarehouse(sizes: [12_000_000])
        try fixture.publish(1)
        let daemon = try Daemon(
            ["--warehouse", fixture.warehouse.path, "--drain-seconds", "1"],
            errorPath: fixture.warehouse.path + "/daemon.err")
        let listener = try TestConnection(port: try daemon.port(), receiveBufferBytes: 16 << 10)
        try listener.send(
            "GET /v1/songs/\(fixture.songs[0].id.hex)/stream HTTP/1.1\r\nHost: t\r\n\r\n")
        _ = try listener.readHead()
        kill(daemon.process, SIGTERM)
        #expect(daemon.wait() == 0)
        #expect(daemon.output.contains("1 answers were cut short"))
    }

    @Test func `a published snapshot is taken over within seconds, without a signal`() throws {
        let fixture = try TestWarehouse()
        let daemon = try Daemon(
            ["--warehouse", fixture.warehouse.path],
            errorPath: fixture.warehouse.path + "/daemon.err")
        let port = try daemon.port()
        #expect(try TestConnection.request(port: port, "GET", "/readyz").status == 503)
        let first = try fixture.publish(1)
        _ = try daemon.waitFor("serving snapshot \(first)")
        let second = try fixture.publish(2)
        kill(daemon.process, SIGHUP)
        _ = try daemon.waitFor("serving snapshot \(second) of 3 songs instead of \(first)")
        #expect(try TestConnection.request(port: port, "GET", "/v1/snapshot").text.contains(second))
        kill(daemon.process, SIGINT)
        #expect(daemon.wait() == 0)
    }

    @Test(arguments: [
        (
            ["--warehouse", "/nonexistent/warehouse"], 66,
            "error: /nonexistent/warehouse: is no Spindle warehouse"
        ),
        (["--threds", "2"], 64, "did you mean --threads?"),
        (["--threads", "0"], 64, "from 1 to 256"),
        (["--default-region", "a b"], 64, "--default-region takes"),
        (["--warehouse", "WAREHOUSE", "--edge-secret-file", "/nonexistent"], 66, "/nonexistent"),
        (["--warehouse", "WAREHOUSE", "--require-snapshot"], 65, "no snapshot is published"),
        (["--warehouse", "WAREHOUSE", "--play-log", "/proc/nowhere"], 66, "error: "),
        (["--version"], 0, ""), (["--help"], 0, ""),
    ])
    func `a start that fails says what and ends with its code`(
        arguments: [String], code: Int32, message: String
    ) throws {
        let fixture = try TestWarehouse()
        let daemon = try Daemon(
            arguments.map { $0 == "WAREHOUSE" ? fixture.warehouse.path : $0 },
            errorPath: fixture.warehouse.path + "/daemon.err")
        #expect(daemon.wait() == code)
        #expect(daemon.output.contains(message))
        if code != 0 { #expect(daemon.output.contains("error: ")) }
        if code == 0 { #expect(!daemon.standardOutput.isEmpty && daemon.output.isEmpty) }
    }
}
