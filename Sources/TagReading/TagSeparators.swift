/// At what one text of several values is split.
///
/// ID3v2.3 has one text for all artists, and for all genres, and taggers put them together each in
/// their own way. By default only what no name contains separates, so that nothing is split that
/// belongs together (AC/DC; Simon & Garfunkel; Earth, Wind & Fire; Tyler, The Creator); the text
/// as it was stays in `artist_credit`. NUL separates always, in any version.
package struct TagSeparators: Equatable, Sendable {
    package var artists: [String]
    package var genres: [String]
    /// Composers and the like.
    package var people: [String]
    package var others: [String]
    /// Genres that have a separator in their name: Discogs' only one.
    package var wholeGenres: Set<String> = ["funk / soul"]

    package init(
        artists: [String] = [";", " / "], genres: [String] = [";", " / "],
        people: [String] = [";", " / "], others: [String] = []
    ) {
        self.artists = artists
        self.genres = genres
        self.people = people
        self.others = others
    }

    /// As one text: of two that are equal it is the same, of others not. Empty for the default.
    package var signature: String {
        guard self != TagSeparators() else { return "" }
        return [artists, genres, people, others].map {
            // Lengths, as a separator may hold any character.
            $0.map { "\($0.utf8.count):\($0)" }.joined()
        }.joined(separator: "|")
    }

    /// - Returns: The parts without white space around them, each once, none empty.
    static func split(_ text: String, at separators: [String]) -> [String] {
        var parts: [String] = []
        for separator in separators {
            // Rarely is there one: a look for its first letter other than a blank tells.
            guard let letter = separator.utf8.first(where: { $0 != 0x20 }) ?? separator.utf8.first,
                text.utf8.contains(letter)
            else { continue }
            parts = (parts.isEmpty ? [text] : parts).flatMap {
                split($0, at: Array(separator.utf8))
            }
        }
        if parts.isEmpty {
            let whole = TagCleaning.trimmed(text[...])
            return whole.isEmpty ? [] : [whole]
        }
        return unique(parts.map { TagCleaning.trimmed($0[...]) })
    }

    static func unique(_ values: [String]) -> [String] {
        if values.count == 1 { return values[0].isEmpty ? [] : values }
        var seen: Set<String> = []
        return values.filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    private static func split(_ text: String, at separator: [UInt8]) -> [String] {
        let bytes = Array(text.utf8)
        var parts: [String] = []
        var start = 0
        var offset = 0
        while offset + separator.count <= bytes.count {
            let isHere =
                bytes[offset...].starts(with: separator)
                && !(separator == [0x3b] && isEntity(bytes[start..<offset]))
            guard isHere else {
                offset += 1
                continue
            }
            parts.append(String(decoding: bytes[start..<offset], as: UTF8.self))
            start = offset + separator.count
            // The blank behind one separator may be that before the next: "A / / B".
            offset = separator.first == 0x20 && separator.last == 0x20 ? start - 1 : start
            if offset < start, !bytes[offset...].starts(with: separator) { offset = start }
            if offset < start { start = offset }
        }
        return parts + [String(decoding: bytes[start...], as: UTF8.self)]
    }

    /// Whether what stands before a semicolon is the beginning of `&amp;`, `&#39;` or the like.
    private static func isEntity(_ text: ArraySlice<UInt8>) -> Bool {
        let name = text.suffix(8)
        guard let ampersand = name.lastIndex(of: 0x26) else { return false }
        let letters = name[name.index(after: ampersand)...]
        return letters.count >= 2
            && letters.allSatisfy {
                $0 == 0x23 || (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20)
            }
    }
}
