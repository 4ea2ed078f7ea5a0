internal import CLinux
internal import Glibc

/// The other side of a `WorkerPool`: what a helper process does from its start to its end.
package enum WorkerService {
    /// The command that makes a program a helper process: `spindle worker KIND …`. For nobody to
    /// type, so no help names it.
    package static let command = "worker"

    /// What answers requests of one kind.
    package typealias Handler = (UnsafeRawBufferPointer) -> [UInt8]

    /// A kind of work; its handler is made once the limits hold.
    package struct Kind: Sendable {
        let name: String
        let makeHandler: @Sendable () -> Handler

        package init(_ name: String, _ makeHandler: @escaping @Sendable () -> Handler) {
            self.name = name
            self.makeHandler = makeHandler
        }
    }

    /// How a process ends that has not got the memory it asked for.
    static let outOfMemoryCode: Int32 = 113
    private static let misuseCode: Int32 = 64
    /// Answers that are not urgent go together: so many bytes, or so many milliseconds old, or when
    /// no request is left. To wake the other side costs as much as to read the tags of a file.
    private static let heldBytes = 32 << 10
    private static let heldMs = 100
    /// How often the limit on CPU time moves along, at most.
    private static let limitedMs = 100

    /// Answers requests on descriptor 0 until the parent goes away.
    ///
    /// - Parameter arguments: What stands behind `worker`: kind, parent's process id, memory in
    ///   bytes, CPU seconds a request; as `WorkerPool` writes them.
    package static func run(_ arguments: some Collection<String>, kinds: [Kind]) -> Never {
        let arguments = Array(arguments)
        let numbers = arguments.dropFirst().compactMap { Int($0) }
        guard arguments.count == 4, numbers.count == 3,
            let kind = kinds.first(where: { $0.name == arguments[0] }),
            spindle_die_with_parent(Int32(truncatingIfNeeded: numbers[0])) == 0
        else { exit(misuseCode) }
        limit(memoryBytes: numbers[1])
        spindle_exit_when_out_of_memory(outOfMemoryCode)
        // A library that reads or writes the standard descriptors must not meet our socket there.
        let socket = fcntl(0, F_DUPFD_CLOEXEC, 3)
        let null = spindle_open("/dev/null", O_RDWR | O_CLOEXEC, 0)
        guard socket >= 0, null >= 0, dup2(null, 0) == 0 else { exit(misuseCode) }
        serve(socket, cpuSeconds: numbers[2], kind.makeHandler())
    }

    private static func serve(_ socket: Int32, cpuSeconds: Int, _ handler: Handler) -> Never {
        var incoming = MessageBuffer()
        var outgoing = MessageBuffer()
        var limitedAt = -1
        var (limitedAtMs, sentAtMs) = (0, 0)
        // The first message says that the process is up.
        outgoing.append(message: UnsafeRawBufferPointer(start: nil, count: 0))
        guard outgoing.send(to: socket, flags: 0) else { exit(0) }
        while incoming.receive(from: socket, flags: 0) {
            requests: while true {
                switch incoming.next() {
                case .incomplete: break requests
                case .tooLong: exit(misuseCode)
                case .message(let request, let isUrgent):
                    // If this request kills this process, those before it are answered.
                    if isUrgent, !outgoing.send(to: socket, flags: 0) { exit(0) }
                    // Less CPU time has passed than time.
                    let started = coarseMs()
                    if started - limitedAtMs >= limitedMs {
                        limit(cpuSeconds: cpuSeconds, &limitedAt)
                        limitedAtMs = started
                    }
                    errno = 0
                    let reply = handler(request)
                    reply.withUnsafeBytes { outgoing.append(message: $0) }
                    let now = coarseMs()
                    if isUrgent || outgoing.count >= heldBytes || now - sentAtMs >= heldMs {
                        guard outgoing.send(to: socket, flags: 0) else { exit(0) }
                        sentAtMs = now
                    }
                }
            }
            guard outgoing.send(to: socket, flags: 0) else { exit(0) }
            sentAtMs = coarseMs()
        }
        exit(0)
    }

    /// Milliseconds, right to some ten, without asking the kernel.
    private static func coarseMs() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    private static func limit(memoryBytes: Int) {
        var limit = rlimit(rlim_cur: rlim_t(memoryBytes), rlim_max: rlim_t(memoryBytes))
        setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
        limit = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        // When the machine itself runs out of memory, this process goes first, and not its parent.
        let file = spindle_open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0)
        if file >= 0 {
            write(file, "1000", 4)
            close(file)
        }
    }

    /// The kernel counts a process's CPU time from its start: the limit moves along with it.
    private static func limit(cpuSeconds: Int, _ limitedAt: inout Int) {
        var used = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
        guard used.tv_sec != limitedAt else { return }
        limitedAt = used.tv_sec
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
        // One more: the second that has begun is not a whole one.
        limit.rlim_cur = min(rlim_t(used.tv_sec + cpuSeconds + 1), limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
    }
}
