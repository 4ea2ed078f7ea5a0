/// Terms in FTS5's language. Words hold letters and digits only, so nothing that was typed can be
/// taken for a sign of it.
enum SearchExpression {
    static func term(_ term: SearchQuery.Term, isPrefix: Bool) -> String {
        if term.words.count > 1 {
            // Words that have to stand together.
            return phrase(term.words.flatMap(tokens), isPrefix: false)
        }
        let word = term.words[0]
        var alternatives: [String] = []
        if !term.isUnknown || isPrefix || term.corrections.isEmpty {
            alternatives.append(phrase(tokens(word), isPrefix: isPrefix))
            alternatives += word.variants.map { "\"\($0)\"" + (isPrefix ? " *" : "") }
        }
        alternatives += term.corrections.map { "\"\($0.word)\"" + ($0.isBeginning ? " *" : "") }
        return alternatives.count == 1
            ? alternatives[0] : "(" + alternatives.joined(separator: " OR ") + ")"
    }

    /// Of an unspaced run of several signs the pairs, and not its last sign: more may follow it.
    private static func tokens(_ word: SearchWord) -> [String] {
        let tokens = word.tokens
        return word.isUnspaced && tokens.count > 1 ? tokens.dropLast() : tokens
    }

    /// Whether all of a phrase is looked for.
    static func isWhole(_ term: SearchQuery.Term) -> Bool {
        term.words.reduce(0) { $0 + tokens($1).count } <= maximumTokens
    }

    /// FTS5 compares the places of all words of a phrase; the text tells whether the others follow.
    private static let maximumTokens = 4

    private static func phrase(_ tokens: [String], isPrefix: Bool) -> String {
        let first = tokens.prefix(maximumTokens)
        return "\"" + first.joined(separator: " ") + "\""
            + (isPrefix && first.count == tokens.count ? " *" : "")
    }
}
