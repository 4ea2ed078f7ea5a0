/// What somebody did for a song.
package enum ArtistRole: UInt8, CaseIterable, Sendable {
    case main, featured, remixer, composer, conductor, lyricist, performer, producer

    /// As tables and answers name it.
    package var name: String {
        switch self {
        case .main: "main"
        case .featured: "featured"
        case .remixer: "remixer"
        case .composer: "composer"
        case .conductor: "conductor"
        case .lyricist: "lyricist"
        case .performer: "performer"
        case .producer: "producer"
        }
    }

    /// Credited in the artist's or the title's line, rather than in the small print.
    var isCredited: Bool { self == .main || self == .featured }
}
