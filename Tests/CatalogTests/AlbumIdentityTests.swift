import Storage
import TestSupport
import Testing

@testable import Catalog

/// Which songs are one album.
struct AlbumIdentityTests {
    private static let release = "b84ee12a-09ef-421b-82de-0441a926375b"
    private static let otherRelease = "c84ee12a-09ef-421b-82de-0441a926375b"

    private func albums(_ entries: [CatalogFixture.Entry]) throws -> [String] {
        try withTemporaryFolder { try CatalogFixture.build(entries, in: $0).reader.albumLines() }
    }

    @Test func `a guest, another year or another case doubles no album`() throws {
        let found = try albums([
            CatalogFixture.song("a/1.mp3", artist: "A", album: "Best") { $0.releaseDate = "1999" },
            CatalogFixture.song("a/2.mp3", artist: "A feat. B", album: "Best") {
                $0.releaseDate = "2001"
            },
            CatalogFixture.song("a/3.mp3", artist: "A ft. C", album: "BEST"),
            CatalogFixture.song("b/4.mp3", artist: "X", album: "Best") { $0.albumArtist = "a" },
            CatalogFixture.song("b/5.mp3", artist: "A", album: "Best ") {
                $0.albumArtist = "A feat. D"
            },
        ])
        #expect(found == ["Best – A (5)"])
    }

