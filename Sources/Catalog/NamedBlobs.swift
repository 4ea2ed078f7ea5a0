internal import SQLite
package import Storage

/// The blobs that the ledger names, with the file that each is a part of.
///
/// Read a page at a time, as a query that stayed open would keep SQLite from ever emptying its
/// write-ahead log. A blob that several files share comes once for each.
package struct NamedBlobs {
    package enum Part: String, Sendable {
        case audio, head, tail, cover
        /// The whole of a file that was set aside.
        case reject
    }

    package struct Blob: Sendable {
        package let digest: Digest
        package let sizeBytes: Int
        package let part: Part
        package let source: String
        /// Below the source; the bytes of the name.
        package let path: [UInt8]
        package let state: LedgerFile.State
        package let title: String?
        /// JSON, as in the ledger.
        package let artists: String?
    }

    private static let pageRows = 512
    private let database: Database

    package init(_ ledger: Ledger) { database = ledger.database }

    /// - Throws: `DatabaseError`, and what `body` throws.
    package func forEach(_ body: (Blob) throws -> Void) throws {
        try forEachPart(body)
        try forEachCover(body)
    }

    private func forEachPart(_ body: (Blob) throws -> Void) throws {
        var rows = try database.prepare(
            """
            SELECT source, path, state, title, artists, song_id, songs.size_bytes, head, head_bytes,
              tail, tail_bytes
            FROM files LEFT JOIN songs USING(song_id) WHERE (source, path) > (?, ?)
            ORDER BY source, path LIMIT \(Self.pageRows)
            """)
        var last = (source: "", path: [UInt8]())
        while true {
            try rows.bind(1, last.source)
            try rows.bind(2, text: last.path)
            var page: [Blob] = []
            var count = 0
            while try rows.step() {
                count += 1
                last = (rows.text(0), rows.blob(1))
                guard let state = LedgerFile.State(rawValue: rows.text(2)) else { continue }
                // A rejected file that was good once still has its song's audio.
                let parts: [(Int32, Part)] = [
                    (5, .audio), (7, state == .rejected ? .reject : .head), (9, .tail),
                ]
                for (column, part) in parts {
                    guard let digest = Digest(hex: rows.text(column)) else { continue }
                    page.append(
                        Blob(
                            digest: digest, sizeBytes: rows.int(column + 1), part: part,
                            source: last.source, path: last.path, state: state,
                            title: rows.optionalText(3), artists: rows.optionalText(4)))
                }
            }
            rows.reset()
            for blob in page { try body(blob) }
            if count < Self.pageRows { return }
        }
    }

    private func forEachCover(_ body: (Blob) throws -> Void) throws {
        var rows = try database.prepare(
            """
            SELECT source, path, position, digest, covers.size_bytes, state, title, artists
            FROM covers JOIN files USING(source, path)
            WHERE (source, path, position) > (?, ?, ?)
            ORDER BY source, path, position LIMIT \(Self.pageRows)
            """)
        var last = (source: "", path: [UInt8](), position: -1)
        while true {
            try rows.bind(1, last.source)
            try rows.bind(2, text: last.path)
            try rows.bind(3, last.position)
            var page: [Blob] = []
            var count = 0
            while try rows.step() {
                count += 1
                last = (rows.text(0), rows.blob(1), rows.int(2))
                guard let digest = Digest(hex: rows.text(3)),
                    let state = LedgerFile.State(rawValue: rows.text(5))
                else { continue }
                page.append(
                    Blob(
                        digest: digest, sizeBytes: rows.int(4), part: .cover, source: last.source,
                        path: last.path, state: state, title: rows.optionalText(6),
                        artists: rows.optionalText(7)))
            }
            rows.reset()
            for blob in page { try body(blob) }
            if count < Self.pageRows { return }
        }
    }
}
