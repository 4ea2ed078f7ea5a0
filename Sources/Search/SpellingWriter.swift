internal import SQLite

/// Writes the words of songs, and by which rests each is found (`Spelling`).
struct SpellingWriter {
    private let search: Database
    /// Entries that are held in memory at once, of 16 bytes.
    private static let entriesAtOnce = 2_000_000
    private static let entriesInBucket = 32

    init(_ search: Database) { self.search = search }

    /// - Returns: How many bits of a hash number its bucket.
    func write() throws -> Int {
        let entries = try writeWords()
        var bits = 0
        while entries >> bits > Self.entriesInBucket { bits += 1 }
        // Each pass makes the buckets whose highest bits are its number.
        var passBits = 0
        while entries >> passBits > Self.entriesAtOnce { passBits += 1 }
        passBits = min(passBits, bits)
        for pass in 0..<(1 << passBits) { try writeBuckets(pass, passBits, bits) }
        return bits
    }

    /// - Returns: How many rests they have together.
    private func writeWords() throws -> Int {
        try search.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, songs, row)")
        defer { try? search.execute("DROP TABLE temp.terms") }
        var rows = try search.prepare("SELECT term, doc FROM temp.terms")
        var insert = try search.prepare("INSERT INTO words VALUES(?, ?, ?)")
        var number = 0
        var entries = 0
        while try rows.step() {
            let word = rows.text(0)
            guard let letters = Spelling.letters(of: word) else { continue }
            number += 1
            try insert.bind(1, number)
            try insert.bind(2, word)
            try insert.bind(3, rows.int(1))
            try insert.run()
            Self.forEachRest(letters) { _ in entries += 1 }
        }
        return entries
    }

    private func writeBuckets(_ pass: Int, _ passBits: Int, _ bits: Int) throws {
        var rows = try search.prepare("SELECT number, word FROM words ORDER BY number")
        var entries: [(bucket: Int, check: UInt8, word: Int)] = []
        while try rows.step() {
            guard let letters = Spelling.letters(of: rows.text(1)) else { continue }
            let word = rows.int(0)
            Self.forEachRest(letters) { hash in
                let bucket = Spelling.bucket(hash, bits: bits)
                guard bucket >> (bits - passBits) == pass else { return }
                entries.append((bucket, Spelling.check(hash), word))
            }
        }
        entries.sort { ($0.bucket, $0.check, $0.word) < ($1.bucket, $1.check, $1.word) }
        var insert = try search.prepare("INSERT INTO spellings VALUES(?, ?)")
        var start = 0
        while start < entries.count {
            let bucket = entries[start].bucket
            var bytes: [UInt8] = []
            var last: (UInt8, Int) = (0, 0)
            var end = start
            while end < entries.count, entries[end].bucket == bucket {
                let entry = entries[end]
                end += 1
                // A word with a letter twice has some rests twice.
                if last == (entry.check, entry.word) { continue }
                last = (entry.check, entry.word)
                bytes.append(entry.check)
                withUnsafeBytes(of: UInt32(truncatingIfNeeded: entry.word).littleEndian) {
                    bytes += $0.prefix(Spelling.entryBytes - 1)
                }
            }
            try insert.bind(1, bucket)
            try insert.bind(2, bytes)
            try insert.run()
            start = end
        }
    }

    /// A word may be found from one that is a letter longer or shorter, and so has as many rests
    /// as the longest that it should be found from.
    private static func forEachRest(_ letters: [UInt32], _ body: (UInt64) -> Void) {
        guard letters.count >= 3, letters.count <= 40 else { return }
        Spelling.forEachRest(letters, edits: letters.count < 8 ? 1 : 2, body)
    }
}