    @Test func `albums of one title by different artists stay apart, even in one folder`() throws {
        let found = try albums(
            ["A", "B", "C"].flatMap { (artist: String) in
                (1...3).map { (track: Int) -> CatalogFixture.Entry in
                    CatalogFixture.song(
                        "all/\(artist)\(track).mp3", artist: artist, album: "Greatest Hits"
                    ) { $0.track = track }
                }
            })
        #expect(
            found == [
                "Greatest Hits – A (3)", "Greatest Hits – B (3)", "Greatest Hits – C (3)",
            ])
    }

    @Test func `many artists with one numbering are a compilation without any word of it`() throws {
        let found = try albums(
            ["A", "B", "C", "D"].enumerated().map { index, artist in
                CatalogFixture.song("sampler/\(index).mp3", artist: artist, album: "Sampler") {
                    $0.track = index + 1
                }
            } + [CatalogFixture.song("elsewhere/1.mp3", artist: "E", album: "Sampler")])
        #expect(found == ["Sampler – E (1)", "Sampler – Various Artists (4)"])
    }

    @Test func `a numbered song of a guest stays on his host's album`() throws {
        let found = try albums(
            (1...5).map { track in
                CatalogFixture.song(
                    "a/\(track).mp3", artist: track == 3 ? "Guest" : "Host", album: "Album"
                ) { $0.track = track }
            })
        #expect(found == ["Album – Host (5)"])
    }

    @Test func `Various Artists is one in all spellings, and with the flag alone`() throws {
        let found = try albums([
            CatalogFixture.song("a/1.mp3", artist: "A", album: "World") { $0.isCompilation = true },
            CatalogFixture.song("b/2.mp3", artist: "B", album: "World") { $0.albumArtist = "VA" },
            CatalogFixture.song("c/3.mp3", artist: "C", album: "world") {
                $0.albumArtist = "Verschiedene Interpreten"
            },
            CatalogFixture.song("d/4.mp3", artist: "D", album: "World") {
                $0.albumArtist = "Various Artists"
                $0[.musicBrainzAlbumArtistIDs] = ["89ad4ac3-39f7-470e-963a-56509c546377"]
            },
        ])
        #expect(found == ["World – Various Artists (4)"])
    }

    @Test func `discs are one album whatever their titles say`() throws {
        try withTemporaryFolder { folder in
            let catalog = try CatalogFixture.build(
                [
                    CatalogFixture.song(artist: "A", album: "Echoes (Disc 1)") { $0.track = 1 },
                    CatalogFixture.song(artist: "A", album: "Echoes CD2") { $0.track = 1 },
                    CatalogFixture.song(artist: "A", album: "Echoes") {
                        ($0.disc, $0.track) = (3, 1)
                        $0[.discSubtitle] = ["Live"]
                        $0.trackTotal = 12
                    },
                ], in: folder
            ).reader
            let album = try #require(try catalog.albums(limit: 9).first)
            #expect(try catalog.albumLines() == ["Echoes – A (3)"] && album.discCount == 3)
            #expect(try catalog.songs(albumID: album.id).map(\.disc) == [1, 2, 3])
            #expect(
                try catalog.discs(albumID: album.id) == [
                    Disc(number: 3, subtitle: "Live", trackTotal: 12)
                ])
        }
    }

    @Test func `a release is one album, and songs that do not name it join the only one`() throws {
        let found = try albums([
            CatalogFixture.song(artist: "A", album: "Album") {
                $0[.musicBrainzAlbumID] = [Self.release]
            },
            CatalogFixture.song(artist: "A", album: "Album (Deluxe)") {
                $0[.musicBrainzAlbumID] = [Self.release.uppercased()]
            },
            CatalogFixture.song(artist: "A", album: "Album"),
            CatalogFixture.song(artist: "A", album: "Other") {
                $0[.musicBrainzAlbumID] = [Self.otherRelease]
            },
            CatalogFixture.song(artist: "A", album: "Other") {
                $0[.musicBrainzAlbumID] = ["no id"]
            },
        ])
        #expect(found == ["Album – A (3)", "Other – A (2)"])
    }

    @Test func `an id that an album had before it got a MusicBrainz id still leads to it`() throws {
        try withTemporaryFolder { folder in
            let plain = CatalogFixture.song(artist: "A", album: "Album")
            let before = try CatalogFixture.build([plain], in: folder + "/before").reader
            let after = try CatalogFixture.build(
                [
                    plain,
                    CatalogFixture.song(artist: "A", album: "Album") {
                        $0[.musicBrainzAlbumID] = [Self.release]
                        $0[.musicBrainzArtistIDs] = [Self.otherRelease]
                    },
                ], in: folder + "/after"
            ).reader
            let (old, new) = (try before.albums(limit: 1)[0], try after.albums(limit: 9))
            #expect(new.count == 1 && new[0].id != old.id && new[0].songCount == 2)
            #expect(try after.currentID(.album, formerID: old.id) == new[0].id)
            let artist = try after.artists(limit: 9)
            #expect(artist.count == 1 && artist[0].id != StableID.artist("A"))
            #expect(try after.currentID(.artist, formerID: StableID.artist("A")) == artist[0].id)
            #expect(try after.currentID(.artist, formerID: "0000000000000000") == nil)
        }
    }

    @Test func `an id made of a MusicBrainz id stays when the last file with it goes`() throws {
        try withTemporaryFolder { folder in
            let plain = CatalogFixture.song(artist: "A", album: "Album") {
                $0[.albumArtists] = ["A", "B"]
            }
            var tagged = CatalogFixture.song(artist: "A", album: "album (Disc 2)") {
                $0[.albumArtists] = ["a", "B"]
                $0[.musicBrainzAlbumID] = [Self.release]
                $0[.musicBrainzArtistIDs] = [Self.otherRelease]
            }
            let before = try CatalogFixture.build([plain, tagged], in: folder + "/before").reader
            tagged.isGone = true
            let after = try CatalogFixture.build([plain, tagged], in: folder + "/after").reader
            #expect(try after.albums(limit: 9).map(\.id) == before.albums(limit: 9).map(\.id))
            #expect(try after.artists(limit: 9).map(\.id) == before.artists(limit: 9).map(\.id))
            #expect(try after.albums(limit: 9).map(\.songCount) == [1])
            #expect(try after.artist(id: before.artists(limit: 1)[0].id)?.songCount == 1)
            // Files that are there go before what is remembered, and the old ids lead on.
            let retagged = CatalogFixture.song(artist: "A", album: "Album") {
                $0[.albumArtists] = ["A", "B"]
                $0[.musicBrainzAlbumID] = [Self.otherRelease]
                $0[.musicBrainzArtistIDs] = [Self.release]
            }
            let later = try CatalogFixture.build([retagged, tagged], in: folder + "/later").reader
            let (album, artist) = (try later.albums(limit: 9), try later.artists(limit: 1))
            #expect(album.count == 1)
            #expect(
                try later.currentID(.album, formerID: before.albums(limit: 1)[0].id)
                    == album[0].id)
            #expect(
                try later.currentID(.artist, formerID: before.artists(limit: 1)[0].id)
                    == artist[0].id)
        }
    }

    /// As when a run is killed after it has read the files of a folder that was renamed.
    @Test(arguments: [["a.mp3", "b.mp3"], ["b.mp3", "a.mp3"]])
    func `a song is as old as a file of it that is gone`(paths: [String]) throws {
        try withTemporaryFolder { folder in
            let warehouse = Warehouse(path: folder + "/w")
            try warehouse.prepare()
            let ledger = try Ledger(warehouse, .readWrite)
            for (number, path) in paths.enumerated() {
                let night = LedgerFixture.night + number
                let writer = try LedgerWriter(ledger, source: "/music", date: night)
                try writer.save(LedgerFixture.song(1))
                try writer.save(
                    LedgerFixture.file(1, path: path) { $0.state = number == 0 ? .gone : .present })
            }
            var found: [String] = []
            try ledger.forEachSong(former: { _ in }) { found.append($0.added) }
            #expect(found == ["2026-11-19"])
        }
    }

    @Test func `an album's page says what most of its songs say`() throws {
        try withTemporaryFolder { folder in
            let catalog = try CatalogFixture.build(
                (1...3).map { number in
                    CatalogFixture.song(artist: "A", album: "Album", rank: number) {
                        $0.releaseDate = number == 1 ? "1990" : "2004-05-06"
                        $0[.labels] = [number == 2 ? "Other" : "Label"]
                        $0[.catalogNumbers] = ["L 1"]
                        $0[.barcodes] = ["4006381333931"]
                        $0[.originalDate] = ["1971"]
                        $0[.releaseTypes] = ["album", "live"]
                    }
                }, in: folder
            ).reader
            let album = try catalog.albums(limit: 1)[0]
            #expect(album.releaseDate == "2004-05-06" && album.durationMs == 600_006)
            let details = Dictionary(
                uniqueKeysWithValues: try catalog.details(albumID: album.id).map {
                    ($0.name, $0.value)
                })
            #expect(details["label"] == .text("Label") && details["catalog_number"] == .text("L 1"))
            #expect(details["barcode"] == .text("4006381333931"))
            #expect(details["original_date"] == .text("1971"))
            #expect(details["release_types"] == .text(#"["album","live"]"#))
        }
    }

    @Test func `new releases come by date, none from after the night`() throws {
        try withTemporaryFolder { folder in
            let catalog = try CatalogFixture.build(
                [("2025", 1), ("2026-11-20", 2), ("2026-11-21", 3), ("2025-03-01", 4), ("", 5)].map
                {
                    date, rank in
                    CatalogFixture.song(artist: "A", album: "Album \(date)", rank: rank) {
                        $0.releaseDate = date
                    }
                }, in: folder
            ).reader
            let day = CalendarDate("2026-11-20")!
            #expect(
                try catalog.newReleases(until: day, limit: 9).map(\.releaseDate)
                    == ["2026-11-20", "2025-03-01", "2025"])
            #expect(
                try catalog.newReleases(until: day, limit: 1, offset: 1).map(\.releaseDate)
                    == ["2025-03-01"])
        }
    }
}
