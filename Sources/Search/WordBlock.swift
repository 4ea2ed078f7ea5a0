/// Words in the order of their bytes, so many in a row of `words`, with the songs that have each.
///
/// Each is written as what it shares with the one before: the bytes shared, the further bytes, those
/// bytes, and the songs, numbers as LEB128.
struct WordBlock {
    /// More make the file smaller, and each look at a word longer.
    static let wordsInBlock = 32

    private var bytes: [UInt8] = []
    private var words: [(start: Int, end: Int, songs: Int)] = []

    var count: Int { words.count }

    func songs(_ index: Int) -> Int { words[index].songs }

    func bytes(_ index: Int) -> ArraySlice<UInt8> { bytes[words[index].start..<words[index].end] }

    func text(_ index: Int) -> String { String(decoding: bytes(index), as: UTF8.self) }

    /// The first word that is not before the text; `count` where all are.
    func firstNotBefore(_ text: [UInt8]) -> Int {
        words.indices.first { !bytes($0).lexicographicallyPrecedes(text) } ?? count
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        words.removeAll(keepingCapacity: true)
    }

    // MARK: Rows

    /// Reads a row; what is behind damage is left out.
    mutating func load(_ row: UnsafeRawBufferPointer) {
        removeAll()
        var at = 0
        func number() -> Int? {
            var value = 0
            var shift = 0
            while at < row.count, shift < 35 {
                let byte = row[at]
                at += 1
                value |= Int(byte & 0x7f) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
            return nil
        }
        while at < row.count {
            let last = words.last.map { $0.start..<$0.end } ?? 0..<0
            guard let shared = number(), shared <= last.count, let further = number(),
                further <= row.count - at
            else { return }
            let start = bytes.count
            for index in last.prefix(shared) { bytes.append(bytes[index]) }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: row[at..<(at + further)]))
            at += further
            guard let songs = number() else { return }
            words.append((start, bytes.count, songs))
        }
    }

    mutating func append(_ word: some Sequence<UInt8>, songs: Int) {
        let start = bytes.count
        bytes.append(contentsOf: word)
        words.append((start, bytes.count, songs))
    }

    var row: [UInt8] {
        var row: [UInt8] = []
        var last = bytes[..<0]
        for index in words.indices {
            let word = bytes(index)
            let shared = zip(last, word).prefix { $0 == $1 }.count
            RowList.append(shared, to: &row)
            RowList.append(word.count - shared, to: &row)
            row += word.dropFirst(shared)
            RowList.append(songs(index), to: &row)
            last = word
        }
        return row
    }
}
