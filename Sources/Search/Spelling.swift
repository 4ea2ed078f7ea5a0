/// Finding words by what is left of them when letters are taken out.
///
/// Two words that are one edit apart have a common rest after at most one letter is taken out of
/// each, two edits apart after two (Wolf Garbe's SymSpell). Of long words only the beginning is
/// used, which bounds the rests of a word to 29; what is found is measured by `EditDistance`.
enum Spelling {
    /// Letters at the beginning of a word that its rests are made of.
    private static let prefixLetters = 7

    /// Words that begin with the same letters are found together, as beginnings of words.
    static let beginningLetters = 5

    /// Longer words are found as they are spelled only.
    static let maximumLetters = 40

    /// Edits that a word typed in so many letters is forgiven: one from four letters on, of which
    /// one may have been left out, two from nine.
    static func edits(letters: Int) -> Int { letters < 3 ? 0 : letters < 9 ? 1 : 2 }

    /// No word shorter than this is taken for another.
    static let minimumLetters = 4

    /// Calls with the hash of each rest of a word, the whole one included, some of them twice.
    static func forEachRest(_ word: [UInt32], edits: Int, _ body: (UInt64) -> Void) {
        forEachRest(word.prefix(prefixLetters), edits: edits, start: 0xcbf2_9ce4_8422_2325, body)
    }

    /// How many of them there are.
    static func rests(letters: Int, edits: Int) -> Int {
        let count = min(letters, prefixLetters)
        return 1 + (edits > 0 ? count : 0) + (edits > 1 ? count * (count - 1) / 2 : 0)
    }

    /// Those of the letters that a word begins with, which are none of those of words.
    static func forEachRestOfBeginning(_ word: [UInt32], _ body: (UInt64) -> Void) {
        forEachRest(
            word.prefix(beginningLetters), edits: 1, start: 0x84222325_cbf29ce4, body)
    }

    private static func forEachRest(
        _ letters: ArraySlice<UInt32>, edits: Int, start: UInt64, _ body: (UInt64) -> Void
    ) {
        func hash(without a: Int, _ b: Int) -> UInt64 {
            var hash = start
            for index in letters.indices where index != a && index != b {
                hash = (hash ^ UInt64(letters[index])) &* 0x100_0000_01b3
            }
            // The low bits of FNV are the better mixed ones; the high ones get their share.
            return hash ^ hash >> 29
        }
        body(hash(without: -1, -1))
        guard edits > 0 else { return }
        for first in letters.indices {
            body(hash(without: first, -1))
            guard edits > 1 else { continue }
            for second in letters.indices where second > first {
                body(hash(without: first, second))
            }
        }
    }

    static func bucket(_ hash: UInt64, bits: Int) -> Int { Int(hash & (1 << UInt64(bits) - 1)) }
    /// A byte of the hash that the bucket's number does not have.
    static func check(_ hash: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: hash >> 40) }

    /// Reads the letters of a word of a script with spaces; nothing else is misspelled, numbers
    /// least.
    ///
    /// - Returns: Whether it is one.
    static func read(_ word: ArraySlice<UInt8>, into letters: inout [UInt32]) -> Bool {
        letters.removeAll(keepingCapacity: true)
        for byte in word {
            guard byte < 0x80 else { return readScalars(word, into: &letters) }
            if (0x30...0x39).contains(byte) { return false }
            letters.append(UInt32(byte))
        }
        return true
    }

    private static func readScalars(_ word: ArraySlice<UInt8>, into letters: inout [UInt32]) -> Bool
    {
        letters.removeAll(keepingCapacity: true)
        for scalar in String(decoding: word, as: UTF8.self).unicodeScalars {
            if (0x30...0x39).contains(scalar.value) || Folding.isUnspaced(scalar.value)
                || scalar.value >= 0xe000
            {
                return false
            }
            letters.append(scalar.value)
        }
        return true
    }

    static func letters(of word: String) -> [UInt32]? {
        var letters: [UInt32] = []
        return read(Array(word.utf8)[...], into: &letters) ? letters : nil
    }
}
