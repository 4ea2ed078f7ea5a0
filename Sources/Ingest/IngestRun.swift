internal import Catalog
internal import Glibc
internal import Storage

/// One run of an `Importer`: its sources one after another, and then what is missing from all.
final class IngestRun {
    let warehouse: Warehouse
    let options: Importer.Options
    let ledger: Ledger
    let changes: LedgerChanges
    let date: CalendarDate
    var summary = IngestSummary()
    /// Sources that could not be taken, or whose missing files were not accepted.
    var failures: [any Diagnosed] = []
    let sources: [IngestSource]
    let progress: (IngestSummary) -> Void
    let fingerprint = SourceFingerprint()
    let pool: IntakePool
    private let boundary: ScanBoundary
    /// A connection of its own: it sees what is committed, whatever is being written.
    let reading: Ledger
    /// Whether anything was known before: otherwise nothing can have moved.
    let mayHaveMoves: Bool
    var batch: [Arrived] = []
    var batchBytes = 0
    var pipeline = CommitPipeline()
    /// Blobs that the warehouse had lost or spoilt, and has again.
    var mended: Set<Digest> = []
    /// Known files of the source at hand that were listed and then not there to be read.
    private var vanished: [[UInt8]] = []

    /// A file that was read, and waits to be committed with others.
    struct Arrived {
        var outcome: IntakeReply.Outcome
        let sourceIndex: Int
    }

    /// What a source's folder was when it was scanned.
    private struct Scanned {
        let source: IngestSource
        var known = 0
        var seen = 0
        let isWhole: Bool
        var fileSystem: UInt?
        var mounts: MountPoints
    }

    init(
        _ importer: Importer, _ ledger: Ledger, date: CalendarDate,
        progress: @escaping (IngestSummary) -> Void
    ) throws {
        warehouse = importer.warehouse
        options = importer.options
        sources = importer.sources
        boundary = ScanBoundary(importer.warehouse, importer.sources + importer.otherSources)
        self.ledger = ledger
        self.date = date
        self.progress = progress
        reading = try Ledger(importer.warehouse, .readOnly)
        changes = try LedgerChanges(ledger)
        mayHaveMoves = try !ledger.counts().files.isEmpty
        pool = IntakePool(warehouse, options)
    }

    func take(_ scope: Importer.Scope) throws {
        var scanned: [Scanned] = []
        for source in sources {
            let paths: [[UInt8]]?
            switch scope {
            case .everything: paths = nil
            case .paths(let bySource):
                guard let own = bySource[source.path] else { continue }
                paths = own
            }
            summary.sources.append(.init(path: source.path, counts: IngestCounts()))
            if source.isDescribed {
                try ledger.describe(
                    source: source.path, owner: source.owner, region: source.region)
            }
            if let result = try scan(source, paths) { scanned.append(result) }
        }
        try ledger.transaction {
            for move in try changes.resolveMoves() { count(move) }
            for correction in try changes.resolveReplaced() { count(correction) }
        }
        for result in scanned { try acceptMissing(result) }
        progress(summary)
    }

    /// Gives up what was written and not committed.
    func abandon() {
        pool.abandon()
        let own = "\(getpid())-intake-"
        for name in (try? FileSystem.list(warehouse.temporaryPath)) ?? []
        where name.hasPrefix(own) {
            try? FileSystem.remove(warehouse.temporaryPath + "/" + name)
        }
    }

    // MARK: One source

    /// - Parameter paths: nil for the whole source.
    /// - Returns: nil when the folder is missing.
    private func scan(_ source: IngestSource, _ paths: [[UInt8]]?) throws -> Scanned? {
        let writer = try LedgerWriter(ledger, source: source.path, date: date)
        do {
            return try scan(source, paths, writer)
        } catch let stopped as IngestStopped {
            // What was read so far is not read again.
            try commit(writer)
            throw stopped
        }
    }

