import Foundation
import Glibc
import TestSupport
import Testing

@testable import WorkerProcesses

/// Helper processes that answer, crash, hang and swallow memory on request.
@Suite struct WorkerPoolTests {
    private static func pool(
        workers: Int = 1, inFlight: Int = 4, gathersAnswers: Bool = false, cpuSeconds: Int = 20,
        wallClockMs: Int = 60_000
    ) -> WorkerPool {
        var options = WorkerPool.Options(
            kind: "probe", workers: workers,
            limits: .init(
                memoryBytes: 200 << 20, cpuSeconds: cpuSeconds, wallClockMs: wallClockMs),
            inFlight: inFlight)
        options.gathersAnswers = gathersAnswers
        options.program = Program(built: "WorkerProbe").path
        return WorkerPool(options)
    }

    private func text(_ outcome: WorkerOutcome?) -> String? {
        guard case .reply(let bytes) = outcome else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Outcomes of a batch, in order.
    private func outcomes(_ pool: WorkerPool, _ requests: [String]) throws -> [WorkerOutcome] {
        var left = requests[...]
        var numbers: [Int] = []
        var outcomes: [WorkerOutcome] = []
        try pool.process {
            left.popFirst().map { (requests.count - left.count - 1, Array($0.utf8)) }
        } deliver: {
            numbers.append($0)
            outcomes.append($1)
        }
        #expect(numbers == Array(requests.indices))
        return outcomes
    }

    @Test(arguments: [1, 3], [false, true])
    func `replies come in the order of the requests`(workers: Int, gathersAnswers: Bool) throws {
        let requests = (0..<1000).map { "echo \($0)" }
        let pool = Self.pool(workers: workers, gathersAnswers: gathersAnswers)
        let replies = try outcomes(pool, requests)
        #expect(replies.map { text($0) } == requests)
    }

    @Test func `work is spread over all processes`() throws {
        let replies = try outcomes(
            Self.pool(workers: 3), (0..<300).map { _ in "process" })
        #expect(Set(replies.map { text($0) }).count == 3)
    }

    @Test(
        arguments: [
            ("segfault", WorkerOutcome.crashed(signal: SIGSEGV)),
            ("abort", .crashed(signal: SIGABRT)),
            ("overflow", .crashed(signal: SIGSEGV)),
            ("exit", .exited(code: 7)),
            ("allocate", .overMemory),
        ], [false, true])
    func `a death costs its request alone`(
        _ death: (request: String, outcome: WorkerOutcome), gathersAnswers: Bool
    ) throws {
        let (request, expected) = death
        let requests = ["echo 1", "echo 2", request, "echo 3", "echo 4", request, "echo 5"]
        let pool = Self.pool(workers: 2, gathersAnswers: gathersAnswers)
        let replies = try outcomes(pool, requests)
        for (request, outcome) in zip(requests, replies) {
            if request.hasPrefix("echo") {
                #expect(text(outcome) == request)
            } else {
                #expect(outcome == expected)
            }
        }
    }

    @Test func `a trap of Swift is a crash`() throws {
        guard case .crashed = try Self.pool().call(Array("trap".utf8)) else {
            Issue.record("not a crash")
            return
        }
    }

    @Test(arguments: [false, true])
    func `an endless loop ends at its CPU limit`(gathersAnswers: Bool) throws {
        let pool = Self.pool(gathersAnswers: gathersAnswers, cpuSeconds: 1)
        let replies = try outcomes(pool, ["echo", "spin", "echo"])
        #expect(text(replies[0]) == "echo")
        #expect(replies[1] == .timedOut)
        #expect(text(replies[2]) == "echo")
    }

    @Test(arguments: [false, true])
    func `a request that waits for ever ends at its limit on the clock`(
        gathersAnswers: Bool
    ) throws {
        let pool = Self.pool(gathersAnswers: gathersAnswers, wallClockMs: 300)
        let replies = try outcomes(pool, ["echo", "wait", "echo"])
        #expect(text(replies[0]) == "echo")
        #expect(replies[1] == .timedOut)
        #expect(text(replies[2]) == "echo")
    }

    @Test func `the limit on CPU time is for a request, not for a process`() throws {
        // Three seconds together, for which no process that counts them all would live.
        let pool = Self.pool(cpuSeconds: 1)
        let processes = try (0..<6).map { _ in text(try pool.call(Array("burn 500".utf8))) }
        #expect(processes[0] != nil && Set(processes).count == 1)
    }

    @Test(arguments: [0, 1, 65_531, 65_532, 65_533, 1_000_000, 40_000_000])
    func `messages of any length pass`(count: Int) throws {
        let reply = try Self.pool().call(Array("large \(count)".utf8))
        #expect(reply == .reply([UInt8](repeating: 7, count: count)))
    }

    @Test func `long requests to a busy process do not block`() throws {
        let long = "echo " + String(repeating: "x", count: 3_000_000)
        let replies = try outcomes(Self.pool(inFlight: 8), Array(repeating: long, count: 20))
        #expect(replies.allSatisfy { text($0) == long })
    }

    @Test func `answers that are gathered arrive though the next request never ends`() throws {
        // Waiting for the first ones must not take as long as the last one may.
        let pool = Self.pool(gathersAnswers: true, wallClockMs: 600_000)
        for request in ["echo 1", "burn 200", "echo 2", "wait"] {
            try pool.submit(Array(request.utf8))
        }
        #expect(text(try pool.next()) == "echo 1")
        #expect(text(try pool.next()) != nil)
    }

    @Test func `a helper holds no descriptor of its parent's`() throws {
        // On purpose without FD_CLOEXEC, as a careless library opens files.
        let stray = open("/dev/null", O_RDONLY)
        defer { close(stray) }
        let list = try #require(text(try Self.pool().call(Array("descriptors".utf8))))
        // The three standard ones, the socket, and /dev/null under its first number.
        #expect(list.split(separator: ",").count == 5, "\(list)")
    }

    @Test func `no helper outlives its pool`() throws {
        var process: pid_t = 0
        do {
            let pool = Self.pool()
            let name = try #require(text(try pool.call(Array("process".utf8))))
            process = try #require(pid_t(name.split(separator: "-")[0]))
            #expect(kill(process, 0) == 0)
            try pool.submit(Array("wait".utf8))
        }
        #expect(kill(process, 0) == -1 && errno == ESRCH)
    }

    @Test func `no helper outlives a parent that is killed`() throws {
        let parent = try Program(built: "WorkerProbe").start(["parent"])
        var process: pid_t?
        while process == nil, parent.isRunning {
            process = pid_t(parent.stdoutSoFar.split(separator: "-").first ?? "")
        }
        let helper = try #require(process)
        #expect(kill(helper, 0) == 0)
        parent.kill(SIGKILL)
        _ = parent.wait()
        // Its signal is sent when the parent ends; that it is carried out takes a moment.
        var state = "R"
        for _ in 0..<10_000 where state != "Z" && state != "" {
            let stat = (try? String(contentsOfFile: "/proc/\(helper)/stat", encoding: .utf8)) ?? ""
            state = stat.split(separator: ")").last.map { String($0.prefix(2).dropFirst()) } ?? ""
            sched_yield()
        }
        #expect(state == "Z" || state == "")
    }

    @Test func `a program that is no helper is an error, not a loop`() throws {
        var options = WorkerPool.Options(
            kind: "probe", workers: 2,
            limits: .init(memoryBytes: 1 << 30, cpuSeconds: 1, wallClockMs: 1000))
        options.program = "/bin/true"
        #expect(throws: WorkerError.self) { try WorkerPool(options).call([1]) }
        options.program = "/nowhere"
        #expect(throws: WorkerError.self) { try WorkerPool(options).call([1]) }
    }

    @Test func `the program itself knows no kind that no command has`() throws {
        #expect(try Program.spindle.run(["worker", "nothing", "1", "1", "1"]).code == 64)
        #expect(try Program.spindle.run(["worker"]).code == 64)
    }
}
