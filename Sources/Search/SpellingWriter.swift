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
        var block = WordBlock()
        func flush() throws {
            guard block.count > 0 else { return }
            try insert.bind(1, number)
            try insert.bind(2, block.text(0))
            try insert.bind(3, block.row)
            try insert.run()
            number += 1
            block.removeAll()
        }
        var keys = Keys()
        var entries = 0
        while try rows.step() {
            let word = rows.blob(0)
            if !keys.read(word[...]),
                String(decoding: word, as: UTF8.self).unicodeScalars.contains(where: {
                    Folding.isUnspaced($0.value)
                })
            {
                continue
            }
            entries += keys.count
            block.append(word, songs: rows.int(1))
            if block.count == WordBlock.wordsInBlock { try flush() }
        }
        try flush()
        return entries
    }

    private func writeBuckets(_ pass: Int, _ passBits: Int, _ bits: Int) throws {
        var rows = try search.prepare("SELECT block, entries FROM words ORDER BY block")
        // The bucket within the pass, the word and the check, so that numbers sort as they should.
        var entries: [UInt64] = []
        let mask = (1 << (bits - passBits)) - 1
        var block = WordBlock()
        var keys = Keys()
        while try rows.step() {
            rows.withBytes(1) { block.load($0) }
            let first = rows.int(0) * WordBlock.wordsInBlock
            for index in 0..<block.count {
                _ = keys.read(block.bytes(index))
                let word = first + index
                guard keys.count > 0, word >> Self.wordBits == 0 else { continue }
                keys.forEach { hash in
                    let bucket = Spelling.bucket(hash, bits: bits)
                    guard bucket >> (bits - passBits) == pass else { return }
                    entries.append(
                        UInt64(bucket & mask) << (Self.wordBits + 8) | UInt64(word) << 8
                            | UInt64(Spelling.check(hash)))
                }
            }
        }
        entries.sort()
        var insert = try search.prepare("INSERT INTO spellings VALUES(?, ?)")
        var start = 0
        while start < entries.count {
            let bucket = entries[start] >> (Self.wordBits + 8)
            var end = start + 1
            while end < entries.count, entries[end] >> (Self.wordBits + 8) == bucket { end += 1 }
            try insert.bind(1, pass << (bits - passBits) | Int(bucket))
            try insert.bind(
                2,
                SpellingBucket.encode(
                    entries[start..<end].lazy.map {
                        (Int($0 >> 8 & (1 << Self.wordBits - 1)), UInt8(truncatingIfNeeded: $0))
                    }))
            try insert.run()
            start = end
        }
    }

    /// Words beyond that many are found as they are spelled only.
    private static let wordBits = 32

    /// By what a word is found, and with the first that has it, its beginning.
    private struct Keys {
        private var letters: [UInt32] = []
        private var beginning: [UInt32] = []
        private var isFirstOfBeginning = false
        private var isWord = false

        /// Words come in their order.
        ///
        /// - Returns: Whether it is a word of letters.
        mutating func read(_ word: ArraySlice<UInt8>) -> Bool {
            isWord = Spelling.read(word, into: &letters)
            let isLong = isWord && letters.count >= Spelling.beginningLetters
            isFirstOfBeginning =
                isLong && !letters.starts(with: beginning) || isLong && beginning.isEmpty
            if isFirstOfBeginning { beginning = Array(letters.prefix(Spelling.beginningLetters)) }
            return isWord
        }

        /// A word may be found from one that is a letter longer or shorter, and so has as many rests
        /// as the longest that it should be found from.
        private var edits: Int? {
            guard isWord, letters.count >= 3, letters.count <= Spelling.maximumLetters else {
                return nil
            }
            return letters.count < 8 ? 1 : 2
        }

        var count: Int {
            (edits.map { Spelling.rests(letters: letters.count, edits: $0) } ?? 0)
                + (isFirstOfBeginning ? Spelling.beginningLetters + 1 : 0)
        }

        func forEach(_ body: (UInt64) -> Void) {
            if let edits { Spelling.forEachRest(letters, edits: edits, body) }
            if isFirstOfBeginning { Spelling.forEachRestOfBeginning(letters, body) }
        }
    }
}