    private func scan(_ source: IngestSource, _ paths: [[UInt8]]?, _ writer: LedgerWriter) throws
        -> Scanned?
    {
        let isWhole = paths?.contains([]) ?? true
        var result = Scanned(
            source: source, isWhole: isWhole, mounts: MountPoints(source.path))
        let index = summary.sources.count - 1
        var scan = SourceScan(
            root: source.path, filter: source.filter, avoiding: boundary.avoided(by: source))
        scan.crossing = { result.mounts.add($0) }
        scan.avoiding = { [boundary] path, folder in
            guard boundary.isOfWarehouse(folder) else { return }
            self.summary.notes.append(
                """
                \(source.path)/\(String(decoding: path, as: UTF8.self)): leads into the warehouse, \
                whose blobs are no songs; not followed
                """)
        }
        let before = Self.identity(of: source)
        vanished = []
        let walk = SourceWalk(source, paths)
        var obstacles: [SourceScan.Obstacle] = []
        // Folders that cannot be listed: what lies below is not gone; it is out of sight.
        var blocked: Set<[UInt8]> = []

        for path in walk.starts {
            let known = try KnownFiles(reading, source: source.path, below: path)
            func passMissing(before path: [UInt8]?) throws {
                while let next = known.current,
                    path.map({ next.path.lexicographicallyPrecedes($0) }) ?? true
                {
                    result.known += next.state == .present ? 1 : 0
                    if !walk.isBelow(blocked, next.path) {
                        let isLeftOut = !source.filter.includes(next.path)
                        try changes.noteMissing(
                            source.path, next.path, isLeftOut ? .excluded : .gone)
                    }
                    try known.advance()
                }
            }
            func see(_ entry: SourceScan.Entry) throws {
                if options.isStopping?() == true { throw IngestStopped() }
                try passMissing(before: entry.path)
                fingerprint.add(source.path, entry)
                summary.sources[index].counts.seen += 1
                result.seen += 1
                var isKnown = false
                if let next = known.current, next.path == entry.path {
                    isKnown = true
                    result.known += next.state == .present ? 1 : 0
                    try known.advance()
                    if isUnchanged(next, FileStamp(entry.status)) {
                        return count(unchanged: next.state, index)
                    }
                }
                let held = isKnown && !options.rereads ? try writer.known(entry.path)?.song : nil
                try pool.submit(entry, root: source.path, knownAudio: held) {
                    try deliver($0, $1, source, index, writer)
                }
            }
            let meet = { (obstacle: SourceScan.Obstacle) in
                self.fingerprint.add(source.path, obstacle)
                blocked.insert(obstacle.path)
                // Listed and not there to be entered; a link through a file is another thing.
                if obstacle.error.code == ENOENT {
                    self.summary.sources[index].counts.vanished += 1
                } else {
                    obstacles.append(obstacle)
                }
            }
            do {
                let passed =
                    if let path {
                        try scan.forEach(below: path, see, obstacle: meet)
                    } else {
                        try scan.forEach(see, obstacle: meet)
                    }
                summary.sources[index].counts.excluded += passed.excluded
                summary.sources[index].counts.irregular += passed.irregular
                summary.sources[index].counts.vanished += passed.vanished
            } catch let error as FileError where path == nil && error.path == source.path {
                // The source folder itself: nothing is known of its files.
                failures.append(error)
                return nil
            }
            try passMissing(before: nil)
        }
        try pool.finish { try deliver($0, $1, source, index, writer) }
        try commit(writer)
        try record(obstacles, writer, index)
        if isWhole { summary.sources[index].known = result.known }
        let lost = summary.sources[index].counts.vanished
        let isReplaced = before != Self.identity(of: source)
        if isReplaced || Self.isAlarming(lost, of: result.seen) {
            failures.append(
                SourceDroppedOut(source: source.path, vanished: lost, isReplaced: isReplaced))
            try changes.forgetMissing(from: source.path)
            return nil
        }
        try noteVanished(source, lost)
        if result.isWhole { result.fileSystem = MountPoints.fileSystem(of: source.path) }
        return result
    }

