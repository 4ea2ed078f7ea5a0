internal import Storage

/// What songs are filtered by, as tokens: "y1994", "d199", "g12" (a genre and those above it) and
/// the words of labels, "lblue", "lnote".
enum Facets {
    /// - Parameter list: A JSON list of labels' names, or nothing.
    static func labels(_ list: String) -> [String] {
        guard !list.isEmpty,
            let names = try? JSONValue.parse(Array(list.utf8), path: "labels").strings
        else { return [] }
        return names.flatMap(label)
    }

    static func year(_ year: Int) -> String { "y\(year)" }
    static func decade(_ decade: Int) -> String { "d\(decade)" }
    static func genre(_ number: Int) -> String { "g\(number)" }

    static func label(_ name: String) -> [String] {
        SearchText(name).words.flatMap(\.tokens).map { "l" + $0 }
    }

    /// The tokens of which a song of one of these years has one: whole decades where there are any.
    static func years(_ range: ClosedRange<Int>) -> [String] {
        var tokens: [String] = []
        var year = range.lowerBound
        while year <= range.upperBound {
            if year % 10 == 0, year + 9 <= range.upperBound {
                tokens.append(decade(year / 10))
                year += 10
            } else {
                tokens.append(Self.year(year))
                year += 1
            }
        }
        return tokens
    }
}
