internal import Storage

/// The folders that the scan of a source does not enter, whatever links lead to them: the
/// warehouse, whose blobs would be songs, and other sources, so that each file is of one source.
struct ScanBoundary {
    private let warehouse: Set<[UInt64]>
    private let roots: Set<[UInt64]>

    /// - Parameter sources: All that are of one library.
    init(_ warehouse: Warehouse, _ sources: [IngestSource]) {
        // Links lead to the folders in it as well.
        let names = (try? FileSystem.list(warehouse.path)) ?? []
        self.warehouse = Set(
            ([warehouse.path] + names.map { warehouse.path + "/" + $0 }).compactMap(Self.identity))
        roots = Set(sources.compactMap { $0.path.isEmpty ? nil : Self.identity($0.path) })
    }

    /// Device and inode of each.
    func avoided(by source: IngestSource) -> Set<[UInt64]> {
        let own = Self.identity(source.path).map { [$0] } ?? []
        return warehouse.union(roots.subtracting(own))
    }

    /// - Throws: `FormatError` for a source that holds the warehouse or lies in it.
    static func check(_ warehouse: Warehouse, _ sources: [IngestSource]) throws {
        let own = FileSystem.absolute(warehouse.path) + "/"
        for source in sources where !source.path.isEmpty {
            if own.hasPrefix(source.path == "/" ? "/" : source.path + "/") {
                throw FormatError(
                    source.path,
                    "holds the warehouse \(warehouse.path), whose blobs would be songs",
                    hint: "put the warehouse elsewhere, or name the folders beside it as sources")
            }
            if source.path.hasPrefix(own) {
                throw FormatError(
                    source.path,
                    "lies in the warehouse \(warehouse.path), which makes what is there",
                    hint: "name a folder of music outside of it; spindle export gives files back")
            }
        }
    }

    /// Whether a folder that is avoided belongs to the warehouse and not to another source.
    func isOfWarehouse(_ folder: [UInt64]) -> Bool { warehouse.contains(folder) }

    private static func identity(_ path: String) -> [UInt64]? {
        guard let status = try? FileStatus.of(path), status.kind == .directory else { return nil }
        return [status.device, status.inode]
    }
}
