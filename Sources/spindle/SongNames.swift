import Catalog
import Publication
import Search
import Storage

/// What songs are called, as far as the catalogue or the ledger knows them; for reading beside a
/// night that is under way.
struct SongNames {
    struct Name {
        var title: String?
        var artist: String?

        /// A line for people; the id for a song that nobody knows.
        func text(_ id: String) -> String {
            guard let title else { return visible(id) }
            return visible(title + (artist.map { $0.isEmpty ? "" : " - \($0)" } ?? ""))
        }
    }

    private let catalog: CatalogReader?
    private let index: SearchIndex?
    private let ledger: Ledger?

    /// The catalogue of a night, or else the published one. One that cannot be read has no names.
    init(_ warehouse: Warehouse, date: CalendarDate?) {
        let nightly = date.map { warehouse.artefact("catalog", $0) }
        let places = [nightly, Snapshot.currentDirectory(warehouse)].compactMap(\.self)
        let directory = places.first { FileSystem.exists($0 + "/catalog.sqlite") }
        catalog = directory.flatMap { try? CatalogReader(directory: $0) }
        index = directory.flatMap { try? SearchIndex(directory: $0) }
        ledger =
            FileSystem.exists(warehouse.ledgerPath) ? try? Ledger(warehouse, .readOnly) : nil
    }

    func name(_ id: String) throws -> Name {
        if let song = try catalog?.song(id: id) {
            return Name(title: song.title, artist: song.artist)
        }
        guard let digest = Digest(hex: id), let file = try ledger?.file(song: digest)?.file,
            !file.tags.title.isEmpty
        else { return Name() }
        return Name(title: file.tags.title, artist: file.tags.artists.joined(separator: ", "))
    }

    /// The catalogue's songs whose ids begin with a text.
    func ids(beginningWith prefix: String, limit: Int) throws -> [String] {
        try catalog?.songIDs(beginningWith: prefix, limit: limit) ?? []
    }

    /// The songs that have all words of a text, the best first.
    func search(_ text: String, limit: Int) throws -> [String] {
        guard let catalog, let index else { return [] }
        let found = try index.search(SearchQuery(text), .songs, limit: limit, offset: 0)
        return try catalog.songs(ranks: found.hits.map(\.row)).map(\.id)
    }
}

/// A bar of eight heights for each number, relative to the highest; blanks for nil.
func sparkline(_ numbers: [Int?]) -> String {
    let highest = numbers.compactMap(\.self).max() ?? 0
    let bars = Array("▁▂▃▄▅▆▇█")
    return String(
        numbers.map { number in
            guard let number else { return " " }
            guard number > 0 else { return "·" }
            return bars[(number * 8 - 1) / highest]
        })
}

/// Columns of a table, each as wide as its widest text: the first `left` flush left, others right.
func aligned(_ rows: [[String]], left: Set<Int>) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
        rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
        var line = ""
        for (column, text) in row.enumerated() {
            let margin = String(repeating: " ", count: widths[column] - text.count)
            if column > 0 { line += "  " }
            line += left.contains(column) ? text + margin : margin + text
        }
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }
}
