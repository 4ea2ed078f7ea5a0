/// What artist and title of a song are compared by where another source names it: guests are left
/// out, as one names them in the credit, one in the title and one nowhere.
package enum SongName {
    package static func artist(_ credit: String) -> String {
        let credit = UnicodeText.composed(credit)
        return UnicodeText.identity(ArtistCredit.split(credit)?.rest ?? credit)
    }

    /// Whom a credit names first; nil where it names one.
    package static func firstArtist(_ credit: String) -> String? {
        let credit = UnicodeText.composed(credit)
        let main = ArtistCredit.split(credit)?.rest ?? credit
        return ArtistCredit.names(in: main)?.first.map(UnicodeText.identity)
    }

    package static func title(_ title: String) -> String {
        let title = UnicodeText.composed(title)
        guard let guests = ArtistCredit.guests(inTitle: title), guests.isCertain,
            let rest = ArtistCredit.split(title)?.rest
        else { return UnicodeText.identity(title) }
        return UnicodeText.identity(rest)
    }

    /// The title of the recording that was remastered: "Heroes - 2017 Remaster" is "Heroes".
    ///
    /// - Returns: nil where nothing says so.
    package static func titleWithoutRemaster(_ title: String) -> String? {
        let folded = UnicodeText.identity(UnicodeText.composed(title))
        let bytes = Array(folded.utf8)
        for mark in [" - ", " (", " ["] {
            let mark = Array(mark.utf8)
            guard bytes.count > mark.count else { continue }
            for start in (1..<bytes.count - mark.count).reversed()
            where bytes[start...].starts(with: mark) {
                let tail = String(decoding: bytes[(start + mark.count)...], as: UTF8.self)
                guard tail.contains("remaster") else { break }
                return Self.title(String(decoding: bytes[..<start], as: UTF8.self))
            }
        }
        return nil
    }
}
