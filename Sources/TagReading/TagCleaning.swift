/// Texts of tags without what does not belong to them.
enum TagCleaning {
    /// Without white space around it and without control characters, which ID3v1 fields and broken
    /// taggers leave.
    static func line(_ text: String) -> String {
        if isClean(text) { return text }
        return trimmed(
            String(
                String.UnicodeScalarView(
                    text.unicodeScalars.compactMap {
                        isControl($0) ? " " : $0.value == 0xfeff ? nil : $0
                    }))[...])
    }

    /// The same for texts of several lines: line ends stay, as `\n`.
    static func lines(_ text: String) -> String {
        if isClean(text) { return text }
        let unified = text.utf8.contains(0x0d) ? unifiedLineEnds(text) : text
        return trimmed(
            String(
                String.UnicodeScalarView(
                    unified.unicodeScalars.compactMap {
                        $0 == "\n" || $0 == "\t"
                            ? $0 : isControl($0) ? " " : $0.value == 0xfeff ? nil : $0
                    }))[...])
    }

    static func trimmed(_ text: Substring) -> String {
        // Neither a blank, nor a part of a letter that may be one.
        let bytes = text.utf8
        if let first = bytes.first, let last = bytes.last, (0x21..<0x7f).contains(first),
            (0x21..<0x7f).contains(last)
        {
            return String(text)
        }
        let front = text.drop { $0.isWhitespace }
        guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(front[...last])
    }

    /// Printable ASCII without blanks around it, or other letters with none that need a look.
    private static func isClean(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard let first = bytes.first, let last = bytes.last, first > 0x20, last > 0x20,
                first < 0x7f, last < 0x7f
            else { return bytes.isEmpty }
            for byte in bytes where byte < 0x20 || byte == 0x7f || byte == 0xc2 || byte == 0xef {
                return false
            }
            return true
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
    }

    private static func unifiedLineEnds(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in text.unicodeScalars {
            if scalar == "\r" {
                result.append("\n")
            } else if scalar != "\n" || !afterReturn {
                result.append(scalar)
            }
            afterReturn = scalar == "\r"
        }
        return String(result)
    }
}
