import Storage
import Testing

struct JSONValueTests {
    @Test func `JSON5 as people write it is read`() throws {
        let text = """
            // A comment
            { name: 'night', "list": [1, 2.5, -3, 0x10, true, null,], /* more */ trailing: {a: 1,}, }
            """
        let value = try JSONValue.parse(Array(text.utf8), path: "p", allowsJSON5: true)
        #expect(value["name"]?.string == "night")
        #expect(
            value["list"]?.array
                == [.integer(1), .number(2.5), .integer(-3), .integer(16), .bool(true), .null])
        #expect(value["trailing"]?["a"]?.int == 1)
        #expect(value["none"] == nil)
    }

    @Test(arguments: [
        // The text, and the line at which it goes wrong.
        ("{\n  name: 'x'\n  stages: []\n}\n", 3), ("{\n  a: [1, 2\n", 3), ("{ a: }", 1),
        ("{\n\n\n  a: tru }", 4), ("{ a: 1 } x", 1), ("{\n  'a: 1\n}\n", 2),
    ])
    func `a mistake is told with its line and column`(text: String, line: Int) throws {
        let error = try #require(throws: FormatError.self) {
            try JSONValue.parse(Array(text.utf8), path: "night.json5", allowsJSON5: true)
        }
        #expect(error.description.hasPrefix("night.json5: "))
        #expect(error.detail.contains("line \(line), column "), "\(error.detail)")
        #expect(error.hint != nil)
    }

    @Test(arguments: [
        [], [0xff, 0xfe, 0x00], Array("{\"a\": \"\u{0}\"}".utf8), [0x22, 0xc3, 0x22],
    ])
    func `what is no text or empty is a format error`(bytes: [UInt8]) {
        #expect(throws: FormatError.self) { try JSONValue.parse(bytes, path: "p") }
    }

    @Test(arguments: ["{a: 1}", "// x\n1", "'a'"])
    func `what programs write is JSON and no JSON5`(text: String) {
        #expect(throws: FormatError.self) { try JSONValue.parse(Array(text.utf8), path: "p") }
    }

    @Test(arguments: [
        ("9223372036854775807", JSONValue.integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number(9223372036854775808)), ("1.5e3", .integer(1500)),
        ("\"\\u00e9\\ud83d\\ude00\"", .string("é😀")), ("0.1", .number(0.1)), ("true", .bool(true)),
        ("\"1\"", .string("1")), ("1", .integer(1)), ("0", .integer(0)), ("false", .bool(false)),
    ])
    func `a scalar is what it is`(text: String, value: JSONValue) throws {
        #expect(try JSONValue.parse(Array(text.utf8), path: "p") == value)
    }

    @Test(arguments: ["Infinity", "+Infinity", "-Infinity", "NaN"])
    func `JSON5 knows numbers that JSON does not`(text: String) throws {
        let value = try JSONValue.parse(Array(text.utf8), path: "p", allowsJSON5: true)
        let number = try #require(value.double)
        #expect(!number.isFinite)
        #expect(number.isNaN == (text == "NaN") && (number < 0) == text.hasPrefix("-"))
        #expect(value.int == nil)
        #expect(throws: FormatError.self) { try JSONValue.parse(Array(text.utf8), path: "p") }
        var json = JSONWriter()
        json.value(value)
        #expect(json.bytes == Array("null".utf8))
    }

    @Test func `values convert only where nothing is lost`() {
        #expect(JSONValue.number(2.0).int == 2)
        #expect(JSONValue.number(2.5).int == nil)
        #expect(JSONValue.integer(2).double == 2)
        #expect(JSONValue.string("2").int == nil)
        #expect(JSONValue.array([.string("a"), .string("b")]).strings == ["a", "b"])
        #expect(JSONValue.array([.string("a"), .integer(1)]).strings == nil)
        #expect(JSONValue.null["a"] == nil)
    }
}
