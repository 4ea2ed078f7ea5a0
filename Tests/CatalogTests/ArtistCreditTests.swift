import Testing

@testable import Catalog

/// What credits and titles say of guests, and album titles of discs.
struct ArtistCreditTests {
    @Test(arguments: [
        ("A feat. B", "A", "B"), ("A ft. B", "A", "B"), ("A Ft B", "A", "B"),
        ("A featuring B & C", "A", "B & C"), ("A (feat. B)", "A", "B"), ("A [ft. B]", "A", "B"),
        ("A, feat. B", "A", "B"), ("A FEAT. B", "A", "B"), ("A feat. B (Remix)", "A (Remix)", "B"),
        ("月光社 feat. 初音ミク", "月光社", "初音ミク"), ("A feat. $NOT", "A", "$NOT"),
    ])
    func `guests stand behind their words`(text: String, rest: String, guests: String) {
        let split = ArtistCredit.split(text)
        #expect(split?.rest == rest && split?.guests == guests)
    }

    @Test(arguments: [
        "Feat", "Feat.", "Little Feat", "Feat. B", "Ft. Worth Symphony", "AC/DC",
        "Earth, Wind & Fire", "Tyler, The Creator", "Simon & Garfunkel",
        "The Artist Formerly Known As Prince", "Defeat", "Defeater", "Kraft", "Daft Punk",
        "A feat.",
        "Little Feat & Friends", "", "feat. feat.",
    ])
    func `a name with such letters in it stays whole`(text: String) {
        #expect(ArtistCredit.split(text) == nil)
    }

    @Test(arguments: [
        ("Song (feat. B)", "B", true), ("Song [ft. B] (Live)", "B", true),
        ("Song feat. B", "B", true), ("Song feat. B (Remix)", "B", true),
        ("Song (with B)", "B", false), ("Song (feat. B (of C))", "B (of C)", true),
    ])
    func `titles name guests`(title: String, guests: String, isCertain: Bool) {
        let found = ArtistCredit.guests(inTitle: title)
        #expect(found?.guests == guests && found?.isCertain == isCertain)
    }

    @Test(arguments: [
        "Song", "Dance with Me", "Gone with the Wind", "The Feat of Strength", "(with you)",
    ])
    func `other titles name nobody`(title: String) {
        #expect(ArtistCredit.guests(inTitle: title) == nil)
    }

    @Test(
        arguments: [
            ("Echoes (Disc 2)", "Echoes", 2, nil), ("Echoes [CD 2]", "Echoes", 2, nil),
            ("Echoes CD2", "Echoes", 2, nil), ("Echoes - Disc 2", "Echoes", 2, nil),
            ("Echoes, Disk 1", "Echoes", 1, nil), ("Echoes (disc 2: Live)", "Echoes", 2, "Live"),
            ("Echoes (CD 1 of 3)", "Echoes", 1, nil),
            ("Echoes (Deluxe) (Disc 2)", "Echoes (Deluxe)", 2, nil),
        ] as [(String, String, Int, String?)])
    func `the disc is no part of an album's title`(
        title: String, base: String, disc: Int, subtitle: String?
    ) {
        let found = AlbumTitle(title)
        #expect(found.base == base && found.disc == disc && found.discSubtitle == subtitle)
    }

    @Test(arguments: [
        "Echoes", "CD 1", "Disc 2", "(Disc 2)", "Echoes Vol. 2", "Echoes Part 2", "1989",
        "Disco 2000 Hits",
        "Echoes (2011 Remaster)", "Compact Disc", "Echoes (Disc 100)", "4 CD Box",
    ])
    func `other titles stay whole`(title: String) {
        let found = AlbumTitle(title)
        #expect(found.base == title && found.disc == nil)
    }

    @Test(arguments: [
        "Various Artists", "VARIOUS", "V.A.", "va", "Verschiedene Interpreten", "Artistes Variés",
        "Varios Artistas", "ヴァリアス・アーティスト", "群星", "Разные исполнители", "Vários Artistas",
    ])
    func `many artists have one name in every language`(name: String) {
        #expect(VariousArtists.isOne(UnicodeText.identity(name)))
    }

    @Test(arguments: [
        ("Hip-Hop", "Hip Hop"), ("HIPHOP", "Hip Hop"), ("Rap", "Hip Hop"),
        ("drum and bass", "Drum & Bass"),
        ("Drum 'n' Bass", "Drum & Bass"), ("RnB", "R&B"), ("r & b", "R&B"),
        ("Rock'n'Roll", "Rock & Roll"),
        ("k pop", "K-Pop"), ("Foo-Bar", "Foo-Bar"), ("邦楽", "邦楽"),
    ])
    func `spellings of a genre are one genre`(text: String, name: String) {
        #expect(GenreTree.displayName(text) == name)
        #expect(StableID.genre(text) == StableID.genre(name))
    }

    @Test func `the genre tree is sound`() {
        #expect(GenreTree.nodes.count > 300)
        for (number, node) in GenreTree.nodes.enumerated() {
            #expect(GenreTree.node(node.name) == number)
            #expect(node.parent.map { $0 < number } ?? true)
        }
    }

    @Test(arguments: [
        ("The Beatles", "Beatles, The"), ("A Tribe Called Quest", "Tribe Called Quest, A"),
        ("Theatre", "Theatre"), ("Die Toten Hosen", "Die Toten Hosen"), ("The ", "The "),
    ])
    func `an English article goes behind the name`(name: String, sorted: String) {
        #expect(CatalogNames.sortName(name) == sorted)
    }
}
