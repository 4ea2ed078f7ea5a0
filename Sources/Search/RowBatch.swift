/// Rows as they are to be written, some hundred at a time: texts one behind the other, and where
/// each ends.
struct RowBatch: Sendable {
    struct Row: Sendable {
        let number: Int
        /// The rank of the best song, of an album or an artist.
        let bestRank: Int
        /// Where its columns of the full-text table end, up to three; unused ones are empty.
        var columnEnds = (0, 0, 0)
        var documentEnd = 0
        /// Of songs, what they are filtered by, to be held against.
        var facetsEnd = 0
    }

    let kind: SearchKind
    var rows: [Row] = []
    var bytes: [UInt8] = []
    var facets: [FacetLists.List] = []
    var exact: [ExactKeys.List] = []

    static let sizeBytes = 128 << 10

    init(_ kind: SearchKind) {
        self.kind = kind
        bytes.reserveCapacity(Self.sizeBytes + 4096)
    }

    var isFull: Bool { bytes.count >= Self.sizeBytes }
}
