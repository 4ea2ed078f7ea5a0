internal import Catalog
internal import Synchronization

/// The catalogue readers of one snapshot, one for each thread that may need one at a time.
///
/// All are opened with the snapshot: the folder may be pruned while the last requests still read.
final class ReaderPool: Sendable {
    /// `@unchecked Sendable`: taken out of the pool by one thread, used by it alone, put back.
    private struct Reader: @unchecked Sendable {
        let catalog: CatalogReader
    }

    private let idle: Mutex<[Reader]>
    private let directory: String

    /// - Throws: As `CatalogReader`.
    init(directory: String, count: Int) throws {
        self.directory = directory
        let readers = try (0..<count).map { _ in
            Reader(catalog: try CatalogReader(directory: directory))
        }
        idle = Mutex(readers)
    }

    func read<Result>(_ body: (CatalogReader) throws -> Result) throws -> Result {
        let taken = idle.withLock { $0.popLast() }
        let reader = try taken ?? Reader(catalog: try CatalogReader(directory: directory))
        defer { idle.withLock { $0.append(reader) } }
        return try body(reader.catalog)
    }
}
