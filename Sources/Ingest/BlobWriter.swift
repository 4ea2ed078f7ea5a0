internal import Glibc
internal import Storage

/// The source could not be read, or (without an error) ended early; apart from faults of the warehouse.
struct SourceFault: Error {
    let error: FileError?
}

/// Writes the temporary blobs of one file, hashing on the way.
final class BlobWriter {
    private let folder: String
    private let name: String
    private(set) var blobs: [IntakeReply.PendingBlob] = []
    private(set) var bytesRead = 0
    private let buffer: UnsafeMutableRawBufferPointer

    /// Fits into a core's second-level cache, so that what was read is hashed and written from there.
    private static let chunkBytes = 256 << 10

    /// - Parameters:
    ///   - folder: For temporary files.
    ///   - name: What the names of the blobs begin with.
    init(folder: String, name: String) {
        self.folder = folder
        self.name = name
        buffer = .allocate(byteCount: Self.chunkBytes, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// Copies a range of the source; nil for an empty one.
    func copy(
        _ source: borrowing FileDescriptor, _ range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws -> IntakeReply.PendingBlob? {
        guard !range.isEmpty else { return nil }
        return try write(sizeBytes: range.count) { sink, hash in
            var endsInHole = false
            try read(source, range) {
                hash.update($0)
                body($0)
                // A hole stays a hole.
                endsInHole = isZero($0)
                if endsInHole { try sink.skip($0.count) } else { try sink.write($0) }
            }
            if endsInHole { try sink.truncate(to: range.count) }
        }
    }

    /// Hashes a range of the source and copies nothing.
    func hash(
        _ source: borrowing FileDescriptor, _ range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws -> Digest {
        var hash = SHA256()
        try read(source, range) {
            hash.update($0)
            body($0)
        }
        return hash.finish()
    }

    func store(_ bytes: UnsafeRawBufferPointer) throws -> IntakeReply.PendingBlob {
        try write(sizeBytes: bytes.count) { sink, hash in
            hash.update(bytes)
            try sink.write(bytes)
        }
    }

    /// Removes what was written: the file is not taken, or not so.
    func discard() {
        for blob in blobs { try? FileSystem.remove(blob.temporaryPath) }
        blobs = []
    }

    private func write(
        sizeBytes: Int, _ body: (borrowing FileDescriptor, inout SHA256) throws -> Void
    ) throws -> IntakeReply.PendingBlob {
        let path = "\(folder)/\(name)-\(blobs.count)"
        do {
            // A worker that died over the same file may have left one.
            try FileSystem.remove(path)
            let sink = try FileDescriptor(path, .createNew)
            var hash = SHA256()
            try body(sink, &hash)
            let blob = IntakeReply.PendingBlob(
                temporaryPath: path, digest: hash.finish(), sizeBytes: sizeBytes)
            blobs.append(blob)
            return blob
        } catch {
            try? FileSystem.remove(path)
            throw error
        }
    }

    private func read(
        _ source: borrowing FileDescriptor, _ range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = min(buffer.count, range.upperBound - offset)
            let count: Int
            do throws(FileError) {
                count = try source.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
            } catch { throw SourceFault(error: error) }
            guard count == wanted else { throw SourceFault(error: nil) }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
        bytesRead += range.count
    }
}

/// Music shows in the first bytes that it is not.
private func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 4096, bytes[0] == 0 else { return false }
    return memcmp(bytes.baseAddress!, bytes.baseAddress! + 1, bytes.count - 1) == 0
}
