/// How likely a text of single bytes is as what it says to be: Latin-1 of Western Europe, with
/// Windows' punctuation.
///
/// Costs are in bits, by hand from the frequencies in Debian's French, German, Spanish,
/// Portuguese, Italian, Swedish, Danish, Norwegian and Icelandic word lists: accents stand alone
/// among ASCII letters, in lower case, and few of them side by side.
enum WesternLikelihood {
    /// - Returns: The cost of all bytes of 128 and more; ASCII costs nothing.
    static func bits(_ text: [UInt8]) -> Double {
        var bits = 0.0
        var run = 0
        for (index, byte) in text.enumerated() {
            guard byte >= 0x80 else {
                run = 0
                continue
            }
            bits += cost[Int(byte) - 0x80]
            let before = index > 0 ? text[index - 1] : 0x20
            if isLetter(byte) {
                run += 1
                if run > 1 { bits += run > 2 ? 10 : pair(before, byte) }
                if isUpper(byte), isLower(before) { bits += 6 }
            } else {
                run = 0
                let after = index + 1 < text.count ? text[index + 1] : 0x20
                if !joinsLetters(byte), isAnyLetter(before), isAnyLetter(after) { bits += 5 }
            }
        }
        return bits
    }

    private static let cost: [Double] = (0x80...0xff).map { byte in
        switch UInt8(byte) {
        case 0x81, 0x8d, 0x8f, 0x90, 0x9d: 18
        case 0x85, 0x91...0x97, 0x99: 8
        case 0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f: 10
        case 0x80...0x9f: 12
        case 0xa0, 0xa1, 0xa3, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xae, 0xb0, 0xb2, 0xb3, 0xb4, 0xb7,
            0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf:
            8
        case 0xa1...0xbf, 0xd7, 0xf7: 11
        case 0xe9, 0xe8, 0xe0, 0xe7, 0xea, 0xf4, 0xee, 0xfb, 0xe2, 0xe4, 0xf6, 0xfc, 0xdf, 0xe5,
            0xf8, 0xe6, 0xf1, 0xf3, 0xed, 0xfa, 0xe1, 0xe3, 0xf5:
            5
        case 0xc0...0xde: 8
        default: 7
        }
    }

    /// What two accented letters side by side cost beyond each alone.
    private static func pair(_ first: UInt8, _ second: UInt8) -> Double {
        let (first, second) = (lower(first), lower(second))
        // Icelandic and Faroese ð and þ stand beside accents as any consonant does.
        if [0xf0, 0xfe].contains(first) || [0xf0, 0xfe].contains(second) { return 1 }
        switch first {
        // ção, ções, ça, créée
        case 0xe7: return [0xe3, 0xf5, 0xe1, 0xe2, 0xf3, 0xfb, 0xea, 0xe9].contains(second) ? 1 : 6
        case 0xe9: return [0xe9, 0xe8, 0xe2, 0xee].contains(second) ? 2 : 6
        // äß, öß, üß
        case 0xe4, 0xf6, 0xfc: return second == 0xdf ? 1 : 6
        case 0xf1: return [0xf3, 0xed, 0xe9, 0xe1, 0xfa].contains(second) ? 2 : 6
        // Icelandic, and Scandinavian compounds
        case 0xe1, 0xed, 0xf3, 0xfa, 0xfd, 0xe5, 0xf8, 0xe6: return 4
        default: return 6
        }
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f: true
        case 0xc0...0xff: byte != 0xd7 && byte != 0xf7
        default: false
        }
    }

    static func isUpper(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x8a, 0x8c, 0x8e, 0x9f: true
        case 0xc0...0xde: byte != 0xd7
        default: false
        }
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (isLetter(byte) && !isUpper(byte))
    }

    private static func isAnyLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || isLetter(byte)
    }

    /// Apostrophes, hyphens, the Catalan dot, º and ª, soft hyphen.
    private static func joinsLetters(_ byte: UInt8) -> Bool {
        [0x91, 0x92, 0x96, 0x97, 0xb4, 0xb7, 0xba, 0xaa, 0xad].contains(byte)
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (0xc0...0xde).contains(byte) && byte != 0xd7 ? byte + 0x20 : byte
    }
}
