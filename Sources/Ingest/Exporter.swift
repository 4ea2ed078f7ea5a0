internal import Catalog
package import Storage

/// The ledger knows no such file, or nothing of it was kept: it was empty, unreadable or ignored.
package struct NothingKept: Diagnosed, CustomStringConvertible {
    package let name: String

    package var message: String { "nothing was kept of a file or song '\(name)'" }
    package var description: String { message }
    package var hint: String? {
        "give a path below a source, an absolute path or a song's id; empty and ignored files are not kept"
    }
    package var cause: FailureCause { .inputMissing }
}

/// Puts source files together again from their blobs.
package struct Exporter {
    package struct File: Sendable {
        package let path: String
        /// Head, audio and tail, as far as there are such.
        package let parts: [Digest]
        package let sizeBytes: Int
    }

    private let warehouse: Warehouse

    package init(_ warehouse: Warehouse) { self.warehouse = warehouse }

    /// - Parameter name: A path below a source, an absolute path, or a song's id.
    /// - Throws: `NothingKept`.
    package func find(_ name: String) throws -> File {
        let ledger = try Ledger(warehouse, .readOnly)
        var found: File?
        try ledger.forEachFile { source, file in
            // By bytes: to Swift é and e with an accent are one text, to the file system two names.
            let wanted = Array(name.utf8)
            guard found == nil,
                wanted == file.path || wanted == Array(source.utf8) + [47] + file.path
                    || name == file.song?.hex
            else { return }
            let path = String(decoding: file.path, as: UTF8.self)
            let parts = [file.head?.digest, file.song, file.tail?.digest].compactMap { $0 }
            guard !parts.isEmpty else { return }
            found = File(
                path: source + "/" + path, parts: parts, sizeBytes: file.status.sizeBytes)
        }
        guard let found else {
            throw NothingKept(name: name)
        }
        return found
    }

    /// - Throws: `FileError`; `FormatError` when a blob is not what its name says.
    package func write(_ file: File, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let store = BlobStore(warehouse)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        for digest in file.parts {
            let blob = try FileDescriptor(store.path(digest), .read)
            var hash = SHA256()
            var offset = 0
            while true {
                let count = try blob.read(into: buffer, at: offset)
                if count == 0 { break }
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                hash.update(bytes)
                try body(bytes)
                offset += count
            }
            guard hash.finish() == digest else {
                throw FormatError(
                    store.path(digest), "the bytes do not match the blob's name",
                    hint: """
                        the disk has damaged it: spindle ingest --reread stores it again from its \
                        source, or restore it from a replica
                        """)
            }
        }
    }

    /// Writes a file that does not exist yet; removes it again when a blob is damaged.
    package func write(_ file: File, to path: String) throws {
        let sink = try FileDescriptor(path, .createNew)
        do {
            try write(file) { try sink.write($0) }
            try sink.sync()
        } catch {
            try? FileSystem.remove(path)
            throw error
        }
    }
}
