/// The form in which texts are indexed and queries are matched.
package enum SearchText {
    /// Folded, and with spaces around each character of a script that is written without them, so
    /// that any part of 荒城の月 is found.
    package static func indexed(_ text: String) -> String {
        if let plain = indexedASCII(text) { return plain }
        var result = ""
        for scalar in UnicodeText.searchForm(text).unicodeScalars {
            if UnicodeText.isUnspaced(scalar) {
                result += " "
                result.unicodeScalars.append(scalar)
                result += " "
            } else if scalar == "'" {
                // "don't" is typed "dont", and O'Brien OBrien.
                continue
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Most texts: lower case, without apostrophes. nil for others.
    private static func indexedASCII(_ text: String) -> String? {
        guard text.utf8.allSatisfy({ $0 < 128 }) else { return nil }
        return String(unsafeUninitializedCapacity: text.utf8.count) { buffer in
            var count = 0
            for byte in text.utf8 where byte != 39 {
                buffer[count] = (65...90).contains(byte) ? byte | 32 : byte
                count += 1
            }
            return count
        }
    }

    /// A query that FTS5 takes, from whatever people type: every word must be there, the last one
    /// may be incomplete.
    ///
    /// - Returns: nil when nothing is left to search for.
    package static func query(_ text: String) -> String? {
        var terms: [String] = []
        var word = ""
        var phrase: [String] = []
        func endWord() {
            if !word.isEmpty { terms.append("\"\(word)\"") }
            word = ""
        }
        func endPhrase() {
            if !phrase.isEmpty { terms.append("\"\(phrase.joined(separator: " "))\"") }
            phrase = []
        }
        // Longer ones are no query that a person typed; the limits bound the cost of each. Not by
        // characters, as one may have any number of marks.
        let beginning = String(text.unicodeScalars.prefix(300))
        for scalar in UnicodeText.searchForm(beginning).unicodeScalars {
            if UnicodeText.isUnspaced(scalar) {
                endWord()
                phrase.append(String(scalar))
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || scalar.properties.generalCategory == .nonspacingMark
                || scalar.properties.generalCategory == .spacingMark
            {
                endPhrase()
                word.unicodeScalars.append(scalar)
            } else if scalar != "'" {
                endWord()
                endPhrase()
            }
        }
        let lastIsWord = !word.isEmpty
        endWord()
        endPhrase()
        guard !terms.isEmpty else { return nil }
        terms = Array(terms.prefix(16))
        if lastIsWord { terms[terms.count - 1] += "*" }
        return terms.joined(separator: " ")
    }
}
