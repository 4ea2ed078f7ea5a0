internal import Catalog
internal import TagReading

/// What the ledger knows of the separators that the tags of each source were split at.
///
/// Files that did not change are not read again, so other separators leave a source with values of
/// both kinds until all of it is read with one.
struct SeparatorRecord {
    private let ledger: Ledger
    private let signature: String

    /// No separators have this signature.
    private static let mixed = "mixed"

    init(_ ledger: Ledger, _ separators: TagSeparators) {
        self.ledger = ledger
        signature = separators.signature
    }

    /// Call before files are read.
    ///
    /// - Parameter readsAll: Whether unchanged files are read as well.
    /// - Returns: The sources that will hold values split at other separators.
    func begin(_ sources: [String], readsAll: Bool) throws -> [String] {
        let known = Set(try ledger.sources().map(\.source))
        var others: [String] = []
        for source in sources {
            let last = try ledger.meta(key(source)) ?? ""
            guard last != signature else { continue }
            if known.contains(source) {
                try ledger.setMeta(key(source), Self.mixed)
                if !readsAll { others.append(source) }
            } else {
                try ledger.setMeta(key(source), signature)
            }
        }
        return others
    }

    /// Call when all files of the sources have been read.
    func finish(_ sources: [String]) throws {
        for source in sources where try ledger.meta(key(source)) == Self.mixed {
            try ledger.setMeta(key(source), signature)
        }
    }

    private func key(_ source: String) -> String { "ingest.separators \(source)" }
}
