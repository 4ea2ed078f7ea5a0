package import Glibc

/// A program that tests run as people run it: arguments in, exit code and texts out.
package struct Program: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// One of ours, built beside the bundle that the tests are in.
    package init(built name: String) { path = Self.buildFolder + "/" + name }

    package static let spindle = Program(built: "spindle")

    private static let buildFolder: String = {
        // argv[0] may be relative, or the test runner's; the kernel knows the file that runs.
        let own = realpath("/proc/self/exe", nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        return [own, CommandLine.arguments.first].compactMap { $0.map(parent) }
            .first { access($0 + "/spindle", X_OK) == 0 } ?? "."
    }()

    private static func parent(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    package struct Result: Sendable {
        /// nil when a signal ended it.
        package let code: Int32?
        package let signal: Int32?
        package let stdout: String
        package let stderr: String

        package init(code: Int32?, signal: Int32?, stdout: String, stderr: String) {
            self.code = code
            self.signal = signal
            self.stdout = stdout
            self.stderr = stderr
        }
    }

    package struct SpawnError: Error {
        package let path: String
        package let code: Int32
    }

    /// Runs it to its end.
    ///
    /// - Parameter wrapper: What stands before it on the command line: `setpriv --reuid=65534`, say.
    package func run(
        _ arguments: [String], in folder: String = Repository.path, under wrapper: [String] = []
    ) throws -> Result {
        try start(arguments, in: folder, under: wrapper).wait()
    }

    package func start(
        _ arguments: [String], in folder: String = Repository.path, under wrapper: [String] = []
    ) throws -> RunningProgram {
        try RunningProgram(wrapper + [path] + arguments, folder)
    }
}

/// A program that has been started.
package final class RunningProgram {
    package let processID: pid_t
    private let stdout: Int32
    private let stderr: Int32
    private var result: Program.Result?

    init(_ arguments: [String], _ folder: String) throws {
        stdout = Self.unnamedFile()
        stderr = Self.unnamedFile()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, stdout, 1)
        posix_spawn_file_actions_adddup2(&actions, stderr, 2)
        // env(1) changes into the folder; it becomes the program, and so has its process id.
        let arguments = ["/usr/bin/env", "-C", folder] + arguments
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        // Tests run on threads that block signals, and a program inherits that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var processID = pid_t()
        let code = posix_spawn(&processID, arguments[0], &actions, &attributes, &pointers, environ)
        self.processID = processID
        guard code == 0 else { throw Program.SpawnError(path: arguments[0], code: code) }
    }

    deinit {
        if result == nil, processID > 0 {
            kill(SIGKILL)
            _ = wait()
        }
        close(stdout)
        close(stderr)
    }

    package func kill(_ signal: Int32) {
        // Not once it has been waited for: the number may be another process by then.
        if result == nil { _ = Glibc.kill(processID, signal) }
    }

    /// What it has said on stdout so far.
    package var stdoutSoFar: String { Self.text(stdout) }

    /// What it has said on stderr so far.
    package var stderrSoFar: String { Self.text(stderr) }

    package var isRunning: Bool {
        if result != nil { return false }
        var status: Int32 = 0
        guard waitpid(processID, &status, WNOHANG) == processID else { return true }
        finish(status)
        return false
    }

    package func wait() -> Program.Result {
        if let result { return result }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
        finish(status)
        return result!
    }

    private func finish(_ status: Int32) {
        let signal = status & 0x7f
        result = Program.Result(
            code: signal == 0 ? status >> 8 & 0xff : nil, signal: signal == 0 ? nil : signal,
            stdout: Self.text(stdout), stderr: Self.text(stderr))
    }

    /// A file, and not a pipe: nobody has to read it while the program runs.
    private static func unnamedFile() -> Int32 {
        var name = Array("/tmp/spindle-test-output-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        unlink(name)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private static func text(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, bytes.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
