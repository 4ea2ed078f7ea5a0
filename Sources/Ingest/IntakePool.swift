internal import Catalog
internal import Glibc
internal import Storage
internal import TagReading
internal import WorkerProcesses

/// Hands files to worker processes and takes their outcomes, in the order of the files.
///
/// A worker that dies or needs too much costs the one file: it is rejected, and its bytes are kept
/// whole, copied here by plain means.
final class IntakePool {
    private struct Job {
        let request: IntakeRequest
        let entry: SourceScan.Entry
    }

    private let warehouse: Warehouse
    private var pool: WorkerPool?
    private let handler: WorkerService.Handler?
    private let separators: TagSeparators
    private let store: BlobStore
    private var jobs: [Job] = []
    private var count = 0
    /// Of pictures that answers have brought, and that wait for their names.
    private var nameless: Set<Digest> = []

    init(_ warehouse: Warehouse, _ importer: Importer.Options) {
        self.warehouse = warehouse
        separators = importer.separators
        store = BlobStore(warehouse)
        guard importer.workers > 0 else {
            (pool, handler) = (nil, IntakeService.makeHandler())
            return
        }
        var options = WorkerPool.Options(
            kind: IntakeService.name, workers: importer.workers, limits: importer.workerLimits,
            inFlight: 8)
        options.interrupt = importer.stopDescriptor
        if let program = importer.workerProgram { options.program = program }
        (pool, handler) = (WorkerPool(options), nil)
    }

    typealias Deliver = (SourceScan.Entry, IntakeReply) throws -> Void

    /// Reads a file, now or when a worker is free; delivers what is ready when there is no room.
    ///
    /// - Parameters:
    ///   - root: The source that the entry is of.
    ///   - place: Where the file lies, if not below the root.
    func submit(
        _ entry: SourceScan.Entry, root: String, at place: [UInt8]? = nil,
        knownAudio: LedgerFile.Part?,
        _ deliver: Deliver
    ) throws {
        count += 1
        let request = IntakeRequest(
            warehousePath: warehouse.path, temporaryName: "\(getpid())-intake-\(count)",
            path: place ?? Array(root.utf8) + [47] + entry.path, name: entry.path,
            stamp: FileStamp(entry.status), knownAudio: knownAudio,
            separators: separators)
        guard let pool else {
            let reply = request.bytes.withUnsafeBytes { handler!($0) }
            return try deliver(entry, try IntakeReply(reply))
        }
        while !pool.hasRoom { try deliverNext(pool, deliver) }
        jobs.append(Job(request: request, entry: entry))
        try pool.submit(request.bytes)
    }

    /// Waits for all that was submitted.
    func finish(_ deliver: Deliver) throws {
        while let pool, !jobs.isEmpty { try deliverNext(pool, deliver) }
    }

    /// What was delivered so far has its names.
    func noteNames(of blobs: some Sequence<IntakeReply.PendingBlob>) {
        for blob in blobs { nameless.remove(blob.digest) }
    }

    /// Ends the workers, and waits until they write no more; nothing can be submitted after it.
    func abandon() { pool = nil }

    private func deliverNext(_ pool: WorkerPool, _ deliver: Deliver) throws {
        let next: WorkerOutcome?
        do { next = try pool.next() } catch is WorkerInterrupted { throw IngestStopped() }
        guard let outcome = next else { return }
        let job = jobs.removeFirst()
        try deliver(job.entry, try reply(to: job, outcome))
    }

    private func reply(to job: Job, _ outcome: WorkerOutcome) throws -> IntakeReply {
        switch outcome {
        case .reply(let bytes):
            if let reply = try? IntakeReply(bytes), try hasCovers(reply) { return reply }
            return try setAside(job, .readerCrashed, "its answer makes no sense")
        // A file that was cut short while it was mapped into memory.
        case .crashed(SIGBUS):
            return try setAside(job, .changedWhileRead, "cut short while it was read")
        // No fault of the file's: a terminal's Ctrl-C and systemd tell all processes at once.
        case .crashed(SIGTERM), .crashed(SIGINT): throw IngestStopped()
        case .crashed(let signal):
            return try setAside(job, .readerCrashed, String(cString: strsignal(signal)))
        case .exited(let code):
            return try setAside(job, .readerCrashed, "it ended with code \(code)")
        case .timedOut: return try setAside(job, .readerOverLimit, "it took too much time")
        case .overMemory: return try setAside(job, .readerOverLimit, "it needed too much memory")
        case .replyTooLong: return try setAside(job, .readerOverLimit, "its answer is too long")
        }
    }

    /// Whether each picture comes with the answer, or came with an earlier one.
    private func hasCovers(_ reply: IntakeReply) throws -> Bool {
        guard case .outcome(let outcome) = reply else { return true }
        for cover in outcome.file.covers where !nameless.contains(cover.digest) {
            if outcome.blobs.contains(where: { $0.digest == cover.digest }) {
                nameless.insert(cover.digest)
            } else if try !store.contains(cover.digest, sizeBytes: cover.sizeBytes) {
                return false
            }
        }
        return true
    }

    private func setAside(_ job: Job, _ reason: RejectReason, _ detail: String) throws
        -> IntakeReply
    {
        try removeBlobs(of: job.request)
        let writer = BlobWriter(
            folder: warehouse.temporaryPath, name: job.request.temporaryName)
        do {
            let source = try FileDescriptor(pathBytes: job.request.path)
            let status = try source.status()
            guard status.kind == .file else { return .vanished }
            var outcome = IntakeReply.Outcome(
                file: .rejected(
                    job.request.name, FileStamp(status), reason,
                    "\(detail) (the program that reads it)"))
            if let whole = try writer.copy(source, 0..<status.sizeBytes) {
                outcome.file.head = .init(digest: whole.digest, sizeBytes: whole.sizeBytes)
            }
            guard try source.status() == status else { throw SourceFault(error: nil) }
            outcome.blobs = writer.blobs
            outcome.bytesRead = writer.bytesRead
            return .outcome(outcome)
        } catch let fault as SourceFault {
            writer.discard()
            return .outcome(
                .init(
                    file: .rejected(
                        job.request.name, job.request.stamp, .changedWhileRead,
                        fault.error?.description ?? "cut short while it was read")))
        } catch let error as FileError where error.operation == "open" {
            return .vanished
        }
    }

    /// What a worker that died had written so far.
    private func removeBlobs(of request: IntakeRequest) throws {
        for name in try FileSystem.list(warehouse.temporaryPath)
        where name.hasPrefix(request.temporaryName + "-") {
            try FileSystem.remove(warehouse.temporaryPath + "/" + name)
        }
    }
}
