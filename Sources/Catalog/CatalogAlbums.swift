internal import SQLite
internal import Storage

/// What an album's page needs of its songs, gathered in rank order.
final class AlbumStaging {
    static let columns = [
        "release_date", "original_date", "labels", "catalog_numbers", "album_sort", "copyright",
        "duration_ms", "disc", "cover", "cover_type",
    ]
    private var row: Statement
    private let sources: [Int32]

    /// - Parameter names: The columns of `songs`.
    init(_ catalog: Database, _ names: [String]) throws {
        let further = SongStaging.further.dropFirst(2).dropLast(2)
        try catalog.execute(
            """
            CREATE TABLE work.album_songs(album_number, rank,
              \((Self.columns + further).joined(separator: ", ")))
            """)
        let marks = Array(repeating: "?", count: 2 + Self.columns.count + further.count)
        row = try catalog.prepare(
            "INSERT INTO work.album_songs VALUES(\(marks.joined(separator: ",")))")
        sources =
            Self.columns.map { Int32(names.firstIndex(of: $0)!) }
            + further.indices.map { Int32(names.count + $0) }
    }

    func add(
        _ song: borrowing Statement, _ further: Int32, _ album: Int, _ rank: Int
    ) throws {
        try row.bind(1, album)
        try row.bind(2, rank)
        for (index, column) in sources.enumerated() {
            try row.bind(Int32(index + 3), song, column: column)
        }
        try row.run()
    }
}

/// The third pass: albums, one after another, each from what most of its songs say.
struct CatalogAlbums {
    private let catalog: Database

    init(_ catalog: Database) {
        self.catalog = catalog
    }

    /// Of values that as many songs give, that of the most popular one stands.
    private struct Vote {
        private var values: [(text: String, count: Int)] = []

        mutating func add(_ text: String) {
            guard !text.isEmpty else { return }
            if let known = values.firstIndex(where: { $0.text == text }) {
                values[known].count += 1
            } else {
                values.append((text, 1))
            }
        }

        var winner: String? {
            var best: (text: String, count: Int)?
            for value in values where value.count > best?.count ?? 0 { best = value }
            return best?.text
        }
    }

    private struct Page {
        var songCount = 0
        var durationMs = 0
        var discs: [Int: (subtitle: Vote, total: Vote)] = [:]
        var discTotal = Vote()
        var votes = [Vote](repeating: Vote(), count: Field.allCases.count)
    }

    /// Columns of `work.album_songs` that songs vote on, by number.
    private enum Field: Int32, CaseIterable {
        case releaseDate = 2
        case originalDate, labels, catalogNumbers, albumSort, copyright
        case cover = 10
        case barcode = 15
        case media, country, status, types, releaseGroup
    }

    /// - Parameter table: Numbered.
    func write(_ table: AlbumTable) throws {
        var byNumber = [Int](repeating: -1, count: table.albums.count + 1)
        for (index, album) in table.albums.enumerated() { byNumber[album.number] = index }
        var rows = try catalog.prepare(
            "SELECT * FROM work.album_songs ORDER BY album_number, rank")
        let writer = try Writer(catalog)
        var page = Page()
        var number = 0
        while try rows.step() {
            if rows.int(0) != number {
                if number > 0 { try writer.write(page, table.albums[byNumber[number]]) }
                (page, number) = (Page(), rows.int(0))
            }
            Self.add(rows, to: &page)
        }
        if number > 0 { try writer.write(page, table.albums[byNumber[number]]) }
    }

    private static func add(_ row: borrowing Statement, to page: inout Page) {
        page.songCount += 1
        page.durationMs += row.int(8)
        let disc = max(1, row.int(9))
        let subtitle = row.text(12)
        let total = row.text(13)
        page.discs[disc, default: (Vote(), Vote())].subtitle.add(subtitle)
        page.discs[disc]!.total.add(total)
        page.discTotal.add(row.text(14))
        for (index, field) in Field.allCases.enumerated() {
            var text = row.text(field.rawValue)
            if field == .cover, !text.isEmpty { text += "\t" + row.text(11) }
            page.votes[index].add(text)
        }
    }

    private final class Writer {
        private var album: Statement
        private var disc: Statement

        init(_ catalog: Database) throws {
            let marks = Array(repeating: "?", count: 24).joined(separator: ",")
            album = try catalog.prepare("INSERT INTO main.albums VALUES(\(marks))")
            disc = try catalog.prepare("INSERT INTO discs VALUES(?, ?, ?, ?)")
        }

        func write(_ page: Page, _ known: AlbumTable.Album) throws {
            var votes: [Field: String] = [:]
            for (index, field) in Field.allCases.enumerated() {
                votes[field] = page.votes[index].winner
            }
            let cover = votes[.cover]?.split(separator: "\t", omittingEmptySubsequences: false)
            try album.bind(1, known.number)
            try album.bind(2, known.id)
            try album.bind(3, known.title)
            try album.bind(4, known.credit)
            try album.bind(5, votes[.releaseDate])
            try album.bind(6, known.isCompilation ? 1 : 0)
            try album.bind(7, cover.map { String($0[0]) })
            try album.bind(8, cover.map { String($0[1]) })
            try album.bind(9, page.songCount)
            try album.bind(10, known.bestRank)
            try album.bind(11, page.durationMs)
            let highest = page.discs.keys.max() ?? 1
            try album.bind(12, max(highest, page.discTotal.winner.flatMap { Int($0) } ?? 1))
            try album.bind(13, votes[.originalDate])
            try album.bind(14, votes[.labels].flatMap(Self.first))
            try album.bind(15, votes[.catalogNumbers].flatMap(Self.first))
            try album.bind(16, votes[.barcode])
            try album.bind(17, votes[.media])
            try album.bind(18, votes[.country])
            try album.bind(19, votes[.status])
            try album.bind(20, votes[.types])
            try album.bind(21, votes[.albumSort])
            try album.bind(22, votes[.copyright])
            try album.bind(23, known.musicBrainzID)
            try album.bind(24, votes[.releaseGroup])
            try album.run()
            for (number, votes) in page.discs.sorted(by: { $0.key < $1.key }) {
                let (subtitle, total) = (votes.subtitle.winner, votes.total.winner)
                guard subtitle != nil || total != nil else { continue }
                try disc.bind(1, known.number)
                try disc.bind(2, number)
                try disc.bind(3, subtitle)
                try disc.bind(4, total.flatMap { Int($0) })
                try disc.run()
            }
        }

        /// Of a JSON list of texts.
        private static func first(_ list: String) -> String? {
            (try? JSONValue.parse(Array(list.utf8), path: "list"))?.strings?.first
        }
    }
}
