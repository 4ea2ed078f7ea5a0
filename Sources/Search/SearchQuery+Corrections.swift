/// What words may have been meant to be.
extension SearchQuery {
    /// What is taken for a misspelling, from the likeliest on; the first that finds anything counts.
    enum Forgiveness {
        /// Words that no song has, as the nearest ones.
        case nearestOfUnknown
        /// Words that no song has.
        case unknown
        /// The incomplete last word; words that no song has, as the nearest ones.
        case beginning
        case all
    }

    private static let corrections = 8
    /// Where the nearest words are not together in any song, rarer ones may be.
    private static let furtherCorrections = 24

    func forgiveness(nothingFound: Bool) -> [Forgiveness] {
        guard nothingFound, let last = terms.last(where: \.isPrefix) else {
            return [.nearestOfUnknown, .unknown, .all]
        }
        return last.isUnknown
            ? [.nearestOfUnknown, .unknown, .beginning, .all]
            : [.nearestOfUnknown, .unknown, .all, .beginning]
    }

    /// Notes which words no song has.
    mutating func lookUp(_ spelling: SpellingReader) throws {
        for index in terms.indices {
            let words = terms[index].words
            // What may be typed in several ways is left to the full-text tables.
            guard words.count == 1, words[0].parts.count == 1, words[0].variants.isEmpty,
                !words[0].isUnspaced
            else { continue }
            let presence = try spelling.presence(of: words[0].parts[0])
            terms[index].isUnknown = presence.songs == 0
            terms[index].isUnknownBeginning = presence.songs == 0 && !presence.mayBegin
        }
    }

    /// False where a word is missing for certain.
    func mayBeFound(endsWhole: Bool) -> Bool {
        terms.allSatisfy { term in
            if term.isNegative || !term.corrections.isEmpty { return true }
            return term.isPrefix && !endsWhole ? !term.isUnknownBeginning : !term.isUnknown
        }
    }

    /// Whether a word is corrected before the last, which may be incomplete.
    var isCorrectedBeforeBeginning: Bool {
        terms.contains { $0.isPrefix && !$0.corrections.contains(where: \.isBeginning) }
            && terms.contains { !$0.isPrefix && !$0.corrections.isEmpty }
    }

    /// Notes for each word what else it may have been.
    ///
    /// - Returns: Whether there is anything.
    mutating func correct(_ spelling: SpellingReader, _ forgiveness: Forgiveness) throws -> Bool {
        var hasAny = false
        for index in terms.indices {
            let term = terms[index]
            guard !term.isNegative, !term.isQuoted, term.words.count == 1,
                !term.words[0].isUnspaced
            else { continue }
            let word = term.words[0].joined
            if forgiveness == .beginning, term.isPrefix {
                terms[index].corrections = try spelling.beginnings(
                    of: word, limit: Self.corrections)
                if terms[index].corrections.isEmpty { return false }
            } else if forgiveness == .all {
                terms[index].corrections = try spelling.corrections(
                    of: word, onlyNearest: false, limit: Self.corrections)
            } else if try spelling.presence(of: word).songs == 0 {
                terms[index].corrections = try spelling.corrections(
                    of: word, onlyNearest: forgiveness != .unknown,
                    limit: forgiveness == .unknown ? Self.furtherCorrections : Self.corrections)
            }
            if !terms[index].corrections.isEmpty { hasAny = true }
        }
        return hasAny
    }

    /// What would have found a row, as it would be typed.
    func text(with corrections: [Int: String]) -> String? {
        guard !corrections.isEmpty else { return nil }
        var texts: [String] = []
        var number = 0
        for term in terms {
            var text = term.words.map(\.plain).joined(separator: " ")
            if !term.isNegative {
                text = corrections[number] ?? text
                number += 1
            }
            if term.isQuoted { text = "\"\(text)\"" }
            if let field = term.field { text = "\(field.rawValue):\(text)" }
            // One word of a song may have been found for two.
            if term.words.map(\.plain) != [text], texts.contains(text) { continue }
            texts.append((term.isNegative ? "-" : "") + text)
        }
        return texts.joined(separator: " ")
    }
}
