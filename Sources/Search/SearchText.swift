/// The words of a text, in the form in which they are indexed and looked for.
///
/// Case, accents, width and compatibility forms are folded; letters such as ø and ł become their
/// plain neighbours; what stands between words goes.
package struct SearchText: Equatable, Sendable {
    package private(set) var words: [SearchWord] = []
    /// Whether the text ends within its last word, which may be incomplete.
    package private(set) var endsInWord = false
    /// There is no letter and no digit; the one word is made of the signs.
    package private(set) var isSigns = false

    package init(_ text: String) {
        let plain = text.utf8.allSatisfy { $0 < 128 }
        var isSpelledOut = false
        var scan = WordScan()
        if plain {
            for byte in text.utf8 {
                // A grave accent stands for an apostrophe, as it does in `Folding`.
                let byte = byte == 0x60 ? 0x27 : byte
                scan.take(UInt32((65...90).contains(byte) ? byte | 32 : byte))
            }
        } else {
            let folded = Folding.scalars(of: text, spellsOut: false)
            isSpelledOut = folded.maySpellOut
            for value in folded.scalars { scan.take(value) }
        }
        endsInWord = scan.isInWord
        scan.finish()
        words = scan.words
        if words.isEmpty {
            words = Self.signs(text)
            isSigns = true
        }
        if isSpelledOut { addSpelledOut(text) }
    }

    /// The words themselves, with blanks between them: "a ha" for "A-ha!".
    package var plain: String { words.map(\.plain).joined(separator: " ") }

    /// Other forms in which words may be typed: "aha", "bjoerk".
    package var variants: [String] {
        var variants: [String] = []
        for word in words {
            for variant in word.variants where !variants.contains(variant) {
                variants.append(variant)
            }
        }
        return variants
    }

    /// The tokens of a column of the full-text tables, with blanks between them.
    package var tokens: String {
        var text = ""
        for word in words {
            for token in word.tokens {
                if !text.isEmpty { text += " " }
                text += token
            }
        }
        for variant in variants { text += " " + variant }
        return text
    }

    /// The words of a text that has nothing but ASCII letters, digits and single blanks between
    /// them, which is what most names are; nil for others, and where a word is one of those that
    /// are written alike.
    static func plainASCII(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count > 0 else { return nil }
        var isPlain = true
        var start = 0
        let plain = [UInt8](unsafeUninitializedCapacity: text.count + 1) { buffer, count in
            for index in 0...text.count {
                let byte = index < text.count ? text[index] : 0x20
                if byte == 0x20 {
                    let word = UnsafeBufferPointer(rebasing: buffer[start..<index])
                    if word.isEmpty || WordScan.isCanonical(word) {
                        isPlain = false
                        break
                    }
                    start = index + 1
                    buffer[index] = byte
                } else if byte &- 0x41 < 26 {
                    buffer[index] = byte | 0x20
                } else if byte &- 0x61 < 26 || byte &- 0x30 < 10 {
                    buffer[index] = byte
                } else {
                    isPlain = false
                    break
                }
            }
            count = isPlain ? text.count : 0
        }
        return isPlain ? plain : nil
    }

    /// Where the letters ä, ö, ü, å and ø are also typed as two: Björk, Bjoerk.
    private mutating func addSpelledOut(_ text: String) {
        var scan = WordScan()
        for value in Folding.scalars(of: text, spellsOut: true).scalars { scan.take(value) }
        scan.finish()
        guard scan.words.count == words.count else { return }
        for index in words.indices where scan.words[index].plain != words[index].plain {
            words[index].add(variant: scan.words[index].joined)
        }
    }

    /// A name without letters and digits ("!!!", "÷") is one word of its signs. ASCII's signs
    /// become private characters, as the tokenizer would drop them.
    private static func signs(_ text: String) -> [SearchWord] {
        var word = ""
        for value in Folding.scalars(of: text, spellsOut: false).scalars.prefix(24) where value > 32
        {
            let value = value < 128 ? 0xe000 + value : value
            if value != 127 + 0xe000, let scalar = Unicode.Scalar(value) {
                if value >= 0xa0, scalar.properties.isWhitespace { continue }
                word.unicodeScalars.append(scalar)
            }
        }
        return word.isEmpty ? [] : [SearchWord(parts: [word])]
    }
}

/// One word of a text or a query.
package struct SearchWord: Equatable, Sendable {
    /// Several where signs hold them together: a-ha, AC/DC, l'amour.
    package private(set) var parts: [String]
    /// Other ways to type it.
    package private(set) var variants: [String] = []
    /// A run of a script that is written without spaces; any part of it is found.
    package let isUnspaced: Bool

    package init(parts: [String], isUnspaced: Bool = false) {
        self.parts = parts
        self.isUnspaced = isUnspaced
        if parts.count > 1 { variants = [parts.joined()] }
    }

    package var plain: String { parts.count == 1 ? parts[0] : parts.joined(separator: " ") }
    package var joined: String { parts.count == 1 ? parts[0] : parts.joined() }

    /// What is indexed: the parts; of an unspaced run each two neighbours, and the last by itself,
    /// so that each part of it is a run of tokens and each character begins one.
    package var tokens: [String] {
        guard isUnspaced else { return parts }
        let scalars = Array(parts[0].unicodeScalars)
        return scalars.indices.map { index in
            var token = String(scalars[index])
            if index + 1 < scalars.count { token.unicodeScalars.append(scalars[index + 1]) }
            return token
        }
    }

    mutating func add(variant: String) {
        if variant != joined, !variants.contains(variant) { variants.append(variant) }
    }

    mutating func replace(with part: String) {
        let former = joined
        parts = [part]
        variants = []
        add(variant: former)
    }
}
