internal import Glibc

/// A folder of results in the making: written under `tmp/`, renamed into place whole or not at all.
///
/// A stage that is killed leaves only something in `tmp/`, which the next run empties.
package final class StagedDirectory {
    package let path: String
    package private(set) var files: [FileDigest] = []

    /// - Parameter name: Tells people what lies in `tmp/`, when something does.
    package init(in warehouse: Warehouse, name: String) throws(FileError) {
        path = warehouse.temporaryPath(name)
        try FileSystem.makeDirectories(path)
    }

    /// Writes one file of the folder; `name` may contain `/`.
    package func write(_ name: String, _ body: (FileWriter) throws -> Void) throws {
        let target = path + "/" + name
        try FileSystem.makeDirectories(FileSystem.parent(of: target))
        let writer = try FileWriter(target)
        try body(writer)
        let digest = try writer.finish()
        files.append(FileDigest(name: name, sizeBytes: digest.sizeBytes, sha256: digest.sha256))
    }

    /// Takes in a file that something else (SQLite, say) has written at `path/name`.
    package func adopt(_ name: String) throws(FileError) {
        let target = path + "/" + name
        let file = try FileDescriptor(target, .read)
        try file.sync()
        files.append(
            FileDigest(
                name: name, sizeBytes: try file.status().sizeBytes,
                sha256: try SHA256.hash(fileAt: target)))
    }

    /// Takes in a file that a `FileWriter` has finished at `path/name`.
    package func adopt(_ name: String, _ digest: FileDigest) {
        files.append(FileDigest(name: name, sizeBytes: digest.sizeBytes, sha256: digest.sha256))
    }

    /// Puts the folder in its place, instead of what was there.
    package func commit(to target: String) throws(FileError) {
        for folder in Set(files.map { FileSystem.parent(of: path + "/" + $0.name) }).sorted() {
            try FileSystem.syncDirectory(folder)
        }
        try FileSystem.syncDirectory(path)
        try FileSystem.makeDirectories(FileSystem.parent(of: target))
        try FileSystem.replaceDirectory(target, with: path)
    }

    package func discard() { try? FileSystem.removeTree(path) }
}

/// Writes one small file whole or not at all.
package func writeAtomically(
    _ bytes: [UInt8], to path: String, in warehouse: Warehouse, triesLeft: Int = 3
) throws {
    let temporary = warehouse.temporaryPath(FileSystem.name(of: path))
    try FileSystem.makeDirectories(FileSystem.parent(of: temporary))
    try FileSystem.makeDirectories(FileSystem.parent(of: path))
    do {
        let writer = try FileWriter(temporary + ".new")
        try writer.write(bytes)
        _ = try writer.finish()
        try FileSystem.rename(temporary + ".new", to: path)
    } catch let error as FileError where error.isMissing && triesLeft > 0 {
        // A run that began just now has emptied the folder.
        return try writeAtomically(bytes, to: path, in: warehouse, triesLeft: triesLeft - 1)
    } catch {
        // On a disk that is full it would be in the way.
        try? FileSystem.remove(temporary + ".new")
        throw error
    }
    try FileSystem.syncDirectory(FileSystem.parent(of: path))
}
