internal import CLinux
internal import Catalog
package import Storage
package import TagReading
package import WorkerProcesses

/// Brings source folders into the warehouse: each new or changed file is read once.
///
/// This process scans and commits; worker processes read. Blobs get their names when all their
/// bytes are on the device, and only then the ledger's rows are committed: at every moment each
/// row's blobs are there.
package struct Importer {
    package struct Options: Sendable {
        package var rejectLimit: RejectLimit?
        /// How many of a source's known files may be missing before the run stops and asks.
        package var removalLimit: RejectLimit = .percent(50)
        package var acceptsRemovals = false
        /// Reads unchanged files as well, which stores again what the warehouse has lost of them.
        package var rereads = false
        /// Processes that read files; 0 reads in this one, with nothing contained.
        package var workers = 0
        package var workerLimits = IntakeService.limits
        /// The program that knows the worker command; nil for the one that runs.
        package var workerProgram: String?
        /// At what one text of a tag is split into several values.
        package var separators = TagSeparators()
        /// Asked between files; true ends the run with `IngestStopped`, what was read committed.
        package var isStopping: (@Sendable () -> Bool)?
        /// Readable once `isStopping` is true, so that a long file does not hold the end up.
        package var stopDescriptor: Int32?

        package init() {}
    }

    /// What is looked at.
    package enum Scope: Equatable, Sendable {
        case everything
        /// By source, paths below it: these files, and all below these folders; an empty one for
        /// the whole source. Nothing else is missed when it is not seen.
        case paths([String: [[UInt8]]])
    }

    let warehouse: Warehouse
    let sources: [IngestSource]
    let otherSources: [IngestSource]
    let options: Options

    /// - Parameter otherSources: Not looked at; what lies in them is theirs.
    package init(
        _ warehouse: Warehouse, sources: [IngestSource], otherSources: [IngestSource] = [],
        options: Options = Options()
    ) {
        self.warehouse = warehouse
        self.sources = sources
        self.otherSources = otherSources
        self.options = options
    }

    package init(_ warehouse: Warehouse, sources: [String], options: Options = Options()) {
        self.init(warehouse, sources: sources.map { IngestSource($0) }, options: options)
    }

    /// A fingerprint of everything the sources hold, by names, sizes and times; no file is opened.
    /// A source that is missing has one as well, unlike any other.
    package func fingerprint() throws -> String {
        try ScanBoundary.check(warehouse, sources)
        let fingerprint = SourceFingerprint()
        let boundary = ScanBoundary(warehouse, sources + otherSources)
        for source in sources {
            do {
                let scan = SourceScan(
                    root: source.path, filter: source.filter,
                    avoiding: boundary.avoided(by: source))
                try scan.forEach {
                    fingerprint.add(source.path, $0)
                } obstacle: {
                    fingerprint.add(source.path, $0)
                }
            } catch let error as FileError {
                fingerprint.add(source.path, error)
            }
        }
        return fingerprint.text
    }

    /// - Parameter progress: Told from time to time what has been seen so far.
    /// - Throws: `FileError`, `FormatError` (a damaged ledger), `RemovalsNotAccepted`, `SourcesNotTaken`, `RejectLimitExceeded`; what was committed before stays.
    package func run(
        date: CalendarDate, scope: Scope = .everything,
        progress: @escaping (IngestSummary) -> Void = { _ in }
    ) throws -> IngestSummary {
        try run(date: date, progress, readsAll: options.rereads && scope == .everything) {
            try $0.take(scope)
        }
    }

    /// Takes the members of a tar stream as files of the one source.
    ///
    /// - Throws: As above, and `FormatError` when the stream is cut or damaged; what was whole stays.
    package func run(
        date: CalendarDate, archive: TarStream,
        progress: @escaping (IngestSummary) -> Void = { _ in }
    ) throws -> IngestSummary {
        try run(date: date, progress) { try $0.take(archive) }
    }

    private func run(
        date: CalendarDate, _ progress: @escaping (IngestSummary) -> Void, readsAll: Bool = false,
        _ take: (IngestRun) throws -> Void
    ) throws -> IngestSummary {
        try ScanBoundary.check(warehouse, sources)
        let ledger = try Ledger(warehouse, .readWrite)
        try ledger.check()
        let run = try IngestRun(self, ledger, date: date, progress: progress)
        let separators = SeparatorRecord(ledger, options.separators)
        run.summary.otherSeparators = try separators.begin(sources.map(\.path), readsAll: readsAll)
        do {
            try take(run)
        } catch {
            // What is on its way need not be read again, where it can still be had.
            try? run.commitPipeline()
            run.abandon()
            throw error
        }
        try ledger.setMeta("content_digest", try ledger.contentDigest().hex)
        run.summary.fingerprint = run.fingerprint.text
        run.summary.songs = try ledger.counts().songs
        if readsAll, run.failures.isEmpty { try separators.finish(sources.map(\.path)) }
        let summary = run.summary
        precondition(summary.sources.allSatisfy { $0.counts.isBalanced }, "files counted wrongly")
        if let failure = run.failures.first {
            throw run.failures.count == 1 ? failure : SourcesNotTaken(failures: run.failures)
        }
        if let limit = options.rejectLimit,
            limit.isExceeded(rejected: summary.rejected, of: summary.seen - summary.ignored)
        {
            throw RejectLimitExceeded(
                rejected: summary.rejected, total: summary.seen - summary.ignored, what: "files",
                limit: limit, list: "spindle rejects --stage ingest")
        }
        return summary
    }
}

/// The run was told to stop, by `Importer.Options.isStopping` or by a signal to its workers.
package struct IngestStopped: Diagnosed, CustomStringConvertible {
    package var message: String { "stopped before all files were seen" }
    package var description: String { message }
    package var hint: String? { "run it again: what was committed is not read again" }
    package var cause: FailureCause { .failed }
}

/// Several sources could not be taken, or not as a whole; the others were.
package struct SourcesNotTaken: Diagnosed, CustomStringConvertible {
    /// A `RemovalsNotAccepted` or a `FileError` for each.
    package let failures: [any Diagnosed]

    package var message: String { failures.map(\.message).joined(separator: "; ") }
    package var description: String { message }
    package var hint: String? { failures[0].hint }
    package var cause: FailureCause { failures[0].cause }
}
