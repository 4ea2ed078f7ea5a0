import Catalog
import Ingest
import Storage
import TagReading
import TestSupport
import Testing

/// What separates several values in one text, as the operator says it.
struct SeparatorTests {
    private typealias Fixture = IngestFixture

    private func put(_ fixture: Fixture, _ artist: String, _ name: String) throws {
        let tag = MP3.id3v2([("TPE1", artist), ("TCON", "Soul, Jazz"), ("TCOM", "X & Y")])
        try fixture.put(tag + Fixture.song(name.utf8.count), name)
    }

    @Test func `files are split at the separators of the run that reads them`() throws {
        try Fixture.with { fixture in
            try put(fixture, "A & B / C", "a.mp3")
            #expect(try fixture.run().otherSeparators == [])
            #expect(try fixture.file("a.mp3")?.tags.artists == ["A & B", "C"])
            #expect(try fixture.file("a.mp3")?.tags.genres == ["Soul, Jazz"])

            let separators = TagSeparators(artists: [" & "], genres: [","], people: [" & "])
            try put(fixture, "D & E / F", "bb.mp3")
            let mixed = try fixture.run { $0.separators = separators }
            #expect(mixed.otherSeparators == [fixture.source])
            #expect(try fixture.file("a.mp3")?.tags.artists == ["A & B", "C"])
            #expect(try fixture.file("bb.mp3")?.tags.artists == ["D", "E / F"])
            #expect(try fixture.file("bb.mp3")?.tags.genres == ["Soul", "Jazz"])
            #expect(try fixture.file("bb.mp3")?.tags[.composers] == ["X", "Y"])
            // Whatever the separators, the library holds values of both kinds.
            #expect(try fixture.run().otherSeparators == [fixture.source])

            let whole = try fixture.run {
                $0.separators = separators
                $0.rereads = true
            }
            #expect(whole.otherSeparators == [])
            #expect(try fixture.file("a.mp3")?.tags.artists == ["A", "B / C"])
            #expect(try fixture.run { $0.separators = separators }.otherSeparators == [])
        }
    }

    @Test func `a worker process is told of them`() throws {
        try Fixture.with { fixture in
            try put(fixture, "A & B / C", "a.mp3")
            try fixture.run {
                $0.separators = TagSeparators(artists: [], genres: ["Soul,"])
                $0.workers = 1
                $0.workerProgram = Program.spindle.path
            }
            #expect(try fixture.file("a.mp3")?.tags.artists == ["A & B / C"])
            #expect(try fixture.file("a.mp3")?.tags.genres == ["Jazz"])
        }
    }

    @Test func `each list of separators has a signature of its own`() {
        let lists: [TagSeparators] = [
            TagSeparators(), TagSeparators(artists: []), TagSeparators(artists: [";"]),
            TagSeparators(genres: []), TagSeparators(artists: ["; / "]),
            TagSeparators(artists: ["1:;"]), TagSeparators(artists: [";", "/"]),
            TagSeparators(people: []), TagSeparators(others: [";"]),
        ]
        #expect(Set(lists.map(\.signature)).count == lists.count)
        #expect(TagSeparators().signature.isEmpty)
    }
}
