/// The genres that songs name, in all spellings, and their places in the tree.
struct GenreTable {
    struct Genre {
        var name: String
        let id: String
        let parent: Int?

        // Filled in rank order.
        var number = 0
        var songCount = 0
        var totalSongCount = 0
    }

    private struct Spelling {
        let text: String
        var songCount = 0
    }

    private var spellings: [Spelling] = []
    private var numbers: [String: Int] = [:]
    private(set) var genres: [Genre] = []
    private var genreOfSpelling: [Int] = []
    private(set) var formerIDs: [(id: String, genre: Int)] = []

    /// - Returns: The spelling's number.
    mutating func note(_ text: String) -> Int {
        let text = UnicodeText.composed(text)
        if let known = numbers[text] {
            spellings[known].songCount += 1
            return known
        }
        numbers[text] = spellings.count
        spellings.append(Spelling(text: text, songCount: 1))
        return spellings.count - 1
    }

    func genre(_ spelling: Int) -> Int { genreOfSpelling[spelling] }

    mutating func update(_ genre: Int, _ change: (inout Genre) -> Void) { change(&genres[genre]) }

    /// A genre and those above it.
    func path(_ genre: Int) -> [Int] {
        var path = [genre]
        while let parent = genres[path.last!].parent { path.append(parent) }
        return path
    }

    mutating func resolve() {
        var byID: [String: Int] = [:]
        func known(_ node: Int, _ table: inout GenreTable) -> Int {
            let name = GenreTree.nodes[node].name
            let id = StableID.genre(name)
            if let found = byID[id] { return found }
            let parent = GenreTree.nodes[node].parent.map { known($0, &table) }
            table.genres.append(Genre(name: name, id: id, parent: parent))
            byID[id] = table.genres.count - 1
            return table.genres.count - 1
        }
        var votes: [Int: SpellingVotes] = [:]
        for spelling in spellings {
            if let node = GenreTree.node(spelling.text) {
                genreOfSpelling.append(known(node, &self))
            } else {
                let id = StableID.genre(spelling.text)
                let genre = byID[id] ?? genres.count
                if genre == genres.count {
                    genres.append(Genre(name: spelling.text, id: id, parent: nil))
                    byID[id] = genre
                }
                votes[genre, default: SpellingVotes()].add(spelling.text, spelling.songCount)
                genreOfSpelling.append(genre)
            }
        }
        for (genre, tally) in votes { genres[genre].name = tally.winner! }
        var former: [String: Int] = [:]
        for (number, spelling) in spellings.enumerated() {
            let id = StableID.formerGenre(spelling.text)
            if byID[id] == nil { former[id] = genreOfSpelling[number] }
        }
        formerIDs = former.map { (id: $0.key, genre: $0.value) }.sorted { $0.id < $1.id }
    }
}
