package import Storage
package import WorkerProcesses

/// Makes the small versions of covers that are missing, each once, on all cores.
///
/// Stopped at any moment, it has lost nothing: what is there stays, and the next run makes the rest.
package struct CoverRun {
    package struct Summary: Equatable, Sendable {
        package var made = 0
        package var present = 0
        /// Covers that are served as they are, each with its reason, in order.
        package var refused: [String] = []
        /// Why no covers could be made at all; nil when they could.
        package var unavailable: String?

        package init() {}
    }

    /// 40 million pixels three times over, and the libraries.
    package static let limits = WorkerLimits(
        memoryBytes: 768 << 20, cpuSeconds: 20, wallClockMs: 120_000)

    private let blobs: BlobStore
    private let store: CoverStore
    private let workers: Int
    private let program: String

    /// - Parameter program: What is started as a helper process.
    package init(_ warehouse: Warehouse, workers: Int, program: String = "/proc/self/exe") {
        blobs = BlobStore(warehouse)
        store = CoverStore(warehouse)
        self.workers = workers
        self.program = program
    }

    /// - Parameter covers: In any order, each once.
    /// - Throws: `WorkerError`, and `FileError` when one cannot be written.
    package func run(_ covers: [Digest], progress: (Int) -> Void = { _ in }) throws -> Summary {
        var summary = Summary()
        var missing: [Digest] = []
        for cover in covers {
            switch try store.state(cover) {
            case .made: summary.present += 1
            case .refused(let reason): summary.refused.append("\(cover.hex): \(reason)")
            // Not to be remembered: the blob may come back from a replica.
            case .missing where !FileSystem.exists(blobs.path(cover)):
                summary.refused.append("\(cover.hex): the blob is missing")
            case .missing: missing.append(cover)
            }
        }
        summary.refused.sort()
        guard !missing.isEmpty else { return summary }
        var options = WorkerPool.Options(
            kind: "covers", workers: workers, limits: Self.limits, inFlight: 2)
        options.program = program
        var jobs = missing.makeIterator()
        let pool = WorkerPool(options)
        try pool.process {
            guard summary.unavailable == nil, let cover = jobs.next() else { return nil }
            return (cover, Array(blobs.path(cover).utf8))
        } deliver: { (cover: Digest, outcome) in
            switch Self.answer(outcome) {
            case .made(let versions):
                try store.save(cover, versions)
                summary.made += 1
                progress(summary.made)
            case .refused(let reason):
                try store.refuse(cover, reason)
                summary.refused.append("\(cover.hex): \(reason)")
            case .unavailable(let reason): summary.unavailable = reason
            }
        }
        summary.refused.sort()
        return summary
    }

    private static func answer(_ outcome: WorkerOutcome) -> CoverService.Answer {
        switch outcome {
        case .reply(let message):
            CoverService.answer(message) ?? .refused("its helper process gave no answer")
        case .crashed(let signal): .refused("its helper process died of signal \(signal)")
        case .exited(let code): .refused("its helper process ended with code \(code)")
        case .timedOut: .refused("it took too long")
        case .overMemory: .refused("it takes too much memory")
        case .replyTooLong: .refused("its small versions are too large")
        }
    }
}
