internal import Catalog

/// How texts and queries are made alike.
enum Folding {
    /// Folded scalars: lower case, compatibility forms plain, accents gone.
    ///
    /// - Parameter spellsOut: ä, ö, ü, ø and å become ae, oe, ue, oe and aa.
    /// - Returns: Also whether there is anything that would be spelled out.
    static func scalars(of text: String, spellsOut: Bool)
        -> (scalars: [UInt32], maySpellOut: Bool)
    {
        var result: [UInt32] = []
        result.reserveCapacity(text.utf8.count)
        var hasMarks = false
        var maySpellOut = false
        for scalar in UnicodeText.decomposed(text).unicodeScalars {
            switch scalar.value {
            case 0x308 where spellsOut, 0x30a where spellsOut:
                switch result.last {
                case 0x61: result.append(scalar.value == 0x308 ? 0x65 : 0x61)
                case 0x6f, 0x75: if scalar.value == 0x308 { result.append(0x65) }
                default: break
                }
            // Accents only: marks of Devanagari, Thai or kana carry the reading.
            case 0x300...0x36f:
                if scalar.value == 0x308 || scalar.value == 0x30a { maySpellOut = true }
            // Vowel signs of Hebrew and Arabic, which are rarely typed; tatweel.
            case 0x591...0x5bd, 0x5bf, 0x5c1, 0x5c2, 0x5c7, 0x640, 0x64b...0x65f, 0x670: break
            case 0x649: result.append(0x64a)
            case 0x629: result.append(0x647)
            case 0xf8:
                maySpellOut = true
                result += spellsOut ? [0x6f, 0x65] : [0x6f]
            case 0xe6: result += [0x61, 0x65]
            case 0x153: result += [0x6f, 0x65]
            case 0x142: result.append(0x6c)
            case 0x111, 0xf0: result.append(0x64)
            case 0xfe: result += [0x74, 0x68]
            case 0x131: result.append(0x69)
            case 0x127: result.append(0x68)
            case 0x2018, 0x2019, 0x2bc, 0x60, 0xb4, 0x2032: result.append(0x27)
            // Traditional Chinese is found as simplified and the other way round.
            case 0x3400...0x9fff:
                hasMarks = true
                result.append(HanVariants.simplified(scalar.value))
            // Katakana are typed as hiragana.
            case 0x30a1...0x30f6: result.append(scalar.value - 0x60)
            default:
                if scalar.value >= 0x3000 || scalar.value >= 0x900 { hasMarks = true }
                result.append(scalar.value)
            }
        }
        guard hasMarks else { return (result, maySpellOut) }
        // What was taken apart, kana with voicing marks and Hangul, is put together again.
        var folded = ""
        for value in result {
            if let scalar = Unicode.Scalar(value) { folded.unicodeScalars.append(scalar) }
        }
        let scalars = UnicodeText.composed(folded).unicodeScalars.map { scalar in
            (0x30a1...0x30f6).contains(scalar.value) ? scalar.value - 0x60 : scalar.value
        }
        return (scalars, maySpellOut)
    }

    /// Written without spaces between words.
    static func isUnspaced(_ value: UInt32) -> Bool {
        switch value {
        case 0x0e00...0x0eff,  // Thai, Lao
            0x1000...0x109f, 0x1780...0x17ff,  // Myanmar, Khmer
            0x3005...0x3007, 0x3041...0x30ff, 0x31f0...0x31ff,  // kana and iteration marks
            0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0x20000...0x3ffff,  // Han
            // Hangul has spaces, but is searched by syllable.
            0xac00...0xd7af, 0x3131...0x318e:
            true
        default: false
        }
    }
}
