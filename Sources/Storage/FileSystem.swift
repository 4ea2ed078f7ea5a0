internal import CLinux
internal import Glibc

/// The handful of operations on paths that Spindle needs, each throwing `FileError`.
package enum FileSystem {
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes the folder and those above it.
    package static func makeDirectories(_ path: String) throws(FileError) {
        if mkdir(path, 0o755) == 0 { return }
        switch errno {
        case EEXIST:
            guard try FileStatus.of(path)?.kind == .directory else {
                throw FileError("make folder", path, code: ENOTDIR)
            }
        case ENOENT where parent(of: path) != path:
            try makeDirectories(parent(of: path))
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
                throw FileError("make folder", path)
            }
        default: throw FileError("make folder", path)
        }
    }

    /// Names in a folder, without `.` and `..`, in byte order.
    package static func list(_ path: String) throws(FileError) -> [String] {
        guard let directory = opendir(path) else { throw FileError("list", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw FileError("list", path) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package static func rename(_ from: String, to target: String) throws(FileError) {
        guard Glibc.rename(from, target) == 0 else { throw FileError("rename to", target) }
    }

    /// Puts the folder `from` in the place of `target` in one step, and removes what was there.
    package static func replaceDirectory(_ target: String, with from: String) throws(FileError) {
        if Glibc.rename(from, target) != 0 {
            guard errno == EEXIST || errno == ENOTEMPTY else {
                throw FileError("rename to", target)
            }
            guard spindle_exchange_paths(from, target) == 0 else {
                throw FileError("exchange", target)
            }
            // The new name is durable before the old bytes go.
            try syncDirectory(parent(of: target))
            return try removeTree(from)
        }
        try syncDirectory(parent(of: target))
    }

    package static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    }

    package static func removeTree(_ path: String) throws(FileError) {
        guard let status = try FileStatus.of(path, followLinks: false) else { return }
        guard status.kind == .directory else { return try remove(path) }
        for name in try list(path) { try removeTree(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    }

    /// A second name for the same bytes where the file system can, a copy where it cannot.
    package static func linkOrCopy(_ from: String, to target: String) throws(FileError) {
        if Glibc.link(from, target) == 0 { return }
        guard [EXDEV, EPERM, EMLINK, EOPNOTSUPP].contains(errno) else {
            throw FileError("link to", target)
        }
        try copy(from, to: target)
    }

    package static func copy(_ from: String, to target: String) throws(FileError) {
        let source = try FileDescriptor(from, .read)
        let sink = try FileDescriptor(target, .createNew)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = try source.read(into: buffer, at: offset)
            if count == 0 { break }
            try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
        try sink.sync()
    }

    package static func link(target: String, at path: String) throws(FileError) {
        guard symlink(target, path) == 0 else { throw FileError("link", path) }
    }

    /// Where a symbolic link points; nil when there is no link.
    package static func readLink(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            let count = readlink(
                path, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
            return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    /// After a rename: makes the new name itself durable.
    package static func syncDirectory(_ path: String) throws(FileError) {
        let directory = try FileDescriptor(path, .read)
        try directory.sync()
    }

    /// Writes back everything on the file system that holds `path`: one barrier for many files.
    package static func syncAll(holding path: String) throws(FileError) {
        let directory = try FileDescriptor(path, .read)
        guard spindle_syncfs(directory.raw) == 0 else { throw FileError("sync", path) }
    }

    package static func readAll(_ path: String) throws -> [UInt8] {
        let file = try FileDescriptor(path, .read)
        let size = try file.status().sizeBytes
        // Files in /proc say they are empty; one byte more than promised finds a file that grew.
        var bytes = [UInt8](repeating: 0, count: max(size, 65_536) + 1)
        var count = 0
        while true {
            let got = try bytes.withUnsafeMutableBytes { buffer in
                try file.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), at: count)
            }
            count += got
            if count < bytes.count { break }
            bytes.append(contentsOf: repeatElement(0, count: bytes.count))
        }
        bytes.removeSubrange(count...)
        return bytes
    }

    package static func readText(_ path: String) throws -> String {
        String(decoding: try readAll(path), as: UTF8.self)
    }

    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    package static func name(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        return String(path[path.index(after: slash)...])
    }

    /// The path without links, `.` and `..`; the path itself where it does not exist.
    package static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
