internal import CLinux
internal import Glibc

/// An open file, closed by its one owner.
package struct FileDescriptor: ~Copyable {
    package let raw: Int32
    package let path: String

    package enum Access {
        case read
        /// Fails when the file exists.
        case createNew
        case append
    }

    package init(_ path: String, _ access: Access) throws(FileError) {
        let flags =
            switch access {
            case .read: O_RDONLY | O_CLOEXEC
            case .createNew: O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
            case .append: O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
            }
        let opened = spindle_open(path, flags, 0o644)
        guard opened >= 0 else {
            throw FileError(access == .read ? "open" : "create", path)
        }
        raw = opened
        self.path = path
    }

    /// Opens a file for reading whose name need not be UTF-8. What is no regular file, a pipe say,
    /// neither blocks nor becomes the terminal of this process.
    package init(pathBytes: [UInt8]) throws(FileError) {
        let shown = String(decoding: pathBytes, as: UTF8.self)
        let opened = (pathBytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                spindle_open($0.baseAddress, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
            }
        }
        guard opened >= 0 else { throw FileError("open", shown) }
        raw = opened
        path = shown
    }

    deinit { close(raw) }

    /// Reads up to the buffer's size at `offset`; fewer bytes only at the file's end.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(FileError) -> Int
    {
        var done = 0
        while done < buffer.count {
            let count = pread(
                raw, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("read", path)
            }
            done += count
        }
        return done
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(raw, bytes.baseAddress! + done, bytes.count - done)
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("write", path)
            }
            done += count
        }
    }

    /// Leaves a hole of so many zeros, where nothing was before; `truncate` gives the file its size
    /// when that is its end.
    package func skip(_ count: Int) throws(FileError) {
        guard lseek(raw, off_t(count), SEEK_CUR) >= 0 else { throw FileError("seek", path) }
    }

    package func truncate(to sizeBytes: Int) throws(FileError) {
        guard ftruncate(raw, off_t(sizeBytes)) == 0 else { throw FileError("truncate", path) }
    }

    /// Returns when the file's bytes are on the device.
    package func sync() throws(FileError) {
        guard fsync(raw) == 0 else { throw FileError("sync", path) }
    }

    package func status() throws(FileError) -> FileStatus {
        var info = stat()
        guard fstat(raw, &info) == 0 else { throw FileError("stat", path) }
        return FileStatus(info)
    }
}
