/// How likely a text is Chinese, Japanese or Korean, character by character.
struct EastAsianLikelihood: Sendable {
    /// Bits for each frequent character, by its place in the list.
    private let frequent: [UInt32: Double]
    private let kanaBits: Double
    private let hangulBits: Double
    /// Bits for an ideograph, which the double-byte sets sort into common and rare ones.
    private let commonBits: Double
    private let rareBits: Double
    private let rank: @Sendable (UInt8) -> Rank

    /// Which part of a double-byte set a lead byte belongs to.
    private enum Rank { case common, rare, extended }

    /// GB 2312's level 1 is in rows B0 to D7, level 2 up to F7; what is beyond is GBK's.
    static let simplified = EastAsianLikelihood(
        FrequentCharacters.simplified, kana: 14, hangul: 25, common: 13, rare: 17
    ) { (0xb0...0xd7).contains($0) ? .common : (0xd8...0xf7).contains($0) ? .rare : .extended }

    /// Big5's frequent characters are in rows A4 to C6.
    static let traditional = EastAsianLikelihood(
        FrequentCharacters.traditional, kana: 16, hangul: 25, common: 13, rare: 17
    ) { (0xa4...0xc6).contains($0) ? .common : .rare }

    /// JIS X 0208's level 1 is in Shift-JIS's rows 88 to 98.
    static let japanese = EastAsianLikelihood(
        FrequentCharacters.japanese, kana: 6, hangul: 25, common: 12.5, rare: 16
    ) { (0x88...0x98).contains($0) ? .common : (0x99...0xea).contains($0) ? .rare : .extended }

    /// KS X 1001's syllables are in rows B0 to C8; ideographs behind them are seldom used.
    static let korean = EastAsianLikelihood(
        FrequentCharacters.korean, kana: 16, hangul: 12, common: 16, rare: 18
    ) { (0xca...0xfd).contains($0) ? .common : .extended }

    private init(
        _ list: String, kana: Double, hangul: Double, common: Double, rare: Double,
        rank: @escaping @Sendable (UInt8) -> Rank
    ) {
        var frequent: [UInt32: Double] = [:]
        for (place, scalar) in list.unicodeScalars.enumerated() {
            // By Zipf's law a place twice as far back costs one bit more; the first is worth six.
            frequent[scalar.value] = 6 + Double((place + 32).bitWidthOfValue - 6)
        }
        self.frequent = frequent
        kanaBits = kana
        hangulBits = hangul
        commonBits = common
        rareBits = rare
        self.rank = rank
    }

    /// - Parameter bytes: What `text` was decoded from.
    /// - Returns: The cost in bits of all that is not ASCII, how many characters that are, and how
    ///   many of them are letters of the language; nil when something no text has is in it.
    func measure(_ text: [Unicode.Scalar], bytes: [UInt8]) -> (
        bits: Double, count: Int, letters: Int
    )? {
        var bits = 0.0
        var count = 0
        var letters = 0
        var offset = 0
        for (index, scalar) in text.enumerated() {
            let value = scalar.value
            guard value >= 0x80 else {
                offset += 1
                continue
            }
            if value < 0xa0 || (0xe000...0xf8ff).contains(value) { return nil }
            let lead = offset < bytes.count ? bytes[offset] : 0
            let isSingle = (0xff61...0xff9f).contains(value)
            offset += isSingle ? 1 : 2
            count += 1
            bits += cost(value, lead)
            if isLetter(value) { letters += 1 }
            // Scripts are seldom mixed without a blank between them, and least with small letters.
            bits += index > 0 ? neighbour(text[index - 1].value) : 0
            bits += index + 1 < text.count ? neighbour(text[index + 1].value) : 0
        }
        // Four-byte forms would have shifted the rest.
        return offset == bytes.count ? (bits, count, letters) : nil
    }

    private func cost(_ value: UInt32, _ lead: UInt8) -> Double {
        if let known = frequent[value] { return known }
        switch value {
        case 0x3041...0x3096, 0x30a1...0x30fc: return kanaBits
        case 0xac00...0xd7a3: return (0xb0...0xc8).contains(lead) ? hangulBits : hangulBits + 5
        case 0x3001...0x3011, 0x2026, 0xff01, 0xff08, 0xff09, 0xff0c, 0xff1a, 0xff1f, 0xff5e,
            0x301c, 0x2015, 0x30fb, 0xb7, 0x201c, 0x201d:
            return 9
        case 0xff10...0xff5a: return 10
        case 0xff61...0xff9f: return 13
        case 0x4e00...0x9fff:
            switch rank(lead) {
            case .common: return commonBits
            case .rare: return rareBits
            case .extended: return rareBits + 3
            }
        default: return 15
        }
    }

    private func isLetter(_ value: UInt32) -> Bool {
        (0x3041...0x30fc).contains(value) || (0x4e00...0x9fff).contains(value)
            || (0xac00...0xd7a3).contains(value)
    }

    private func neighbour(_ value: UInt32) -> Double {
        if (0x61...0x7a).contains(value) { return 4 }
        return (0x41...0x5a).contains(value) ? 2 : 0
    }
}

extension Int {
    /// How many binary digits it takes to write the number.
    fileprivate var bitWidthOfValue: Int { Int.bitWidth - leadingZeroBitCount }
}
