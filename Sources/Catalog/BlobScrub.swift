internal import Glibc
package import Storage

/// Reads blobs again and proves them against their names: what a disk has spoilt looks like any
/// other blob until somebody does.
///
/// A pass looks first whether every blob is there that the ledger names, and then reads folder after
/// folder, the one that was checked longest ago first. A run ends with its pass, or when its time is
/// up; the next one goes on. Blobs are immutable, so that no lock of the warehouse's is needed.
package struct BlobScrub {
    package struct Options: Sendable {
        /// Begins no further folder after so many minutes.
        package var limitMinutes: Int?
        package var clock: @Sendable () -> Timestamp = { .now }

        package init() {}
    }

    /// What a run did.
    package struct Summary: Equatable, Sendable {
        package var blobs = 0
        package var bytes = 0
        /// Blobs that were found bad earlier and are good or no longer needed.
        package var mended = 0
        /// Folders of the pass that are left.
        package var foldersLeft = 0
        /// Found, and more than the record keeps.
        package var unrecorded = 0

        package init() {}
    }

    private let warehouse: Warehouse
    private let store: BlobStore
    private let options: Options

    package init(_ warehouse: Warehouse, _ options: Options = Options()) {
        self.warehouse = warehouse
        self.options = options
        store = BlobStore(warehouse)
    }

    /// - Parameter progress: Told after each folder.
    /// - Throws: `FileError`, `DatabaseError`; what was checked before is on record.
    package func run(progress: (Summary) -> Void = { _ in }) throws -> (Summary, ScrubRecord) {
        var record = try ScrubRecord.read(warehouse)
        var summary = Summary()
        let started = options.clock()
        let end = options.limitMinutes.map { started.milliseconds + $0 * 60_000 }
        try checkFindings(&record, &summary)
        var saved = started
        if record.passStarted == nil || record.passFinished != nil {
            record.passStarted = started
            record.passFinished = nil
            try findMissing(&record, &summary)
            try record.write(to: warehouse)
        }
        let pass = record.passStarted ?? started
        var folders = try self.folders()
        record.folders = record.folders.filter { folders.contains($0.key) }
        // Never checked goes first, then the longest ago; names make it the same each time.
        folders = Set(
            folders.filter { name in record.folders[name].map { $0.checked < pass } ?? true })
        let queue = folders.sorted { a, b in
            let times = [a, b].map { record.folders[$0]?.checked.milliseconds ?? .min }
            return times[0] != times[1] ? times[0] < times[1] : a < b
        }
        summary.foldersLeft = queue.count
        for folder in queue {
            let now = options.clock()
            if let end, now.milliseconds >= end, summary.foldersLeft < queue.count { break }
            if now.milliseconds - saved.milliseconds > 30_000 {
                try record.write(to: warehouse)
                saved = now
            }
            try check(folder, &record, &summary)
            summary.foldersLeft -= 1
            progress(summary)
        }
        if summary.foldersLeft == 0 { record.passFinished = options.clock() }
        try record.write(to: warehouse)
        return (summary, record)
    }

    /// The folders that hold blobs, as "ab/cd".
    private func folders() throws -> Set<String> {
        guard FileSystem.exists(warehouse.blobsPath) else { return [] }
        var names: Set<String> = []
        for first in try FileSystem.list(warehouse.blobsPath) {
            for second in try FileSystem.list(warehouse.blobsPath + "/" + first) {
                names.insert(first + "/" + second)
            }
        }
        return names
    }

    private func check(_ folder: String, _ record: inout ScrubRecord, _ summary: inout Summary)
        throws
    {
        let checked = options.clock()
        var (blobs, bytes) = (0, 0)
        for name in try FileSystem.list(warehouse.blobsPath + "/" + folder).sorted() {
            guard let digest = Digest(hex: name) else { continue }
            let (problem, count) = try check(digest)
            // Removed since the folder was listed.
            if problem == .missing { continue }
            blobs += 1
            bytes += count
            note(digest, problem, &record, &summary)
        }
        summary.blobs += blobs
        summary.bytes += bytes
        record.folders[folder] = .init(checked: checked, blobs: blobs, bytes: bytes)
    }

    private func note(
        _ digest: Digest, _ problem: ScrubRecord.Problem?, _ record: inout ScrubRecord,
        _ summary: inout Summary
    ) {
        guard let problem else {
            record.findings[digest] = nil
            return
        }
        guard record.findings[digest] != nil || record.findings.count < ScrubRecord.maximumFindings
        else {
            summary.unrecorded += 1
            return
        }
        let found = record.findings[digest]?.found ?? options.clock()
        record.findings[digest] = .init(problem: problem, found: found)
    }

    /// What was bad may have been mended, or removed with the files that needed it.
    private func checkFindings(_ record: inout ScrubRecord, _ summary: inout Summary) throws {
        guard !record.findings.isEmpty else { return }
        var sizes: [Digest: Int] = [:]
        try forEachNamed {
            if record.findings[$0.digest] != nil { sizes[$0.digest] = $0.sizeBytes }
        }
        for digest in record.findings.keys.sorted() {
            var (problem, bytes) = try check(digest)
            if problem == nil, let size = sizes[digest], size != bytes { problem = .wrongSize }
            if problem == .missing, sizes[digest] == nil { problem = nil }
            if problem == nil { summary.mended += 1 }
            note(digest, problem, &record, &summary)
        }
    }

    private func findMissing(_ record: inout ScrubRecord, _ summary: inout Summary) throws {
        try forEachNamed { blob in
            guard let status = try FileStatus.of(store.path(blob.digest)) else {
                return note(blob.digest, .missing, &record, &summary)
            }
            if status.sizeBytes != blob.sizeBytes {
                note(blob.digest, .wrongSize, &record, &summary)
            }
        }
    }

    private func forEachNamed(_ body: (NamedBlobs.Blob) throws -> Void) throws {
        guard FileSystem.exists(warehouse.ledgerPath) else { return }
        try NamedBlobs(Ledger(warehouse, .readOnly)).forEach(body)
    }

    /// - Returns: What is wrong, and how many bytes were read.
    private func check(_ digest: Digest) throws -> (ScrubRecord.Problem?, bytes: Int) {
        do throws(FileError) {
            let (found, bytes) = try hash(store.path(digest))
            return (found == digest ? nil : .rotten, bytes)
        } catch {
            if error.isMissing { return (.missing, 0) }
            // Of these the blob is to blame, of others the machine or who runs this.
            guard [EIO, ENODATA, EISDIR].contains(error.code) else { throw error }
            return (.unreadable, 0)
        }
    }

    private func hash(_ path: String) throws(FileError) -> (Digest, bytes: Int) {
        let file = try FileDescriptor(path, .read)
        // What lies in memory may be sound while the disk's copy is not, and what is read once must
        // not push out what listeners need.
        posix_fadvise(file.raw, 0, 0, POSIX_FADV_DONTNEED)
        defer { posix_fadvise(file.raw, 0, 0, POSIX_FADV_DONTNEED) }
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { space.deallocate() }
        var hash = SHA256()
        var offset = 0
        while true {
            let count = try file.read(into: space, at: offset)
            if count == 0 { return (hash.finish(), offset) }
            hash.update(UnsafeRawBufferPointer(rebasing: space[..<count]))
            offset += count
        }
    }
}
