/// What somebody typed, understood: words, phrases, fields and filters.
///
/// Never an error: what cannot be understood is looked for as plain words.
package struct SearchQuery: Equatable, Sendable {
    /// Something that has to be there, or must not.
    package struct Term: Equatable, Sendable {
        /// One word, or several that stand together.
        package var words: [SearchWord]
        package var field: SearchField?
        package var isNegative = false
        /// The last word may be incomplete.
        package var isPrefix = false
        package var isQuoted = false
        /// What the word may have been meant to be, with the edits that it takes.
        var corrections: [Correction] = []
        /// No song has it as a whole word.
        var isUnknown = false
        /// Nor a word that begins so.
        var isUnknownBeginning = false
    }

    struct Correction: Equatable, Sendable {
        let word: String
        let edits: Int
        /// What words begin with, rather than a word.
        var isBeginning = false
        /// How many have it.
        var songs = 0
    }

    /// What songs are held against besides their words.
    package enum Filter: Equatable, Sendable {
        case years(ClosedRange<Int>)
        case genre(String)
        case label(String)
        case isrc(String)
    }

    package internal(set) var terms: [Term] = []
    package internal(set) var filters: [(filter: Filter, isNegative: Bool)] = []

    /// The words without any sign; nil where there are phrases, fields or filters.
    package var plain: String? {
        guard filters.isEmpty,
            terms.allSatisfy({ !$0.isNegative && !$0.isQuoted && $0.field == nil })
        else { return nil }
        return terms.flatMap(\.words).map(\.plain).joined(separator: " ")
    }

    package var isEmpty: Bool { terms.allSatisfy(\.isNegative) && filters.isEmpty }

    /// Longer ones are no query that a person typed; the limits bound the cost of each.
    private static let maximumScalars = 300
    private static let maximumTerms = 16

    package init(_ text: String) {
        // Not by characters, as one may have any number of marks.
        var rest = Array(text.unicodeScalars.prefix(Self.maximumScalars))[...]
        let isCut = rest.count < text.unicodeScalars.count
        while !rest.isEmpty, terms.count < Self.maximumTerms, filters.count < Self.maximumTerms {
            if Self.isSpace(rest.first!) {
                rest = rest.dropFirst()
                continue
            }
            take(&rest)
        }
        if terms.isEmpty, filters.isEmpty {
            // "!!!" and "÷" are names, too; beside words such signs mean nothing.
            let whole = SearchText(
                Self.text(Array(text.unicodeScalars.prefix(Self.maximumScalars))[...]))
            terms = whole.words.map { Term(words: [$0]) }
        }
        if !rest.isEmpty || isCut { dropPrefix() }
        canonicalize()
        drop { $0.isFeat }
        if terms.allSatisfy(\.isNegative), filters.allSatisfy(\.isNegative) {
            // "-love" alone: somebody looks for it.
            for index in terms.indices { terms[index].isNegative = false }
            if terms.isEmpty { for index in filters.indices { filters[index].isNegative = false } }
        }
    }

    package static func == (a: SearchQuery, b: SearchQuery) -> Bool {
        a.terms == b.terms && a.filters.elementsEqual(b.filters, by: ==)
    }

    /// Takes one word, phrase or field from the front.
    private mutating func take(_ rest: inout ArraySlice<Unicode.Scalar>) {
        var ahead = rest
        var isNegative = false
        if ahead.first == "-", let next = ahead.dropFirst().first, !Self.isSpace(next), next != "-"
        {
            isNegative = true
            ahead = ahead.dropFirst()
        }
        if let (name, value) = Self.field(&ahead), add(name, value, isNegative) {
            rest = ahead
            return
        }
        ahead = isNegative ? rest.dropFirst() : rest
        if let phrase = Self.quoted(&ahead) {
            rest = ahead
            add(phrase, field: nil, isNegative: isNegative, isQuoted: true, mayBePrefix: false)
            return
        }
        let word = Self.word(&ahead)
        rest = ahead
        add(
            word, field: nil, isNegative: isNegative, isQuoted: false,
            mayBePrefix: rest.isEmpty)
    }

    private mutating func add(
        _ text: String, field: SearchField?, isNegative: Bool, isQuoted: Bool, mayBePrefix: Bool
    ) {
        let parsed = SearchText(text)
        guard !parsed.words.isEmpty, !parsed.isSigns else { return }
        if isQuoted || (isNegative && parsed.words.count > 1) {
            terms.append(
                Term(words: parsed.words, field: field, isNegative: isNegative, isQuoted: isQuoted))
            return
        }
        for word in parsed.words.prefix(Self.maximumTerms) {
            terms.append(Term(words: [word], field: field, isNegative: isNegative))
        }
        if mayBePrefix, parsed.endsInWord, !isNegative, !parsed.words.last!.isUnspaced {
            terms[terms.count - 1].isPrefix = true
        }
    }

    /// - Returns: false when it is no field after all.
    private mutating func add(_ name: String, _ value: FieldValue, _ isNegative: Bool) -> Bool {
        if let field = SearchField(rawValue: name) {
            let before = terms.count
            add(
                value.text, field: field, isNegative: isNegative, isQuoted: value.isQuoted,
                mayBePrefix: value.isLast)
            return terms.count > before
        }
        let filter: Filter
        switch name {
        case "year":
            guard let years = Self.years(value.text) else { return false }
            filter = .years(years)
        case "genre":
            guard !SearchText(value.text).words.isEmpty else { return false }
            filter = .genre(value.text)
        case "label":
            guard !SearchText(value.text).words.isEmpty else { return false }
            filter = .label(value.text)
        case "isrc":
            let code = value.text.uppercased().filter { $0 != "-" }
            guard !code.isEmpty else { return false }
            filter = .isrc(code)
        default: return false
        }
        filters.append((filter, isNegative))
        return true
    }

    /// What means something by the word before it, as 2 does in "part two".
    private mutating func canonicalize() {
        let plain = terms.indices.filter {
            !terms[$0].isQuoted && !terms[$0].isNegative && terms[$0].field == nil
        }
        var words = plain.map { terms[$0].words[0] }
        WordScan.canonicalize(&words)
        for (index, word) in zip(plain, words) { terms[index].words = [word] }
    }

    private mutating func dropPrefix() {
        for index in terms.indices { terms[index].isPrefix = false }
    }

    /// Drops words that say nothing, if others are left.
    private mutating func drop(_ isEmptyWord: (Term) -> Bool) {
        let kept = terms.filter { !isEmptyWord($0) }
        if kept.contains(where: { !$0.isNegative }) { terms = kept }
    }

    // MARK: Signs

    private struct FieldValue {
        let text: String
        let isQuoted: Bool
        /// Nothing is behind it, so its last word may be incomplete.
        let isLast: Bool
    }

    private static let fieldNames: Set<String> = [
        "title", "artist", "album", "genre", "year", "label", "isrc",
    ]

    private static func field(_ rest: inout ArraySlice<Unicode.Scalar>) -> (String, FieldValue)? {
        // Japanese and Chinese keyboards give the wide one.
        func isColon(_ scalar: Unicode.Scalar) -> Bool { scalar == ":" || scalar == "\u{ff1a}" }
        let name = rest.prefix(8).prefix { !isColon($0) }
        guard rest.count > name.count, isColon(rest[name.endIndex]) else { return nil }
        let key = text(name).lowercased()
        guard fieldNames.contains(key) else { return nil }
        var ahead = rest[(name.endIndex + 1)...]
        guard let first = ahead.first, !isSpace(first) else { return nil }
        if let phrase = quoted(&ahead) {
            rest = ahead
            return (key, FieldValue(text: phrase, isQuoted: true, isLast: false))
        }
        let value = word(&ahead)
        rest = ahead
        return (key, FieldValue(text: value, isQuoted: false, isLast: ahead.isEmpty))
    }

    /// What stands between quotation marks; nil where none begins, or the second is missing.
    private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>) -> String? {
        guard let first = rest.first, let end = closing[first] else { return nil }
        let inner = rest.dropFirst()
        guard let close = inner.firstIndex(where: { end.contains($0) }) else { return nil }
        let phrase = text(inner[..<close])
        rest = inner[(close + 1)...]
        return phrase
    }

    private static let closing: [Unicode.Scalar: [Unicode.Scalar]] = [
        "\"": ["\"", "\u{201d}"], "\u{201c}": ["\u{201d}", "\""],
        "\u{201e}": ["\u{201c}", "\u{201d}", "\""], "\u{ab}": ["\u{bb}"], "\u{300c}": ["\u{300d}"],
    ]

    /// What comes before the next white space; a quotation mark begins something new.
    private static func word(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
        var end = rest.startIndex
        while end < rest.endIndex, !isSpace(rest[end]) {
            if end > rest.startIndex, rest[end] == "\"" { break }
            end += 1
        }
        let word = text(rest[..<end])
        rest = rest[end...]
        return word
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value <= 32 || scalar.properties.isWhitespace
    }

    /// "1994", "1990..1999", "1990-1999", "1990..", "..1979", "1990s".
    private static func years(_ text: String) -> ClosedRange<Int>? {
        func year(_ part: some StringProtocol) -> Int? {
            guard part.utf8.count == 4, part.utf8.allSatisfy({ (48...57).contains($0) }) else {
                return nil
            }
            return Int(part)
        }
        if let one = year(text) { return one...one }
        if text.utf8.count == 5, text.hasSuffix("s"), let first = year(text.dropLast()),
            first % 10 == 0
        {
            return first...(first + 9)
        }
        if let dash = text.firstIndex(where: { $0 == "-" || $0 == "\u{2013}" }),
            let first = year(text[..<dash]), let last = year(text[text.index(after: dash)...]),
            first <= last
        {
            return first...last
        }
        let bytes = Array(text.utf8)
        guard let dot = bytes.firstIndex(of: 46), dot + 1 < bytes.count, bytes[dot + 1] == 46 else {
            return nil
        }
        let from = String(decoding: bytes[..<dot], as: UTF8.self)
        let to = String(decoding: bytes[(dot + 2)...], as: UTF8.self)
        guard let first = from.isEmpty ? 1000 : year(from), let last = to.isEmpty ? 2999 : year(to),
            first <= last, !(from.isEmpty && to.isEmpty)
        else { return nil }
        return first...last
    }
}

extension SearchQuery.Term {
    fileprivate var isFeat: Bool {
        !isQuoted && field == nil && !isNegative && words.count == 1 && words[0].parts == ["feat"]
    }
}
