/// Guests in credits and titles: "A feat. B", "Song (ft. B)", "Song (with B)".
///
/// By the words alone; whether "B & C" is one artist or two is for `ArtistTable` to say, which
/// knows all artists.
enum ArtistCredit {
    private static let words: [[UInt8]] = ["featuring", "feat.", "feat", "ft.", "ft"].map {
        Array($0.utf8)
    }

    /// - Returns: nil where nobody is featured; `rest` is never empty, so that the artists Feat and
    ///   Little Feat stay who they are.
    static func split(_ text: String) -> (rest: String, guests: String)? {
        let bytes = Array(text.utf8)
        guard let found = mark(in: bytes, words) else { return nil }
        return parts(bytes, found)
    }

    /// Who a title names as guest.
    ///
    /// - Returns: The guests, and whether only "with" says so, which need not mean a person:
    ///   "(with strings)".
    static func guests(inTitle title: String) -> (guests: String, isCertain: Bool)? {
        let bytes = Array(title.utf8)
        // "Feat" is a word of titles, too; only in brackets or with a dot it means guests.
        if let found = mark(in: bytes, words), found.bracket != nil || found.isAbbreviated {
            return parts(bytes, found).map { ($0.guests, true) }
        }
        guard let found = mark(in: bytes, [Array("with".utf8)]), found.bracket != nil else {
            return nil
        }
        return parts(bytes, found).map { ($0.guests, false) }
    }

    private struct Mark {
        /// Where the rest ends: before the bracket or the white space.
        let start: Int
        /// Where the guests begin.
        let guests: Int
        let isAbbreviated: Bool
        /// What closes the bracket that the word stands behind.
        let bracket: UInt8?
    }

    private static func mark(in bytes: [UInt8], _ words: [[UInt8]]) -> Mark? {
        guard bytes.count > 4 else { return nil }
        for index in 1..<(bytes.count - 2) {
            let before = bytes[index - 1]
            guard before == 32 || before == 40 || before == 91,
                let word = words.first(where: { starts(bytes, at: index, $0) })
            else { continue }
            let end = index + word.count
            guard end < bytes.count, bytes[end] == 32 else { continue }
            let bracket: UInt8? = before == 40 ? 41 : before == 91 ? 93 : nil
            return Mark(
                start: index - 1, guests: end + 1, isAbbreviated: word.last == 46 || word.count > 4,
                bracket: bracket)
        }
        return nil
    }

    private static func parts(_ bytes: [UInt8], _ mark: Mark) -> (rest: String, guests: String)? {
        var end = bytes.count
        var after = bytes[end...]
        if let bracket = mark.bracket {
            end = bytes[mark.guests...].lastIndex(of: bracket) ?? bytes.count
            // "(feat. B) [Live]": the first bracket that closes, not the last.
            if let first = bytes[mark.guests...].firstIndex(of: bracket),
                !bytes[mark.guests..<first].contains(bracket == 41 ? 40 : 91)
            {
                end = first
            }
            after = bytes[min(end + 1, bytes.count)...]
        } else if let open = bytes[mark.guests...].firstIndex(where: { $0 == 40 || $0 == 91 }),
            open > mark.guests, bytes[open - 1] == 32
        {
            // "A feat. B (Remix)".
            end = open
            after = bytes[open...]
        }
        let guests = trimmed(bytes[mark.guests..<end])
        var rest = trimmed(bytes[..<mark.start])
        while let last = rest.utf8.last, [44, 45, 59, 38, 47].contains(last) {
            rest = trimmed(Array(rest.utf8).dropLast())
        }
        let tail = trimmed(after)
        guard !rest.isEmpty, let first = guests.unicodeScalars.first,
            first.properties.isAlphabetic || first.properties.numericType != nil || first == "$"
        else { return nil }
        return (tail.isEmpty ? rest : rest + " " + tail, guests)
    }

    private static func starts(_ bytes: [UInt8], at index: Int, _ word: [UInt8]) -> Bool {
        guard index + word.count < bytes.count else { return false }
        for (offset, letter) in word.enumerated() {
            let byte = bytes[index + offset]
            guard (65...90).contains(byte) ? byte | 32 == letter : byte == letter else {
                return false
            }
        }
        return true
    }

    private static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
        var kept = Array(bytes)[...]
        while let first = kept.first, first == 32 { kept = kept.dropFirst() }
        while let last = kept.last, last == 32 { kept = kept.dropLast() }
        return String(decoding: kept, as: UTF8.self)
    }

    // MARK: Several names in one text

    private static let separators = [
        ", ", " & ", " / ", " + ", " x ", " X ", " × ", " vs. ", " vs ", " with ", "; ",
    ].map { Array($0.utf8) }
    private static let articles = [", The ", ", the "].map { Array($0.utf8) }

    /// The names between separators; nil where there is none. Whether they are names at all only
    /// the library can say: Tyler, The Creator and Earth, Wind & Fire look the same.
    static func names(in text: String) -> [String]? {
        // "Tyler, The Creator": what begins with an article goes with what stands before it.
        let bytes = Array(text.utf8)
        guard bytes.contains(32) else { return nil }
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            // Each begins with a space, a comma or a semicolon.
            guard [32, 44, 59].contains(bytes[index]) else {
                index += 1
                continue
            }
            if let separator = separators.first(where: { bytes[index...].starts(with: $0) }) {
                if articles.contains(where: { bytes[index...].starts(with: $0) }) { return nil }
                if index > start { parts.append(bytes[start..<index]) }
                index += separator.count
                start = index
            } else {
                index += 1
            }
        }
        guard !parts.isEmpty else { return nil }
        if start < bytes.count { parts.append(bytes[start...]) }
        return parts.count > 1 ? parts.map { String(decoding: $0, as: UTF8.self) } : nil
    }
}
