import Storage
import TestFiles
import Testing

struct JSONWriterTests {
    private func text(_ writer: JSONWriter) -> String {
        String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", #""""#), ("Sakura", #""Sakura""#), ("a\"b\\c/", #""a\"b\\c/""#),
        ("\n\t\r", #""\n\t\r""#), ("\u{0}\u{1}\u{1f}", #""\u0000\u0001\u001f""#),
        ("\u{7f}é荒😀", "\"\u{7f}é荒😀\""), ("\u{2028}", "\"\u{2028}\""),
    ])
    func `a text is quoted as RFC 8259 asks`(value: String, expected: String) {
        var json = JSONWriter()
        json.value(value)
        #expect(text(json) == expected)
    }

    @Test func `commas and colons stand where they belong`() {
        var json = JSONWriter()
        json.object {
            $0.field("a", 1)
            $0.array("b") {
                $0.value(true)
                $0.object { $0.null("c") }
                $0.array { _ in }
                $0.value("x")
            }
            $0.field("d", String?.none)
            $0.field("e", Int?.some(5))
            $0.field("f", 1.25, decimals: 1)
            $0.field("g", ["p", "q"])
            $0.object("h") { _ in }
        }
        #expect(
            text(json)
                == #"{"a":1,"b":[true,{"c":null},[],"x"],"d":null,"e":5,"f":1.3,"g":["p","q"],"h":{}}"#
        )
    }

    @Test func `indented JSON has a field a line`() {
        var json = JSONWriter(indented: true)
        json.object {
            $0.field("a", 1)
            $0.array("b") {
                $0.value("x")
                $0.object { _ in }
            }
        }
        json.newline()
        #expect(text(json) == "{\n  \"a\": 1,\n  \"b\": [\n    \"x\",\n    {}\n  ]\n}\n")
    }

    @Test func `lines follow one another, and a writer can be used again`() {
        var json = JSONWriter()
        json.object { $0.field("a", 1) }
        json.newline()
        json.object { $0.field("a", 2) }
        json.newline()
        #expect(text(json) == "{\"a\":1}\n{\"a\":2}\n")
        json.removeAll()
        json.value(3)
        #expect(text(json) == "3")
    }

    @Test(arguments: SeededGenerator.seeds(40))
    func `what is written parses as what it was`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let value = Self.randomValue(depth: 4, using: &random)
        for indented in [false, true] {
            var json = JSONWriter(indented: indented)
            json.value(value)
            #expect(try JSONValue.parse(json.bytes, path: "seed \(seed)") == value)
        }
    }

    private static func randomText(using random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let range: ClosedRange<UInt32> = [
                0...0x7f, 0x80...0x7ff, 0xe000...0xffff, 0x10000...0x10ffff,
            ]
            .randomElement(using: &random)!
            text.unicodeScalars.append(Unicode.Scalar(.random(in: range, using: &random))!)
        }
        return text
    }

    private static func randomValue(depth: Int, using random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .integer(.random(in: .min ... .max, using: &random))
        // A fraction always, as whole numbers read as integers.
        case 3: .number(Double(Int.random(in: -99_999...99_999, using: &random)) + 0.5)
        case 4: .string(randomText(using: &random))
        case 5:
            .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    randomValue(depth: depth - 1, using: &random)
                })
        default:
            .object(
                Dictionary(
                    (0..<Int.random(in: 0...4, using: &random)).map { _ in
                        (randomText(using: &random), randomValue(depth: depth - 1, using: &random))
                    }, uniquingKeysWith: { first, _ in first }))
        }
    }

    @Test(arguments: [
        (0.0, 2, "0.00"), (1.005, 1, "1.0"), (2.5, 0, "3"), (-2.5, 0, "-3"), (0.125, 2, "0.13"),
        (-0.125, 2, "-0.13"), (-0.0, 2, "0.00"), (-0.001, 2, "0.00"), (-0.4, 0, "0"),
        (-0.05, 1, "-0.1"), (9.999, 2, "10.00"), (-9.996, 2, "-10.00"),
        (1234567.891, 4, "1234567.8910"),
        (0.07, 4, "0.0700"), (1e15, 0, "1000000000000000"),
        // 2^63 and more when scaled.
        (1e18, 4, "1000000000000000000.0000"), (-1e18, 4, "-1000000000000000000.0000"),
        (1_234_567_890_123_456.5, 4, "1234567890123456.5000"),
        (0x1p63, 0, "9223372036854776000"), (-0x1p63, 0, "-9223372036854775808"),
        (1.25e30, 2, "1250000000000000000000000000000.00"), (.infinity, 4, "null"),
        (.nan, 4, "null"),
    ])
    func `decimals are rounded half away from zero`(value: Double, decimals: Int, text: String) {
        #expect(formatDecimal(value, decimals) == text)
    }
}
