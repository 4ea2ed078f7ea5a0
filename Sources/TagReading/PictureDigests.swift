internal import Glibc
internal import Storage

/// Digests of pictures. The songs of an album mostly have the same one, and to compare costs a
/// tenth of hashing again.
final class PictureDigests {
    private var last: [UInt8] = []
    private var lastDigest: Digest?

    /// Larger ones are not kept.
    private static let maximumBytes = 4 << 20

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
}
