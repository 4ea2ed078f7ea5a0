internal import Catalog
internal import SQLite
internal import Storage

/// Reads the catalogue in the order of its numbers, and makes rows of it as they are indexed.
///
/// Runs on a thread of its own, beside the one that writes.
struct SearchRowReader {
    private let directory: String
    private let limits: SearchIndexBuilder.Limits
    private let catalog: Database
    private let names: SearchNames
    private let queue: RowQueue

    /// The writer ended, because of an error that is its own to tell.
    private struct Closed: Error {}

    /// - Parameter directory: Holds `catalog.sqlite`.
    static func run(_ directory: String, _ limits: SearchIndexBuilder.Limits, _ queue: RowQueue)
        throws
    {
        let catalog = try Database(path: directory + "/catalog.sqlite", mode: .immutable)
        // To begin a transaction for each look-up of a name costs as much as it does.
        try catalog.execute("BEGIN")
        let reader = SearchRowReader(
            directory: directory, limits: limits, catalog: catalog, names: try SearchNames(catalog),
            queue: queue)
        do {
            var songs = reader.exactKeys(.songs)
            var albums = reader.exactKeys(.albums)
            var artists = reader.exactKeys(.artists)
            try reader.readSongs(&songs)
            try reader.readAlbums(&albums)
            try reader.readArtists(&artists)
            // Last, when the writer has other work: what the full-text tables needed and need no
            // more gives these their room.
            try reader.putLists(.songs, &songs)
            try reader.putLists(.albums, &albums)
            try reader.putLists(.artists, &artists)
        } catch is Closed {}
    }

    private func put(_ batch: inout RowBatch) throws {
        let full = batch
        batch = RowBatch(full.kind)
        guard queue.put(full) else { throw Closed() }
    }

    private func exactKeys(_ kind: SearchKind) -> ExactKeys {
        ExactKeys(
            path: "\(directory)/\(kind.rawValue)-exact.part", entriesInRun: limits.exactEntries)
    }

    private func putLists(_ kind: SearchKind, _ keys: inout ExactKeys) throws {
        var batch = RowBatch(kind)
        try keys.forEachList(limit: SearchIndexBuilder.exactRows) { list in
            batch.exact.append(list)
            if batch.exact.count == 4096 { try put(&batch) }
        }
        try put(&batch)
    }

    private func readSongs(_ keys: inout ExactKeys) throws {
        var rows = try catalog.prepare(
            """
            SELECT rank, title, title_sort, album_number, release_date, original_date, labels
            FROM songs ORDER BY rank
            """)
        let people = try NumberCursor(
            catalog,
            """
            SELECT rank, artist_number FROM song_artists
            WHERE role NOT IN ('producer', 'lyricist') ORDER BY rank, position
            """)
        let genres = try NumberCursor(
            catalog, "SELECT rank, genre_number FROM song_genres ORDER BY rank, position")
        var facets = FacetLists(try GenreParents(catalog), limits)
        var batch = RowBatch(.songs)
        var row = IndexedRow()
        var known: [Int] = []
        var songGenres: [Int] = []
        while try rows.step() {
            let rank = rows.int(0)
            row.begin(IndexedName(rows, 1, sort: 2))
            known.removeAll(keepingCapacity: true)
            while let artist = try people.next(of: rank) {
                guard !known.contains(artist) else { continue }
                known.append(artist)
                row.addName(try names.artist(artist))
            }
            row.endField()
            if let album = rows.optionalInt(3) { row.addName(try names.album(album)) }
            row.endField()
            var item = RowBatch.Row(number: rank, bestRank: rank)
            row.append(&item, to: &batch.bytes)
            songGenres.removeAll(keepingCapacity: true)
            while let genre = try genres.next(of: rank) { songGenres.append(genre) }
            facets.add(
                rank: rank, years: (Self.year(rows, 4), Self.year(rows, 5)), genres: songGenres,
                labels: rows.text(6), to: &batch)
            item.facetsEnd = batch.bytes.count
            batch.rows.append(item)
            try addKeys(row, rows, rank, .songs, &keys)
            if batch.isFull { try put(&batch) }
        }
        facets.close(&batch)
        try put(&batch)
    }

