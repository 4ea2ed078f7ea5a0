internal import Catalog
internal import Storage

/// Files on their way into the warehouse: blobs first, then the rows that name them.
///
/// A batch's bytes are synced, then its blobs get their names, then these are synced, and then its
/// rows are committed. All syncs but the last two go on while the next files are read, and one sync
/// serves two batches: the bytes of one and the names of the one before it.
struct CommitPipeline {
    struct Batch {
        let files: [(file: IngestRun.Arrived, known: LedgerWriter.Known?)]
        let writer: LedgerWriter
    }

    /// Its bytes are being synced.
    var unnamed: Batch?
    /// Its blobs have their names, which are being synced or will be with the next batch's bytes.
    var named: Batch?
    var sync: BackgroundSync?

    var isEmpty: Bool { unnamed == nil && named == nil }
}

extension IngestRun {
    /// Sends what was read on its way. What was on its way before may still be.
    func commitSoon(_ writer: LedgerWriter) throws {
        if pipeline.sync != nil { try advance() }
        let arrived = CommitPipeline.Batch(
            files: try batch.map { (file: $0, known: try writer.known($0.outcome.file.path)) },
            writer: writer)
        batch.removeAll(keepingCapacity: true)
        batchBytes = 0
        try discardDamaged(arrived)
        if pipeline.isEmpty, keptBlobs(arrived).isEmpty { return try record(arrived) }
        pipeline.unnamed = arrived
        pipeline.sync = BackgroundSync(holding: warehouse.temporaryPath)
    }

    /// Takes what is on its way a step further, where nobody has to wait for that.
    func commitFurther() throws {
        if pipeline.sync?.isDone == true { try advance() }
    }

    /// Commits what was read.
    func commit(_ writer: LedgerWriter) throws {
        if !batch.isEmpty { try commitSoon(writer) }
        try commitPipeline()
    }

    /// Commits what is on its way.
    func commitPipeline() throws {
        while !pipeline.isEmpty {
            if pipeline.sync == nil {
                pipeline.sync = BackgroundSync(holding: warehouse.temporaryPath)
            }
            try advance()
        }
    }

    /// Waits for the sync that goes on, and does what waited for it.
    private func advance() throws {
        try pipeline.sync?.wait()
        pipeline.sync = nil
        if let named = pipeline.named {
            try record(named)
            pipeline.named = nil
        }
        if let unnamed = pipeline.unnamed {
            let store = BlobStore(warehouse)
            let blobs = keptBlobs(unnamed)
            for (file, known) in unnamed.files { try countMended(file, known) }
            for blob in blobs { try store.adopt(blob.temporaryPath, as: blob.digest) }
            pool.noteNames(of: blobs)
        }
        pipeline.named = pipeline.unnamed
        pipeline.unnamed = nil
    }

    /// A file that was good keeps its last good version, and nothing of what it is now.
    private func discardDamaged(_ arrived: CommitPipeline.Batch) throws {
        for (file, known) in arrived.files where isDamaged(file.outcome.file, known) {
            for blob in file.outcome.blobs { try FileSystem.remove(blob.temporaryPath) }
        }
    }

    private func keptBlobs(_ arrived: CommitPipeline.Batch) -> [IntakeReply.PendingBlob] {
        arrived.files.filter { !isDamaged($0.file.outcome.file, $0.known) }
            .flatMap(\.file.outcome.blobs)
    }

    private func record(_ arrived: CommitPipeline.Batch) throws {
        try ledger.transaction {
            // Until this run ends nobody may take the ledger's content for what it was.
            try ledger.setMeta("content_digest", "")
            for (file, known) in arrived.files { try record(file, known, arrived.writer) }
        }
        progress(summary)
    }

    /// What is read again although it is as it was can only mend.
    private func countMended(_ arrived: Arrived, _ known: LedgerWriter.Known?) throws {
        let file = arrived.outcome.file
        guard options.rereads, file.state == .present, known?.state == .present,
            known?.stamp == file.status
        else { return }
        for blob in arrived.outcome.blobs where !mended.contains(blob.digest) {
            guard try !BlobStore(warehouse).isSound(blob.digest) else { continue }
            mended.insert(blob.digest)
            summary.sources[arrived.sourceIndex].counts.mended += 1
        }
    }

    private func isDamaged(_ file: LedgerFile, _ known: LedgerWriter.Known?) -> Bool {
        known?.state == .present && file.state != .present
    }

    private func record(_ arrived: Arrived, _ known: LedgerWriter.Known?, _ writer: LedgerWriter)
        throws
    {
        let file = arrived.outcome.file
        let index = arrived.sourceIndex
        summary.sources[index].counts.bytesRead += arrived.outcome.bytesRead
        if isDamaged(file, known) {
            summary.sources[index].counts.damaged += 1
            summary.sources[index].counts.warnings += 1
            count(file.state, index)
            // It is looked at again next time, as its row keeps its stamp.
            return try writer.warn(file.path, file.damage)
        }
        summary.sources[index].counts.warnings += file.warnings.count
        if file.state == .present, let song = file.song {
            try count(file, song, known, writer, index)
        } else {
            count(file.state, index)
        }
        if known != nil { try keepReplacedForAWhile(file, writer) }
        if let song = arrived.outcome.song { try writer.save(song) }
        try writer.save(file, tagsJSON: arrived.outcome.tagsJSON)
        if let old = known?.song?.digest, let song = file.song, song != old {
            try writer.renew(file.path)
        }
    }

    /// What is replaced is as young as a file that has just gone.
    private func keepReplacedForAWhile(_ file: LedgerFile, _ writer: LedgerWriter) throws {
        let store = BlobStore(warehouse)
        for digest in try writer.blobs(file.path) where digest != file.song { store.touch(digest) }
    }

    private func count(_ state: LedgerFile.State, _ index: Int) {
        if state == .rejected {
            summary.sources[index].counts.rejected += 1
        } else {
            summary.sources[index].counts.ignored += 1
        }
    }

    private func count(
        _ file: LedgerFile, _ song: Digest, _ known: LedgerWriter.Known?, _ writer: LedgerWriter,
        _ index: Int
    ) throws {
        let isSame = known?.song?.digest == song
        let isDuplicate =
            known?.state == .present && isSame
            ? false : try writer.isHeldElsewhere(song, than: file.path)
        let isNew =
            switch known?.state {
            case .present, .rejected, .ignored: false
            case .gone, .excluded, nil: true
            }
        if isDuplicate {
            summary.sources[index].counts.duplicate += 1
        } else if isNew {
            summary.sources[index].counts.new += 1
        } else if options.rereads, isSame, known?.state == .present, known?.stamp == file.status {
            summary.sources[index].counts.unchanged += 1
        } else {
            summary.sources[index].counts.changed += 1
        }
        guard mayHaveMoves else { return }
        if let known, let old = known.song?.digest, !isSame, known.state == .present {
            try changes.noteReplaced(old, added: known.added)
        }
        if isNew || !isSame {
            let kind: LedgerChanges.Arrival =
                isNew
                ? isDuplicate ? .newDuplicate : .new
                : isDuplicate ? .changedDuplicate : .changed
            try changes.noteArrival(summary.sources[index].path, file.path, song, kind)
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
