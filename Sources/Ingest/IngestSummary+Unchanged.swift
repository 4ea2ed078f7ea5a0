package import Catalog
internal import Storage

extension IngestSummary {
    /// What a run sees that finds all sources as they were.
    ///
    /// - Throws: `DatabaseError`.
    package init(unchangedIn ledger: Ledger, _ sources: [IngestSource]) throws {
        self.init()
        for source in sources {
            var counts = IngestCounts()
            let known = try ledger.counts(of: source.path)
            counts.unchanged = known["present"] ?? 0
            counts.rejected = known["rejected"] ?? 0
            counts.ignored = known["ignored"] ?? 0
            counts.seen = counts.unchanged + counts.rejected + counts.ignored
            self.sources.append(.init(path: source.path, counts: counts, known: counts.unchanged))
        }
        songs = try ledger.counts().songs
    }
}
