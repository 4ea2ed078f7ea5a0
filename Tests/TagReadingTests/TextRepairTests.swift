import Foundation
import TagReading
import Testing

/// What is mislabelled is repaired, and what is Western stays.
@Suite struct TextRepairTests {
    private static func bytes(_ text: String, _ encoding: CFEncoding) -> [UInt8] {
        Array(text.data(using: encoding.value)!)
    }

    /// Foundation's encodings, so that iconv does not test itself.
    enum CFEncoding: Sendable {
        case windows1251, windows1252, shiftJIS, latin1, utf8
        var value: String.Encoding {
            switch self {
            case .windows1251: .windowsCP1251
            case .windows1252: .windowsCP1252
            case .shiftJIS: .shiftJIS
            case .latin1: .isoLatin1
            case .utf8: .utf8
            }
        }
    }

    @Test(arguments: [
        "Motörhead", "Mötley Crüe", "Beyoncé", "Sigur Rós", "Ágætis byrjun", "Ænima", "Ásgeir",
        "¿Qué?", "¡Olé!", "©", "½", "© 1999", "N° 1", "½ Mensch", "Björk Guðmundsdóttir",
        "Þórunn Antonía", "Góða nótt", "Í blíðu og stríðu", "ÞÓRA", "Öðruvísi", "Æðislegt",
        "Édith Piaf", "Où es-tu passé ?", "À la pêche aux moules", "CANÇÃO DO MAR", "Canções",
        "Coração", "São João", "É preciso dar um jeito, meu amigo", "Não",
        "Die Ärzte", "Größenwahn", "STRASSENJUNGS Ä Ö Ü", "Süßer die Glocken", "Überflüssig",
        "Håkan Hellström", "Så skimrande var aldrig havet", "Röyksopp", "Mø", "Ø", "Å", "ÆØÅ",
        "Señorita", "Corazón partío", "Año nuevo", "Niños", "Crème brûlée", "Naïve", "Noël",
        "Blue Öyster Cult", "Queensrÿche", "Spın̈al Tap".filter { $0.isASCII }, "ÖÖÖ", "Ääääni",
        "Hüsker Dü", "Café del Mar", "CAFÉ®", "Caf\u{e9}\u{bb}", "Dvořák".filter { $0.isASCII },
        "Antonín Dvorák", "Fête de l'été", "Île-de-France", "Lœuvre".filter { $0.isASCII },
    ])
    func `Western texts stay`(text: String) {
        #expect(TextRepair.repairs([Self.bytes(text, .latin1)]) == [nil])
        #expect(
            TextRepair.repairs([Self.bytes(text, .latin1), Self.bytes("Olé", .latin1)]) == [
                nil, nil,
            ])
    }

    /// Other code pages that are read as none of those known: better none than a wrong one.
    @Test(
        arguments: [
            // Polish in CP1250: Zażółć gęślą jaźń; żółć
            [0x5a, 0x61, 0xbf, 0xf3, 0xb3, 0xe6, 0x20, 0x67, 0xea, 0x9c, 0x6c, 0xb9],
            [0xbf, 0xf3, 0xb3, 0xe6],
            // Greek in CP1253: Μελίνα Μερκούρη
            [
                0xcc, 0xe5, 0xeb, 0xdf, 0xed, 0xe1, 0x20, 0xcc, 0xe5, 0xf1, 0xea, 0xef, 0xfd, 0xf1,
                0xe7,
            ],
            // Turkish in CP1254: Şarkı söylüyorum
            [0xde, 0x61, 0x72, 0x6b, 0xfd, 0x20, 0x73, 0xf6, 0x79, 0x6c, 0xfc],
            // Hebrew in CP1255: שלום עליכם
            [0xf9, 0xec, 0xe5, 0xed, 0x20, 0xf2, 0xec, 0xe9, 0xeb, 0xed],
            // One or two bytes say nothing.
            [0xcf], [0xcf, 0xf0], [0xd6, 0xd0],
        ] as [[UInt8]])
    func `what cannot be told is left alone`(bytes: [UInt8]) {
        #expect(TextRepair.repairs([bytes]) == [nil])
    }

    @Test(arguments: [
        "Кино", "Группа крови", "Виктор Цой", "Ария", "Алла Пугачёва", "Звезда по имени Солнце",
        "Земфира", "Би-2 - Полковник", "ВЫСОЦКИЙ", "Катюша (live)",
        "Не плачь, Алиса", "Любовь", "Подмосковные вечера",
    ])
    func `Russian in CP1251`(text: String) throws {
        let stored = Self.bytes(text, .windows1251)
        #expect(
            TextRepair.repairs([stored]) == [TextRepair.Repair(text: text, encoding: "CP1251")])
    }

    @Test(arguments: [0, 1]) func `of a long text the beginning is judged, and all is converted`(
        offset: Int
    ) {
        // With one letter before them, a character of two bytes lies across the bound.
        let song =
            String(repeating: "a", count: offset) + String(repeating: "千と千尋の神隠し", count: 2000)
        #expect(
            TextRepair.repairs([Self.bytes(song, .shiftJIS)])
                == [TextRepair.Repair(text: song, encoding: "CP932")])
        // No text has so many signs; two pages of sense outweigh them.
        let lyrics =
            String(repeating: "Группа крови на рукаве, ", count: 400)
            + String(repeating: "Ѓ¤Ґ¦", count: 20_000)
        let stored = Self.bytes(lyrics, .windows1251)
        #expect(
            TextRepair.repairs([stored]) == [TextRepair.Repair(text: lyrics, encoding: "CP1251")])
    }

    @Test func `each of a tag's many texts is repaired`() {
        let titles = (0..<4000).map { "Группа крови, часть \($0)" }
        let repairs = TextRepair.repairs(titles.map { Self.bytes($0, .windows1251) })
        #expect(repairs.map { $0?.text } == titles)
    }

    @Test func `Russian in KOI8-R`() {
        // Кино, Группа крови
        let kino: [UInt8] = [0xeb, 0xc9, 0xce, 0xcf]
        let blood: [UInt8] = [
            0xe7, 0xd2, 0xd5, 0xd0, 0xd0, 0xc1, 0x20, 0xcb, 0xd2, 0xcf, 0xd7, 0xc9,
        ]
        #expect(
            TextRepair.repairs([kino, blood]) == [
                TextRepair.Repair(text: "Кино", encoding: "KOI8-R"),
                TextRepair.Repair(text: "Группа крови", encoding: "KOI8-R"),
            ])
    }

    @Test(arguments: [
        "浜崎あゆみ", "さくら", "宇多田ヒカル", "上を向いて歩こう", "東京事変", "ドラえもんのうた", "テレサ・テン",
        "久石譲", "千と千尋の神隠し",
    ])
    func `Japanese in CP932`(text: String) {
        #expect(
            TextRepair.repairs([Self.bytes(text, .shiftJIS)]) == [
                TextRepair.Repair(text: text, encoding: "CP932")
            ])
    }

    /// Bytes by Python's codecs.
    @Test(
        arguments: [
            // 周杰伦, 月亮代表我的心
            ("GBK", "周杰伦", [0xd6, 0xdc, 0xbd, 0xdc, 0xc2, 0xd7]),
            (
                "GBK", "月亮代表我的心",
                [
                    0xd4, 0xc2, 0xc1, 0xc1, 0xb4, 0xfa, 0xb1, 0xed, 0xce, 0xd2, 0xb5, 0xc4, 0xd0,
                    0xc4,
                ]
            ),
            (
                "BIG5", "月亮代表我的心",
                [
                    0xa4, 0xeb, 0xab, 0x47, 0xa5, 0x4e, 0xaa, 0xed, 0xa7, 0xda, 0xaa, 0xba, 0xa4,
                    0xdf,
                ]
            ),
            ("CP949", "사랑해요", [0xbb, 0xe7, 0xb6, 0xfb, 0xc7, 0xd8, 0xbf, 0xe4]),
        ] as [(String, String, [UInt8])])
    func `Chinese and Korean`(encoding: String, text: String, bytes: [UInt8]) {
        #expect(
            TextRepair.repairs([bytes]) == [TextRepair.Repair(text: text, encoding: encoding)])
    }

    @Test(arguments: [
        "Björk", "Beyoncé", "Motörhead", "Don’t Stop", "Кино", "さくら", "Łódź nocą", "Ágætis byrjun",
        "…",
    ])
    func `UTF-8`(text: String) {
        #expect(
            TextRepair.repairs([Self.bytes(text, .utf8)]) == [
                TextRepair.Repair(text: text, encoding: "UTF-8")
            ])
    }

    @Test(arguments: [
        "Don’t Stop", "“Heroes”", "Live – 1999", "To be continued…", "Œuvre", "Škoda", "Brand™",
        "€uro",
    ])
    func `Windows' own characters`(text: String) {
        #expect(
            TextRepair.repairs([Self.bytes(text, .windows1252)]) == [
                TextRepair.Repair(text: text, encoding: "CP1252")
            ])
    }

    @Test func `names that are odd alone are believed beside others`() {
        let texts = ["Океан Ельзи", "Обійми", "Без бою"]
        #expect(
            TextRepair.repairs(texts.map { Self.bytes($0, .windows1251) }).map { $0?.text } == texts
        )
    }

    @Test func `texts of one tag help each other, and a Western one stays among them`() {
        let group = Self.bytes("ДДТ", .windows1251)
        #expect(TextRepair.repairs([group]) == [nil])
        let texts = [
            Self.bytes("ДДТ", .windows1251), Self.bytes("Что такое осень", .windows1251),
            Self.bytes("Motörhead", .latin1), Array("plain".utf8),
        ]
        #expect(
            TextRepair.repairs(texts).map { $0?.text } == ["ДДТ", "Что такое осень", nil, nil])
    }
}
