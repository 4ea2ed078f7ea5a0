/// Cuts folded scalars into words.
struct WordScan {
    private(set) var words: [SearchWord] = []

    /// Of the word that is being read, with the sign before each: 0, or what holds it to the last.
    private var parts: [(sign: UInt32, text: String)] = []
    private var part = ""
    /// A sign behind the last letter, which holds the next one to it or nothing.
    private var sign: UInt32 = 0
    private var signBeforePart: UInt32 = 0
    private var run = ""
    private var isAfterSpace = true
    /// "&", "+" and "$" mean something by what follows.
    private var pending: UInt32 = 0
    private var isPendingAfterSpace = false

    var isInWord: Bool { !part.isEmpty && sign == 0 || !run.isEmpty }

    mutating func take(_ value: UInt32) {
        if pending != 0 { resolve(before: value) }
        switch Self.kind(value) {
        case .letter:
            endRun()
            if sign != 0 {
                parts.append((signBeforePart, part))
                part = ""
                signBeforePart = sign
                sign = 0
            }
            append(value)
        case .unspaced:
            endWord()
            if let scalar = Unicode.Scalar(value) { run.unicodeScalars.append(scalar) }
        case .connector:
            endRun()
            if part.isEmpty || sign != 0 { endWord() } else { sign = value }
        case .and, .letterLike:
            endRun()
            pending = value
            isPendingAfterSpace = isAfterSpace
        case .other:
            endWord()
            endRun()
        }
        isAfterSpace = value == 32
    }

    mutating func finish() {
        if pending != 0 { resolve(before: 32) }
        endWord()
        endRun()
        Self.canonicalize(&words)
    }

    private enum Kind { case letter, unspaced, connector, and, letterLike, other }

    /// Whether it is in runs that are found in any part.
    static func isUnspaced(_ value: UInt32) -> Bool { kind(value) == .unspaced }

    private static func kind(_ value: UInt32) -> Kind {
        if value < 128 {
            switch value {
            case 0x30...0x39, 0x61...0x7a: return .letter
            case 0x27, 0x2d, 0x2e, 0x2f, 0x5f: return .connector  // ' - . / _
            case 0x26, 0x2b: return .and  // & +
            case 0x24, 0x21: return .letterLike  // $ !
            default: return .other
            }
        }
        if Folding.isUnspaced(value) { return .unspaced }
        switch value {
        case 0x2010...0x2012, 0xb7, 0x30fb, 0x2022: return .connector
        case 0xe021...0xe07e: return .letter
        default: break
        }
        guard let properties = Unicode.Scalar(value)?.properties else { return .other }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
            return .letter
        // An emoji is a word.
        case .otherSymbol: return .unspaced
        default: return .other
        }
    }

    private mutating func append(_ value: UInt32) {
        if let scalar = Unicode.Scalar(value) { part.unicodeScalars.append(scalar) }
    }

    /// A$AP, Ke$ha, P!nk; but not $100 and not Help!
    private mutating func resolve(before next: UInt32) {
        let value = pending
        pending = 0
        let isLetterNext = (0x61...0x7a).contains(next)
        switch value {
        case 0x26: addAnd()
        case 0x2b:
            if isPendingAfterSpace, next == 32 { addAnd() } else { endWord() }
        case 0x24 where isLetterNext || (!part.isEmpty && sign == 0 && isLetterLast): append(0x73)
        case 0x21 where isLetterNext && !part.isEmpty && sign == 0: append(0x69)
        default: endWord()
        }
    }

    private var isLetterLast: Bool {
        part.unicodeScalars.last.map { (0x61...0x7a).contains($0.value) } ?? false
    }

    private mutating func addAnd() {
        endWord()
        endRun()
        words.append(SearchWord(parts: ["and"]))
    }

    private mutating func endRun() {
        guard !run.isEmpty else { return }
        words.append(SearchWord(parts: [run], isUnspaced: true))
        run = ""
    }

    private mutating func endWord() {
        sign = 0
        guard !part.isEmpty else { return }
        if parts.isEmpty {
            // Most words are of one part.
            words.append(SearchWord(parts: [part]))
            part = ""
            signBeforePart = 0
            return
        }
        parts.append((signBeforePart, part))
        part = ""
        signBeforePart = 0
        var joined: [String] = []
        for (sign, text) in parts {
            // don't, I'm, singin': one word; l'amour, O'Brien, rock'n'roll: several.
            let isEnding = sign == 0x27 && text.utf8.count <= 2 && text != "n"
            if isEnding, let last = joined.popLast() {
                joined.append(last + text)
            } else {
                joined.append(text)
            }
        }
        parts.removeAll(keepingCapacity: true)
        words.append(SearchWord(parts: joined))
    }

    private static let numbers: [String: String] = [
        "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
        "eight": "8", "nine": "9", "ten": "10", "i": "1", "ii": "2", "iii": "3", "iv": "4",
        "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
    ]

    /// Whether a word, in ASCII, or what follows it is indexed in a form of its own.
    static func isCanonical(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
        // Most words are told by their first letter.
        guard let first = word.first, first == 0x70 || first == 0x76 || first == 0x66 else {
            return false
        }
        return canonical.contains { $0.elementsEqual(word) }
    }

    private static let canonical = ["pt", "part", "vol", "volume", "feat", "ft", "featuring"].map {
        Array($0.utf8)
    }

    /// "Pt. 2" and "Part Two", "Vol. 1" and "Volume I", "ft." and "featuring" are the same.
    static func canonicalize(_ words: inout [SearchWord]) {
        var isCounted = false
        for index in words.indices {
            guard words[index].parts.count == 1, !words[index].isUnspaced else {
                isCounted = false
                continue
            }
            let text = words[index].parts[0]
            if isCounted, let number = numbers[text] { words[index].replace(with: number) }
            isCounted = false
            switch text {
            case "pt", "part":
                words[index] = SearchWord(parts: ["part"])
                isCounted = true
            case "vol", "volume":
                words[index] = SearchWord(parts: ["vol"])
                isCounted = true
            case "ft", "featuring", "feat": words[index] = SearchWord(parts: ["feat"])
            default: break
            }
        }
    }
}
