/// Numbers of words with a check byte each: the byte, and the number's difference from the one
/// before as LEB128.
enum SpellingBucket {
    /// - Parameter entries: In their order; of equal ones the first is kept.
    static func encode(_ entries: some Sequence<(word: Int, check: UInt8)>) -> [UInt8] {
        var bytes: [UInt8] = []
        var last: (word: Int, check: UInt8)?
        for entry in entries {
            // A word with a letter twice has some rests twice.
            if let last, last == entry { continue }
            bytes.append(entry.check)
            RowList.append(entry.word - (last?.word ?? 0), to: &bytes)
            last = entry
        }
        return bytes
    }

    /// Adds the numbers of words that have the check.
    static func read(_ bytes: UnsafeRawBufferPointer, check: UInt8, into words: inout [Int]) {
        var at = 0
        var word = 0
        while at < bytes.count {
            let isWanted = bytes[at] == check
            at += 1
            var shift = 0
            while at < bytes.count {
                let byte = bytes[at]
                at += 1
                word &+= Int(byte & 0x7f) << shift
                if byte < 0x80 || shift > 28 { break }
                shift += 7
            }
            if isWanted { words.append(word) }
        }
    }
}