    /// The folder itself, so that another one in its place is noticed: a mount point without its
    /// disk, or what was renamed.
    private static func identity(of source: IngestSource) -> [UInt64]? {
        guard !source.path.isEmpty, let status = try? FileStatus.of(source.path) else { return nil }
        return [status.device, status.inode]
    }

    /// People delete single files and folders at any time; so many at once go with their disk.
    private static func isAlarming(_ vanished: Int, of seen: Int) -> Bool {
        vanished > 100 || vanished > 10 && vanished * 20 > seen
    }

    /// What has vanished for good is gone; what has come back is left for the next run.
    private func noteVanished(_ source: IngestSource, _ count: Int) throws {
        guard count > 0 else { return }
        for path in vanished {
            let absolute = Array(source.path.utf8) + [47] + path
            if (try? FileStatus.of(bytes: absolute))??.kind != .file {
                try changes.noteMissing(source.path, path, .gone)
            }
        }
        summary.notes.append(
            """
            \(source.path): \(count) files or folders vanished between being listed and being \
            read; the next run looks again
            """)
    }

    /// Whether a file needs no reading.
    func isUnchanged(_ known: KnownFiles.File, _ stamp: FileStamp) -> Bool {
        guard known.stamp == stamp, known.state != .excluded, !options.rereads else {
            return false
        }
        // What could not be read may be readable now; its stamp would not tell.
        return known.reason != RejectReason.unreadable.rawValue
            && known.reason != RejectReason.changedWhileRead.rawValue
    }

    func count(unchanged state: LedgerFile.State, _ index: Int) {
        switch state {
        case .rejected: summary.sources[index].counts.rejected += 1
        case .ignored: summary.sources[index].counts.ignored += 1
        default: summary.sources[index].counts.unchanged += 1
        }
    }

    func deliver(
        _ entry: SourceScan.Entry, _ reply: IntakeReply, _ source: IngestSource, _ index: Int,
        _ writer: LedgerWriter
    ) throws {
        switch reply {
        case .fault(let error): throw error
        case .vanished:
            summary.sources[index].counts.seen -= 1
            summary.sources[index].counts.vanished += 1
            fingerprint.addVanished(source.path, entry.path)
            // More than that are alarming, and then none is marked gone.
            if vanished.count <= 100, try writer.known(entry.path) != nil {
                vanished.append(entry.path)
            }
        case .outcome(let outcome):
            batch.append(Arrived(outcome: outcome, sourceIndex: index))
            batchBytes += outcome.bytesRead
            if batch.count >= Self.batchFiles || batchBytes >= Self.batchBytes {
                try commitSoon(writer)
            } else {
                try commitFurther()
            }
        }
    }

    private static let batchFiles = 512
    /// Small, so that the device is never idle for long and little is left to be synced at the end.
    private static let batchBytes = 128 << 20

    /// A folder or file that the system refuses is a reject of its own.
    private func record(
        _ obstacles: [SourceScan.Obstacle], _ writer: LedgerWriter, _ index: Int
    ) throws {
        guard let first = obstacles.first else { return }
        summary.notes.append(
            """
            \(summary.sources[index].path): the system refuses \(obstacles.count) files or folders; \
            what was known below them is kept as it was (first: \(first.error.description))
            """)
        try ledger.transaction {
            for obstacle in obstacles {
                let stamp = FileStamp(sizeBytes: 0, modifiedNs: 0, changedNs: 0, inode: 0)
                // A song that was read when it could be is kept as it was.
                if try writer.known(obstacle.path)?.state != .present {
                    try writer.save(
                        .rejected(obstacle.path, stamp, .unreadable, obstacle.error.description))
                }
                summary.sources[index].counts.seen += 1
                summary.sources[index].counts.rejected += 1
            }
        }
    }

    // MARK: What is missing

