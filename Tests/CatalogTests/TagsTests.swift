import Catalog
import Testing

struct TagsTests {
    private static let full: Tags = {
        var tags = Tags()
        for field in TagField.allCases { tags[field] = ["\(field) \"1\"", "é\\\n2"] }
        tags.comments = [.init(language: "eng", description: "d", text: "t"), .init(text: "u")]
        tags.lyrics = [.init(language: "deu", text: "la\nla")]
        tags.syncedLyrics = [
            .init(
                language: "eng", lines: [.init(timeMs: 0, text: "a"), .init(timeMs: 9, text: "")])
        ]
        tags.chapters = [
            .init(id: "c1", startMs: 0, endMs: 5, title: "One", url: "https://example.org/"),
            .init(id: "c2", startMs: 5, endMs: 9),
        ]
        tags.other = ["b": ["1"], "a": ["2", "3"]]
        tags.repairs = [.init(field: "title", original: "Ïðèâåò", encoding: "windows-1251")]
        return tags
    }()

    @Test(arguments: [Tags(), full])
    func `come back from JSON as they were`(tags: Tags) throws {
        #expect(try Tags(json: Array(tags.json.utf8), place: "here") == tags)
        #expect(try Tags(json: Array(tags.json.utf8), place: "here").json == tags.json)
    }

    @Test func `empty texts are no values`() {
        var tags = Tags()
        tags[.genres] = ["", ""]
        tags.title = ""
        tags.track = nil
        tags.isCompilation = false
        #expect(tags == Tags())
        #expect(tags.json == "{}")
    }

    @Test func `each field has a name of its own`() {
        #expect(Set(TagField.allCases.map(\.rawValue)).count == TagField.allCases.count)
    }

    @Test func `the release date is that of the release, or else of the recording, without a time`()
    {
        var tags = Tags()
        tags[first: .recordingDate] = "1999-05-01T10:00"
        #expect(tags.releaseDate == "1999-05-01")
        tags[first: .releaseDate] = "2004"
        #expect(tags.releaseDate == "2004")
    }
}
