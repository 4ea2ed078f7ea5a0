internal import Plays
internal import Storage

/// What the ledger and the calendar of releases say of a window's songs, by their numbers there.
struct SongTraits {
    /// Numbers of the first artist, the album and the first genre; -1 where none is known.
    private(set) var artists: ContiguousArray<Int32> = []
    private(set) var albums: ContiguousArray<Int32> = []
    private(set) var genres: ContiguousArray<Int32> = []
    /// Of the audio; nil where the ledger does not know the song.
    private(set) var sizesBytes: ContiguousArray<Int?> = []
    /// The day of the window on which a song came out; nil where that was before it, or not known.
    private(set) var releaseDays: ContiguousArray<Int?> = []
    private(set) var artistCount = 0
    private(set) var albumCount = 0
    private(set) var genreCount = 0

    /// A song that is first heard so soon after it was ingested came out then.
    private static let daysAfterIngest = 3

    /// Songs without any of these.
    init(songs: Int) {
        artists = .init(repeating: -1, count: songs)
        albums = artists
        genres = artists
        sizesBytes = .init(repeating: nil, count: songs)
        releaseDays = .init(repeating: nil, count: songs)
    }

    /// - Parameter firstDate: The window's first day.
    init(
        _ ids: borrowing ByteTable, _ ledger: borrowing LedgerIndex, _ history: DemandHistory,
        releases: [Release], firstDate: CalendarDate
    ) {
        self.init(songs: ids.count)
        artistCount = ledger.artistCount
        albumCount = ledger.albumCount
        genreCount = ledger.genreCount
        var announced: [Int: CalendarDate] = [:]
        for release in releases {
            var id = release.songID
            let song = id.withUTF8 { ids.existing(UnsafeRawBufferPointer($0)) }
            if let song { announced[song] = release.date }
        }
        var entries: ContiguousArray<DemandHistory.Entry> = []
        for song in 0..<ids.count {
            var date = announced[song]
            var added: CalendarDate?
            if let known = ledger.song(ids[song]) {
                artists[song] = Int32(ledger.artists(of: known).first ?? -1)
                genres[song] = Int32(ledger.genres(of: known).first ?? -1)
                albums[song] = Int32(ledger.album(of: known) ?? -1)
                sizesBytes[song] = ledger.sizeBytes(of: known)
                date = date ?? ledger.releaseDate(of: known)
                added = ledger.dateAdded(of: known)
            }
            guard date.map({ $0 >= firstDate }) ?? (added.map { $0 >= firstDate } ?? false),
                let first = history.firstDay(of: song, &entries)
            else { continue }
            releaseDays[song] = Self.releaseDay(
                firstHeard: first, date: date.map { $0.dayNumber - firstDate.dayNumber },
                added: added.map { $0.dayNumber - firstDate.dayNumber })
        }
    }

    mutating func set(
        _ song: Int, artist: Int? = nil, album: Int? = nil, genre: Int? = nil,
        releaseDay: Int? = nil
    ) {
        if let artist {
            artists[song] = Int32(artist)
            artistCount = max(artistCount, artist + 1)
        }
        if let album {
            albums[song] = Int32(album)
            albumCount = max(albumCount, album + 1)
        }
        if let genre {
            genres[song] = Int32(genre)
            genreCount = max(genreCount, genre + 1)
        }
        releaseDays[song] = releaseDay
    }

    /// All are days of the window. Only what was known when the song was first heard is gone by.
    static func releaseDay(firstHeard: Int, date: Int?, added: Int?) -> Int? {
        if let date, date >= 0 {
            // East of Greenwich a day begins early. Who heard it before that makes the date wrong.
            if firstHeard >= date { return date }
            return firstHeard == date - 1 ? firstHeard : nil
        }
        if date == nil, let added, added >= 0, firstHeard >= added,
            firstHeard <= added + daysAfterIngest
        {
            return firstHeard
        }
        return nil
    }
}
