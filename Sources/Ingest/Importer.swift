internal import CLinux
internal import Catalog
internal import Dispatch
package import Storage
internal import Synchronization

/// Brings source folders into the warehouse: each new or changed file is read once.
///
/// Files are read in batches, a batch on all cores. Its blobs get their names when all their bytes
/// are on the device, and only then the ledger's rows are committed: at every moment each row's
/// blobs are there.
package struct Importer {
    package struct Options: Sendable {
        package var rejectLimit: RejectLimit?
        /// How many of a source's known files may be missing before the run stops and asks.
        package var removalLimit: RejectLimit = .percent(50)
        package var acceptsRemovals = false
        /// Reads unchanged files as well, which stores again what the warehouse has lost of them.
        package var rereads = false

        package init() {}
    }

    private let warehouse: Warehouse
    /// Absolute paths.
    private let sources: [String]
    private let options: Options

    private static let batchFiles = 256
    private static let batchBytes = 512 << 20

    package init(_ warehouse: Warehouse, sources: [String], options: Options = Options()) {
        self.warehouse = warehouse
        self.sources = sources.map(FileSystem.absolute)
        self.options = options
    }

    /// A fingerprint of everything the sources hold, by names, sizes and times; no file is opened.
    ///
    /// - Throws: `FileError` when a source folder is missing.
    package func fingerprint() throws -> String {
        // A sum, so that it needs no memory for the paths; order plays no part.
        var sum: (UInt64, UInt64) = (0, 0)
        var count = 0
        for source in sources {
            func add(_ text: String) {
                let bytes = SHA256.hash(text).bytes
                sum.0 &+= bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
                sum.1 &+= bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
                count += 1
            }
            try SourceScan(root: source).forEach { entry in
                let stamp = FileStamp(entry.status)
                let path = String(decoding: entry.path, as: UTF8.self)
                add(
                    "\(source)\0\(path)\0\(stamp.sizeBytes)\0\(stamp.modifiedNs)\0\(stamp.changedNs)\0\(stamp.inode)"
                )
            } obstacle: { obstacle in
                add(
                    "\(source)\0\(String(decoding: obstacle.path, as: UTF8.self))\0\(obstacle.error.code)"
                )
            }
        }
        return "\(count):\(String(sum.0, radix: 16)):\(String(sum.1, radix: 16))"
    }

    /// - Parameter progress: Told from time to time how many files have been seen.
    /// - Throws: `FileError`, `FormatError` (a damaged ledger), `RemovalsNotAccepted`, `RejectLimitExceeded`; what was committed before stays.
    package func run(date: CalendarDate, progress: (IngestSummary) -> Void = { _ in }) throws
        -> IngestSummary
    {
        spindle_keep_large_allocations()
        let ledger = try Ledger(warehouse, .readWrite)
        try ledger.check()
        var summary = IngestSummary()
        var refused: RemovalsNotAccepted?
        for source in sources {
            guard !(FileSystem.absolute(warehouse.path) + "/").hasPrefix(source + "/") else {
                throw FormatError(
                    source, "holds the warehouse \(warehouse.path), whose blobs would be songs",
                    hint: "put the warehouse elsewhere, or name the folders beside it as sources")
            }
            try take(source, ledger, date, &summary, &refused, progress)
        }
        try ledger.setMeta("content_digest", try ledger.contentDigest().hex)
        summary.songs = try ledger.counts().songs
        if let refused { throw refused }
        if let limit = options.rejectLimit,
            limit.isExceeded(rejected: summary.rejected, of: summary.seen - summary.ignored)
        {
            throw RejectLimitExceeded(
                rejected: summary.rejected, total: summary.seen - summary.ignored, what: "files",
                limit: limit, list: "spindle rejects --stage ingest")
        }
        return summary
    }

    // MARK: One source

    private func take(
        _ source: String, _ ledger: Ledger, _ date: CalendarDate, _ summary: inout IngestSummary,
        _ refused: inout RemovalsNotAccepted?, _ progress: (IngestSummary) -> Void
    ) throws {
        let writer = try LedgerWriter(ledger, source: source, date: date)
        // A connection of its own: it sees the ledger as it was, whatever is written meanwhile.
        let known = try KnownFiles(Ledger(warehouse, .readOnly), source: source)
        let intake = FileIntake(warehouse: warehouse, root: source)
        var batch: [SourceScan.Entry] = []
        var batchBytes = 0
        var missing: [(path: [UInt8], state: LedgerFile.State)] = []
        var obstacles: [SourceScan.Obstacle] = []
        var counts = summary

        func flush() throws {
            guard !batch.isEmpty else { return }
            try commit(try read(batch, with: intake), ledger, writer, &counts)
            batch = []
            batchBytes = 0
            progress(counts)
        }

        var knownCount = 0
        func passMissing(before path: [UInt8]?) throws {
            while let next = known.current,
                path.map({ next.path.lexicographicallyPrecedes($0) }) ?? true
            {
                knownCount += next.state == .present ? 1 : 0
                missing.append((next.path, next.state))
                try known.advance()
            }
        }

        try SourceScan(root: source).forEach { entry in
            try passMissing(before: entry.path)
            counts.seen += 1
            if let next = known.current, next.path == entry.path {
                knownCount += next.state == .present ? 1 : 0
                let isSame = next.stamp == FileStamp(entry.status)
                try known.advance()
                // What could not be read may be readable now; its stamp would not tell.
                if isSame, next.reason != RejectReason.unreadable.rawValue, !options.rereads {
                    switch next.state {
                    case .rejected: counts.rejected += 1
                    case .ignored: counts.ignored += 1
                    default: counts.unchanged += 1
                    }
                    return
                }
            }
            batch.append(entry)
            batchBytes += entry.status.sizeBytes
            if batch.count >= Self.batchFiles || batchBytes >= Self.batchBytes { try flush() }
        } obstacle: {
            obstacles.append($0)
        }
        try passMissing(before: nil)
        try flush()

        try record(obstacles, ledger, writer, &counts)
        // What lies below a folder that cannot be listed is not gone; it is out of sight.
        let blocked = obstacles.map { $0.path + [47] }
        missing.removeAll { file in
            blocked.contains { file.path.starts(with: $0) || file.path + [47] == $0 }
        }
        let gone = missing.count { $0.state == .present }
        let damaged = counts.damaged - summary.damaged
        if !options.acceptsRemovals,
            options.removalLimit.isExceeded(rejected: gone + damaged, of: knownCount)
        {
            refused = RemovalsNotAccepted(
                source: source, gone: gone, damaged: damaged, known: knownCount,
                limit: options.removalLimit)
        } else {
            try ledger.transaction {
                for file in missing {
                    if file.state == .present {
                        try writer.markGone(file.path, on: .today)
                    } else {
                        try writer.forget(file.path)
                    }
                }
                if gone > 0 { try ledger.setMeta("content_digest", "") }
            }
            counts.gone += gone
        }
        summary = counts
        progress(counts)
    }

    /// Reads the files of a batch on all cores.
    private func read(_ batch: [SourceScan.Entry], with intake: FileIntake) throws
        -> [FileIntake.Outcome]
    {
        let results = Mutex<[FileIntake.Outcome?]>(Array(repeating: nil, count: batch.count))
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: batch.count) { index in
            guard failure.withLock({ $0 == nil }) else { return }
            do {
                let outcome = try intake.take(batch[index])
                results.withLock { $0[index] = outcome }
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return results.withLock { $0 }.compactMap { $0 }
    }

    /// Blobs first, then the rows that name them.
    private func commit(
        _ outcomes: [FileIntake.Outcome], _ ledger: Ledger, _ writer: LedgerWriter,
        _ summary: inout IngestSummary
    ) throws {
        let store = BlobStore(warehouse)
        try FileSystem.syncAll(holding: warehouse.temporaryPath)
        for blob in outcomes.flatMap(\.blobs) {
            try store.adopt(blob.temporaryPath, as: blob.digest)
        }
        // Once more for the names of the blobs.
        try FileSystem.syncAll(holding: warehouse.temporaryPath)
        try ledger.transaction {
            // Until this run ends nobody may take the ledger's content for what it was.
            try ledger.setMeta("content_digest", "")
            for outcome in outcomes {
                let previous = try writer.state(outcome.file.path)
                summary.bytesRead += outcome.blobs.isEmpty ? 0 : outcome.file.status.sizeBytes
                summary.warnings += outcome.file.warnings.count
                switch outcome.file.state {
                case .rejected: summary.rejected += 1
                case .ignored: summary.ignored += 1
                default:
                    if let song = outcome.file.song,
                        try writer.isHeldElsewhere(song, than: outcome.file.path)
                    {
                        summary.duplicate += 1
                    } else if previous == nil {
                        summary.new += 1
                    } else {
                        summary.changed += 1
                    }
                }
                // A file that was good and no longer is keeps its last good version in the
                // catalogue, and is looked at again next time.
                if previous == .present, outcome.file.state != .present {
                    summary.damaged += 1
                    try writer.warn(outcome.file.path, outcome.file.damage)
                    continue
                }
                if let song = outcome.song { try writer.save(song) }
                try writer.save(outcome.file)
            }
        }
    }

    /// A folder or file that the system refuses is a reject of its own.
    private func record(
        _ obstacles: [SourceScan.Obstacle], _ ledger: Ledger, _ writer: LedgerWriter,
        _ summary: inout IngestSummary
    ) throws {
        guard !obstacles.isEmpty else { return }
        try ledger.transaction {
            for obstacle in obstacles {
                var file = LedgerFile(
                    path: obstacle.path, state: .rejected,
                    status: FileStamp(sizeBytes: 0, modifiedNs: 0, changedNs: 0, inode: 0))
                file.reason = RejectReason.unreadable.rawValue
                file.detail = obstacle.error.description
                // A song that was read when it could be is kept as it was.
                if try writer.state(obstacle.path) != .present { try writer.save(file) }
                summary.seen += 1
                summary.rejected += 1
            }
        }
    }
}

extension LedgerFile {
    /// What has become of a file that was good.
    fileprivate var damage: String {
        let now = reason.map { "\($0): \(detail ?? "")" } ?? "no longer MPEG audio"
        return "\(IntakeWarning.sourceDamaged.rawValue): the last good version is kept; now \(now)"
    }
}
