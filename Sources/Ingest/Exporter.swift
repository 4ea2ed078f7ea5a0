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

/// Several sources have such a file, and not the same.
package struct NameNotUnique: Diagnosed, CustomStringConvertible {
    package let name: String
    package let paths: [String]

    package var message: String { "'\(name)' is several files: \(paths.joined(separator: ", "))" }
    package var description: String { message }
    package var hint: String? { "give one of these paths" }
    package var cause: FailureCause { .badData }
}

/// Puts source files together again from their blobs.
package struct Exporter {
    package struct File: Sendable {
        package let path: String
        /// Head, audio and tail, as far as there are such.
        package let parts: [Digest]
        package let sizeBytes: Int
        package let isPresent: Bool
    }

    private let warehouse: Warehouse

    package init(_ warehouse: Warehouse) { self.warehouse = warehouse }

    /// - Parameter name: A path below a source, an absolute path, or a song's id.
    /// - Throws: `NothingKept`; `NameNotUnique`.
    package func find(_ name: String) throws -> File { try find(Array(name.utf8)) }

    /// The same by bytes: a name need not be UTF-8, and to Swift é and e with an accent are one
    /// text.
    package func find(_ name: [UInt8]) throws -> File {
        let ledger = try Ledger(warehouse, .readOnly)
        let shown = String(decoding: name, as: UTF8.self)
        if let song = Digest(hex: shown), let found = try ledger.file(song: song),
            let file = Self.file(found.source, found.file)
        {
            return file
        }
        let sources = try ledger.sourceNames()
        // As it was given, and as the ledger names it, without links.
        let resolved = name.first == 47 ? FileList.absolute(name, from: "") : nil
        for absolute in [name, resolved ?? name] {
            let ofAbsolute = try sources.compactMap { source -> File? in
                let root = Array(source.utf8) + [47]
                guard absolute.starts(with: root) else { return nil }
                let below = Array(absolute.dropFirst(root.count))
                return try ledger.file(source: source, path: below).flatMap {
                    Self.file(source, $0)
                }
            }
            // Of sources in one another the inner one has the file.
            if let found = ofAbsolute.last(where: \.isPresent) ?? ofAbsolute.last { return found }
        }
        let found = try sources.compactMap { source in
            try ledger.file(source: source, path: name).flatMap { Self.file(source, $0) }
        }
        let present = found.filter(\.isPresent)
        let chosen = present.isEmpty ? found : present
        guard let first = chosen.first else {
            // Last, below the current folder, as commands that read source files take a name.
            if name.first != 47,
                let absolute = FileList.absolute(name, from: FileSystem.absolute("."))
            {
                return try find(absolute)
            }
            throw NothingKept(name: shown)
        }
        guard chosen.allSatisfy({ $0.parts == first.parts }) else {
            throw NameNotUnique(name: shown, paths: chosen.map(\.path))
        }
        return first
    }

    /// nil where nothing was kept.
    private static func file(_ source: String, _ file: LedgerFile) -> File? {
        let parts = [file.head?.digest, file.song, file.tail?.digest].compactMap { $0 }
        guard !parts.isEmpty else { return nil }
        return File(
            path: source + "/" + String(decoding: file.path, as: UTF8.self), parts: parts,
            sizeBytes: file.status.sizeBytes, isPresent: file.state == .present)
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
