/// Which MusicBrainz ids the names in files had that are gone: with the last file that carries an id
/// the artist or album would else get another one.
struct FormerNames {
    struct Release: Hashable {
        let titleIdentity: String
        /// Of the album artists, folded.
        let artists: [String]
    }

    private(set) var artists: [String: Set<String>] = [:]
    private(set) var releases: [Release: Set<String>] = [:]

    mutating func note(_ tags: Tags) {
        note(tags.artists, tags[.musicBrainzArtistIDs])
        note(tags[.albumArtists], tags[.musicBrainzAlbumArtistIDs])
        guard let mbid = tags[.musicBrainzAlbumID].first.flatMap(ArtistTable.musicBrainzID),
            let whole = tags[.album].first
        else { return }
        let title = AlbumTitle(UnicodeText.composed(whole)).base
        let names =
            tags[.albumArtists].isEmpty ? Array(tags.artists.prefix(1)) : tags[.albumArtists]
        let release = Release(
            titleIdentity: UnicodeText.identity(title),
            artists: names.map { Self.identity(ArtistCredit.split($0)?.rest ?? $0) })
        releases[release, default: []].insert(mbid)
    }

    private mutating func note(_ names: [String], _ ids: [String]) {
        guard names.count == ids.count else { return }
        for (name, id) in zip(names, ids) {
            let identity = Self.identity(name)
            guard let mbid = ArtistTable.musicBrainzID(id), identity != VariousArtists.identity
            else { continue }
            artists[identity, default: []].insert(mbid)
        }
    }

    private static func identity(_ name: String) -> String {
        let identity = UnicodeText.identity(UnicodeText.composed(name))
        return VariousArtists.isOne(identity) ? VariousArtists.identity : identity
    }
}
