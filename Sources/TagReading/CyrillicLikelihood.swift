/// How likely a text is Russian, or a neighbour of it, letter by letter after letter.
enum CyrillicLikelihood {
    /// - Returns: The cost in bits of all that is not ASCII, how many letters there are, and how
    ///   many words of them; nil when something no text has is in it.
    static func measure(_ text: [Unicode.Scalar]) -> (bits: Double, letters: Int, words: Int)? {
        var bits = 0.0
        var letters = 0
        var words = 0
        var previous = 0
        var previousCase: Case = .none
        var upperRun = 0
        for (index, scalar) in text.enumerated() {
            let value = scalar.value
            guard value >= 0x80 else {
                if previous > 0 {
                    bits += cost(previous, 0)
                    if isASCIILetter(value) { bits += mixedBits }
                }
                previous = 0
                previousCase = .none
                upperRun = 0
                continue
            }
            if value < 0xa0 { return nil }
            guard let (letter, extra, isUpper) = letter(value) else {
                bits += isPunctuation(value) ? 8 : 14
                if previous > 0 { bits += cost(previous, 0) }
                previous = 0
                previousCase = .none
                upperRun = 0
                continue
            }
            letters += 1
            if previous == 0 { words += 1 }
            bits += cost(previous, letter) + extra
            if previous == 0, index > 0, isASCIILetter(text[index - 1].value) { bits += mixedBits }
            // Words are lower case, capitalised or all capitals.
            if isUpper {
                if previousCase == .lower { bits += 6 }
                upperRun += 1
            } else {
                if upperRun > 1 { bits += 5 }
                upperRun = 0
            }
            previousCase = isUpper ? .upper : .lower
            previous = letter
        }
        if previous > 0 { bits += cost(previous, 0) }
        return (bits, letters, words)
    }

    private enum Case { case none, lower, upper }

    /// A word of two scripts.
    private static let mixedBits = 7.0

    private static func isASCIILetter(_ value: UInt32) -> Bool {
        (0x41...0x5a).contains(value) || (0x61...0x7a).contains(value)
    }

    private static func isPunctuation(_ value: UInt32) -> Bool {
        switch value {
        case 0xa0, 0xab, 0xbb, 0x2013, 0x2014, 0x2018...0x201e, 0x2026, 0x2116: true
        default: false
        }
    }

    /// The place in the alphabet, а being 1.
    private static func letter(_ value: UInt32) -> (Int, extra: Double, isUpper: Bool)? {
        switch value {
        case 0x410...0x42f: return (Int(value) - 0x40f, 0, true)
        case 0x430...0x44f: return (Int(value) - 0x42f, 0, false)
        case 0x401: return (6, 2, true)
        case 0x451: return (6, 2, false)
        default: break
        }
        // Ukrainian and Belarusian і ї є ґ ў as the Russian letters in whose place they stand;
        // Serbian and Macedonian letters as any.
        let isUpper = value < 0x430 || value == 0x490
        switch value {
        case 0x406, 0x407, 0x456, 0x457: return (9, 2, isUpper)
        case 0x404, 0x454: return (6, 2, isUpper)
        case 0x490, 0x491: return (4, 4, isUpper)
        case 0x40e, 0x45e: return (20, 3, isUpper)
        case 0x402, 0x403, 0x405, 0x408...0x40c, 0x40f, 0x452, 0x453, 0x455, 0x458...0x45c, 0x45f:
            return (20, 7, isUpper)
        default: return nil
        }
    }

    private static func cost(_ first: Int, _ second: Int) -> Double { table[first * 33 + second] }

    private static let table: [Double] = bigrams.utf8.filter { $0 != 0x0a }.map {
        Double($0 - 0x61) / 1.5
    }

    /// What each letter costs behind each: a row for the end of a word and each of а…я, a column
    /// for each, `a` for 0 bits and two thirds of a bit more for each letter on. Counted over
    /// the 146,000 words of Debian's hunspell-ru, ё as е.
    private static let bigrams = """
        zihgihmlgirhjhgfegfhijkmkkozzzkpn
        frjfjiijhlligifpiggemlkkjklzzzphn
        kfnknlelnfykfkiesejlgunmnmkkikrmm
        jdqnpmfrkgzkinifmkjlkvsnodnrfnxsk
        heqlongsteymglgdselnhvyrmkyyvyqsy
        ifmhlmekmezjjkgekgilhsolklsmilsnk
        fnjgjhljiljhggekiegfmmkkjjlzzzron
        jenqkgdjqdxjnigipmmrirxortxrxlrtx
        icigihhkmgzkihgftipniwzpnmzkimtol
        kllfkjgmhpdhiigjkghfolljhmmzzzsri
        avqssnrxrvzlpmkprpeoxrspplqzzzzxt
        fdskrsjxoezmhqjetgihguslrlzzstxqz
        jfnpnnennezjjoleqvnlhrqsmsszieuig
        fejpqtevpfzkjkheimjphnronqozforqj
        ifroljfonezjtuffsqjhhnpklqosdksoj
        jogehgkjikjhghgkhffgmlkmikmzzzoqm
        lfwvztezwgzngukdmdlkiqtpmqpzjmvsk
        iellkkelmezjmjidmnjignmnllnwimtni
        khmjnnhpuhzfijighmidjmmllmrojjtpd
        ggnhnnfrqfzjlmifmfhmiqqpmoqqhdtnk
        ikhhihihjlmhghhngggfpmimhhjzzzogn
        hfpsorfwsdwshlkdsglihjwwqpswlnqoo
        henglmjqmfwkfigdlgiiiqoolltnwsnww
        feqirrdwpdwjpoohorpplwtpwpwwkwtsw
        jevoyvcqydyhloejtnrjhystrpyyyjvyy
        mhtmzzgzzbzijnjllqrjkwrtuzzzzhwpz
        ogxqxxfxxbxxxuloxnxxixxxxxxxxqxxx
        rrrrrrbrrrrrrrrrrrrrrrrrrrrrrrrhd
        kzlekllmkqbjjklzjiijqzkpkjnzzzzzq
        bznnonhsmozjwkfoozdkznrlmmlzzzulk
        mtlhjjtpltkddgflhfgfnilptlttttqtp
        ioimmjpllonkkkjonijfxpkmilbxxxqou
        bzmhjjjjjqnkmmhvmkjgqummkoizzzzit
        """
}
