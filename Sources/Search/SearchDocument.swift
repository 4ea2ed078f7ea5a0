/// The folded texts of one row, cut into tokens, to be held against a query.
///
/// One is used for many rows: its arrays are filled anew.
struct SearchDocument {
    private struct Token {
        let start: Int
        let end: Int
        let field: Int
        /// Of the names of a field.
        let name: Int
    }

    /// Where something was found.
    struct Place: Equatable {
        /// Of the kind's fields; the number of fields where only another spelling was found.
        let field: Int
        let name: Int
        /// The token's number within its name.
        let position: Int
        let tokens: Int
        /// Not the whole of the last word.
        let isBeginning: Bool
    }

    private var bytes: [UInt8] = []
    private var tokens: [Token] = []
    private var facetBytes: [UInt8] = []
    /// The first token of each name, and how many it has; fields and names in their order.
    private(set) var names: [(field: Int, start: Int, count: Int)] = []

    mutating func load(_ text: UnsafeRawBufferPointer, facets: UnsafeRawBufferPointer? = nil) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: text)
        facetBytes.removeAll(keepingCapacity: true)
        if let facets { facetBytes.append(contentsOf: facets) }
        tokens.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        var field = 0
        var start = 0
        var nameStart = 0
        func endToken(_ end: Int) {
            if end > start {
                tokens.append(Token(start: start, end: end, field: field, name: names.count))
            }
            start = end + 1
        }
        func endName(_ end: Int) {
            endToken(end)
            names.append((field, nameStart, tokens.count - nameStart))
            nameStart = tokens.count
        }
        for index in bytes.indices {
            switch bytes[index] {
            case 0x20: endToken(index)
            case 0x1e: endName(index)
            case 0x1f:
                endName(index)
                field += 1
            default: break
            }
        }
        endName(bytes.count)
    }

    func has(facet: [UInt8]) -> Bool { hasFacet { $0.elementsEqual(facet) } }

    func hasYear(in years: ClosedRange<Int>) -> Bool {
        hasFacet { facet in
            facet.first == 0x79
                && years.contains(facet.dropFirst().reduce(0) { $0 * 10 + Int($1) - 0x30 })
        }
    }

    private func hasFacet(_ isWanted: (ArraySlice<UInt8>) -> Bool) -> Bool {
        var start = 0
        while start < facetBytes.count {
            let end = facetBytes[start...].firstIndex(of: 0x20) ?? facetBytes.count
            if isWanted(facetBytes[start..<end]) { return true }
            start = end + 1
        }
        return false
    }

    /// The first token of a place.
    func text(_ place: Place) -> String {
        let token = tokens[names[place.name].start + place.position]
        return String(decoding: bytes[token.start..<token.end], as: UTF8.self)
    }

    /// Calls with each place where the words stand one after the other, until it returns true.
    ///
    /// - Returns: Whether one did.
    func find(_ words: [MatchWord], isPrefix: Bool, _ body: (Place) -> Bool) -> Bool {
        for index in tokens.indices {
            var next = index
            var isBeginning = false
            var matched = true
            for (number, word) in words.enumerated() {
                let mayBegin = isPrefix && number == words.count - 1
                // Words that stand together do so within one name.
                guard next < tokens.count, tokens[next].name == tokens[index].name,
                    let (end, begins) = match(word, at: next, mayBegin)
                else {
                    matched = false
                    break
                }
                isBeginning = begins
                next = end
            }
            guard matched else { continue }
            let token = tokens[index]
            let place = Place(
                field: token.field, name: token.name, position: index - names[token.name].start,
                tokens: next - index, isBeginning: isBeginning)
            if body(place) { return true }
        }
        return false
    }

    /// - Returns: The token behind the match, and whether the last one only begins so.
    private func match(_ word: MatchWord, at index: Int, _ mayBegin: Bool) -> (Int, Bool)? {
        guard index < tokens.count else { return nil }
        if word.isUnspaced {
            let token = tokens[index]
            guard contains(word.parts[0], token) else { return nil }
            return (index + 1, token.end - token.start > word.parts[0].count)
        }
        if let end = match(parts: word.parts, at: index, mayBegin) { return end }
        for variant in word.variants {
            if let end = match(parts: [variant], at: index, mayBegin) { return end }
        }
        return nil
    }

    private func match(parts: [[UInt8]], at index: Int, _ mayBegin: Bool) -> (Int, Bool)? {
        guard index + parts.count <= tokens.count else { return nil }
        var isBeginning = false
        for (offset, part) in parts.enumerated() {
            let token = tokens[index + offset]
            guard token.name == tokens[index].name else { return nil }
            let length = token.end - token.start
            let isLast = offset == parts.count - 1
            guard length == part.count || (isLast && mayBegin && length > part.count),
                starts(token, with: part)
            else { return nil }
            if length > part.count { isBeginning = true }
        }
        return (index + parts.count, isBeginning)
    }

    private func starts(_ token: Token, with part: [UInt8]) -> Bool {
        for offset in part.indices where bytes[token.start + offset] != part[offset] {
            return false
        }
        return true
    }

    private func contains(_ part: [UInt8], _ token: Token) -> Bool {
        guard token.end - token.start >= part.count else { return false }
        for start in token.start...(token.end - part.count)
        where bytes[start..<(start + part.count)].elementsEqual(part) {
            return true
        }
        return false
    }
}

/// A word of a query, as bytes.
struct MatchWord {
    let parts: [[UInt8]]
    let variants: [[UInt8]]
    let isUnspaced: Bool

    init(_ word: SearchWord) {
        parts = word.parts.map { Array($0.utf8) }
        variants = word.variants.map { Array($0.utf8) }
        isUnspaced = word.isUnspaced
    }

    init(_ text: String) {
        parts = [Array(text.utf8)]
        variants = []
        isUnspaced = false
    }
}
