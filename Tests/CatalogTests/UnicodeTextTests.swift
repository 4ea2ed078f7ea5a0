import Catalog
import TestSupport
import Testing

struct UnicodeTextTests {
    @Test(arguments: [
        ("AC/DC", "ac/dc", true), ("Motörhead", "MOTÖRHEAD", true),
        ("Motörhead", "Motorhead", false), ("Mo\u{308}", "Mö", true),
        ("  The   Who ", "the who", true), ("Ｔｈｅ\u{3000}Ｗｈｏ", "The Who", true),
        ("Straße", "STRASSE", true), ("ｶﾞ", "ガ", true),
        ("か", "が", false), ("Sigur Rós", "Sigur Ros", false), ("A\u{200d}B", "AB", true),
        ("ΣΑΣ", "σας", true),
    ])
    func `two names are the same name, or not`(a: String, b: String, same: Bool) {
        #expect((UnicodeText.identity(a) == UnicodeText.identity(b)) == same)
    }

    @Test(arguments: [
        ("e\u{301}", "é"), ("か\u{3099}", "が"), ("plain", "plain"), ("ＡＢ", "ＡＢ"),
        ("\u{1112}\u{1161}\u{11ab}", "한"),
    ])
    func `what is shown is composed and otherwise as it was`(text: String, composed: String) {
        #expect(Array(UnicodeText.composed(text).utf8) == Array(composed.utf8))
    }

    @Test(arguments: SeededGenerator.seeds(10)) func `forms are stable, whatever the text`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var text = ""
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                let range: ClosedRange<UInt32> = [
                    0...0x17f, 0x300...0x590, 0x900...0xfff, 0x3000...0x30ff, 0xac00...0xd7a3,
                    0xf900...0xffff, 0x1f000...0x1faff,
                ]
                .randomElement(using: &random)!
                text.unicodeScalars.append(Unicode.Scalar(.random(in: range, using: &random))!)
            }
            let identity = UnicodeText.identity(text), composed = UnicodeText.composed(text)
            #expect(
                UnicodeText.identity(identity) == identity,
                "seed \(seed): \(text.unicodeScalars.map(\.value))")
            #expect(UnicodeText.composed(composed).utf8.elementsEqual(composed.utf8))
            #expect(
                UnicodeText.identity(composed) == identity,
                "seed \(seed): \(text.unicodeScalars.map(\.value))")
        }
    }

    // MARK: Ids

    @Test func `ids are those of the first version, for ever`() {
        // Playlists and links hold these: a change breaks them.
        #expect(StableID.artist("Motörhead") == Self.pinned[0])
        #expect(StableID.genre("Punk") == Self.pinned[1])
        #expect(StableID.album("Lang Syne", artist: "The Kelpie Ceilidh Band") == Self.pinned[2])
        #expect(StableID.artist("月光社") == Self.pinned[3])
        #expect(StableID.artist("") == Self.pinned[4])
    }

    private static let pinned = [
        "e8b6abe167be1dbe", "6cf6eb15253e502c", "5cfd16e24d7a7d95", "ad2c078c46553cfb",
        "4789a8caed8abcad",
    ]

    @Test func `an id is one name's and one kind's`() {
        #expect(StableID.artist("MOTÖRHEAD ") == StableID.artist("Motörhead"))
        #expect(StableID.artist("Punk") != StableID.genre("Punk"))
        #expect(StableID.album("A", artist: "B C") != StableID.album("A B", artist: "C"))
        #expect(StableID.isValid(StableID.artist("x")))
        for text in [
            "", "0123456789abcdeF", "0123456789abcde", "0123456789abcdefa", "０123456789abcde",
        ] { #expect(!StableID.isValid(text)) }
    }

    @Test(
        arguments: [([], ""), (["A"], "A"), (["A", "B"], "A & B"), (["A", "B", "C"], "A, B & C")]
            as [([String], String)])
    func `artists are credited as one text`(names: [String], credit: String) {
        #expect(Tags.credit(names) == credit)
    }
}
