internal import Catalog
internal import Plays
internal import Storage

/// What popularity needs of the ledger: which songs it knows, and their artists and genres.
struct LedgerIndex: ~Copyable {
    private var songs = ByteTable()
    private var artistsOfSongs: [[Int]] = []
    private var genresOfSongs: [[Int]] = []
    private var artists = NameNumbers(StableID.artist)
    private var genres = NameNumbers(StableID.genre)

    /// - Parameter ledger: nil when nothing was ingested yet.
    init(_ ledger: Ledger?) throws {
        guard let ledger else { return }
        try ledger.forEachSong { entry in
            var id = entry.song.id.hex
            id.withUTF8 { _ = songs.number(of: UnsafeRawBufferPointer($0)) }
            artistsOfSongs.append(artists.numbers(of: entry.tags.artists))
            genresOfSongs.append(genres.numbers(of: entry.tags.genres))
        }
    }

    /// A song's place in the ledger; nil for a song that it does not know.
    func song(_ id: UnsafeRawBufferPointer) -> Int? { songs.existing(id) }

    func artists(of song: Int) -> [Int] { artistsOfSongs[song] }
    func genres(of song: Int) -> [Int] { genresOfSongs[song] }

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
