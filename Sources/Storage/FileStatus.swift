package import Glibc

/// What stat(2) says of a file, as far as it decides whether the file has changed.
package struct FileStatus: Equatable, Sendable {
    package enum Kind: Sendable { case file, directory, symbolicLink, other }

    package let kind: Kind
    package let sizeBytes: Int
    /// Last change of the content, in nanoseconds since 1970.
    package let modifiedNs: Int
    /// Last change of the inode; unlike the former nobody can set it back.
    package let changedNs: Int
    package let device: UInt64
    package let inode: UInt64
    package let linkCount: Int

    package init(_ info: stat) {
        kind =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        sizeBytes = Int(info.st_size)
        modifiedNs = info.st_mtim.tv_sec * 1_000_000_000 + info.st_mtim.tv_nsec
        changedNs = info.st_ctim.tv_sec * 1_000_000_000 + info.st_ctim.tv_nsec
        device = UInt64(info.st_dev)
        inode = UInt64(info.st_ino)
        linkCount = Int(info.st_nlink)
    }

    /// - Returns: nil when nothing is there.
    /// - Throws: `FileError` when the system will not say.
    package static func of(_ path: String, followLinks: Bool = true) throws(FileError)
        -> FileStatus?
    {
        var info = stat()
        let result = fstatat(AT_FDCWD, path, &info, followLinks ? 0 : AT_SYMLINK_NOFOLLOW)
        guard result == 0 else {
            let error = FileError("stat", path)
            if error.isMissing { return nil }
            throw error
        }
        return FileStatus(info)
    }

    /// The same for a name that need not be UTF-8; links are followed.
    package static func of(bytes path: [UInt8]) throws(FileError) -> FileStatus? {
        var info = stat()
        let result = (path + [0]).withUnsafeBufferPointer {
            $0.withMemoryRebound(to: CChar.self) { fstatat(AT_FDCWD, $0.baseAddress!, &info, 0) }
        }
        guard result == 0 else {
            let error = FileError("stat", String(decoding: path, as: UTF8.self))
            if error.isMissing { return nil }
            throw error
        }
        return FileStatus(info)
    }
}
