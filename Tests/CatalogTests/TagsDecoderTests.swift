import Storage
import TestSupport
import Testing

@testable import Catalog

/// The fast reader of the ledger's tags against the general parser.
struct TagsDecoderTests {
    private func decode(_ text: String) throws -> Tags {
        try Tags(json: Array(text.utf8), place: "test")
    }

    @Test(arguments: [
        "{}", #"{"title":["Song"]}"#, #"{"title":["A \"B\" \\ \n\t\r\/"],"album":["x"]}"#,
        #"{"title":["\u0041\ud83d\ude00"]}"#, #"{ "title" : [ "spaced" ] }"#,
        #"{"album":["before"],"title":["after"]}"#, #"{"title":[]}"#, #"{"title":[""]}"#,
        #"{"unknown":{"a":[1,"]}",{"b":null}]},"title":["x"]}"#, #"{"unknown":1}"#,
        #"{"comments":[{"language":"eng","text":"x"},{"text":"y"}],"lyrics":[]}"#,
        #"{"lyrics":[{"text":"x","language":"odd order"}]}"#, #"{"comments":[{"other":1}]}"#,
        #"{"title":["荒城の月"],"other":{"A":["b"]},"lyrics":[{"text":"la\nla"}]}"#,
        #"{"title":"no list"}"#, #"{"title":[1]}"#,
    ])
    func `it reads what the general parser reads`(text: String) throws {
        let root = try JSONValue.parse(Array(text.utf8), path: "test")
        let tags = try decode(text)
        for field in TagField.allCases {
            let expected = (root[field.rawValue]?.strings ?? []).filter { !$0.isEmpty }
            #expect(tags[field] == expected)
        }
        #expect(
            tags.comments.map(\.text)
                == (root["comments"]?.array ?? []).map { $0["text"]?.string ?? "" })
        #expect(tags.other == (root["other"]?.object ?? [:]).compactMapValues(\.strings))
        #expect(
            tags.lyrics.map(\.text)
                == (root["lyrics"]?.array ?? []).compactMap { $0["text"]?.string })
    }

    @Test(arguments: [
        "", "{", "{\"title\"", #"{"title":["x"}"#, #"{"title":["x"]"#, #"{"title":["x"]}}"#,
        #"{"title":["x"],}"#, #"{"title":["\x"]}"#, #"{"unknown":[}"#, "{\"title\":[\"\u{1}\"]}",
        #"{"title":["x" "y"]}"#, #"{"unknown":,"title":["x"]}"#,
    ])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: FormatError.self) { try decode(text) }
    }

    @Test func `every prefix and every changed byte is read alike or refused by both`() throws {
        var tags = Tags()
        for (number, field) in TagField.allCases.enumerated() {
            tags[field] = ["value \(number)", "\"é\n"]
        }
        tags.chapters = [.init(id: "1", startMs: 1, endMs: 2)]
        let bytes = Array(tags.json.utf8)
        #expect(try Tags(json: bytes, place: "test") == tags)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            var changed = bytes
            if Bool.random(using: &generator) {
                changed = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)))
            } else {
                changed[Int.random(in: 0..<bytes.count, using: &generator)] =
                    Array("\"[]{},:\\x\u{0}".utf8).randomElement(using: &generator)!
            }
            let root = try? JSONValue.parse(changed, path: "test")
            let read = try? Tags(json: changed, place: "test")
            #expect((read == nil) == (root == nil))
            guard let root, let read else { continue }
            for field in TagField.allCases {
                #expect(
                    read[field] == (root[field.rawValue]?.strings ?? []).filter { !$0.isEmpty })
            }
        }
    }
}
