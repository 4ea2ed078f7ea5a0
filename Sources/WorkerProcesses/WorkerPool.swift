internal import Glibc

/// Helper processes that read what strangers made, so that a crash, a bomb or an endless loop costs
/// one request and not the run.
///
/// Each is the own program again with a hidden command (`WorkerService.run` is its other side),
/// under `WorkerLimits`. Outcomes come in the order of the requests. A request that kills its
/// process is tried once more on a fresh one, so that what an earlier request has left behind is
/// not blamed on it.
///
/// One thread owns a pool, and must live as long as the pool: the kernel kills a helper when the
/// thread that started it ends.
package final class WorkerPool {
    package struct Options: Sendable {
        /// The name of the `WorkerService.Kind`.
        package var kind: String
        package var workers: Int
        package var limits: WorkerLimits
        /// Requests that one process holds at a time: more for small ones, to save switching.
        package var inFlight: Int
        /// Whether a process may send several answers together, for requests of microseconds. What
        /// one that dies has not answered then is asked again, and each answered at once, so that
        /// still nothing but the guilty request is blamed.
        package var gathersAnswers = false
        /// What is started. The file that runs now, even when another has taken its name since.
        package var program = "/proc/self/exe"
        /// Once this is readable, whoever waits for an outcome gets `WorkerInterrupted`; nil for never.
        package var interrupt: Int32?

        package init(kind: String, workers: Int, limits: WorkerLimits, inFlight: Int = 16) {
            precondition(workers > 0 && inFlight > 0)
            self.kind = kind
            self.workers = workers
            self.limits = limits
            self.inFlight = inFlight
        }
    }

    private let options: Options
    /// nil until it is needed, for the first time or after a death.
    private var workers: [Worker?]
    /// Outcomes that are not delivered yet; nil while the request is worked on.
    private var outcomes: [WorkerOutcome?] = []
    /// The number of the first of `outcomes`.
    private var firstSequence = 0
    /// Deaths in a row before a process was up.
    private var failedStarts = 0

    package init(_ options: Options) {
        self.options = options
        workers = Array(repeating: nil, count: options.workers)
    }

    /// Requests whose outcome has not been delivered.
    package var pending: Int { outcomes.count }

    /// Whether a request would be sent at once, and its answer find room.
    ///
    /// Room for outcomes that wait for an earlier one: four times what is being worked on.
    package var hasRoom: Bool {
        outcomes.count < 4 * options.workers * options.inFlight
            && workers.contains { ($0?.requests.count ?? 0) < options.inFlight }
    }

    /// Gives a request to the process with the fewest.
    ///
    /// - Precondition: `hasRoom`.
    /// - Throws: `WorkerError` when no process can be started.
    package func submit(_ request: [UInt8]) throws {
        precondition(hasRoom, "submitted to a pool without room")
        precondition(request.count <= MessageBuffer.maximumMessageBytes)
        var best = 0
        for index in workers.indices
        where load(of: index) < load(of: best) { best = index }
        let worker = try started(best)
        let wasIdle = worker.requests.isEmpty
        worker.give(
            .init(
                sequence: firstSequence + outcomes.count, bytes: request,
                isUrgent: !options.gathersAnswers))
        outcomes.append(nil)
        // One that is busy gets its next requests in one go, when answers are waited for.
        if wasIdle { worker.send() }
    }

    /// The outcome of the oldest request; waits for it. nil when none is pending.
    ///
    /// - Throws: `WorkerError` when no process can be started; `WorkerInterrupted`.
    package func next() throws -> WorkerOutcome? {
        guard !outcomes.isEmpty else { return nil }
        while outcomes[0] == nil { try wait() }
        firstSequence += 1
        return outcomes.removeFirst()
    }

    /// One request and its outcome, when nothing else is pending.
    package func call(_ request: [UInt8]) throws -> WorkerOutcome {
        precondition(outcomes.isEmpty, "a call beside other requests")
        try submit(request)
        return try next()!
    }

    /// Works through all jobs with every process busy.
    ///
    /// - Parameters:
    ///   - job: The next job and its request; nil when there is none left.
    ///   - deliver: Takes each job's outcome, in the order of the jobs.
    /// - Throws: `WorkerError`, and what the two throw.
    package func process<Job>(
        _ job: () throws -> (job: Job, request: [UInt8])?,
        deliver: (Job, WorkerOutcome) throws -> Void
    ) throws {
        var jobs: [Job] = []
        try process {
            guard let (next, request) = try job() else { return nil }
            jobs.append(next)
            return request
        } deliver: { outcome in
            try deliver(jobs.removeFirst(), outcome)
        }
    }

    /// The same for requests that need no job beside them.
    package func process(
        _ request: () throws -> [UInt8]?, deliver: (WorkerOutcome) throws -> Void
    ) throws {
        precondition(outcomes.isEmpty, "a batch beside other requests")
        var isAtEnd = false
        while true {
            while !isAtEnd, hasRoom {
                guard let next = try request() else {
                    isAtEnd = true
                    break
                }
                try submit(next)
            }
            if outcomes.isEmpty { return }
            if outcomes[0] == nil { try wait() }
            while let outcome = outcomes.first ?? nil {
                firstSequence += 1
                outcomes.removeFirst()
                try deliver(outcome)
            }
        }
    }

    // MARK: Waiting

    private func load(of index: Int) -> Int { workers[index]?.requests.count ?? 0 }

    private func started(_ index: Int) throws -> Worker {
        if let worker = workers[index] { return worker }
        let limits = options.limits
        let worker = try Worker(
            program: options.program,
            arguments: [
                "spindle", WorkerService.command, options.kind, String(getpid()),
                String(limits.memoryBytes), String(limits.cpuSeconds),
            ])
        workers[index] = worker
        return worker
    }

    /// Waits until some process has answered, died or run out of time.
    private func wait() throws {
        var polled: [pollfd] = []
        var indices: [Int] = []
        var timeoutMs = Int.max
        let now = monotonicMs()
        for (index, worker) in workers.enumerated() {
            guard let worker, !worker.requests.isEmpty else { continue }
            worker.send()
            let events = worker.hasUnsent ? POLLIN | POLLOUT : POLLIN
            polled.append(pollfd(fd: worker.socket, events: Int16(events), revents: 0))
            indices.append(index)
            timeoutMs = min(timeoutMs, worker.sinceMs + limitMs(worker) - now)
        }
        if let descriptor = options.interrupt {
            polled.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
        let timeout = Int32(clamping: max(0, timeoutMs) + 1)
        let count = poll(&polled, nfds_t(polled.count), timeout)
        guard count >= 0 || errno == EINTR else {
            throw WorkerError(
                "cannot wait for helper processes: \(String(cString: strerror(errno)))", hint: nil)
        }
        if options.interrupt != nil, count > 0, polled.last!.revents != 0 {
            throw WorkerInterrupted()
        }
        for (entry, index) in zip(polled, indices) {
            // First what has arrived, then the clock: this process may itself have stood still.
            if count > 0, entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
                try receive(index)
            }
            guard let worker = workers[index], !worker.requests.isEmpty else { continue }
            if monotonicMs() - worker.sinceMs > limitMs(worker) {
                try bury(index, worker, .timedOut, mayRetry: false)
            }
        }
    }

    /// A start has its own limit: it runs no request.
    private func limitMs(_ worker: Worker) -> Int {
        worker.isReady ? options.limits.wallClockMs : max(30_000, options.limits.wallClockMs)
    }

    private func receive(_ index: Int) throws {
        guard let worker = workers[index] else { return }
        let state = worker.receive { request, bytes in
            outcomes[request.sequence - firstSequence] = .reply(bytes)
        }
        if worker.isReady { failedStarts = 0 }
        switch state {
        case .running: return
        case .tooLong: try bury(index, worker, .replyTooLong, mayRetry: false)
        case .gone:
            let status = worker.end(kills: false)
            let signal = status & 0x7f
            let code = status >> 8 & 0xff
            let outcome: WorkerOutcome =
                if signal == SIGXCPU {
                    .timedOut
                } else if signal == 0, code == WorkerService.outOfMemoryCode {
                    .overMemory
                } else if signal == 0 {
                    .exited(code: code)
                } else {
                    .crashed(signal: signal)
                }
            try bury(index, worker, outcome, mayRetry: outcome != .timedOut)
        }
    }

    /// Takes a process away and hands its requests to a fresh one, except the one that it died of.
    private func bury(
        _ index: Int, _ worker: Worker, _ outcome: WorkerOutcome, mayRetry: Bool
    ) throws {
        workers[index] = nil
        var requests = worker.requests
        worker.requests = []
        if !worker.isReady {
            failedStarts += 1
            guard failedStarts < 3 else {
                throw WorkerError(
                    "helper processes do not start (\(options.program) worker \(options.kind): \(outcome))",
                    hint: "check the limits on memory and processes (ulimit -a)")
            }
        } else if requests.count > 1, !requests[0].isUrgent, outcome != .replyTooLong {
            for index in requests.indices { requests[index].isUrgent = true }
        } else if !requests.isEmpty {
            if mayRetry, worker.answered > 0, !requests[0].isSuspect {
                requests[0].isSuspect = true
            } else {
                let blamed = requests.removeFirst()
                outcomes[blamed.sequence - firstSequence] = outcome
            }
        }
        guard !requests.isEmpty else { return }
        let fresh = try started(index)
        for request in requests { fresh.give(request) }
        fresh.send()
    }
}
