internal import Glibc

/// Immutable bytes under their SHA-256, in a folder.
///
/// A blob is written under `tmp/` and gets its name only when its bytes are on the device, so that
/// what has a name is whole.
package struct BlobStore: Sendable {
    private let warehouse: Warehouse

    package init(_ warehouse: Warehouse) { self.warehouse = warehouse }

    /// Two levels of 256 folders: some 1,500 names in each at 100 million blobs.
    package func path(_ digest: Digest) -> String {
        let hex = digest.hex
        return "\(warehouse.blobsPath)/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
    }

    /// Whether a blob of that size is there; its bytes are not looked at.
    package func contains(_ digest: Digest, sizeBytes: Int) throws(FileError) -> Bool {
        try FileStatus.of(path(digest))?.sizeBytes == sizeBytes
    }

    /// Whether a blob is there and its bytes are those of its name.
    package func isSound(_ digest: Digest) throws(FileError) -> Bool {
        do { return try SHA256.hash(fileAt: path(digest)) == digest } catch {
            // A sector that cannot be read is as bad as a wrong one.
            guard error.isMissing || error.code == EIO else { throw error }
            return false
        }
    }

    /// Names a finished temporary file; the caller has made its bytes durable. A blob of that name
    /// that is already there is replaced: these bytes have just been hashed, those may have rotted.
    package func adopt(_ temporaryPath: String, as digest: Digest) throws(FileError) {
        let target = path(digest)
        do {
            try FileSystem.rename(temporaryPath, to: target)
        } catch  where error.isMissing {
            try FileSystem.makeDirectories(FileSystem.parent(of: target))
            try FileSystem.rename(temporaryPath, to: target)
        }
    }

    /// Sets a blob's ctime, from which `LedgerRetention` counts how long nobody has named it.
    package func touch(_ digest: Digest) { _ = utimensat(AT_FDCWD, path(digest), nil, 0) }

    package func remove(_ digest: Digest) throws(FileError) {
        try FileSystem.remove(path(digest))
    }

    /// Reads a blob and proves it against its name.
    ///
    /// - Throws: `FileError`; `FormatError` when the bytes are not those of the name.
    package func read(_ digest: Digest) throws -> [UInt8] {
        let bytes = try FileSystem.readAll(path(digest))
        guard SHA256.hash(bytes) == digest else {
            throw FormatError(
                path(digest), "the bytes do not match the blob's name",
                hint: "the disk has damaged it: restore it from a replica")
        }
        return bytes
    }
}
