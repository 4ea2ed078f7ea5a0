import TagReading
import Testing

/// Texts as taggers write them, right and wrong.
@Suite struct TextDecodingTests {
    private static let utf16 = TagBytes.utf16
    private static func latin(_ text: String) -> [UInt8] { Array(text.utf8) }

    static let texts: [(content: [UInt8], values: [String])] = [
        (content: [0] + latin("Plain"), values: ["Plain"]),
        (content: [0] + latin("With end\0"), values: ["With end"]),
        (content: [0, 0x42, 0x6a, 0xf6, 0x72, 0x6b], values: ["Björk"]),
        (content: [0] + latin("One\0Two\0Three\0"), values: ["One", "Two", "Three"]),
        (content: [0] + latin("One\0\0\0"), values: ["One"]),
        // What was in the tagger's buffer.
        (content: [0] + latin("One\0\u{1}\u{2}x"), values: ["One"]),
        (content: [3] + latin("Ærø"), values: ["Ærø"]),
        (content: [3, 0xef, 0xbb, 0xbf] + latin("Marked"), values: ["Marked"]),
        (content: [1] + utf16("Ærø", false, true), values: ["Ærø"]),
        (content: [1] + utf16("Ærø", true, true), values: ["Ærø"]),
        (content: [1] + utf16("Ærø", false, true) + [0, 0], values: ["Ærø"]),
        // Each value with its mark, and only the first.
        (
            content: [1] + utf16("A", false, true) + [0, 0] + utf16("B", true, true),
            values: ["A", "B"]
        ),
        (
            content: [1] + utf16("A", false, true) + [0, 0] + utf16("B", false, false),
            values: ["A", "B"]
        ),
        // No mark, one byte too many, half a terminator.
        (content: [1] + utf16("Title", false, false), values: ["Title"]),
        (content: [1] + utf16("Title", true, false), values: ["Title"]),
        (content: [1] + utf16("Title", false, true) + [0], values: ["Title"]),
        (content: [1] + utf16("Title", false, true) + [0, 0, 0], values: ["Title"]),
        (content: [2] + utf16("Ærø", true, false), values: ["Ærø"]),
        (content: [2] + utf16("Title", false, false), values: ["Title"]),
        (content: [2] + utf16("Title", false, true), values: ["Title"]),
        // The wrong encoding byte, or none.
        (content: [0] + utf16("Title", false, true), values: ["Title"]),
        (content: [3] + utf16("Title", false, true), values: ["Title"]),
        (content: [1] + latin("Title"), values: ["Title"]),
        (content: latin("Title"), values: ["Title"]),
        (content: [7] + latin("Title"), values: ["Title"]),
        (content: [0], values: []), (content: [1], values: []), (content: [1, 0xff], values: []),
        (content: [1, 0xff, 0xfe], values: []), (content: [], values: []),
        // A lone surrogate.
        (content: [1, 0xff, 0xfe, 0x00, 0xd8], values: ["\u{fffd}"]),
    ]

    @Test(arguments: texts)
    func `values are read`(content: [UInt8], values: [String]) throws {
        let bytes = TagBytes.tag(
            TagBytes.frame("TIT2", content) + TagBytes.text("TPE1", "Behind"))
        let raw = try #require(TagBytes.read(bytes)).raw
        #expect(raw.texts("TIT2") == values)
        #expect(raw.texts("TPE1") == ["Behind"])
    }

    @Test func `doubtful bytes are kept`() throws {
        let body =
            TagBytes.frame("TIT2", [0, 0xcf, 0xf0]) + TagBytes.frame("TPE1", [3, 0xcf, 0xf0])
            + TagBytes.text("TALB", "Plain")
        let raw = try #require(TagBytes.read(TagBytes.tag(body))).raw
        #expect(raw.values("TIT2").map(\.storedBytes) == [[0xcf, 0xf0]])
        #expect(raw.values("TPE1").map(\.storedBytes) == [[0xcf, 0xf0]])
        #expect(raw.values("TALB").map(\.storedBytes) == [[]])
    }
}
