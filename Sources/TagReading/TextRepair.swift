/// Finds texts that are called Latin-1 and are not, by what their bytes say.
///
/// Each encoding, Western Latin-1 included, is a model that says how many bits the bytes cost
/// under it. A repair needs evidence (so many bits less than Western), a clear winner (so many
/// less than the next encoding) and plausibility (not more bits a letter than real texts of the
/// language have): a wrong repair is worse than none.
package enum TextRepair {
    package struct Repair: Hashable, Sendable {
        package var text: String
        /// The encoding's name: `CP1251`, `KOI8-R`, `CP932`, `GBK`, `BIG5`, `CP949`, `UTF-8`,
        /// `CP1252`.
        package var encoding: String

        package init(text: String, encoding: String) {
            self.text = text
            self.encoding = encoding
        }
    }

    /// What all texts of a tag together must save over being Western.
    private static let evidenceBits = 25.0
    /// What one text must save, once the others have shown the encoding.
    private static let textBits = 3.0
    /// The same for a text without ASCII letters, which may be as short as a single character.
    private static let pureTextBits = -6.0
    /// By how much the best encoding must beat the next.
    private static let marginBits = 5.0

    /// What a letter of a real Russian text costs at most; Greek and Hebrew read as Russian cost
    /// more, mostly.
    private static let plausibleLetterBits = 5.0
    /// What short texts may cost beyond that, as a few letters average out badly.
    private static let shortnessBits = 2.0
    /// The same for a character of Chinese, Japanese or Korean; Thai read as Chinese costs more.
    private static let plausibleCharacterBits = 12.2

    /// Of a long text so much is judged: two pages, which say as much as a book.
    private static let judgedTextBytes = 8 << 10
    /// Of a tag so much chooses the encoding.
    private static let judgedTagBytes = 64 << 10

    /// - Parameter texts: The `storedBytes` of all doubtful texts of one tag: mostly they have one
    ///   encoding, so they are judged together. ASCII texts are left alone.
    /// - Returns: For each text its repair, or nil: leave it alone.
    /// - Complexity: Linear; the likelihoods, its dear part, look at a bounded part of each text, and
    ///   all but the chosen one at a bounded part of the tag.
    package static func repairs(_ texts: [[UInt8]]) -> [Repair?] {
        let asUTF8 = texts.map { utf8($0) }
        var repairs: [Repair?] = asUTF8.map { $0?.isCertain == true ? $0?.repair : nil }
        let open = texts.indices.filter { index in
            repairs[index] == nil && texts[index].contains { $0 >= 0x80 }
        }
        guard !open.isEmpty else { return repairs }
        let beginnings = open.map { Beginning(texts[$0]) }
        var left = judgedTagBytes
        let judged = beginnings.prefix { beginning in
            defer { left -= beginning.bytes.count }
            return left > 0
        }
        if let best = best(Array(judged)) {
            for (place, index) in open.enumerated() {
                let beginning = beginnings[place]
                let reading =
                    place < best.readings.count
                    ? best.readings[place] : read(beginning, best.encoding)
                guard let reading, reading.isPlausible || (reading.isPure && reading.isTolerable),
                    beginning.westernBits - reading.bits
                        >= (reading.isPure ? pureTextBits : textBits),
                    let text = beginning.isAll
                        ? reading.scalars
                        : Transcoder.decode(texts[index], from: best.encoding)?.text
                else { continue }
                repairs[index] = Repair(text: string(text), encoding: best.encoding)
            }
        }
        for index in open where repairs[index] == nil {
            repairs[index] = asUTF8[index]?.repair ?? windows(texts[index])
        }
        return repairs
    }

    /// What is judged of a text.
    private struct Beginning {
        let bytes: [UInt8]
        let isAll: Bool
        let westernBits: Double

        init(_ text: [UInt8]) {
            isAll = text.count <= judgedTextBytes
            bytes = isAll ? text : Array(text[..<judgedTextBytes])
            westernBits = WesternLikelihood.bits(bytes)
        }
    }

    private static func string(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// A text's beginning read in one encoding.
    private struct Reading {
        let scalars: [Unicode.Scalar]
        let bits: Double
        /// Letters of the language's own script.
        let letters: Int
        let isPlausible: Bool

        /// Odd, but not beyond belief once other texts have shown the encoding: a band called ДДТ.
        let isTolerable: Bool

        /// Nothing but letters of that script, and blanks.
        var isPure: Bool {
            letters == scalars.count { $0 != " " } && scalars.contains { $0 != " " }
        }
    }

    private static let encodings = ["CP1251", "KOI8-R", "CP932", "GBK", "BIG5", "CP949"]

    /// What all texts say for an encoding.
    private struct Candidate {
        let encoding: String
        let readings: [Reading?]
        /// Bits saved over Western, by plausible readings.
        var saved = 0.0
        /// And by all readings: gibberish in one encoding that is nearly as good as sense in
        /// another is a reason to leave a text alone.
        var claimed = 0.0
        var letters = 0
    }

    private static func best(_ texts: [Beginning])
        -> (encoding: String, readings: [Reading?])?
    {
        let candidates = encodings.map { encoding in
            let readings = texts.map { read($0, encoding) }
            var candidate = Candidate(encoding: encoding, readings: readings)
            for (reading, western) in zip(readings, texts.map(\.westernBits)) {
                // Texts that stay Western neither speak for an encoding nor against it.
                guard let reading, reading.bits < western else { continue }
                candidate.claimed += western - reading.bits
                guard reading.isPlausible else { continue }
                candidate.saved += western - reading.bits
                candidate.letters += reading.letters
            }
            return candidate
        }
        let first = candidates.max { $0.saved < $1.saved }!
        let rivals = candidates.filter { $0.encoding != first.encoding }.map(\.claimed)
        guard first.saved >= evidenceBits, first.saved - (rivals.max() ?? 0) >= marginBits,
            first.letters >= (["CP1251", "KOI8-R"].contains(first.encoding) ? 4 : 2)
        else { return nil }
        return (first.encoding, first.readings)
    }

    private static func read(_ beginning: Beginning, _ encoding: String) -> Reading? {
        guard
            let (scalars, byteCount) = Transcoder.decode(
                beginning.bytes, from: encoding, isBeginning: !beginning.isAll)
        else { return nil }
        if encoding == "CP1251" || encoding == "KOI8-R" {
            guard let (bits, letters, words) = CyrillicLikelihood.measure(scalars) else {
                return nil
            }
            // The end of a word costs about as much as a letter.
            let usual = Double(letters + words) * plausibleLetterBits
            return Reading(
                scalars: scalars, bits: bits, letters: letters,
                isPlausible: letters > 0
                    && bits <= usual + shortnessBits
                    && (encoding == "CP1251" || hasSmallLetters(scalars)),
                isTolerable: bits <= usual * 1.6)
        }
        let model: EastAsianLikelihood =
            switch encoding {
            case "CP932": .japanese
            case "GBK": .simplified
            case "BIG5": .traditional
            default: .korean
            }
        let bytes = beginning.bytes
        let read = byteCount == bytes.count ? bytes : Array(bytes[..<byteCount])
        guard let (bits, count, letters) = model.measure(scalars, bytes: read) else { return nil }
        return Reading(
            scalars: scalars, bits: bits, letters: letters,
            isPlausible: count > 0 && letters * 2 > count
                && bits / Double(count) <= plausibleCharacterBits,
            isTolerable: bits <= Double(count) * plausibleCharacterBits * 1.3)
    }

    /// KOI8-R has its capitals where Greek and Hebrew have their letters, so those alone say
    /// nothing.
    private static func hasSmallLetters(_ text: [Unicode.Scalar]) -> Bool {
        text.contains { (0x430...0x44f).contains($0.value) }
    }

    /// UTF-8 is its own evidence: two bytes that fit by chance are rare, and then they mean
    /// something rare.
    private static func utf8(_ bytes: [UInt8]) -> (repair: Repair, isCertain: Bool)? {
        guard bytes.contains(where: { $0 >= 0xc2 }),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        let foreign = text.unicodeScalars.filter { $0.value >= 0x80 }
        let areUsual = foreign.allSatisfy { scalar in
            switch scalar.value {
            case 0xa0...0x17f, 0x218...0x21b, 0x370...0x52f, 0x590...0x6ff, 0x900...0xdff,
                0xe01...0xe5b, 0x10a0...0x11ff, 0x1e00...0x1fff, 0x2010...0x2044, 0x20a0...0x20bf,
                0x2100...0x27bf, 0x3001...0x9fff, 0xac00...0xd7a3, 0xf900...0xfaff,
                0xfb00...0xfb06, 0xfe0f, 0xff01...0xffee, 0x1f000...0x1faff, 0x20000...0x2fa1f:
                true
            default: false
            }
        }
        guard areUsual, foreign.count >= 3 || isCertain(Array(text.unicodeScalars)) else {
            return nil
        }
        let isCertain =
            foreign.count >= 4 || foreign.contains { $0.value >= 0x800 }
            || bytes.contains { (0x61...0x7a).contains($0) }
        return (Repair(text: text, encoding: "UTF-8"), isCertain)
    }

    /// Whether one or two characters beyond ASCII are enough: letters of Western Europe, of
    /// Central Europe beside ASCII letters, and what takes three bytes.
    private static func isCertain(_ text: [Unicode.Scalar]) -> Bool {
        text.indices.allSatisfy { index in
            let value = text[index].value
            if value < 0x100 || value >= 0x800 { return true }
            let sides = [index - 1, index + 1].filter(text.indices.contains).map { text[$0] }
            return value < 0x180 && sides.contains { $0.properties.isLowercase && $0.isASCII }
        }
    }

    /// Windows' punctuation and letters where Latin-1 has control characters.
    private static func windows(_ bytes: [UInt8]) -> Repair? {
        guard bytes.contains(where: { (0x80...0x9f).contains($0) }) else { return nil }
        // Text of another encoding is full of these bytes; Windows' own are among ASCII letters.
        let foreign = bytes.count { $0 >= 0x80 }
        guard foreign * 3 <= bytes.count || foreign == 1 else { return nil }
        // Signs inside words are letters of Central Europe.
        let joins: Set<UInt8> = [0xa9, 0xaa, 0xab, 0xae, 0xb0, 0xb4, 0xb7, 0xba, 0xbb]
        for index in bytes.indices.dropFirst() where (0xa1...0xbf).contains(bytes[index]) {
            if !joins.contains(bytes[index]), isLetter(bytes[index - 1]) { return nil }
        }
        for (index, byte) in bytes.enumerated() where (0x80...0x9f).contains(byte) {
            let before = index > 0 ? bytes[index - 1] : 0x20
            let after = index + 1 < bytes.count ? bytes[index + 1] : 0x20
            switch byte {
            case 0x80, 0x85...0x87, 0x89, 0x92, 0x94...0x97, 0x99, 0x9b: break
            case 0x82, 0x84, 0x8b, 0x91, 0x93:
                // What opens a quotation does not stand behind a letter.
                if isLetter(before) { return nil }
            case 0x8a, 0x8c, 0x8e, 0x9f:
                // A capital behind a small letter is another encoding's small letter: Mac OS
                // Roman has é where Windows has Ž.
                if (0x61...0x7a).contains(before) || !isLetter(after) { return nil }
            case 0x9a, 0x9c, 0x9e:
                if !isLetter(before) && !isLetter(after) { return nil }
            default: return nil
            }
        }
        guard let text = Transcoder.decode(bytes, from: "CP1252")?.text else { return nil }
        return Repair(text: string(text), encoding: "CP1252")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
