import Arguments
import TagReading

extension Option {
    static let artistSeparator = Option(
        "artist-separator", "TEXT", repeats: true,
        help: """
            What stands between artists, or people of another role, in one text of a tag; with its \
            blanks, in place of the default ';' and ' / '; '' for nothing
            """)
    static let genreSeparator = Option(
        "genre-separator", "TEXT", repeats: true,
        help: "What stands between genres in one text (default: ';' and ' / ')")
}

extension ParsedArguments {
    /// Those of the command line; the default where there are none.
    func tagSeparators() throws -> TagSeparators {
        var separators = TagSeparators()
        if isGiven("artist-separator") {
            separators.artists = try list("artist-separator")
            separators.people = separators.artists
        }
        if isGiven("genre-separator") { separators.genres = try list("genre-separator") }
        return separators
    }

    private func list(_ name: String) throws -> [String] {
        let texts = strings(name).filter { !$0.isEmpty }
        // A blank alone would make two artists of each first and last name.
        guard !texts.contains(where: { $0.utf8.allSatisfy { $0 == 0x20 } }) else {
            throw usageError("--\(name) needs more than blanks")
        }
        return texts
    }
}
