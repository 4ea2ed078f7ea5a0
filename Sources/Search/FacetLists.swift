internal import Storage

/// Gathers which songs have a facet: rising rows, in chunks, as soon as one is full.
///
/// Songs come in the order of their ranks.
struct FacetLists {
    /// Rows that have a facet, and how many they are.
    struct List: Sendable {
        let facet: String
        var songs = 0
        /// With the last row of each.
        var chunks: [(last: Int, rows: [UInt8])] = []
    }

    private struct Open {
        var list: List
        /// Whether songs' rows name it (`SearchDocument`): years and genres. Decades follow from
        /// years, and labels are rare enough to be looked for first.
        let isChecked: Bool
        /// The chunk that is being filled.
        var rows: [UInt8] = []
        var chunkLast = 0
        var last = 0
    }

    private var open: [Open] = []
    private var numbers: [String: Int] = [:]
    private var yearNumbers: [Int: (year: Int, decade: Int)] = [:]
    private var genreNumbers: [Int: [Int]] = [:]
    private var labelNumbers: [String: [Int]] = [:]
    private let genres: GenreParents
    private let chunkBytes: Int
    private let maximumBytes: Int
    private var heldBytes = 0

    init(_ genres: GenreParents, _ limits: SearchIndexBuilder.Limits) {
        self.genres = genres
        chunkBytes = limits.facetChunkBytes
        maximumBytes = limits.facetBytes
    }

    private mutating func number(_ token: String, isChecked: Bool) -> Int {
        if let number = numbers[token] { return number }
        open.append(Open(list: List(facet: token), isChecked: isChecked))
        heldBytes += Self.listBytes
        numbers[token] = open.count - 1
        return open.count - 1
    }

    /// Notes a song's facets; those that its row names go behind `batch`'s bytes.
    ///
    /// - Parameter years: Of its release and its original release; 0 where there is none.
    /// - Parameter labels: A JSON list of labels' names, or nothing.
    mutating func add(
        rank: Int, years: (Int, Int), genres: [Int], labels: String, to batch: inout RowBatch
    ) {
        let start = batch.bytes.count
        for year in [years.0, years.1] where year > 0 {
            if yearNumbers[year] == nil {
                yearNumbers[year] = (
                    number(Facets.year(year), isChecked: true),
                    number(Facets.decade(year / 10), isChecked: false)
                )
            }
            let (year, decade) = yearNumbers[year]!
            note(year, rank, start, &batch)
            note(decade, rank, start, &batch)
        }
        for genre in genres {
            if genreNumbers[genre] == nil {
                genreNumbers[genre] = self.genres.path(genre).map {
                    number(Facets.genre($0), isChecked: true)
                }
            }
            for number in genreNumbers[genre]! { note(number, rank, start, &batch) }
        }
        if !labels.isEmpty {
            if labelNumbers[labels] == nil {
                heldBytes += Self.listBytes + labels.utf8.count
                labelNumbers[labels] = Facets.labels(labels).map { number($0, isChecked: false) }
            }
            for number in labelNumbers[labels]! { note(number, rank, start, &batch) }
        }
        if heldBytes > maximumBytes { close(&batch) }
    }

    private mutating func note(_ number: Int, _ rank: Int, _ start: Int, _ batch: inout RowBatch) {
        guard open[number].last != rank else { return }
        if open[number].isChecked {
            if batch.bytes.count > start { batch.bytes.append(0x20) }
            batch.bytes.append(contentsOf: open[number].list.facet.utf8)
        }
        // Each chunk begins with a whole number, so that it can be read by itself.
        RowList.append(rank - open[number].chunkLast, to: &open[number].rows)
        open[number].last = rank
        open[number].chunkLast = rank
        open[number].list.songs += 1
        if open[number].rows.count >= chunkBytes { endChunk(number) }
    }

    private mutating func endChunk(_ number: Int) {
        guard !open[number].rows.isEmpty else { return }
        open[number].list.chunks.append((open[number].last, Array(open[number].rows)))
        heldBytes += open[number].rows.count
        open[number].rows.removeAll(keepingCapacity: true)
        open[number].chunkLast = 0
    }

    /// Hands over what there is, and begins anew.
    mutating func close(_ batch: inout RowBatch) {
        for number in open.indices { endChunk(number) }
        batch.facets += open.map(\.list).sorted {
            $0.facet.utf8.lexicographicallyPrecedes($1.facet.utf8)
        }
        open.removeAll()
        numbers.removeAll(keepingCapacity: true)
        yearNumbers.removeAll(keepingCapacity: true)
        genreNumbers.removeAll(keepingCapacity: true)
        labelNumbers.removeAll(keepingCapacity: true)
        heldBytes = 0
    }

    /// What a list or a text that stands for some takes, by and large: a filled chunk and tables.
    private static let listBytes = 2000
}
