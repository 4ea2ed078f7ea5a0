internal import Glibc
internal import Storage

/// The pictures that one process has written in this run.
///
/// The songs of an album mostly hold the same one. It is written once: a blob that is written again
/// costs a file to be made and the one before it to be removed. And it is hashed once, as to compare
/// it with the last one costs a tenth of that.
final class StoredCovers {
    private var last: [UInt8] = []
    private var lastDigest: Digest?
    private var written: Set<Digest> = []

    /// Larger ones are not kept.
    private static let maximumBytes = 4 << 20
    private static let maximumCount = 4096

    func digest(_ bytes: UnsafeRawBufferPointer) -> Digest {
        if let lastDigest, bytes.count == last.count,
            memcmp(bytes.baseAddress!, last, bytes.count) == 0
        {
            return lastDigest
        }
        var hash = SHA256()
        hash.update(bytes)
        let digest = hash.finish()
        if bytes.count <= Self.maximumBytes {
            last.removeAll(keepingCapacity: true)
            last.append(contentsOf: bytes)
            lastDigest = digest
        }
        return digest
    }

    func contains(_ digest: Digest) -> Bool { written.contains(digest) }

    /// - Parameter digest: Of a picture that an answer to the parent has brought as a blob.
    func note(_ digest: Digest) {
        if written.count == Self.maximumCount { written.removeAll(keepingCapacity: true) }
        written.insert(digest)
    }
}
