/// Texts of tags without what does not belong to them.
enum TagCleaning {
    /// Without white space around it and without control characters, which ID3v1 fields and broken
    /// taggers leave.
    static func line(_ text: String) -> String { clean(text, keepsLines: false) }

    /// The same for texts of several lines: line ends stay, as `\n`.
    static func lines(_ text: String) -> String { clean(text, keepsLines: true) }

    private static func clean(_ text: String, keepsLines: Bool) -> String {
        var text = text
        return text.withUTF8 { bytes in
            if isClean(bytes, keepsLines: keepsLines) { return nil }
            return trimmed(withoutControls(bytes, keepsLines: keepsLines)[...])
        } ?? text
    }

    /// Blanks in the place of U+0000 to U+001F and U+007F to U+009F; byte order marks left out.
    private static func withoutControls(
        _ bytes: UnsafeBufferPointer<UInt8>, keepsLines: Bool
    ) -> String {
        String(unsafeUninitializedCapacity: bytes.count) { result in
            var (index, count) = (0, 0)
            while index < bytes.count {
                let byte = bytes[index]
                switch byte {
                case 0x0a where keepsLines, 0x09 where keepsLines: result[count] = byte
                case 0x0d where keepsLines:
                    result[count] = 0x0a
                    if index + 1 < bytes.count, bytes[index + 1] == 0x0a { index += 1 }
                case ..<0x20, 0x7f: result[count] = 0x20
                case 0xc2 where bytes[index + 1] < 0xa0:
                    result[count] = 0x20
                    index += 1
                case 0xef where bytes[index + 1] == 0xbb && bytes[index + 2] == 0xbf:
                    count -= 1
                    index += 2
                default: result[count] = byte
                }
                index += 1
                count += 1
            }
            return count
        }
    }

    static func trimmed(_ text: Substring) -> String {
        let isTrimmed = text.utf8.withContiguousStorageIfAvailable(hasLettersAtEnds) ?? false
        if isTrimmed { return String(text) }
        let front = text.drop { $0.isWhitespace }
        guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(front[...last])
    }

    /// No blanks around it, and nothing within that does not belong there.
    private static func isClean(_ bytes: UnsafeBufferPointer<UInt8>, keepsLines: Bool) -> Bool {
        guard hasLettersAtEnds(bytes) else { return bytes.isEmpty }
        // No way out of the loop, so that it runs over many bytes at a time.
        var doubts: UInt8 = 0
        for byte in bytes {
            let isLineEnd = byte == 0x0a || byte == 0x09
            doubts |= byte < 0x20 && !(keepsLines && isLineEnd) || byte == 0x7f ? 1 : 0
            doubts |= byte == 0xc2 || byte == 0xef ? 2 : 0
        }
        return doubts == 0 || doubts == 2 && !hasForeignControl(bytes)
    }

    /// Whether there is one of U+0080 to U+009F, or a byte order mark.
    private static func hasForeignControl(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in bytes.indices.dropLast() {
            if bytes[index] == 0xc2, bytes[index + 1] < 0xa0 { return true }
            if bytes[index] == 0xef, bytes[index + 1] == 0xbb { return true }
        }
        return false
    }

    /// Whether the first and the last character are neither blanks nor can be part of one, as a
    /// combining mark may be. false where that takes a closer look.
    private static func hasLettersAtEnds(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let last = bytes.indices.last else { return false }
        var start = last
        while start > 0, bytes[start] & 0xc0 == 0x80 { start -= 1 }
        return isLetter(bytes, at: 0) && isLetter(bytes, at: start)
    }

    private static func isLetter(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> Bool {
        switch bytes[offset] {
        case 0x21..<0x7f: return true
        // Latin, Greek and Cyrillic letters: U+00C0 to U+02FF, U+0380 to U+047F.
        case 0xc3...0xcb, 0xce...0xd1: return true
        // Kana, but for the combining voice marks.
        case 0xe3:
            let scalar =
                0x3000 | UInt32(bytes[offset + 1] & 0x3f) << 6 | UInt32(bytes[offset + 2] & 0x3f)
            return (0x3041...0x3096).contains(scalar) || (0x30a1...0x30fa).contains(scalar)
        // U+4000 to U+9FFF: ideographs.
        case 0xe4...0xe9: return true
        // Hangul syllables.
        case 0xeb, 0xec: return true
        default: return false
        }
    }
}
