import Glibc
import WorkerProcesses

// A helper process that does what its request says, good or bad.

private let probe = WorkerService.Kind("probe") {
    let secret = UInt8.random(in: 0...255)  // differs from process to process
    return { request in
        if request.starts(with: "echo".utf8) { return Array(request) }
        let words = String(decoding: request, as: UTF8.self).split(separator: " ")
        switch words.first ?? "" {
        case "process": return Array("\(getpid())-\(secret)".utf8)
        case "descriptors":
            var open: [Int32] = []
            for descriptor: Int32 in 0..<256 where fcntl(descriptor, F_GETFD) >= 0 {
                open.append(descriptor)
            }
            return Array(open.map(String.init).joined(separator: ",").utf8)
        case "segfault":
            kill(getpid(), SIGSEGV)
            kill(getpid(), SIGSEGV)  // the first one met the handler
            return []
        case "abort": abort()
        case "overflow": return [recurse(0)]
        case "trap": return [UInt8(words.count * 1000)]
        case "exit": exit(7)
        case "spin": while true { _ = getpid() }
        case "wait": while true { pause() }
        case "allocate":
            var blocks: [[UInt8]] = []
            while true { blocks.append([UInt8](repeating: 1, count: 10_000_000)) }
        case "burn":
            var now = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
            let end = now.tv_sec * 1000 + now.tv_nsec / 1_000_000 + Int(words[1])!
            while now.tv_sec * 1000 + now.tv_nsec / 1_000_000 < end {
                clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
            }
            return Array("\(getpid())-\(secret)".utf8)
        case "large": return [UInt8](repeating: 7, count: Int(words[1])!)
        default: return []
        }
    }
}

/// In the place of what decodes songs.
private let crash = WorkerService.Kind("decode") { { _ in abort() } }

private func recurse(_ depth: Int) -> UInt8 {
    depth < 0
        ? 0
        : withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) {
            $0[0] = UInt8(truncatingIfNeeded: depth)
            return recurse(depth + 1) &+ $0[0]
        }
}

/// A parent: `WorkerProbe parent` starts a helper, prints its process id and waits;
/// `WorkerProbe measure N` prints the CPU time of N requests of a kilobyte.
private func runParent(_ arguments: [String]) throws -> Never {
    if arguments[1] == "parent" {
        let pool = makePool()
        guard case .reply(let reply) = try pool.call(Array("process".utf8)) else { exit(1) }
        _ = reply.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        try pool.submit(Array("spin".utf8))
        while true { pause() }
    }
    try measure(Int(arguments[2])!)
    exit(0)
}

private func makePool() -> WorkerPool {
    WorkerPool(
        .init(
            kind: "probe", workers: 1,
            limits: .init(memoryBytes: 1 << 28, cpuSeconds: 60, wallClockMs: 60_000)))
}

private func measure(_ count: Int) throws {
    let pool = makePool()
    let request = Array("echo ".utf8) + [UInt8](repeating: 0x78, count: 1019)
    var left = count
    try pool.process {
        left -= 1
        return left >= 0 ? ((), request) : nil
    } deliver: { _, outcome in
        precondition(outcome == .reply(request))
    }
}

if CommandLine.arguments.count > 1, CommandLine.arguments[1] != WorkerService.command {
    try runParent(CommandLine.arguments)
}
WorkerService.run(CommandLine.arguments.dropFirst(2), kinds: [probe, crash])
