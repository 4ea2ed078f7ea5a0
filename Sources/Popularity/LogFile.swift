internal import Glibc
internal import Storage

/// One file of play events, and the day that its path names.
struct LogFile: Equatable {
    let path: String
    /// nil where the path has no date.
    let day: CalendarDate?
    let fingerprint: String

    /// Finds the logs that paths, folders (all levels) and patterns (glob(7)) name, each once, in
    /// byte order of their paths. Hidden names in folders are passed over.
    ///
    /// - Throws: `FileError` with ENOENT for what does not exist, patterns without a match included.
    static func find(_ places: [String]) throws -> [LogFile] {
        var found: [ByteKey: LogFile] = [:]
        for place in places {
            var paths = [place]
            if try FileStatus.of(place) == nil, place.contains(where: { "*?[".contains($0) }) {
                paths = try expand(place)
            }
            for path in paths {
                var folders: Set<FolderIdentity> = []
                try add(path, &found, &folders)
            }
        }
        return found.values.sorted { $0.path.precedesInBytes($1.path) }
    }

    private struct FolderIdentity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private static func add(
        _ path: String, _ found: inout [ByteKey: LogFile], _ folders: inout Set<FolderIdentity>
    ) throws {
        guard let status = try FileStatus.of(path) else {
            throw FileError("open", path, code: ENOENT)
        }
        switch status.kind {
        case .directory:
            // A link to a folder above would never end.
            let identity = FolderIdentity(device: status.device, inode: status.inode)
            guard folders.insert(identity).inserted else { return }
            let prefix = path.hasSuffix("/") ? path : path + "/"
            for name in try FileSystem.list(path) where !name.hasPrefix(".") {
                try add(prefix + name, &found, &folders)
            }
        case .file:
            // The same file through two places is one log, or each of its lines would be a duplicate.
            let absolute = ByteKey(FileSystem.absolute(path))
            if let other = found[absolute], !path.precedesInBytes(other.path) { return }
            found[absolute] = LogFile(
                path: path, day: day(in: path), fingerprint: fingerprint(status))
        default: throw FileError("read (neither a file nor a folder)", path, code: EINVAL)
        }
    }

    private static func expand(_ pattern: String) throws -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else {
            throw FileError("find a match for", pattern, code: ENOENT)
        }
        return (0..<Int(result.gl_pathc)).compactMap {
            result.gl_pathv[$0].map { String(cString: $0) }
        }
    }

    static func fingerprint(_ status: FileStatus) -> String {
        "\(status.sizeBytes):\(status.modifiedNs):\(status.changedNs):\(status.inode)"
    }

    /// The last `YYYY-MM-DD` or `YYYYMMDD` in a path that is a date and no part of a longer number.
    static func day(in path: String) -> CalendarDate? {
        let bytes = Array(path.utf8)
        func isDigit(_ index: Int) -> Bool {
            bytes.indices.contains(index) && (48...57).contains(bytes[index])
        }
        var start = bytes.count - 8
        while start >= 0 {
            defer { start -= 1 }
            guard isDigit(start), !isDigit(start - 1) else { continue }
            for (length, separated) in [(10, true), (8, false)] where start + length <= bytes.count
            {
                guard !isDigit(start + length) else { continue }
                let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
                let written =
                    separated
                    ? text : "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))"
                // Other numbers of eight digits are rarely dates of this age.
                if let date = CalendarDate(written), (1990..<2200).contains(date.components.year) {
                    return date
                }
            }
        }
        return nil
    }
}
