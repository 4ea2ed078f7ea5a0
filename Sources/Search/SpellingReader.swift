internal import SQLite
internal import Storage

/// Words of the index, and those that are spelled nearly so.
///
/// Keeps what it was asked last, as one query asks for songs, albums and artists.
final class SpellingReader {
    /// What is known of a word as it was typed.
    struct Presence {
        /// In how many songs it is.
        var songs = 0
        /// Whether a longer word may begin so.
        var mayBegin = false
    }

    private struct Question: Hashable {
        let word: String
        let edits: Int
        let limit: Int
    }

    private let bits: Int
    private var blockOfWord: Statement
    private var blockOfNumber: Statement
    private var bucket: Statement
    private var block = WordBlock()
    private var blockNumber = -1
    private var letters: [UInt32] = []
    private var numbers: [Int] = []
    private var distance = EditDistance()
    private var presences: [String: Presence] = [:]
    private var answers: [Question: [SearchQuery.Correction]] = [:]
    private static let answersKept = 64

    init(_ search: Database, path: String) throws {
        let bits = try search.scalar(
            "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'spelling_bits'")
        guard let bits, (0...48).contains(bits) else {
            throw FormatError(
                path, "is damaged: it does not say how its spellings are kept",
                hint: "run spindle index again")
        }
        self.bits = Int(bits)
        blockOfWord = try search.prepare(
            "SELECT block, entries FROM words WHERE first <= ? ORDER BY first DESC LIMIT 1")
        blockOfNumber = try search.prepare("SELECT entries FROM words WHERE block = ?")
        bucket = try search.prepare("SELECT entries FROM spellings WHERE bucket = ?")
    }

    // MARK: Words

    /// Words of scripts without spaces are not asked for.
    func presence(of word: String) throws -> Presence {
        if let known = presences[word] { return known }
        var presence = Presence()
        try blockOfWord.bind(1, word)
        defer { blockOfWord.reset() }
        if try blockOfWord.step() {
            let number = blockOfWord.int(0)
            if number != blockNumber { blockOfWord.withBytes(1) { block.load($0) } }
            blockNumber = number
        } else {
            // It is before all words.
            _ = try load(0)
        }
        let text = Array(word.utf8)
        var index = block.firstNotBefore(text)
        if index < block.count, block.bytes(index).elementsEqual(text) {
            presence.songs = block.songs(index)
            index += 1
        }
        presence.mayBegin = index == block.count || block.bytes(index).starts(with: text)
        if presences.count >= Self.answersKept { presences.removeAll(keepingCapacity: true) }
        presences[word] = presence
        return presence
    }

    /// - Returns: false where there is no such block.
    private func load(_ number: Int) throws -> Bool {
        if number == blockNumber { return true }
        try blockOfNumber.bind(1, number)
        defer { blockOfNumber.reset() }
        guard try blockOfNumber.step() else { return false }
        blockOfNumber.withBytes(0) { block.load($0) }
        blockNumber = number
        return true
    }

    // MARK: Corrections

    /// Words that are a few edits away, the nearest and then the most frequent first.
    ///
    /// - Parameter onlyNearest: None that is farther away than another.
    func corrections(of word: String, onlyNearest: Bool, limit: Int) throws
        -> [SearchQuery.Correction]
    {
        guard let typed = Spelling.letters(of: word) else { return [] }
        let allowed = Spelling.edits(letters: typed.count)
        guard allowed > 0, typed.count <= Spelling.maximumLetters else { return [] }
        if onlyNearest, allowed > 1 {
            let near = try corrections(word, typed, edits: 1, limit: limit)
            if !near.isEmpty { return near }
        }
        return try corrections(word, typed, edits: allowed, limit: limit)
    }

