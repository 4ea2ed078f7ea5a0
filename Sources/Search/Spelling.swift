/// Finding words by what is left of them when letters are taken out.
///
/// Two words that are one edit apart have a common rest after at most one letter is taken out of
/// each, two edits apart after two (Wolf Garbe's SymSpell). Of long words only the beginning is
/// used, which bounds the rests of a word to 29; what is found is measured by `EditDistance`.
enum Spelling {
    /// Letters at the beginning of a word that its rests are made of.
    private static let prefixLetters = 7

    /// Edits that a word typed in so many letters is forgiven: one from four letters on, of which
    /// one may have been left out, two from nine.
    static func edits(letters: Int) -> Int { letters < 3 ? 0 : letters < 9 ? 1 : 2 }

    /// No word shorter than this is taken for another.
    static let minimumLetters = 4

    /// Calls with the hash of each rest of a word, the whole one included, some of them twice.
    static func forEachRest(_ word: [UInt32], edits: Int, _ body: (UInt64) -> Void) {
        let letters = word.prefix(prefixLetters)
        body(hash(letters, without: -1, -1))
        guard edits > 0 else { return }
        for first in letters.indices {
            body(hash(letters, without: first, -1))
            guard edits > 1 else { continue }
            for second in letters.indices where second > first {
                body(hash(letters, without: first, second))
            }
        }
    }

    private static func hash(_ letters: ArraySlice<UInt32>, without a: Int, _ b: Int) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in letters.indices where index != a && index != b {
            hash = (hash ^ UInt64(letters[index])) &* 0x100_0000_01b3
        }
        // The low bits of FNV are the better mixed ones; the high ones get their share.
        return hash ^ hash >> 29
    }

    /// A bucket's entries: a byte of the hash that the bucket's number does not have, and the
    /// number of the word in three.
    static let entryBytes = 4

    static func bucket(_ hash: UInt64, bits: Int) -> Int { Int(hash & (1 << UInt64(bits) - 1)) }
    static func check(_ hash: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: hash >> 40) }

    /// Words that are letters of a script with spaces; nothing else is misspelled, numbers least.
    static func letters(of word: String) -> [UInt32]? {
        var letters: [UInt32] = []
        for scalar in word.unicodeScalars {
            if (0x30...0x39).contains(scalar.value) || Folding.isUnspaced(scalar.value)
                || scalar.value >= 0xe000
            {
                return nil
            }
            letters.append(scalar.value)
        }
        return letters
    }
}
