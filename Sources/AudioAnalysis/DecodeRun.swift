internal import Catalog
internal import Glibc
internal import SQLite
package import Storage
package import WorkerProcesses

/// Decodes the ledger's songs in helper processes and keeps what they found.
///
/// A song's row is committed with those of the same few seconds; whatever ends the run, the next
/// one goes on behind the last commit.
package struct DecodeRun {
    package struct Options: Sendable {
        package var sample = DecodeSample.all
        package var parts: MeasuredParts = .levels
        /// Measures what is there already, too.
        package var rereads = false
        /// Hands out no song after so long.
        package var limitMinutes: Int?
        package var workers = 1
        /// What is started as a helper: this program.
        package var program = "/proc/self/exe"
        package var limits = DecodeRun.limits

        package init() {}
    }

    /// A song of two hours at 320 kb/s, 290 MB, takes 90 CPU seconds with all that is measured.
    package static let limits = WorkerLimits(
        memoryBytes: 512 << 20, cpuSeconds: 900, wallClockMs: 3_600_000)
    private static let commitEveryMs = 2000

    package struct Summary: Equatable, Sendable {
        /// Songs of the sample, as far as the run came.
        package var songs = 0
        package var decoded = 0
        package var upToDate = 0
        /// Of the decoded, those that had their verdict already and lacked something else.
        package var judgedBefore = 0
        package var withWarnings = 0
        package var failed = 0
        /// Of those, songs whose blob is not there; it may be for the next run.
        package var missing = 0
        /// Rows of songs that have left the ledger.
        package var pruned = 0
        /// Whether the time ran out.
        package var isCutShort = false

        package var counts: [(name: String, value: Int)] {
            [
                ("songs", songs), ("decoded", decoded), ("up_to_date", upToDate),
                ("judged_before", judgedBefore),
                ("warnings", withWarnings), ("failed", failed), ("missing", missing),
                ("pruned", pruned), ("cut_short", isCutShort ? 1 : 0),
            ]
        }
    }

    private struct Job {
        let song: String
        let parts: MeasuredParts
    }

    /// Ends a walk over the ledger.
    private struct Enough: Error {}

    private let warehouse: Warehouse
    private let options: Options

    package init(_ warehouse: Warehouse, _ options: Options) {
        self.warehouse = warehouse
        self.options = options
    }

    /// - Throws: `FileError` without a ledger; `WorkerError`; `FormatError` when fingerprints are wanted and there is no Chromaprint.
    package func run(
        date: CalendarDate, tool: String, progress: (Summary) -> Void = { _ in }
    ) throws -> Summary {
        if options.parts.contains(.fingerprint), let reason = Fingerprinter.unavailable {
            throw FormatError(
                "libchromaprint.so.1", "cannot be loaded: \(reason)",
                hint: "apt-get install libchromaprint1, or run without --fingerprints")
        }
        let ledger = try Ledger(warehouse, .readOnly)
        let store = try DecodeStore(warehouse, .readWrite)
        let writer = try DecodeWriter(
            store, date: date, tool: "\(tool), \(DecodeService.decoderVersion)")
        var pool = WorkerPool.Options(
            kind: "decode", workers: options.workers, limits: options.limits, inFlight: 2)
        pool.program = options.program
        return try run(ledger, store, writer, WorkerPool(pool), progress)
    }

    private func run(
        _ ledger: Ledger, _ store: DecodeStore, _ writer: DecodeWriter, _ pool: WorkerPool,
        _ progress: (Summary) -> Void
    ) throws -> Summary {
        var summary = Summary()
        summary.pruned = try prune(ledger, store, writer)
        let started = nowMs()
        var lastCommit = started
        var isOpen = false
        var jobs: [Job] = []

        func commit() throws {
            if isOpen { try store.database.execute("COMMIT") }
            isOpen = false
            lastCommit = nowMs()
        }
        func takeNext(_ writer: DecodeWriter) throws {
            guard let outcome = try pool.next() else { return }
            let job = jobs.removeFirst()
            let result = Self.measurement(outcome)
            if !isOpen {
                try store.database.execute("BEGIN IMMEDIATE")
                isOpen = true
            }
            try writer.save(job.song, result, job.parts)
            summary.decoded += 1
            if result.failure != nil {
                summary.failed += 1
                if result.failure == .blobMissing { summary.missing += 1 }
            } else if !job.parts.contains(.levels) {
                summary.judgedBefore += 1
            } else if result.warnings.total > 0 {
                summary.withWarnings += 1
            }
            if nowMs() - lastCommit >= Self.commitEveryMs {
                try commit()
                progress(summary)
            }
        }
        do {
            let blobs = BlobStore(warehouse)
            var index = 0
            try ledger.forEachPresentSong { entry in
                defer { index += 1 }
                switch options.sample.choice(entry.id, index: index) {
                case .take: break
                case .skip: return
                case .end: throw Enough()
                }
                let song = entry.id.hex
                let parts =
                    options.rereads
                    ? options.parts.union(.levels) : try writer.missing(options.parts, of: song)
                guard !parts.isEmpty else {
                    summary.songs += 1
                    summary.upToDate += 1
                    return
                }
                if let minutes = options.limitMinutes, nowMs() - started >= minutes * 60_000 {
                    summary.isCutShort = true
                    throw Enough()
                }
                summary.songs += 1
                while !pool.hasRoom { try takeNext(writer) }
                jobs.append(Job(song: song, parts: parts))
                try pool.submit(
                    DecodeService.Request(
                        path: blobs.path(entry.id), frames: entry.frames,
                        sizeBytes: entry.sizeBytes, parts: parts
                    ).message)
            }
        } catch is Enough {}
        while pool.pending > 0 { try takeNext(writer) }
        try commit()
        return summary
    }

    private static func measurement(_ outcome: WorkerOutcome) -> SongMeasurement {
        switch outcome {
        case .reply(let bytes):
            SongMeasurement(message: bytes)
                ?? .init(failure: .decoderCrashed, "the helper process gave no sense")
        case .crashed(let signal):
            .init(
                failure: .decoderCrashed, "signal \(signal), \(String(cString: strsignal(signal)))")
        case .exited(let code): .init(failure: .decoderCrashed, "ended with code \(code)")
        case .timedOut: .init(failure: .overLimit, "took too long")
        case .overMemory: .init(failure: .overLimit, "took too much memory")
        case .replyTooLong: .init(failure: .overLimit, "the answer is too long")
        }
    }

    // MARK: Pruning

    /// Takes out the rows of songs that no source holds any more. Both tables are in the order of
    /// ids, so that one walk finds them.
    private func prune(_ ledger: Ledger, _ store: DecodeStore, _ writer: DecodeWriter) throws
        -> Int
    {
        var total = 0
        while true {
            let gone = try gone(ledger, store, atMost: 100_000)
            guard !gone.isEmpty else { return total }
            try store.database.execute("BEGIN IMMEDIATE")
            for song in gone { try writer.remove(song) }
            try store.database.execute("COMMIT")
            total += gone.count
        }
    }

    private func gone(_ ledger: Ledger, _ store: DecodeStore, atMost limit: Int) throws -> [String]
    {
        var rows = try store.database.prepare("SELECT song_id FROM songs ORDER BY song_id")
        var gone: [String] = []
        var isRow = try rows.step()
        do {
            try ledger.forEachPresentSong { entry in
                guard isRow else { throw Enough() }
                let song = entry.id.hex
                while isRow, rows.text(0) < song {
                    gone.append(rows.text(0))
                    if gone.count >= limit { throw Enough() }
                    isRow = try rows.step()
                }
                if isRow, rows.text(0) == song { isRow = try rows.step() }
            }
            while isRow, gone.count < limit {
                gone.append(rows.text(0))
                isRow = try rows.step()
            }
        } catch is Enough {}
        return gone
    }
}

/// Milliseconds of CLOCK_MONOTONIC.
private func nowMs() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
