internal import CLinux
internal import Glibc
package import Storage
internal import Synchronization

/// The append-only log of plays: `<folder>/date=YYYY-MM-DD/spindled-<host>.ndjson`.
///
/// The date is the UTC day of writing. A batch is one write(2) with O_APPEND; a line is in the
/// file whole or not at all, also when the disk is full. Durable after the next `sync`.
package final class PlayLog: Sendable {
    private struct OpenFile {
        let date: CalendarDate
        let descriptor: Int32
        var needsSync = false
    }

    package let directory: String
    private let fileName: String
    private let file = Mutex<OpenFile?>(nil)

    /// Makes the folder and today's file, so that what is wrong with either shows at the start.
    ///
    /// - Throws: `FileError`.
    package init(directory: String, host: String = PlayLog.hostName, now: Timestamp = .now) throws {
        self.directory = directory
        fileName = "spindled-\(host).ndjson"
        try file.withLock { file in
            file = try open(now.date)
        }
    }

    deinit { try? close() }

    /// - Throws: `FileError`; the batch is then not in the log.
    package func append(_ lines: [UInt8], now: Timestamp) throws {
        guard !lines.isEmpty else { return }
        try file.withLock { file in
            if file?.date != now.date || Self.isUnlinked(file) {
                try Self.close(&file)
                file = try open(now.date)
            }
            guard let descriptor = file?.descriptor else { return }
            try append(lines, to: descriptor, path: path(now.date))
            file?.needsSync = true
        }
    }

    /// Returns when everything appended is on the device.
    package func sync() throws {
        // fsync can take long; the plays that come in meanwhile must not wait for it, so it works
        // on a descriptor of its own.
        let descriptor = file.withLock { file -> Int32 in
            guard file?.needsSync == true, let descriptor = file?.descriptor else { return -1 }
            file?.needsSync = false
            return fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        }
        guard descriptor >= 0 else { return }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            let error = FileError("sync", directory)
            file.withLock { $0?.needsSync = true }
            throw error
        }
    }

    package func close() throws {
        try file.withLock { try Self.close(&$0) }
    }

    // MARK: Private

    private func path(_ date: CalendarDate) -> String { "\(directory)/date=\(date)/\(fileName)" }

    private func open(_ date: CalendarDate) throws(FileError) -> OpenFile {
        let path = path(date)
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        // Readable as well: the last byte tells whether the last line is whole.
        let descriptor = spindle_open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("open", path) }
        return OpenFile(date: date, descriptor: descriptor)
    }

    private func append(_ lines: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
        // A second daemon on this host writes to the same file; the lock makes what is below sound.
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw FileError("lock", path) }
        }
        defer { _ = flock(descriptor, LOCK_UN) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw FileError("stat", path) }
        let end = info.st_size
        var batch = lines
        if end > 0, !Self.endsWithNewline(descriptor, end) {
            // A daemon died in the middle of a line. It stays as it is, for the plays stage to
            // reject, and ours begins on a line of its own.
            batch.insert(UInt8(ascii: "\n"), at: 0)
        }
        var done = 0
        while done < batch.count {
            let count = batch.withUnsafeBytes {
                write(descriptor, $0.baseAddress! + done, $0.count - done)
            }
            if count > 0 {
                done += count
                continue
            }
            if count < 0, errno == EINTR { continue }
            let error = FileError("append to", path, code: count == 0 ? ENOSPC : errno)
            // What got in of an incomplete batch is taken out again: the client is told that
            // nothing was kept and sends all of it once more. Should that fail too, the check for
            // the line feed above keeps the next line apart.
            if done > 0 { _ = ftruncate(descriptor, end) }
            throw error
        }
    }

    private static func endsWithNewline(_ descriptor: Int32, _ size: Int) -> Bool {
        var last: UInt8 = 0
        return pread(descriptor, &last, 1, size - 1) == 1 && last == UInt8(ascii: "\n")
    }

    /// Somebody moved the day's file away or removed it, so that what is written is lost to sight.
    private static func isUnlinked(_ file: OpenFile?) -> Bool {
        guard let file else { return true }
        var info = stat()
        return fstat(file.descriptor, &info) != 0 || info.st_nlink == 0
    }

    private static func close(_ file: inout OpenFile?) throws(FileError) {
        guard let open = file else { return }
        file = nil
        defer { _ = Glibc.close(open.descriptor) }
        guard !open.needsSync || fsync(open.descriptor) == 0 else {
            throw FileError("sync", "the play log")
        }
    }

    /// This machine's name, as far as it can stand in a file's name.
    package static var hostName: String {
        let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            gethostname(buffer.baseAddress!, 255) == 0 ? String(cString: buffer.baseAddress!) : ""
        }
        let safe = name.filter {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".")
        }
        return safe.isEmpty ? "localhost" : String(safe.prefix(64))
    }
}
