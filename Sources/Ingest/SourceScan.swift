internal import Glibc
package import Storage

/// Walks a source folder in the byte order of the paths, so that two walks can be compared in one pass.
///
/// Follows symbolic links to files and folders; a folder is entered once, however many links lead
/// to it, so that loops end.
package struct SourceScan {
    package struct Entry: Sendable {
        /// Below the source folder; the bytes of the name, UTF-8 or not.
        package let path: [UInt8]
        package let status: FileStatus
    }

    /// A folder or file that could not be looked at.
    package struct Obstacle: Sendable {
        package let path: [UInt8]
        package let error: FileError
    }

    /// What a scan has passed by.
    package struct Passed: Equatable, Sendable {
        /// Files and folders that the filter leaves out.
        package var excluded = 0
        /// Neither files nor folders: links that lead nowhere, pipes, devices.
        package var irregular = 0
        /// Files that were listed, and not there when they were looked at.
        package var vanished = 0
    }

    private let root: String
    private let filter: PathFilter
    /// Device and inode of folders that are never entered, whatever leads to them.
    private let avoided: Set<[UInt64]>
    /// Told the absolute path of each folder before it is listed.
    package var entering: (([UInt8]) throws -> Void)?
    /// Told the path of each folder that is on another device than the one that it lies in.
    package var crossing: (([UInt8]) throws -> Void)?
    /// Told the path, device and inode of each folder that is avoided.
    package var avoiding: (([UInt8], [UInt64]) -> Void)?

    /// - Parameters:
    ///   - filter: What it leaves out is neither entered nor told.
    ///   - avoided: Device and inode of folders that are not entered.
    package init(
        root: String, filter: PathFilter = PathFilter(), avoiding avoided: Set<[UInt64]> = []
    ) {
        self.root = root
        self.filter = filter
        self.avoided = avoided
    }

    /// Calls `body` for the file of that path, or for every one below the folder of that path.
    ///
    /// - Throws: What the closures throw.
    package func forEach(
        below path: [UInt8], _ body: (Entry) throws -> Void, obstacle: (Obstacle) throws -> Void
    ) throws -> Passed {
        var passed = Passed()
        let absolute = Array(root.utf8) + [47] + path
        do {
            guard let status = try FileStatus.of(bytes: absolute) else { return passed }
            switch status.kind {
            case .file where filter.includes(path):
                try body(Entry(path: path, status: status))
            case .directory where filter.mayEnter(path):
                var entered = avoided
                guard enters(path, status, &entered) else { return passed }
                try walk(
                    absolute, path, status.device, &entered, isRoot: false, body, obstacle, &passed)
            case .file, .directory: passed.excluded += 1
            default: passed.irregular += 1
            }
        } catch let error as FileError where error.path == String(decoding: absolute, as: UTF8.self)
        {
            try obstacle(Obstacle(path: path, error: error))
        }
        return passed
    }

    /// Calls `body` for every regular file and `obstacle` for what the system refuses.
    ///
    /// - Throws: `FileError` when the source folder itself is missing or unreadable, and what the closures throw.
    @discardableResult
    package func forEach(
        _ body: (Entry) throws -> Void, obstacle: (Obstacle) throws -> Void
    ) throws -> Passed {
        guard let status = try FileStatus.of(root) else {
            throw FileError("open source folder", root, code: ENOENT)
        }
        guard status.kind == .directory else {
            throw FileError("open source folder", root, code: ENOTDIR)
        }
        var entered = avoided.union([[status.device, status.inode]])
        var passed = Passed()
        try walk(
            Array(root.utf8), [], status.device, &entered, isRoot: true, body, obstacle, &passed)
        return passed
    }

    /// Whether a folder is entered, which it is once.
    private func enters(_ path: [UInt8], _ status: FileStatus, _ entered: inout Set<[UInt64]>)
        -> Bool
    {
        let identity = [status.device, status.inode]
        if entered.insert(identity).inserted { return true }
        if avoided.contains(identity) { avoiding?(path, identity) }
        return false
    }

    private func walk(
        _ absolute: [UInt8], _ relative: [UInt8], _ device: UInt64,
        _ entered: inout Set<[UInt64]>, isRoot: Bool,
        _ body: (Entry) throws -> Void, _ obstacle: (Obstacle) throws -> Void,
        _ passed: inout Passed
    ) throws {
        try entering?(absolute)
        let names: [(name: [UInt8], status: FileStatus)]
        do {
            names = try list(absolute, relative, obstacle, &passed)
        } catch let error as FileError where !isRoot {
            return try obstacle(Obstacle(path: relative, error: error))
        }
        for (name, status) in names {
            let path = relative.isEmpty ? name : relative + [47] + name
            switch status.kind {
            case .file:
                guard filter.includes(path) else {
                    passed.excluded += 1
                    continue
                }
                try body(Entry(path: path, status: status))
            case .directory:
                guard filter.mayEnter(path) else {
                    passed.excluded += 1
                    continue
                }
                guard enters(path, status, &entered) else { continue }
                if status.device != device { try crossing?(path) }
                try walk(
                    absolute + [47] + name, path, status.device, &entered, isRoot: false, body,
                    obstacle, &passed)
            default: passed.irregular += 1
            }
        }
    }

    /// Names with their status, a folder sorting as its name with a slash: the order of whole paths.
    private func list(
        _ absolute: [UInt8], _ relative: [UInt8], _ obstacle: (Obstacle) throws -> Void,
        _ passed: inout Passed
    ) throws -> [(name: [UInt8], status: FileStatus)] {
        let opened = (absolute + [0]).withUnsafeBufferPointer {
            $0.withMemoryRebound(to: CChar.self) { opendir($0.baseAddress!) }
        }
        let shown = String(decoding: absolute, as: UTF8.self)
        guard let directory = opened else { throw FileError("list", shown) }
        defer { closedir(directory) }
        let descriptor = dirfd(directory)
        var entries: [(name: [UInt8], status: FileStatus)] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: UInt8.self, capacity: 256) {
                    Array(
                        UnsafeBufferPointer(
                            start: $0,
                            count: strnlen(
                                UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self), 256)))
                }
            }
            if name == [46] || name == [46, 46] { continue }
            var info = stat()
            let found = (name + [0]).withUnsafeBufferPointer {
                $0.withMemoryRebound(to: CChar.self) {
                    fstatat(descriptor, $0.baseAddress!, &info, 0)
                }
            }
            guard found == 0 else {
                let path = relative.isEmpty ? name : relative + [47] + name
                // A link that leads nowhere, or to itself, is no file.
                if errno == ELOOP || errno == ENOENT && entry.pointee.d_type == UInt8(DT_LNK) {
                    passed.irregular += 1
                } else if errno == ENOENT {
                    passed.vanished += 1
                } else {
                    try obstacle(
                        Obstacle(
                            path: path,
                            error: FileError(
                                "stat", shown + "/" + String(decoding: name, as: UTF8.self))))
                }
                continue
            }
            entries.append((name, FileStatus(info)))
        }
        guard errno == 0 else { throw FileError("list", shown) }
        return entries.map { entry in
            (key: entry.status.kind == .directory ? entry.name + [47] : entry.name, entry: entry)
        }
        .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        .map(\.entry)
    }
}
