internal import Storage

/// Ids of albums, artists and genres: 16 hexadecimal digits that stay the same from night to night,
/// because they are made of the MusicBrainz id, or else of the name, and nothing else.
package enum StableID {
    package static func artist(_ name: String) -> String { make("artist", [name]) }
    /// Spellings of one genre have one id.
    package static func genre(_ name: String) -> String {
        make("genre", [GenreTree.identity(name)])
    }

    /// - Parameter artist: The album artist, "" for a compilation: two albums may have one title.
    package static func album(_ title: String, artist: String) -> String {
        make("album", [title, artist])
    }

    /// The number that is written as an artist's id.
    ///
    /// - Parameter identity: A folded name, or the identity of a MusicBrainz id.
    static func artistNumber(_ identity: String) -> UInt64 { number("artist", [identity]) }

    /// The number that is written as an album's id.
    ///
    /// - Parameter identity: Folded title and artists, or the identity of a MusicBrainz release.
    static func albumNumber(_ identity: [String]) -> UInt64 { number("album", identity) }

    static func text(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// What `genre` was before spellings were brought together.
    static func formerGenre(_ name: String) -> String { make("genre", [name]) }

    /// Whether a text has the form of such an id.
    package static func isValid(_ id: String) -> Bool {
        id.utf8.count == 16
            && id.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private static func make(_ kind: String, _ names: [String]) -> String {
        text(number(kind, names))
    }

    private static func number(_ kind: String, _ names: [String]) -> UInt64 {
        // 64 bits: among 10 million artists the chance that any two meet is 3 in a million.
        let digest = SHA256.hash(([kind] + names.map(UnicodeText.identity)).joined(separator: "\0"))
        return digest.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
