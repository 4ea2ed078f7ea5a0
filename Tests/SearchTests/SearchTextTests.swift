import Search
import TestSupport
import Testing

struct SearchTextTests {
    @Test(arguments: [
        ("Motörhead", "motorhead"), ("BEYONCÉ", "beyonce"), ("Ø Æ Œ", "o ae oe"),
        ("Straße", "strasse"), ("Łódź", "lodz"), ("Đorđe", "dorde"), ("ısı İ", "isi i"),
        ("Дорогой Й ё", "дорогои и е"), ("Ἐπιτάφιος", "επιταφιοσ"), ("ＡＢＣ１２３", "abc123"),
        ("ﬁn", "fin"), ("№ 7", "no 7"), ("ｶﾞ", "が"), ("ガラ", "がら"), ("か\u{3099}", "が"),
        ("아리랑", "아리랑"), ("हिन्दी", "हिन्दी"), ("שָׁלוֹם", "שלום"), ("أُحِبُّكَ", "احبك"),
        ("愛國", "爱国"), ("爱国", "爱国"), ("後來", "后来"), ("a愛b", "a 爱 b"),
        ("Don`t", "dont"), ("Don`t é", "dont e"),
        ("Don\u{2019}t", "dont"), ("I'm", "im"), ("Girl's", "girls"), ("Singin' in", "singin in"),
        ("L'amour", "l amour"), ("O'Brien", "o brien"), ("Rock 'n' Roll", "rock n roll"),
        ("AC/DC", "ac dc"), ("a-ha", "a ha"), ("R.E.M.", "r e m"), ("Mr. X", "mr x"),
        ("Me & You", "me and you"), ("R&B", "r and b"), ("A + B", "a and b"), ("C++", "c"),
        ("A$AP", "asap"), ("Ke$ha", "kesha"), ("P!nk", "pink"), ("Help!", "help"), ("$100", "100"),
        ("Pt. 2", "part 2"), ("Part Two", "part 2"), ("Pt. II", "part 2"), ("Vol. 1", "vol 1"),
        ("Two", "two"), ("ft. X", "feat x"), ("featuring X", "feat x"),
        ("\u{200b}Ａ", "a"), ("", ""), ("   ", ""),
    ])
    func `a text has these words`(text: String, words: String) {
        #expect(SearchText(text).plain == words)
    }

    @Test(arguments: [
        ("a-ha", ["aha"]), ("AC/DC", ["acdc"]), ("L'amour", ["lamour"]), ("R.E.M.", ["rem"]),
        ("Björk", ["bjoerk"]), ("Müller", ["mueller"]), ("Åse", ["aase"]), ("Part Two", ["two"]),
        ("Don't", []), ("plain", []), ("Jay-Z", ["jayz"]),
    ])
    func `a text may be typed otherwise`(text: String, variants: [String]) {
        #expect(SearchText(text).variants == variants)
    }

    @Test(arguments: [
        ("荒城の月", "荒城 城の の月 月"), ("月", "月"), ("J-POPの歌", "j pop の歌 歌 jpop"),
        ("내 사랑", "내 사랑 랑"), ("สวัสดี", "สว วั ัส สด ดี ี"), ("A 🎵 B", "a 🎵 b"),
        ("plain words", "plain words"),
    ])
    func `each part of a text without spaces is a run of tokens`(text: String, tokens: String) {
        #expect(SearchText(text).tokens == tokens)
    }

    @Test func `a name of signs alone is one word`() {
        #expect(SearchText("!!!").words.count == 1)
        #expect(SearchText("!!!") == SearchText(" !!! "))
        #expect(SearchText("!!!") != SearchText("???"))
        #expect(SearchText("÷").plain == "÷")
    }

    @Test(arguments: SeededGenerator.seeds(10))
    func `words stay as they are, whatever the text`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var text = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let range: ClosedRange<UInt32> = [
                    0...0x17f, 0x300...0x590, 0x900...0xfff, 0x3000...0x30ff, 0xac00...0xd7a3,
                    0xf900...0xffff, 0x1f000...0x1faff,
                ]
                .randomElement(using: &random)!
                text.unicodeScalars.append(Unicode.Scalar(.random(in: range, using: &random))!)
            }
            let tokens = SearchText(text).tokens
            // What FTS5's tokenizer would cut is cut already.
            #expect(
                tokens.utf8.allSatisfy {
                    $0 == 32 || (48...57).contains($0) || (97...122).contains($0) || $0 > 127
                }, "\(text.unicodeScalars.map(\.value))")
            #expect(!tokens.contains("  "))
        }
    }
}