    private func corrections(_ word: String, _ typed: [UInt32], edits allowed: Int, limit: Int)
        throws -> [SearchQuery.Correction]
    {
        let question = Question(word: word, edits: allowed, limit: limit)
        if let known = answers[question] { return known }
        var hashes: [UInt64] = []
        Spelling.forEachRest(typed, edits: allowed) { hashes.append($0) }
        var found: [(word: String, edits: Int, songs: Int)] = []
        try forEachWord(hashes) { index in
            guard Spelling.read(block.bytes(index), into: &letters),
                max(letters.count, typed.count) >= Spelling.minimumLetters,
                let edits = distance.between(typed, letters, limit: allowed), edits > 0
            else { return }
            found.append((block.text(index), edits, block.songs(index)))
        }
        found.sort { ($0.edits, -$0.songs, $0.word) < ($1.edits, -$1.songs, $1.word) }
        return keep(
            found.prefix(limit).map { .init(word: $0.word, edits: $0.edits, songs: $0.songs) },
            question)
    }

    /// Calls with the index in `block` of each word that has one of the hashes, in their order.
    private func forEachWord(_ hashes: [UInt64], _ body: (Int) throws -> Void) throws {
        numbers.removeAll(keepingCapacity: true)
        var last: UInt64?
        for hash in hashes.sorted() where hash != last {
            last = hash
            try bucket.bind(1, Spelling.bucket(hash, bits: bits))
            defer { bucket.reset() }
            guard try bucket.step() else { continue }
            bucket.withBytes(0) {
                SpellingBucket.read($0, check: Spelling.check(hash), into: &numbers)
            }
        }
        numbers.sort()
        var lastNumber = -1
        for number in numbers where number > lastNumber {
            lastNumber = number
            guard try load(number / WordBlock.wordsInBlock) else { continue }
            let index = number % WordBlock.wordsInBlock
            if index < block.count { try body(index) }
        }
    }

    private func keep(_ answer: [SearchQuery.Correction], _ question: Question)
        -> [SearchQuery.Correction]
    {
        if answers.count >= Self.answersKept { answers.removeAll(keepingCapacity: true) }
        answers[question] = answer
        return answer
    }

    // MARK: Beginnings

    /// Words that are looked at for one beginning.
    private static let beginningWords = 4000

    /// What words begin with that is one edit away, the most frequent first.
    func beginnings(of word: String, limit: Int) throws -> [SearchQuery.Correction] {
        guard let typed = Spelling.letters(of: word), typed.count >= Spelling.beginningLetters,
            typed.count <= Spelling.maximumLetters
        else { return [] }
        let question = Question(word: word, edits: 0, limit: limit)
        if let known = answers[question] { return known }
        var hashes: [UInt64] = []
        Spelling.forEachRestOfBeginning(typed) { hashes.append($0) }
        var songs: [[UInt32]: Int] = [:]
        var looks = 0
        try forEachWord(hashes) { start in
            guard Spelling.read(block.bytes(start), into: &letters) else { return }
            let beginning = Array(letters.prefix(Spelling.beginningLetters))
            let bytes = Array(Self.text(beginning).utf8)
            var index = start
            while looks < Self.beginningWords {
                if index == block.count {
                    guard try load(blockNumber + 1), block.count > 0 else { return }
                    index = 0
                }
                guard block.bytes(index).starts(with: bytes) else { return }
                looks += 1
                if Spelling.read(block.bytes(index), into: &letters),
                    let length = EditDistance.beginning(of: letters, oneEditFrom: typed)
                {
                    songs[Array(letters.prefix(length)), default: 0] += block.songs(index)
                }
                index += 1
            }
        }
        let found = songs.map { (word: Self.text($0.key), songs: $0.value) }.sorted {
            (-$0.songs, $0.word) < (-$1.songs, $1.word)
        }
        return keep(
            found.prefix(limit).map {
                .init(word: $0.word, edits: 1, isBeginning: true, songs: $0.songs)
            }, question)
    }

    private static func text(_ letters: [UInt32]) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: letters.compactMap { Unicode.Scalar($0) })
        return text
    }
}
