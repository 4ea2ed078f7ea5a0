import Catalog
import Ingest
import Storage
import TestSupport
import Testing

struct PathFilterTests {
    @Test(arguments: [
        ("*.mp3", "a.mp3", true), ("*.mp3", "b/c/a.mp3", true), ("*.mp3", "a.MP3", false),
        ("/*.mp3", "a.mp3", true), ("/*.mp3", "b/a.mp3", false), ("b/*.mp3", "b/a.mp3", true),
        ("b/*.mp3", "b/c/a.mp3", false), ("b/**", "b/c/a.mp3", true),
        ("b/**/*.mp3", "b/a.mp3", true),
        ("b/**/*.mp3", "b/c/d/a.mp3", true), ("**/c/*", "c/a", true), ("**/c/*", "b/c/a", true),
        ("**/c/*", "bc/a", false), ("a?.mp3", "aé.mp3", true), ("a?.mp3", "a/.mp3", false),
        ("a?.mp3", "a.mp3", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false),
        ("[!a]x", "éx", true), ("[]]x", "]x", true), ("[a-]x", "-x", true), (#"\*x"#, "*x", true),
        (#"\*x"#, "ax", false), ("a**b", "a/x/b", true), ("*", "any/thing", true),
        ("a*a*a*a*a*a*a*b", String(repeating: "a", count: 200), false),
    ])
    func `a pattern is for names or for whole paths`(pattern: String, path: String, matches: Bool)
        throws
    {
        #expect(try #require(GlobPattern(pattern)).matches(Array(path.utf8)) == matches)
    }

    @Test(arguments: ["", "/", "[a", #"a\"#]) func `what is no pattern is refused`(text: String) {
        #expect(GlobPattern(text) == nil)
    }

    @Test(
        arguments: [
            ([], [], "a.mp3", true), ([], ["Demos/"], "Demos/a.mp3", false),
            ([], ["Demos/"], "b/Demos/a.mp3", false), ([], ["/Demos/"], "b/Demos/a.mp3", true),
            ([], ["Demos/"], "Demos", true), (["Jazz"], [], "Jazz/a.mp3", true),
            (["Jazz"], [], "Rock/a.mp3", false), (["*.mp3"], ["x*"], "a.mp3", true),
            (["*.mp3"], ["x*"], "x.mp3", false), (["*.mp3"], ["x*"], "x/a.mp3", false),
        ] as [([String], [String], String, Bool)])
    func `a file is read when it is included and not excluded`(
        include: [String], exclude: [String], path: String, isRead: Bool
    ) {
        let filter = PathFilter(
            include: include.compactMap { GlobPattern($0) },
            exclude: exclude.compactMap { GlobPattern($0) })
        #expect(filter.includes(Array(path.utf8)) == isRead)
    }

    @Test func `what patterns leave out leaves the catalogue, and comes back with them`() throws {
        try IngestFixture.with { fixture in
            let names = ["a.mp3", "b.mp3", "Demos/c.mp3", "Demos/d.mp3"]
            for (number, name) in names.enumerated() {
                try fixture.put(IngestFixture.song(number), name)
            }
            let all = IngestSource(fixture.source)
            var some = all
            some.filter.exclude = [GlobPattern("Demos/")!]
            #expect(try fixture.run([all]).songs == 4)
            var summary = try fixture.run([some])
            #expect(summary.seen == 2)
            #expect(summary.gone == 0)
            #expect(summary.excluded == 1)  // a folder
            #expect(summary.songs == 2)
            #expect(try fixture.file("Demos/c.mp3")?.state == .excluded)
            // Kept all the same, and no longer asked about.
            #expect(try !fixture.exported("Demos/c.mp3").isEmpty)
            #expect(try fixture.run([some]) { $0.removalLimit = .count(0) }.unchanged == 2)
            summary = try fixture.run([all])
            #expect(summary.new == 2)
            #expect(summary.songs == 4)
            #expect(try fixture.songs().allSatisfy { $0.added == "2026-11-19" })
        }
    }

    @Test func `patterns that would leave out most of what is known are asked about`() throws {
        try IngestFixture.with { fixture in
            for number in 0..<4 { try fixture.put(IngestFixture.song(number), "\(number).mp3") }
            try fixture.run()
            var source = IngestSource(fixture.source)
            source.filter.include = [GlobPattern("*.flac")!]
            let error = #expect(throws: RemovalsNotAccepted.self) { try fixture.run([source]) }
            #expect(error?.excluded == 4)
            #expect(try fixture.songs().count == 4)
            #expect(try fixture.run([source]) { $0.acceptsRemovals = true }.songs == 0)
        }
    }
}
