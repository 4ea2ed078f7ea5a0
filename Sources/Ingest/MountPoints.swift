internal import Catalog
internal import Glibc
internal import Storage

/// Which folders of a source are on file systems of their own: a disk that is mounted inside a
/// source and is not there leaves an empty folder behind, which looks as if its files were deleted.
struct MountPoints {
    /// Path below the source, and what statvfs(3) calls the file system.
    private(set) var folders: [String: String] = [:]
    private let root: String

    init(_ root: String) { self.root = root }

    mutating func add(_ path: [UInt8]) {
        // A line each in the ledger; names that cannot stand there are not watched.
        guard let name = String(validating: path, as: UTF8.self), !name.contains("\n"),
            let system = Self.fileSystem(of: root + "/" + name)
        else { return }
        folders[name] = "\(system)"
    }

    /// Which file system holds a folder (statvfs(3)): what is mounted there, or is not.
    static func fileSystem(of path: String) -> UInt? {
        var info = statvfs()
        return statvfs(path, &info) == 0 ? info.f_fsid : nil
    }

    /// Those of the last run that are not what they were, in order.
    func lost(since last: String) -> [String] {
        last.split(separator: "\n").compactMap { line in
            guard let space = line.firstIndex(of: " ") else { return nil }
            let name = String(line[line.index(after: space)...])
            return folders[name].map { $0 == line[..<space] } ?? false ? nil : name
        }
    }

    /// As the ledger keeps it.
    var text: String {
        folders.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            .joined(separator: "\n")
    }
}
