internal import Catalog
internal import HTTPServer
internal import Publication
internal import Storage
internal import Synchronization

/// A verified snapshot, opened for serving.
///
/// Requests hold on to it while they need it, so that a newer one can take over at any moment.
final class ServingSnapshot: Sendable {
    let manifest: SnapshotManifest
    let readers: ReaderPool
    let edges: [EdgeHoldings]
    /// Regions with a chart, by name.
    let regions: [String]
    /// Opened beforehand: the folder may be pruned while it is being sent.
    let report: HTTPFile

    var id: String { manifest.id }

    /// Sizes of songs that were asked for: seeking makes many requests for one song, and a query
    /// costs several times what sending a range does.
    private let knownSizes = Mutex<[Digest: Int]>([:])
    private static let knownSizesLimit = 65_536

    /// Verifies every file, then opens what is served from.
    ///
    /// - Throws: `FileError`, `FormatError` or `CompressionError`: such a snapshot is not served.
    init(directory: String, readerCount: Int) throws {
        let snapshot = try Snapshot(directory: directory)
        manifest = snapshot.manifest
        // What the manifest does not list nobody has verified.
        for name in ["catalog.sqlite", "search.sqlite"]
        where !manifest.artefacts.contains(where: { $0.name == name }) {
            throw FormatError(directory + "/manifest.json", "does not list \(name)")
        }
        readers = try ReaderPool(directory: directory, count: readerCount)
        edges = try snapshot.prefetchManifests.map {
            try EdgeHoldings(manifest: $0, snapshot: snapshot.manifest.id)
        }
        regions = try readers.read { reader in
            // Also proves that the catalogue can be read at all.
            try reader.charts().filter { $0.chart == "region" }.map(\.key)
        }
        let reportPath = snapshot.path(manifest.report.name)
        guard let report = HTTPFile(reportPath) else { throw FileError("open", reportPath) }
        self.report = report
    }

    /// Bytes of a song's audio; nil when the catalogue has no such song.
    func sizeBytes(of song: Digest) throws -> Int? {
        if let known = knownSizes.withLock({ $0[song] }) { return known }
        guard let size = try readers.read({ try $0.song(id: song.hex)?.sizeBytes }) else {
            return nil
        }
        knownSizes.withLock { sizes in
            // Beginning anew is as good as a clever eviction where a miss costs 0.1 ms.
            if sizes.count >= Self.knownSizesLimit { sizes.removeAll(keepingCapacity: true) }
            sizes[song] = size
        }
        return size
    }
}
