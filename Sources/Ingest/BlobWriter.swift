internal import Glibc
internal import Storage

/// The source could not be read, or (without an error) ended early; apart from faults of the warehouse.
struct SourceFault: Error {
    let error: FileError?
}

/// What bytes pass through on their way into a blob, of one file after the other.
final class CopyBuffer {
    /// Fits into a core's second-level cache, so that what was read is hashed and written from there.
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)

    deinit { bytes.deallocate() }
}

/// Writes the temporary blobs of one file, hashing on the way.
final class BlobWriter {
    private let folder: String
    private let name: String
    private(set) var blobs: [IntakeReply.PendingBlob] = []
    private(set) var bytesRead = 0
    private let buffer: CopyBuffer

    /// - Parameters:
    ///   - folder: For temporary files.
    ///   - name: What the names of the blobs begin with.
    init(folder: String, name: String, buffer: CopyBuffer = CopyBuffer()) {
        self.folder = folder
        self.name = name
        self.buffer = buffer
    }

    /// Copies a range of the source; nil for an empty one.
    func copy(
        _ source: borrowing FileDescriptor, _ range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws -> IntakeReply.PendingBlob? {
        guard !range.isEmpty else { return nil }
        return try write(sizeBytes: range.count) { sink in
            var hash = SHA256()
            var endsInHole = false
            try read(source, range) {
                hash.update($0)
                body($0)
                // A hole stays a hole.
                endsInHole = isZero($0)
                if endsInHole { try sink.skip($0.count) } else { try sink.write($0) }
            }
            if endsInHole { try sink.truncate(to: range.count) }
            return hash.finish()
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

    /// Stores bytes whose digest is known.
    func store(_ bytes: UnsafeRawBufferPointer, as digest: Digest) throws {
        try write(sizeBytes: bytes.count) { sink in
            try sink.write(bytes)
            return digest
        }
    }

    /// Whether a blob of this file has that digest.
    func holds(_ digest: Digest) -> Bool { blobs.contains { $0.digest == digest } }

    /// Removes what was written: the file is not taken, or not so.
    func discard() {
        for blob in blobs { try? FileSystem.remove(blob.temporaryPath) }
        blobs = []
    }

    /// - Parameter body: Writes the bytes and tells their digest.
    @discardableResult
    private func write(sizeBytes: Int, _ body: (borrowing FileDescriptor) throws -> Digest) throws
        -> IntakeReply.PendingBlob
    {
        let path = "\(folder)/\(name)-\(blobs.count)"
        do {
            // A worker that died over the same file may have left one.
            try FileSystem.remove(path)
            let sink = try FileDescriptor(path, .createNew)
            let blob = IntakeReply.PendingBlob(
                temporaryPath: path, digest: try body(sink), sizeBytes: sizeBytes)
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
            let bytes = buffer.bytes
            let wanted = min(bytes.count, range.upperBound - offset)
            let count: Int
            do throws(FileError) {
                count = try source.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]), at: offset)
            } catch { throw SourceFault(error: error) }
            guard count == wanted else { throw SourceFault(error: nil) }
            try body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
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
