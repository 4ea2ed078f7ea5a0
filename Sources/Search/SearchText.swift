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
        var scan = WordScan()
        if plain {
            for byte in text.utf8 { scan.take(UInt32((65...90).contains(byte) ? byte | 32 : byte)) }
        } else {
            for value in Folding.scalars(of: text, spellsOut: false) { scan.take(value) }
        }
        endsInWord = scan.isInWord
        scan.finish()
        words = scan.words
        if words.isEmpty {
            words = Self.signs(text)
            isSigns = true
        }
        if !plain { addSpelledOut(text) }
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

    /// The words of a text that has nothing but ASCII letters, digits and blanks, which is what most
    /// names are; nil for others, and where a word is one of those that are written alike.
    static func ofPlainASCII(_ text: String) -> String? {
        guard !text.isEmpty, text.utf8.allSatisfy(isPlain) else { return nil }
        var hasBlanks = false
        var last: UInt8 = 32
        var start = 0
        var mayBeSpecial = false
        let plain = String(unsafeUninitializedCapacity: text.utf8.count) { buffer in
            for (index, byte) in text.utf8.enumerated() {
                let lower = (65...90).contains(byte) ? byte | 32 : byte
                buffer[index] = lower
                if lower == 32 {
                    if last == 32 { hasBlanks = true }
                    start = index + 1
                } else if index == start {
                    // pt, part, vol, volume, feat, ft, featuring
                    if lower == 112 || lower == 118 || lower == 102 { mayBeSpecial = true }
                }
                last = lower
            }
            return text.utf8.count
        }
        if hasBlanks || last == 32 { return nil }
        if mayBeSpecial, plain.split(separator: " ").contains(where: { WordScan.isCanonical($0) }) {
            return nil
        }
        return plain
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte == 32 || (48...57).contains(byte) || (97...122).contains(byte)
            || (65...90).contains(byte)
    }

    /// Where the letters ä, ö, ü, å and ø are also typed as two: Björk, Bjoerk.
    private mutating func addSpelledOut(_ text: String) {
        var scan = WordScan()
        for value in Folding.scalars(of: text, spellsOut: true) { scan.take(value) }
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
        for value in Folding.scalars(of: text, spellsOut: false).prefix(24) where value > 32 {
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
