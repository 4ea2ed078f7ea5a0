internal import Catalog
internal import Search
internal import Synchronization

/// The readers of one snapshot's catalogue and search index, one for each thread that may need one at a time.
///
/// All are opened with the snapshot: the folder may be pruned while the last requests still read.
final class ReaderPool: Sendable {
    /// `@unchecked Sendable`: taken out of the pool by one thread, used by it alone, put back.
    private struct Reader: @unchecked Sendable {
        let catalog: CatalogReader
        let search: SearchIndex

        init(_ directory: String) throws {
            catalog = try CatalogReader(directory: directory)
            search = try SearchIndex(directory: directory)
        }
    }

    private let idle: Mutex<[Reader]>
    private let directory: String

    /// - Throws: As `CatalogReader` and `SearchIndex`.
    init(directory: String, count: Int) throws {
        self.directory = directory
        let readers = try (0..<count).map { _ in try Reader(directory) }
        idle = Mutex(readers)
    }

    func read<Result>(_ body: (CatalogReader) throws -> Result) throws -> Result {
        try read { catalog, _ in try body(catalog) }
    }

    func read<Result>(_ body: (CatalogReader, SearchIndex) throws -> Result) throws -> Result {
        let taken = idle.withLock { $0.popLast() }
        let reader = try taken ?? Reader(directory)
        defer { idle.withLock { $0.append(reader) } }
        return try body(reader.catalog, reader.search)
    }
}
