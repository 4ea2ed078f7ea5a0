internal import CLinux
internal import Glibc

/// One helper process, and the requests that it has been given.
final class Worker {
    struct Request {
        let sequence: Int
        let bytes: [UInt8]
        /// Whether it is answered at once, and nothing is held back while it is worked on: if the
        /// process dies of the oldest request without an answer, then it was that one.
        var isUrgent: Bool
        /// Whether it was the one being worked on when an earlier process died.
        var isSuspect = false
    }

    let processID: pid_t
    let socket: Int32
    /// Not answered yet, the one being worked on first.
    var requests: [Request] = []
    /// Whether it has said that it is up.
    private(set) var isReady = false
    /// Answers since its start.
    private(set) var answered = 0
    /// When it turned to its first request, or was started (CLOCK_MONOTONIC).
    private(set) var sinceMs: Int
    private var outgoing = MessageBuffer()
    private var incoming = MessageBuffer()
    private var isReaped = false

    /// What a process's environment says besides the parent's.
    private static let settings = [
        // Swift's backtrace of a crash takes seconds and has no reader here.
        "SWIFT_BACKTRACE=enable=no",
        // A tag read by TagLib is a thousand small objects, made and freed together: malloc keeps so
        // many of a size at hand, and not seven. A tenth less time a file.
        "GLIBC_TUNABLES=glibc.malloc.tcache_count=1000",
    ]

    /// - Parameter arguments: All of them, argv[0] first.
    /// - Throws: `WorkerError`.
    init(program: String, arguments: [String]) throws(WorkerError) {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw Self.failure("make a socket", errno)
        }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Neither the warehouse's lock nor any other file of the parent's lives on in it.
        spindle_spawn_closing_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // A group of its own: what a terminal sends (^C) is for the parent to act on.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = Self.settings.map { strdup($0) }
        let inherited = spindle_environment()!
        var index = 0
        while let entry = inherited[index] {
            let isSet = Self.settings.contains {
                $0.withCString { strncmp(entry, $0, strcspn($0, "=") + 1) == 0 }
            }
            if !isSet { environment.append(strdup(entry)) }
            index += 1
        }
        environment.append(nil)
        defer { for pointer in argv + environment { free(pointer) } }
        var processID = pid_t()
        let code = posix_spawn(&processID, program, &actions, &attributes, &argv, &environment)
        self.processID = processID
        socket = ends[0]
        sinceMs = monotonicMs()
        guard code == 0 else {
            isReaped = true
            throw Self.failure("start \(program)", code)
        }
    }

    deinit {
        if !isReaped { _ = end() }
        close(socket)
    }

    func give(_ request: Request) {
        if requests.isEmpty, isReady { sinceMs = monotonicMs() }
        requests.append(request)
        request.bytes.withUnsafeBytes { outgoing.append(message: $0, isUrgent: request.isUrgent) }
    }

    var hasUnsent: Bool { !outgoing.isEmpty }

    /// Sends what the socket takes; that a process is gone shows when its answers are read.
    func send() { _ = outgoing.send(to: socket, flags: Int32(MSG_DONTWAIT)) }

    enum State {
        case running
        case gone
        case tooLong
    }

    /// Reads what has come, and passes on each answer.
    func receive(_ answer: (Request, [UInt8]) -> Void) -> State {
        let isOpen = incoming.receive(from: socket, flags: Int32(MSG_DONTWAIT))
        while true {
            switch incoming.next() {
            case .incomplete: return isOpen ? .running : .gone
            case .tooLong: return .tooLong
            case .message(let bytes, _):
                sinceMs = monotonicMs()
                if !isReady {
                    isReady = true
                } else if requests.isEmpty {
                    return .tooLong  // an answer that nobody asked for is no answer
                } else {
                    answered += 1
                    answer(requests.removeFirst(), Array(bytes))
                }
            }
        }
    }

    /// Kills the process where it still runs.
    ///
    /// - Parameter kills: false for a process that has closed its end, which it only does by ending.
    /// - Returns: Its wait status, as in waitpid(2).
    func end(kills: Bool = true) -> Int32 {
        if kills { kill(processID, SIGKILL) }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
        isReaped = true
        return status
    }

    private static func failure(_ operation: String, _ code: Int32) -> WorkerError {
        WorkerError(
            "cannot \(operation) for a helper process: \(String(cString: strerror(code)))",
            hint: code == EMFILE || code == ENFILE
                ? "raise the limit on open files (ulimit -n)"
                : "check the limits on processes and memory (ulimit -u, ulimit -v)")
    }
}

/// Milliseconds of CLOCK_MONOTONIC.
func monotonicMs() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
