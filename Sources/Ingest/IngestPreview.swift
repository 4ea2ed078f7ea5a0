internal import Catalog
internal import Glibc
package import Storage

/// What an ingest would find, by names, sizes, times and inodes; opens no file, writes nothing.
///
/// Whether a new file is a duplicate, or set aside, shows only when it is read.
package struct IngestPreview {
    package enum Change: String, Sendable { case new, changed, moved, gone, excluded }

    private let warehouse: Warehouse
    private let sources: [IngestSource]
    private let boundary: ScanBoundary

    package init(_ warehouse: Warehouse, sources: [IngestSource]) {
        self.warehouse = warehouse
        self.sources = sources
        boundary = ScanBoundary(warehouse, sources)
    }

    /// What stays the same when a file is renamed.
    private struct Trace: Hashable {
        let inode: Int
        let sizeBytes: Int
        let modifiedNs: Int

        init(_ stamp: FileStamp) {
            (inode, sizeBytes, modifiedNs) = (stamp.inode, stamp.sizeBytes, stamp.modifiedNs)
        }
    }

    /// Calls `body` for each change, source by source; of a file that moved with its new path.
    ///
    /// - Returns: How many files were seen, and how many of them need no reading.
    /// - Throws: `FileError` when a source is missing; `FormatError` for one around the warehouse.
    package func forEach(_ body: (Change, _ source: String, _ path: [UInt8]) -> Void) throws -> (
        seen: Int, unchanged: Int
    ) {
        try ScanBoundary.check(warehouse, sources)
        let ledger =
            FileSystem.exists(warehouse.ledgerPath) ? try Ledger(warehouse, .readOnly) : nil
        // Several where a file has several names.
        var missing: [String: [Trace: [[UInt8]]]] = [:]
        // Before all else what is missing, as what is new may be that.
        for source in sources {
            _ = try walk(source, ledger) { _, _ in
            } missing: { file in
                guard file.state == .present, source.filter.includes(file.path) else { return }
                missing[source.path, default: [:]][Trace(file.stamp), default: []]
                    .append(file.path)
            }
        }
        var seen = 0
        var unchanged = 0
        for source in sources {
            var left: [[UInt8]] = []
            seen += try walk(source, ledger) { entry, known in
                let stamp = FileStamp(entry.status)
                if let known, known.state != .excluded {
                    if known.stamp == stamp {
                        unchanged += 1
                    } else {
                        body(.changed, source.path, entry.path)
                    }
                } else if missing[source.path]?[Trace(stamp)]?.popLast() != nil {
                    body(.moved, source.path, entry.path)
                } else {
                    body(.new, source.path, entry.path)
                }
            } missing: { file in
                guard file.state == .present, !source.filter.includes(file.path) else { return }
                left.append(file.path)
            }
            let gone = (missing[source.path] ?? [:]).values.joined()
            for path in gone.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                body(.gone, source.path, path)
            }
            for path in left { body(.excluded, source.path, path) }
        }
        return (seen, unchanged)
    }

    /// - Returns: How many files there are.
    private func walk(
        _ source: IngestSource, _ ledger: Ledger?,
        _ body: (SourceScan.Entry, KnownFiles.File?) throws -> Void,
        missing: (KnownFiles.File) -> Void
    ) throws -> Int {
        let known = try ledger.map { try KnownFiles($0, source: source.path) }
        var count = 0
        func passMissing(before path: [UInt8]?) throws {
            while let known, let next = known.current,
                path.map({ next.path.lexicographicallyPrecedes($0) }) ?? true
            {
                missing(next)
                try known.advance()
            }
        }
        let scan = SourceScan(
            root: source.path, filter: source.filter, avoiding: boundary.avoided(by: source))
        try scan.forEach { entry in
            try passMissing(before: entry.path)
            count += 1
            if let known, let next = known.current, next.path == entry.path {
                try known.advance()
                try body(entry, next)
            } else {
                try body(entry, nil)
            }
        } obstacle: { _ in
        }
        try passMissing(before: nil)
        return count
    }
}