    private func readAlbums(_ keys: inout ExactKeys) throws {
        var rows = try catalog.prepare(
            """
            SELECT album_number, title, album_sort, best_rank, artist FROM albums
            ORDER BY album_number
            """)
        let people = try NumberCursor(
            catalog,
            "SELECT album_number, artist_number FROM album_artists ORDER BY album_number, position")
        var batch = RowBatch(.albums)
        var row = IndexedRow()
        while try rows.step() {
            let number = rows.int(0)
            row.begin(names.album(number, rows))
            var hasArtist = false
            while let artist = try people.next(of: number) {
                row.addName(try names.artist(artist))
                hasArtist = true
            }
            if !hasArtist { row.addName(rows.withBytes(4) { IndexedName($0, sort: nil) }) }
            row.endField()
            var item = RowBatch.Row(number: number, bestRank: rows.int(3))
            row.append(&item, to: &batch.bytes)
            batch.rows.append(item)
            try addKeys(row, rows, number, .albums, &keys)
            if batch.isFull { try put(&batch) }
        }
        try put(&batch)
    }

    private func readArtists(_ keys: inout ExactKeys) throws {
        var rows = try catalog.prepare(
            """
            SELECT artist_number, name, sort_name,
              -- Whoever only has albums, as "Various Artists" does, is popular by others' songs.
              iif(song_count > 0, best_rank, (SELECT max(rank) FROM songs))
            FROM artists WHERE is_listed ORDER BY artist_number
            """)
        var batch = RowBatch(.artists)
        var row = IndexedRow()
        while try rows.step() {
            row.begin(IndexedName(rows, 1, sort: 2))
            row.endField()
            var item = RowBatch.Row(number: rows.int(0), bestRank: rows.int(3))
            row.append(&item, to: &batch.bytes)
            batch.rows.append(item)
            try addKeys(row, rows, item.number, .artists, &keys)
            if batch.isFull { try put(&batch) }
        }
        try put(&batch)
    }

    /// Columns 1 and 2 are the name and the sort name.
    private func addKeys(
        _ row: IndexedRow, _ columns: borrowing Statement, _ number: Int, _ kind: SearchKind,
        _ keys: inout ExactKeys
    ) throws {
        try columns.withBytes(1) { name in
            try columns.withBytes(2) { sort in
                try row.forEachKey(kind, name: name, sort: sort) {
                    try keys.add(key: $0, row: number)
                }
            }
        }
    }

    /// The year of a date; 0 where there is none.
    private static func year(_ row: borrowing Statement, _ column: Int32) -> Int {
        row.withBytes(column) { date in
            var year = 0
            for byte in date.prefix(4) {
                guard byte &- 0x30 < 10 else { return 0 }
                year = year * 10 + Int(byte - 0x30)
            }
            return year
        }
    }
}

/// Pairs of a row number and a value, in the order of the rows, read in step with the rows.
private final class NumberCursor {
    private var rows: Statement
    private var current: (row: Int, value: Int)?

    init(_ catalog: Database, _ sql: String) throws {
        rows = try catalog.prepare(sql)
        try step()
    }

    private func step() throws {
        current = try rows.step() ? (rows.int(0), rows.int(1)) : nil
    }

    /// The next value of a row; nil when there is none left.
    func next(of row: Int) throws -> Int? {
        while let now = current, now.row <= row {
            try step()
            if now.row == row { return now.value }
        }
        return nil
    }
}

/// The genre tree, upwards.
struct GenreParents {
    private var parents: [Int: Int] = [:]

    init(_ catalog: Database) throws {
        var rows = try catalog.prepare(
            "SELECT genre_number, parent_number FROM genres WHERE parent_number IS NOT NULL")
        while try rows.step() { parents[rows.int(0)] = rows.int(1) }
    }

    /// A genre and those above it.
    func path(_ genre: Int) -> [Int] {
        var path = [genre]
        while let parent = parents[path.last!], !path.contains(parent) { path.append(parent) }
        return path
    }
}
