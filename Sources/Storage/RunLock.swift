internal import CLinux
internal import Glibc

/// The right to change a warehouse, or one thing in it: one process at a time (flock(2), so it ends
/// with its holder).
package struct RunLock: ~Copyable {
    /// Somebody else holds the warehouse.
    package struct Held: Error, CustomStringConvertible {
        package let path: String
        package let holder: String
        package var description: String { "\(path): held by \(holder)" }
    }

    private let descriptor: Int32

    /// Holds the warehouse while `body` runs.
    ///
    /// - Parameter command: What the second comer is told that this process is doing.
    /// - Throws: `Held`, `FileError` when the lock file cannot be made, and what `body` throws.
    package static func hold<Result>(
        _ warehouse: Warehouse, command: String, _ body: () throws -> Result
    ) throws -> Result {
        try warehouse.refuseForeignFolder()
        // The lock comes before everything else, also in a new warehouse.
        try FileSystem.makeDirectories(warehouse.path)
        let lock = try RunLock(warehouse, command: command)
        let result = try body()
        lock.release()
        return result
    }

    /// Holds what decoding writes while `body` runs, and nothing else of the warehouse.
    ///
    /// - Throws: As above.
    package static func holdDecoding<Result>(
        _ warehouse: Warehouse, _ body: () throws -> Result
    ) throws -> Result {
        let lock = try RunLock(
            warehouse, path: warehouse.decodeLockPath, command: "spindle decode")
        let result = try body()
        lock.release()
        return result
    }

    /// Holds the record of scrubbing while `body` runs, and nothing else of the warehouse.
    ///
    /// - Throws: As above.
    package static func holdScrubbing<Result>(
        _ warehouse: Warehouse, _ body: () throws -> Result
    ) throws -> Result {
        let lock = try RunLock(
            warehouse, path: warehouse.scrubLockPath, command: "spindle scrub")
        let result = try body()
        lock.release()
        return result
    }

    private consuming func release() {}

    /// - Parameter command: What the second comer is told that this process is doing.
    /// - Throws: `Held`, or `FileError` when the lock file cannot be made.
    package init(_ warehouse: Warehouse, command: String) throws {
        try self.init(warehouse, path: warehouse.lockPath, command: command)
    }

    private init(_ warehouse: Warehouse, path: String, command: String) throws {
        descriptor = spindle_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw FileError("lock", path, code: code) }
            let holder = (try? FileSystem.readText(path)) ?? ""
            throw Held(
                path: warehouse.path,
                holder: holder.isEmpty
                    ? "another run" : holder.split(separator: "\n").joined(separator: " "))
        }
        // Only a note for people; the lock itself is the kernel's.
        let note = "\(command), process \(getpid()), since \(Timestamp.now)\n"
        _ = ftruncate(descriptor, 0)
        _ = note.utf8.withContiguousStorageIfAvailable {
            pwrite(descriptor, $0.baseAddress, $0.count, 0)
        }
    }

    deinit {
        _ = ftruncate(descriptor, 0)
        close(descriptor)
    }
}
