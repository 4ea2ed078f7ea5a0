internal import Catalog
internal import Storage

/// A fingerprint of files by names, sizes and times, in any order.
///
/// A sum of digests, so that it needs no memory for the paths.
final class SourceFingerprint {
    private var sum: (UInt64, UInt64) = (0, 0)
    private var count = 0
    private var hash = SHA256()

    func add(_ source: String, _ entry: SourceScan.Entry) {
        let stamp = FileStamp(entry.status)
        add(
            source, entry.path,
            "\(stamp.sizeBytes)\0\(stamp.modifiedNs)\0\(stamp.changedNs)\0\(stamp.inode)")
    }

    func add(_ source: String, _ obstacle: SourceScan.Obstacle) {
        add(source, obstacle.path, "\(obstacle.error.code)")
    }

    /// A source that cannot be looked at has one as well, unlike any other.
    func add(_ source: String, _ error: FileError) { add(source, [], "\(error.code)") }

    /// What was listed and not there to be read: whether it stays away or comes back, the next scan
    /// has another fingerprint.
    func addVanished(_ source: String, _ path: [UInt8]) { add(source, path, "vanished") }

    private func add(_ source: String, _ path: [UInt8], _ what: String) {
        hash.update("\(source)\0")
        path.withUnsafeBytes { hash.update($0) }
        hash.update("\0\(what)")
        let bytes = hash.finish().bytes
        sum.0 &+= bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        sum.1 &+= bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
        count += 1
    }

    var text: String { "\(count):\(String(sum.0, radix: 16)):\(String(sum.1, radix: 16))" }
}
