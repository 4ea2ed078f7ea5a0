/// An album's title without the disc that it names: "Echoes (Disc 2)" is a part of "Echoes".
///
/// Only words that mean a disc count, with a number, at the end: volumes and parts are albums of
/// their own. A title that is nothing else ("CD 1") stays.
struct AlbumTitle: Equatable {
    let base: String
    let disc: Int?
    /// What follows the number: "(Disc 2: Live)".
    let discSubtitle: String?

    private static let words = ["disc", "disk", "cd", "disco", "disque", "диск"]

    init(_ title: String) {
        if let parts = Self.parts(title) { self = parts } else { self.init(title, nil, nil) }
    }

    private init(_ base: String, _ disc: Int?, _ discSubtitle: String?) {
        self.base = base
        self.disc = disc
        self.discSubtitle = discSubtitle
    }

    private static func parts(_ title: String) -> AlbumTitle? {
        // Most titles have no digit.
        guard title.utf8.contains(where: { (48...57).contains($0) }) else { return nil }
        if let close = title.last, close == ")" || close == "]",
            let open = title.lastIndex(of: close == ")" ? "(" : "[")
        {
            let inside = title[title.index(after: open)...].dropLast()
            return number(inside).flatMap { make(title[..<open], $0.disc, $0.rest) }
        }
        let words = title.split(separator: " ")
        // "Echoes CD2", "Echoes - Disc 2".
        for count in 1...2 where words.count > count {
            let last = words.suffix(count).joined(separator: " ")
            guard let found = number(last[...]), found.rest == nil else { continue }
            return make(title[..<words[words.count - count].startIndex], found.disc, nil)
        }
        return nil
    }

    /// "Disc 2", "CD2", "Disc 2: Live".
    private static func number(_ text: Substring) -> (disc: Int, rest: String?)? {
        let lower = text.lowercased()
        guard let word = words.filter({ lower.hasPrefix($0) }).max(by: { $0.count < $1.count })
        else { return nil }
        let behind = text.dropFirst(word.count).drop { $0 == " " || $0 == "#" || $0 == "." }
        let digits = behind.prefix { $0.isASCII && $0.isNumber }
        guard let disc = Int(digits), (1...99).contains(disc) else { return nil }
        let rest = behind.dropFirst(digits.count)
        if rest.isEmpty { return (disc, nil) }
        guard let first = rest.first, first == ":" || first == " " || first == "," else {
            return nil
        }
        var subtitle = rest.drop { ":-–, ".contains($0) }
        if let of = subtitle.lowercased().hasPrefix("of ") ? subtitle.dropFirst(3) : nil,
            of.allSatisfy({ $0.isASCII && $0.isNumber })
        {
            subtitle = ""
        }
        return (disc, subtitle.isEmpty ? nil : String(subtitle))
    }

    private static func make(_ before: Substring, _ disc: Int, _ subtitle: String?) -> AlbumTitle? {
        var base = before
        while let last = base.last, " ,-–—:".contains(last) { base.removeLast() }
        return base.isEmpty ? nil : AlbumTitle(String(base), disc, subtitle)
    }
}
