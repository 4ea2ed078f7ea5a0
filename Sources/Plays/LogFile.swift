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
        var setAside: [String] = []
        return try find(places, setAside: &setAside)
    }

    /// - Parameter setAside: Told of what folders and patterns hold that is no log: one odd name must
    ///   not stop the night. What was named itself must be there.
    static func find(_ places: [String], setAside: inout [String]) throws -> [LogFile] {
        var search = Search()
        for place in places {
            search.folders = []
            let isPattern = place.utf8.contains { "*?[".utf8.contains($0) }
            if isPattern, try FileStatus.of(place) == nil {
                try search.addEntries(try expand(place))
            } else {
                try search.add(place)
            }
        }
        setAside += search.setAside
        return search.found.values.sorted { $0.path.precedesInBytes($1.path) }
    }

    /// A file or folder whatever its names are.
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private struct Search {
        var found: [ByteKey: LogFile] = [:]
        var folders: Set<Identity> = []
        /// Under which of its names a file was found.
        var names: [Identity: ByteKey] = [:]
        var setAside: [String] = []

        /// Adds what was named itself, and what is in it.
        mutating func add(_ path: String) throws {
            guard let status = try FileStatus.of(path) else {
                throw FileError("open", path, code: ENOENT)
            }
            guard status.kind == .file || status.kind == .directory else {
                throw FileError("read (neither a file nor a folder)", path, code: EINVAL)
            }
            try add(path, status)
        }

        /// Adds what a folder holds or a pattern matches.
        mutating func addEntries(_ paths: [String]) throws {
            var previous: String?
            for path in paths {
                defer { previous = path }
                // Names come with U+FFFD in the place of bytes that are not UTF-8, so that no such
                // file can be opened, and it may look like another one beside it.
                let isRepeated = previous.map { path.hasSameBytes(as: $0) } ?? false
                guard !isRepeated, let status = try Self.status(of: path) else {
                    let isRepaired = path.unicodeScalars.contains("\u{fffd}")
                    set(
                        aside: path,
                        isRepaired ? "its name is not UTF-8" : "it is a link that leads nowhere")
                    continue
                }
                switch status.kind {
                case .file, .directory: try add(path, status)
                default: set(aside: path, "it is neither a file nor a folder")
                }
            }
        }

        private mutating func set(aside path: String, _ reason: String) {
            setAside.append("\(path.withoutControlCharacters) is left out: \(reason)")
        }

        /// nil where nothing can be reached by this name.
        private static func status(of path: String) throws -> FileStatus? {
            do throws(FileError) {
                return try FileStatus.of(path)
            } catch {
                if error.code == ELOOP || error.code == ENAMETOOLONG { return nil }
                throw error
            }
        }

        private mutating func add(_ path: String, _ status: FileStatus) throws {
            let identity = Identity(device: status.device, inode: status.inode)
            if status.kind == .directory {
                // A link to a folder above would never end.
                guard folders.insert(identity).inserted else { return }
                let prefix = path.utf8.last == UInt8(ascii: "/") ? path : path + "/"
                let names = try FileSystem.list(path)
                try addEntries(
                    names.filter { $0.utf8.first != UInt8(ascii: ".") }.map { prefix + $0 })
                return
            }
            // The same file through two places is one log, or each of its lines would be a duplicate;
            // under two names (links) it goes by the first of them.
            let absolute = ByteKey(FileSystem.absolute(path))
            if let name = names[identity] {
                guard path.precedesInBytes(found[name]!.path) else { return }
                found[name] = nil
            }
            names[identity] = absolute
            found[absolute] = LogFile(
                path: path,
                // What came through standard input is called by its digest, which may look like a day.
                day: StandardInputLog.isKept(path) ? nil : LogFile.day(in: path),
                fingerprint: LogFile.fingerprint(status))
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

    /// Whether the log was written to within so many milliseconds before a moment (since 1970), or
    /// after it; never where the moment is not known (0).
    func isChanging(at nowMs: Int, within ms: Int) -> Bool {
        guard nowMs > 0, let status = try? FileStatus.of(path) else { return false }
        return status.modifiedNs / 1_000_000 > nowMs - ms
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

extension String {
    /// A blank for each control character, which would break a line or a column in two.
    package var withoutControlCharacters: String {
        String(decoding: utf8.map { $0 < 0x20 || $0 == 0x7f ? 0x20 : $0 }, as: UTF8.self)
    }
}
