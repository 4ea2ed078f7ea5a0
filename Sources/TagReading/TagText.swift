/// How a text says it is encoded; what it is in truth, `TextRepair` judges.
package enum TextEncoding: Hashable, Sendable {
    /// ISO 8859-1, or whatever the tagger's machine used in its place.
    case latin1
    /// UTF-16 with a byte order mark, or without one and guessed.
    case utf16
    case utf16BigEndian
    case utf8
}

/// One text of a tag.
package struct TagText: Hashable, Sendable {
    package var text: String
    package var encoding: TextEncoding
    /// The bytes as stored, where what they mean is open: Latin-1 with bytes of 128 and more, and
    /// texts that say UTF-8 and are not. Empty for all others.
    package var storedBytes: [UInt8]

    package init(_ text: String, encoding: TextEncoding = .utf8, storedBytes: [UInt8] = []) {
        self.text = text
        self.encoding = encoding
        self.storedBytes = storedBytes
    }
}
