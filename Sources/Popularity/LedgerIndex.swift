internal import Catalog
internal import Plays
internal import Storage

/// What popularity needs of the ledger: which songs it knows, their artists, genres and albums, how
/// large they are and since when they are there.
struct LedgerIndex: ~Copyable {
    private var songs = ByteTable()
    private var artistsOfSongs: [[Int]] = []
    private var genresOfSongs: [[Int]] = []
    private var albumsOfSongs: ContiguousArray<Int32> = []
    private var sizesBytes: ContiguousArray<Int> = []
    private var releaseDates: ContiguousArray<Int32> = []
    private var datesAdded: ContiguousArray<Int32> = []
    private var firstDateAdded = Int32.max
    private var artists = NameNumbers(StableID.artist)
    private var albums = ByteTable()
    private var genres = NameNumbers(StableID.genre)

    /// - Parameter ledger: nil when nothing was ingested yet.
    init(_ ledger: Ledger?) throws {
        guard let ledger else { return }
        try ledger.forEachSong { entry in
            var id = entry.song.id.hex
            id.withUTF8 { _ = songs.number(of: UnsafeRawBufferPointer($0)) }
            artistsOfSongs.append(artists.numbers(of: entry.tags.artists))
            genresOfSongs.append(genres.numbers(of: entry.tags.genres))
            albumsOfSongs.append(albumNumber(entry))
            sizesBytes.append(entry.song.sizeBytes)
            releaseDates.append(Self.day(entry.tags.releaseDate))
            datesAdded.append(Self.day(entry.added))
            firstDateAdded = min(firstDateAdded, datesAdded.last!)
        }
    }

    /// Albums of one name by one artist are one. -1 for a song that is on none.
    private mutating func albumNumber(_ entry: LedgerEntry) -> Int32 {
        guard !entry.tags.album.isEmpty else { return -1 }
        let artist =
            entry.tags.albumArtist.isEmpty ? entry.tags.artists.first ?? "" : entry.tags.albumArtist
        var key = artist + "\0" + entry.tags.album
        return key.withUTF8 { Int32(albums.number(of: UnsafeRawBufferPointer($0))) }
    }

    /// As a number of days; the least there is for what is no whole date.
    private static func day(_ text: String) -> Int32 {
        CalendarDate(text).flatMap { Int32(exactly: $0.dayNumber) } ?? .min
    }

    /// A song's place in the ledger; nil for a song that it does not know.
    func song(_ id: UnsafeRawBufferPointer) -> Int? { songs.existing(id) }

    func artists(of song: Int) -> [Int] { artistsOfSongs[song] }
    func genres(of song: Int) -> [Int] { genresOfSongs[song] }
    func album(of song: Int) -> Int? { albumsOfSongs[song] < 0 ? nil : Int(albumsOfSongs[song]) }
    /// Of the audio.
    func sizeBytes(of song: Int) -> Int { sizesBytes[song] }
    var totalBytes: Int { sizesBytes.reduce(0, +) }
    var songCount: Int { songs.count }
    var artistCount: Int { artists.names.count }
    var albumCount: Int { albums.count }
    var genreCount: Int { genres.names.count }

    /// Of its tags; nil where they do not name the day.
    func releaseDate(of song: Int) -> CalendarDate? {
        releaseDates[song] == .min ? nil : CalendarDate(dayNumber: Int(releaseDates[song]))
    }

    /// The night on which a song came after the first ones did.
    func dateAdded(of song: Int) -> CalendarDate? {
        datesAdded[song] > firstDateAdded ? CalendarDate(dayNumber: Int(datesAdded[song])) : nil
    }

    /// A genre's name as the catalogue shows it.
    func genreName(_ genre: Int) -> String { GenreTree.displayName(genres.names[genre]) }

    /// The numbers of those artists of whom the ledger has songs.
    func artists(named names: [String]) -> [Int] { names.compactMap { artists.existing($0) } }
}

/// Numbers names; spellings that are one name to the catalogue have one number.
private struct NameNumbers {
    private(set) var names: [String] = []
    private var byIdentity: [ByteKey: Int] = [:]
    // Thousands of songs share a spelling; folding each once is enough.
    private var bySpelling: [ByteKey: Int] = [:]
    private let identity: (String) -> String

    init(_ identity: @escaping (String) -> String) { self.identity = identity }

    mutating func numbers(of spellings: [String]) -> [Int] {
        var result: [Int] = []
        for spelling in spellings {
            let number = number(of: spelling)
            if !result.contains(number) { result.append(number) }
        }
        return result
    }

    func existing(_ name: String) -> Int? { byIdentity[ByteKey(identity(name))] }

    private mutating func number(of spelling: String) -> Int {
        let key = ByteKey(spelling)
        if let known = bySpelling[key] { return known }
        let identity = ByteKey(identity(spelling))
        let number = byIdentity[identity] ?? names.count
        if number == names.count { names.append(spelling) }
        byIdentity[identity] = number
        bySpelling[key] = number
        return number
    }
}