    private func count(_ move: LedgerChanges.Move) {
        guard let index = summary.sources.firstIndex(where: { $0.path == move.source }) else {
            preconditionFailure("a file arrived in no source")
        }
        summary.sources[index].counts.moved += 1
        uncount(move.was, index)
    }

    private func count(_ correction: LedgerChanges.Correction) {
        let index = summary.sources.firstIndex { $0.path == correction.source }!
        uncount(correction.was, index)
        if correction.isMove {
            summary.sources[index].counts.moved += 1
        } else if correction.was.isNew {
            summary.sources[index].counts.new += 1
        } else {
            summary.sources[index].counts.changed += 1
        }
    }

    private func uncount(_ arrival: LedgerChanges.Arrival, _ index: Int) {
        switch arrival {
        case .newDuplicate, .changedDuplicate: summary.sources[index].counts.duplicate -= 1
        case .new: summary.sources[index].counts.new -= 1
        case .changed: summary.sources[index].counts.changed -= 1
        }
    }

    private func acceptMissing(_ scanned: Scanned) throws {
        let path = scanned.source.path
        guard let index = summary.sources.firstIndex(where: { $0.path == path }) else { return }
        let missing = try changes.missing(from: path)
        let damaged = summary.sources[index].counts.damaged
        let key = "ingest.file_system \(path)"
        let mountsKey = "ingest.mounts \(path)"
        let lost = missing.gone + missing.excluded + damaged
        if !options.acceptsRemovals, lost > 0 {
            // Of a few paths all may go: what counts is how much of the source they are.
            let known =
                scanned.isWhole
                ? scanned.known : try ledger.sources().first { $0.source == path }?.files ?? 0
            let why: RemovalsNotAccepted.Why? =
                if options.removalLimit.isExceeded(rejected: lost, of: known) {
                    .limit(options.removalLimit)
                } else if scanned.isWhole, scanned.seen == 0, missing.gone > 0 {
                    .empty
                } else if missing.gone > 0, let now = scanned.fileSystem,
                    let last = try ledger.meta(key), last != "\(now)"
                {
                    .otherFileSystem
                } else if missing.gone > 0, scanned.isWhole,
                    let lost = try scanned.mounts.lost(since: ledger.meta(mountsKey) ?? "")
                        .first(where: { try changes.hasMissing(from: path, below: $0) })
                {
                    .unmounted(path + "/" + lost)
                } else {
                    nil
                }
            if let why {
                failures.append(
                    RemovalsNotAccepted(
                        source: path, gone: missing.gone, damaged: damaged,
                        excluded: missing.excluded, known: known, why: why))
                return
            }
        }
        try ledger.transaction {
            try changes.markMissing(from: path, on: .today)
            if missing != .init() { try ledger.setMeta("content_digest", "") }
            if let now = scanned.fileSystem, try ledger.meta(key) != "\(now)" {
                try ledger.setMeta(key, "\(now)")
            }
            let mounts = scanned.mounts.text
            if scanned.isWhole, try ledger.meta(mountsKey) ?? "" != mounts {
                try ledger.setMeta(mountsKey, mounts)
            }
        }
        summary.sources[index].counts.gone += missing.gone
    }
}

/// Where in a source a run looks.
private struct SourceWalk {
    /// nil stands for all of it.
    let starts: [[UInt8]?]

    init(_ source: IngestSource, _ paths: [[UInt8]]?) {
        guard let paths, !paths.contains([]) else {
            starts = [nil]
            return
        }
        let sorted = Set(paths).sorted { $0.lexicographicallyPrecedes($1) }
        let named = Set(sorted)
        // What lies below another one that is named is seen there.
        starts = sorted.filter { path in
            !path.indices.contains { path[$0] == 47 && named.contains(Array(path[..<$0])) }
        }
    }

    func isBelow(_ folders: Set<[UInt8]>, _ path: [UInt8]) -> Bool {
        guard !folders.isEmpty else { return false }
        return folders.contains(path)
            || path.indices.contains { path[$0] == 47 && folders.contains(Array(path[..<$0])) }
    }
}
