internal import CLinux
internal import Glibc

/// A file without a name, for what does not fit into memory: gone with its owner, whatever happens.
package struct TemporaryFile: ~Copyable {
    private let raw: Int32
    private let folder: String

    /// - Parameter folder: On the file system that has room for it.
    package init(in folder: String) throws(FileError) {
        self.folder = folder
        // Not every file system has files that never had a name (open(2), O_TMPFILE).
        let opened = spindle_open(folder, 0o20_200_000 | O_RDWR | O_CLOEXEC, 0o600)
        if opened >= 0 {
            raw = opened
            return
        }
        let path = "\(folder)/\(getpid())-\(UInt64.random(in: 0...UInt64.max)).spill"
        raw = spindle_open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw FileError("create", path) }
        unlink(path)
    }

    deinit { close(raw) }

    package borrowing func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError)
    {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                raw, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("write a temporary file in", folder)
            }
            done += count
        }
    }

    /// Reads exactly what was written there.
    package borrowing func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(FileError)
    {
        var done = 0
        while done < bytes.count {
            let count = pread(
                raw, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if count <= 0 {
                if count < 0, errno == EINTR { continue }
                throw FileError(
                    "read a temporary file in", folder, code: count == 0 ? EIO : errno)
            }
            done += count
        }
    }

    /// What was written, as the kernel caches it; valid until it is unmapped.
    package borrowing func map(_ count: Int) throws(FileError) -> UnsafeRawBufferPointer {
        guard count > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let mapped = mmap(nil, count, PROT_READ, MAP_SHARED, raw, 0)
        guard mapped != MAP_FAILED else { throw FileError("map a temporary file in", folder) }
        return UnsafeRawBufferPointer(start: mapped, count: count)
    }

    package static func unmap(_ bytes: UnsafeRawBufferPointer) {
        if let start = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }
}
