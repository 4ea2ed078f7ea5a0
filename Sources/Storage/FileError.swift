internal import Glibc

/// A file operation that the system refused: which one, where, why, and what to do about it.
package struct FileError: Error, CustomStringConvertible {
    package let operation: String
    package let path: String
    /// errno(3).
    package let code: Int32

    package init(_ operation: String, _ path: String, code: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

    package var description: String {
        "\(path): cannot \(operation): \(String(cString: strerror(code)))"
    }

    package var hint: String? {
        switch code {
        case ENOENT, ENOTDIR: "check the path, and that the disk it is on is mounted"
        case EISDIR: "a folder is where a file should be: name a file, or move the folder away"
        case EFBIG: "raise the limit on the size of files (ulimit -f)"
        case ENOSPC, EDQUOT:
            "free some space on this file system, then run the same command again; nothing is half-written"
        case EACCES, EPERM, EROFS: "check owner and mode of the file and its folder"
        case EMFILE, ENFILE: "raise the limit on open files (ulimit -n)"
        default: nil
        }
    }
}

/// Something on disk that is not what Spindle wrote or what a format asks for.
package struct FormatError: Error, CustomStringConvertible {
    package let path: String
    package let detail: String
    package let hint: String?

    package init(_ path: String, _ detail: String, hint: String? = nil) {
        self.path = path
        self.detail = detail
        self.hint = hint
    }

    package var description: String { "\(path): \(detail)" }
}
