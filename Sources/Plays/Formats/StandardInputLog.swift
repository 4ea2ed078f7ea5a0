internal import Glibc
package import Storage

/// Keeps a log that comes through standard input, as it can be read only once and days are counted
/// again when something new comes for them.
package enum StandardInputLog {
    /// The folder of such logs in a warehouse; they are read along with the others from then on.
    package static func folder(_ warehouse: Warehouse) -> String { warehouse.path + "/plays/stdin" }

    static func isKept(_ path: String) -> Bool { path.contains("/plays/stdin/") }

    /// Reads to the end and keeps what came under the name of its SHA-256, in folders that say how
    /// it is to be read: the same log again is the same file.
    ///
    /// - Throws: `FileError`, or `FormatError` for what is no log; then nothing is kept.
    package static func keep(
        in warehouse: Warehouse, _ options: PlayLogOptions, descriptor: Int32 = 0
    ) throws {
        let temporary = warehouse.temporaryPath("plays-stdin")
        try FileSystem.makeDirectories(warehouse.temporaryPath)
        let writer = try FileWriter(temporary)
        do {
            try copy(descriptor, to: writer)
            let digest = try writer.finish()
            if digest.sizeBytes > 0 {
                try LogDetection.check(temporary, as: "standard input", options)
            }
            // It has ended, however new it is: it is not a log that is still being written.
            var times = (timespec(), timespec())
            let result = withUnsafePointer(to: &times) {
                $0.withMemoryRebound(to: timespec.self, capacity: 2) {
                    utimensat(AT_FDCWD, temporary, $0, 0)
                }
            }
            guard result == 0 else { throw FileError("set the times of", temporary) }
            let target = folder(warehouse) + options.folders + "/\(digest.sha256.hex).log"
            if FileSystem.exists(target) || digest.sizeBytes == 0 {
                try FileSystem.remove(temporary)
                return
            }
            try FileSystem.makeDirectories(FileSystem.parent(of: target))
            try FileSystem.rename(temporary, to: target)
            try FileSystem.syncDirectory(FileSystem.parent(of: target))
        } catch {
            try? FileSystem.remove(temporary)
            throw error
        }
    }

    private static func copy(_ descriptor: Int32, to writer: FileWriter) throws {
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress!, buffer.count)
                if count == 0 { return }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw FileError("read", "standard input")
                }
                try writer.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}
