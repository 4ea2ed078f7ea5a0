internal import Catalog
internal import Glibc
internal import Storage

extension IngestRun {
    /// Takes the members of an archive as files of the one source.
    ///
    /// Each is written into the warehouse's temporary folder, under a number and not its name, and
    /// read there by a worker like any file. Nothing is marked gone: an archive is what came in,
    /// not all that there is.
    func take(_ stream: TarStream) throws {
        precondition(sources.count == 1)
        let source = sources[0]
        summary.sources.append(.init(path: source.path, counts: IngestCounts()))
        let intake = ArchiveIntake(
            self, source, writer: try LedgerWriter(ledger, source: source.path, date: date))
        do {
            try stream.open()
            while let member = try stream.next() { try intake.take(member, of: stream) }
        } catch let error as FormatError where summary.seen == 0 {
            failures.append(
                FormatError(
                    error.path, "\(error.detail); nothing of it was taken",
                    hint: error.hint ?? "fetch the archive again"))
        } catch let error as FormatError {
            failures.append(
                FormatError(
                    error.path,
                    "\(error.detail); the \(summary.seen) members before that are kept",
                    hint: "fetch the archive again; what was taken is not read a second time"))
        }
        try intake.finish()
        progress(summary)
    }
}

/// The members of one archive on their way to the workers.
private final class ArchiveIntake {
    private let run: IngestRun
    private let source: IngestSource
    private let writer: LedgerWriter
    /// By path, what was handed over and is not committed yet: its stamp and where it lies.
    private var pending: [[UInt8]: (stamp: FileStamp, place: String)] = [:]
    private var pendingBytes = 0
    private var spooled = 0
    /// Hashes of the names that this archive has brought: one name may stand for several files, of
    /// one size and time where the archive was made to be reproducible.
    private var brought: Set<Int> = []

    private static let pendingLimit = 512
    private static let pendingBytesLimit = 64 << 20
    /// No audio file is so large; the header of a sparse member can claim any size.
    private static let memberBytesLimit = 64 << 30

    init(_ run: IngestRun, _ source: IngestSource, writer: LedgerWriter) {
        self.run = run
        self.source = source
        self.writer = writer
    }

    func take(_ member: TarStream.Member, of stream: TarStream) throws {
        switch member.kind {
        case .directory: return
        case .hardLink, .other:
            guard includes(member.path) else { return }
            run.summary.sources[0].counts.seen += 1
            run.summary.sources[0].counts.ignored += 1
            run.summary.hardLinks += member.kind == .hardLink ? 1 : 0
        case .file:
            guard includes(member.path) else { return }
            try take(file: member, of: stream)
        }
    }

    /// Waits for the workers and commits what they have read.
    func finish() throws {
        try run.pool.finish { try deliver($0, $1) }
        try run.commit(writer)
        pending.removeAll(keepingCapacity: true)
    }

    private func includes(_ path: [UInt8]) -> Bool {
        let isIncluded = source.filter.includes(path)
        run.summary.sources[0].counts.excluded += isIncluded ? 0 : 1
        return isIncluded
    }

    private func take(file member: TarStream.Member, of stream: TarStream) throws {
        // The last of several members of one name counts, and comes after the others.
        if pending[member.path] != nil || pending.count >= Self.pendingLimit
            || pendingBytes + member.sizeBytes > Self.pendingBytesLimit && pendingBytes > 0
        {
            try finish()
        }
        let stamp = FileStamp(
            sizeBytes: member.sizeBytes, modifiedNs: member.modifiedNs, changedNs: 0, inode: 0)
        let known = try KnownFiles(run.reading, source: source.path, below: member.path).current
        let isKnown = known?.path == member.path
        let isFirst = brought.insert(member.path.hashValue).inserted
        if let known, isKnown, isFirst, run.isUnchanged(known, stamp) {
            run.summary.sources[0].counts.seen += 1
            return run.count(unchanged: known.state, 0)
        }
        guard member.sizeBytes <= Self.memberBytesLimit else {
            run.summary.sources[0].counts.seen += 1
            run.summary.sources[0].counts.rejected += 1
            guard known?.state != .present || !isKnown else { return }
            return try run.ledger.transaction {
                try run.ledger.setMeta("content_digest", "")
                try writer.save(
                    .rejected(
                        member.path, stamp, .unreadable,
                        "the archive claims \(member.sizeBytes) bytes for it"))
            }
        }
        let place = try spool(member, of: stream)
        let status = try FileStatus.of(place)
        guard let status else { throw FileError("open", place, code: ENOENT) }
        run.summary.sources[0].counts.seen += 1
        pending[member.path] = (stamp, place)
        pendingBytes += member.sizeBytes
        let held = isKnown && !run.options.rereads ? try writer.known(member.path)?.song : nil
        try run.pool.submit(
            SourceScan.Entry(path: member.path, status: status), root: source.path,
            at: Array(place.utf8), knownAudio: held
        ) { try deliver($0, $1) }
    }

    /// - Returns: Where the member's content lies; nothing when it is not whole.
    private func spool(_ member: TarStream.Member, of stream: TarStream) throws -> String {
        spooled += 1
        let place = "\(run.warehouse.temporaryPath)/\(getpid())-intake-member-\(spooled)"
        do {
            let sink = try FileDescriptor(place, .createNew)
            try stream.write(member, to: sink)
        } catch {
            try? FileSystem.remove(place)
            throw error
        }
        return place
    }

    private func deliver(_ entry: SourceScan.Entry, _ reply: IntakeReply) throws {
        guard let (stamp, place) = pending[entry.path] else {
            preconditionFailure("a member that was not handed over")
        }
        try FileSystem.remove(place)
        pendingBytes -= stamp.sizeBytes
        var reply = reply
        switch reply {
        case .vanished: throw FileError("open", place, code: ENOENT)
        case .fault: break
        case .outcome(var outcome):
            // The archive's, not those of the copy.
            outcome.file.status = stamp
            reply = .outcome(outcome)
        }
        try run.deliver(entry, reply, source, 0, writer)
    }
}
