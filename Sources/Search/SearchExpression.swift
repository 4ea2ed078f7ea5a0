/// Terms in FTS5's language. Words hold letters and digits only, so nothing that was typed can be
/// taken for a sign of it.
enum SearchExpression {
    static func term(_ term: SearchQuery.Term, isPrefix: Bool) -> String {
        if term.words.count > 1 {
            // Words that have to stand together.
            return quoted(term.words.flatMap(tokens))
        }
        let word = term.words[0]
        var alternatives: [String] = []
        if !term.isUnknown || isPrefix || term.corrections.isEmpty {
            alternatives.append(quoted(tokens(word)) + (isPrefix ? " *" : ""))
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

    private static func quoted(_ tokens: [String]) -> String {
        "\"" + tokens.joined(separator: " ") + "\""
    }
}
