internal import SQLite

/// Writes the words of songs, and by which rests each is found (`Spelling`).
struct SpellingWriter {
    private let search: Database
    /// Entries that are held in memory at once, of 8 bytes.
    private static let entriesAtOnce = 4_000_000
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
            let letters = Spelling.letters(of: word)
            if letters == nil, word.unicodeScalars.contains(where: { Folding.isUnspaced($0.value) })
            {
                continue
            }
            number += 1
            try insert.bind(1, number)
            try insert.bind(2, word)
            try insert.bind(3, rows.int(1))
            try insert.run()
            if let letters { Self.forEachRest(letters) { _ in entries += 1 } }
        }
        return entries
    }

    private func writeBuckets(_ pass: Int, _ passBits: Int, _ bits: Int) throws {
        var rows = try search.prepare("SELECT number, word FROM words ORDER BY number")
        // The bucket within the pass, the check and the word, so that numbers sort as they should.
        var entries: [UInt64] = []
        let mask = (1 << (bits - passBits)) - 1
        while try rows.step() {
            let word = rows.int(0)
            guard word < 1 << Self.wordBits, let letters = Spelling.letters(of: rows.text(1))
            else { continue }
            Self.forEachRest(letters) { hash in
                let bucket = Spelling.bucket(hash, bits: bits)
                guard bucket >> (bits - passBits) == pass else { return }
                entries.append(
                    UInt64(bucket & mask) << 32 | UInt64(Spelling.check(hash)) << 24
                        | UInt64(word))
            }
        }
        entries.sort()
        var insert = try search.prepare("INSERT INTO spellings VALUES(?, ?)")
        var start = 0
        while start < entries.count {
            let bucket = entries[start] >> 32
            var bytes: [UInt8] = []
            var last = UInt64.max
            var end = start
            while end < entries.count, entries[end] >> 32 == bucket {
                let entry = entries[end]
                end += 1
                // A word with a letter twice has some rests twice.
                if entry == last { continue }
                last = entry
                bytes.append(UInt8(truncatingIfNeeded: entry >> 24))
                for byte in 0..<UInt64(Self.wordBits / 8) {
                    bytes.append(UInt8(truncatingIfNeeded: entry >> (8 * byte)))
                }
            }
            try insert.bind(1, pass << (bits - passBits) | Int(bucket))
            try insert.bind(2, bytes)
            try insert.run()
            start = end
        }
    }

    /// Words beyond that many are found as they are spelled only.
    private static let wordBits = 24

    /// A word may be found from one that is a letter longer or shorter, and so has as many rests
    /// as the longest that it should be found from.
    private static func forEachRest(_ letters: [UInt32], _ body: (UInt64) -> Void) {
        guard letters.count >= 3, letters.count <= 40 else { return }
        Spelling.forEachRest(letters, edits: letters.count < 8 ? 1 : 2, body)
    }
}
