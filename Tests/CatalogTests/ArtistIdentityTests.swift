import Storage
import TestSupport
import Testing

@testable import Catalog

/// Who is who.
struct ArtistIdentityTests {
    private static let mbid = "5b11f4ce-a62d-471e-81fc-a69a8278c7da"
    private static let other = "6b11f4ce-a62d-471e-81fc-a69a8278c7da"

    private func withCatalog(
        _ entries: [CatalogFixture.Entry], aliases: String? = nil,
        _ body: (CatalogReader, [String]) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            var read = ArtistAliases.none
            if let aliases {
                try write(aliases, to: folder + "/aliases.json5")
                read = try ArtistAliases(folder + "/aliases.json5")
            }
            let (reader, warnings) = try CatalogFixture.build(entries, aliases: read, in: folder)
            try body(reader, warnings.map { $0.replacing(folder, with: "") })
        }
    }

    @Test func `guests of credits and titles are artists of their own`() throws {
        try withCatalog([
            CatalogFixture.song(artist: "A feat. B"),
            CatalogFixture.song(artist: "A") { $0.title = "Song (ft. C)" },
            CatalogFixture.song(artist: "A") { $0.title = "Song (with strings)" },
            CatalogFixture.song(artist: "A") { $0.title = "Song (with B)" },
            CatalogFixture.song(artist: "B"),
            CatalogFixture.song(artist: "D & A feat. B & D"),
            CatalogFixture.song(artist: "D"),
            CatalogFixture.song(artist: "A") { $0.title = "Song (feat. A)" },
            CatalogFixture.song {
                $0.artists = ["A", "B"]
                $0[.artistCredit] = ["A feat. B"]
            },
        ]) { (catalog: CatalogReader, _: [String]) throws in
            #expect(try catalog.credits(1) == ["main A", "featured B"])
            #expect(try catalog.song(id: LedgerFixture.id(1).hex)?.artist == "A feat. B")
            #expect(try catalog.credits(2) == ["main A", "featured C"])
            #expect(try catalog.credits(3) == ["main A"])
            #expect(try catalog.credits(4) == ["main A", "featured B"])
            #expect(try catalog.credits(6) == ["main D", "main A", "featured B"])
            #expect(try catalog.credits(8) == ["main A"])
            #expect(try catalog.credits(9) == ["main A", "featured B"])
            #expect(try catalog.artistLines() == ["A (7)", "B (5)", "C (1)", "D (2)"])
        }
    }

    @Test(arguments: [
        "AC/DC", "Earth, Wind & Fire", "Tyler, The Creator", "Simon & Garfunkel", "Feat",
        "Little Feat", "The Artist Formerly Known As Prince", "Malcolm X", "Guns N' Roses",
    ])
    func `real names stay whole, even beside their parts`(name: String) throws {
        // All parts but one are artists, too.
        let parts = [
            "AC", "DC", "Earth", "Wind", "Tyler", "The Creator", "Simon", "Guns", "Malcolm",
        ]
        try withCatalog(
            [CatalogFixture.song(artist: name)] + parts.map { CatalogFixture.song(artist: $0) }
        ) { (catalog: CatalogReader, _: [String]) throws in
            #expect(try catalog.credits(1) == ["main \(name)"])
        }
    }

    @Test func `names are split where all parts are artists and nothing says they are one`() throws
    {
        let parts = ["A", "B", "C"].map { CatalogFixture.song(artist: $0) }
        try withCatalog(
            parts + [
                CatalogFixture.song(artist: "A, B & C"), CatalogFixture.song(artist: "A vs. B"),
                CatalogFixture.song(artist: "B x C"), CatalogFixture.song(artist: "A & Unknown"),
                // A group of two that has albums is one artist.
                CatalogFixture.song(artist: "A & C", album: "Duo") { $0.albumArtist = "A & C" },
                CatalogFixture.song(artist: "B & A") { $0[.musicBrainzArtistIDs] = [Self.mbid] },
            ]
        ) { (catalog: CatalogReader, _: [String]) throws in
            #expect(try catalog.credits(4) == ["main A", "main B", "main C"])
            #expect(try catalog.credits(5) == ["main A", "main B"])
            #expect(try catalog.credits(6) == ["main B", "main C"])
            #expect(try catalog.credits(7) == ["main A & Unknown"])
            #expect(try catalog.credits(8) == ["main A & C"])
            #expect(try catalog.credits(9) == ["main B & A"])
            // What "A vs. B" would be, were it one artist, leads to its first.
            #expect(
                try catalog.currentID(.artist, formerID: StableID.artist("A vs. B"))
                    == StableID.artist("A"))
        }
    }

    @Test func `one MusicBrainz id is one artist under the spelling of most songs`() throws {
        try withCatalog([
            CatalogFixture.song(artist: "Beatles") { $0[.musicBrainzArtistIDs] = [Self.mbid] },
            CatalogFixture.song(artist: "The Beatles") {
                $0[.musicBrainzArtistIDs] = [Self.mbid]
                $0[.artistSorts] = ["Beatles, The"]
            },
            CatalogFixture.song(artist: "The Beatles") { $0[.musicBrainzArtistIDs] = [Self.mbid] },
            CatalogFixture.song(artist: "the beatles"),
        ]) { (catalog: CatalogReader, _: [String]) throws in
            #expect(try catalog.artistLines() == ["The Beatles (4)"])
            let artist = try catalog.artists(limit: 1)[0]
            #expect(artist.musicBrainzID == Self.mbid && artist.sortName == "Beatles, The")
            for name in ["Beatles", "The Beatles"] {
                #expect(
                    try catalog.currentID(.artist, formerID: StableID.artist(name)) == artist.id)
            }
        }
    }

    @Test func `one name with two MusicBrainz ids is two artists`() throws {
        try withCatalog([
            CatalogFixture.song(artist: "Nirvana") { $0[.musicBrainzArtistIDs] = [Self.mbid] },
            CatalogFixture.song(artist: "Nirvana") { $0[.musicBrainzArtistIDs] = [Self.other] },
            CatalogFixture.song(artist: "Nirvana"),
        ]) { (catalog: CatalogReader, _: [String]) throws in
            // Whose the third is no tag tells, so that the name keeps its own id.
            #expect(try catalog.artistLines() == ["Nirvana (1)", "Nirvana (1)", "Nirvana (1)"])
            #expect(try catalog.artist(id: StableID.artist("Nirvana"))?.musicBrainzID == nil)
        }
    }

    @Test func `other roles have artists who are not listed`() throws {
        try withCatalog([
            CatalogFixture.song(artist: "A") {
                $0[.composers] = ["Bach"]
                $0[.conductors] = ["A"]
                $0[.lyricists] = ["L"]
                $0[.remixers] = ["R"]
                $0[.performers] = ["P (violin)"]
                $0[.producers] = ["Q"]
            }
        ]) { (catalog: CatalogReader, _: [String]) throws in
            #expect(
                try catalog.credits(1) == [
                    "main A", "remixer R", "composer Bach", "conductor A", "lyricist L",
                    "performer P", "producer Q",
                ])
            #expect(try catalog.artistLines() == ["A (1)"])
            #expect(try catalog.songs(artistID: StableID.artist("Bach"), limit: 9).count == 1)
        }
    }

    @Test func `the same songs give the same bytes whatever the order they came in`() throws {
        let entries = (0..<60).map { number in
            CatalogFixture.song(
                "f\(number % 5)/\(number).mp3",
                artist: ["A", "a", "B feat. A", "A & B", "C"][number % 5],
                album: ["One", "ONE", "Two (Disc 2)"][number % 3],
                rank: number % 2 == 0 ? number : nil
            ) {
                $0.track = number
                $0.genres = [["Hip-Hop", "hip hop", "Foo-Bar", "foo bar"][number % 4]]
                if number % 7 == 0 { $0[.musicBrainzAlbumID] = [Self.mbid] }
            }
        }
        var digests: Set<[Digest]> = []
        for seed in 0..<3 {
            try withTemporaryFolder { folder in
                var generator = SeededGenerator(seed: UInt64(seed))
                let order = seed == 0 ? nil : Array(entries.indices).shuffled(using: &generator)
                _ = try CatalogFixture.build(entries, in: folder, order: order)
                digests.insert(
                    try ["catalog"].map {
                        try SHA256.hash(fileAt: "\(folder)/catalog/\($0).sqlite")
                    })
            }
        }
        #expect(digests.count == 1)
    }

    // MARK: Aliases

    @Test func `the operator merges, splits, keeps and renames artists`() throws {
        try withCatalog(
            [
                CatalogFixture.song(artist: "Prince"),
                CatalogFixture.song(artist: "The Artist"),
                CatalogFixture.song(artist: "Symbol") { $0[.musicBrainzArtistIDs] = [Self.mbid] },
                CatalogFixture.song(artist: "Loma Kinney"),
                CatalogFixture.song(artist: "Bone, Harmony"), CatalogFixture.song(artist: "Bone"),
                CatalogFixture.song(artist: "Harmony"), CatalogFixture.song(artist: "Bjork"),
            ],
            aliases: """
                { format: "spindle-aliases", version: 1, aliases: [
                  // One man.
                  { merge: ["the artist", "\(Self.mbid)"], into: "Prince" },
                  { split: "Loma Kinney", into: ["Loma", "Kinney"] },
                  { keep: "Bone, Harmony" }, { rename: "Bjork", to: "Björk" },
                  { merge: ["Nobody"], into: "Prince" },
                ] }
                """
        ) { (catalog: CatalogReader, warnings: [String]) throws in
            #expect(
                try catalog.artistLines() == [
                    "Björk (1)", "Bone (1)", "Bone, Harmony (1)", "Harmony (1)", "Kinney (1)",
                    "Loma (1)", "Prince (3)",
                ])
            #expect(try catalog.credits(4) == ["main Loma", "main Kinney"])
            #expect(try catalog.artist(id: StableID.artist("Bjork"))?.name == "Björk")
            #expect(
                try catalog.currentID(.artist, formerID: StableID.artist("The Artist"))
                    == StableID.artist("Prince"))
            #expect(warnings == ["/aliases.json5:6: the library has no artist 'Nobody'"])
        }
    }

    @Test func `entries that contradict an earlier one are left out and named`() throws {
        try withCatalog(
            [
                CatalogFixture.song(artist: "A"), CatalogFixture.song(artist: "B"),
                CatalogFixture.song(artist: "C"),
            ],
            aliases: """
                { format: "spindle-aliases", version: 1, aliases: [
                  { merge: ["A"], into: "B" },
                  { merge: ["a"], into: "C" },
                  { merge: ["B"], into: "C" },
                  { split: "C", into: ["C", "D"] },
                ] }
                """
        ) { (catalog: CatalogReader, warnings: [String]) throws in
            #expect(try catalog.artistLines() == ["B (2)", "C (1)"])
            #expect(
                warnings == [
                    "/aliases.json5:3: left out, it contradicts the entry in line 2",
                    "/aliases.json5:4: left out, it names an artist on both sides",
                    "/aliases.json5:5: left out, it names an artist on both sides",
                ])
        }
    }

    @Test(arguments: [
        ("{}", "is no file of format spindle-aliases"),
        ("{ format: 'spindle-aliases', version: 2, aliases: [] }", "is no file of format"),
        ("{ format: 'spindle-aliases', version: 1 }", "has no list 'aliases'"),
        ("{ format: 'spindle-aliases', version: 1, aliases: [], alias: [] }", "'alias' is unknown"),
        (
            "{ format: 'spindle-aliases', version: 1, aliases: [\n{keep: 'A'},\n{keep: 3}] }",
            "line 3"
        ),
        (
            "{ format: 'spindle-aliases', version: 1, aliases: [{split: 'A', into: ['B']}] }",
            "line 1"
        ),
        ("{ format: 'spindle-aliases', version: 1, aliases: [{merge: ['A'], to: 'B'}] }", "line 1"),
    ])
    func `a file that is no list of aliases is refused with the place`(
        text: String, message: String
    )
        throws
    {
        try withTemporaryFolder { folder in
            try write(text, to: folder + "/a")
            let error = #expect(throws: FormatError.self) { try ArtistAliases(folder + "/a") }
            #expect(error?.message.contains(message) == true)
        }
    }
}
