import Catalog
import TestSupport
import Testing

@testable import TagReading

/// Frames, items and where their values go.
struct TagReaderFieldTests {
    private func read(_ head: [UInt8], _ tail: [UInt8] = []) -> TagReader.Result {
        head.withUnsafeBytes { head in
            tail.withUnsafeBytes { TagReader.read(head: head, tail: $0) }
        }
    }

    private static func frame(_ id: String, _ content: [UInt8], version: UInt8 = 4) -> [UInt8] {
        let size = version == 4 ? MP3.syncSafe(content.count) : MP3.big(content.count)
        return Array(id.utf8) + (version == 2 ? Array(size.dropFirst()) : size + [0, 0]) + content
    }

    private static func tag(_ frames: [UInt8]..., version: UInt8 = 4) -> [UInt8] {
        let body = frames.flatMap { $0 }
        return Array("ID3".utf8) + [version, 0, 0] + MP3.syncSafe(body.count) + body
    }

    private static func text(_ id: String, _ text: String, version: UInt8 = 4) -> [UInt8] {
        frame(id, [version == 4 ? 3 : 0] + Array(text.utf8), version: version)
    }

    @Test(
        arguments: [
            ("TIT2", "Song", .title, "Song"), ("TIT3", "Live", .subtitle, "Live"),
            ("TPE3", "C", .conductors, "C"), ("TEXT", "L", .lyricists, "L"),
            ("TPE4", "R", .remixers, "R"), ("TCOM", "A; B", .composers, "A|B"),
            ("TSOT", "Song, The", .titleSort, "Song, The"), ("TSO2", "X", .albumArtistSorts, "X"),
            ("TPOS", "2/3", .discTotal, "3"), ("TRCK", "07/12", .track, "7"),
            ("TCMP", "1", .compilation, "1"), ("TBPM", "128", .bpm, "128"),
            ("TKEY", "Am", .key, "Am"), ("TLAN", "deu", .languages, "deu"),
            ("TMOO", "Sad", .moods, "Sad"), ("TPUB", "EMI", .labels, "EMI"),
            ("TSRC", "DEA000000001", .isrcs, "DEA000000001"), ("TMED", "CD", .media, "CD"),
            ("TDRL", "2004-05", .releaseDate, "2004-05"), ("TDOR", "1999", .originalDate, "1999"),
            ("TDRC", "2004-05-17T10:11", .recordingDate, "2004-05-17T10:11"),
            ("TCON", "(17)", .genres, "Rock"), ("TCON", "17\u{0}Klezmer", .genres, "Rock|Klezmer"),
            ("TCON", "Funk / Soul", .genres, "Funk / Soul"),
            ("TXXX", "CATALOGNUMBER\u{0}XY 1", .catalogNumbers, "XY 1"),
            ("TXXX", "BARCODE\u{0}400", .barcodes, "400"),
            ("TXXX", "MusicBrainz Album Id\u{0}a", .musicBrainzAlbumID, "a"),
            ("TXXX", "MusicBrainz Release Track Id\u{0}t", .musicBrainzTrackID, "t"),
            ("TXXX", "MusicBrainz Artist Id\u{0}a\u{0}b", .musicBrainzArtistIDs, "a|b"),
            ("TXXX", "Acoustid Id\u{0}q", .acoustIDs, "q"),
            ("TXXX", "replaygain_track_gain\u{0}-6.5 dB", .replayGainTrackGain, "-6.5 dB"),
            ("TXXX", "R128_TRACK_GAIN\u{0}-256", .r128TrackGain, "-256"),
            ("TXXX", "album artist\u{0}Band", .albumArtists, "Band"),
            ("TXXX", "TOTALTRACKS\u{0}12", .trackTotal, "12"),
            ("TMCL", "guitar\u{0}G\u{0}drums\u{0}D", .performers, "G (guitar)|D (drums)"),
            ("TIPL", "producer\u{0}P\u{0}cook\u{0}C", .producers, "P"),
            ("TGID", "guid", .podcastID, "guid"), ("TCAT", "News", .podcastCategory, "News"),
        ] as [(String, String, TagField, String)])
    func `a frame goes into its field`(
        id: String, text: String, field: TagField, values: String
    ) {
        let result = read(Self.tag(Self.text(id, text)))
        #expect(result.tags[field] == values.split(separator: "|").map(String.init))
        #expect(result.origins[field]?.hasPrefix("ID3v2.4 " + id) == true)
    }

    @Test(
        arguments: [
            ("Title", "T", .title, "T"), ("Album Artist", "B", .albumArtists, "B"),
            ("Track", "3/12", .trackTotal, "12"),
            ("Year", "2004-05-17", .recordingDate, "2004-05-17"),
            ("Catalog", "C 1", .catalogNumbers, "C 1"), ("EAN/UPC", "4", .barcodes, "4"),
            ("MUSICBRAINZ_TRACKID", "r", .musicBrainzRecordingID, "r"),
            ("Genre", "17", .genres, "Rock"),
            ("Artists", "A\u{0}B", .artists, "A|B"), ("MixArtist", "M", .remixers, "M"),
            ("Compilation", "1", .compilation, "1"), ("Label", "L", .labels, "L"),
        ] as [(String, String, TagField, String)])
    func `an APE item goes into its field`(
        key: String, text: String, field: TagField, values: String
    ) {
        let result = read([], MP3.ape([(key, text)], header: true))
        #expect(result.tags[field] == values.split(separator: "|").map(String.init))
        #expect(result.origins[field]?.hasPrefix("APEv2 ") == true)
    }

    @Test func `a credit is kept whole beside the list`() {
        let listed = read(
            Self.tag(Self.text("TPE1", "A feat. B"), Self.text("TXXX", "ARTISTS\u{0}A\u{0}B")))
        #expect(listed.tags.artists == ["A", "B"])
        #expect(listed.tags[.artistCredit] == ["A feat. B"])
        let split = read(Self.tag(Self.text("TPE1", "A; B"), Self.text("TPE2", "X / Y")))
        #expect(split.tags.artists == ["A", "B"])
        #expect(split.tags[.artistCredit] == ["A; B"])
        #expect(split.tags[.albumArtists] == ["X", "Y"])
        #expect(split.tags[.albumArtistCredit] == ["X / Y"])
        #expect(read(Self.tag(Self.text("TPE1", "A & B"))).tags[.artistCredit] == [])
    }

    @Test func `separators can be set for each kind`() {
        var options = TagReader.Options()
        options.separators = TagSeparators(
            artists: [" & ", ", "], genres: ["/"], people: [], others: ["|"])
        let bytes = Self.tag(
            Self.text("TPE1", "A, B & C"), Self.text("TCON", "Rock/Pop"),
            Self.text("TCOM", "X; Y"), Self.text("TPUB", "P|Q"))
        let tags = bytes.withUnsafeBytes {
            TagReader.read(
                head: $0, tail: UnsafeRawBufferPointer(start: nil, count: 0), options: options
            ).tags
        }
        #expect(tags.artists == ["A", "B", "C"])
        #expect(tags.genres == ["Rock", "Pop"])
        #expect(tags[.composers] == ["X; Y"])
        #expect(tags[.labels] == ["P", "Q"])
    }

    @Test func `comments and lyrics keep language and description`() {
        let result = read(
            Self.tag(
                Self.frame("COMM", [3] + Array("engfirst\u{0}one\r\ntwo".utf8)),
                Self.frame("COMM", [3] + Array("XXX\u{0}plain".utf8)),
                Self.frame("COMM", [3] + Array("engiTunNORM\u{0} 000".utf8)),
                Self.frame("USLT", [3] + Array("deu\u{0}la\nla".utf8))))
        #expect(
            result.tags.comments
                == [
                    .init(language: "eng", description: "first", text: "one\ntwo"),
                    .init(text: "plain"),
                ])
        #expect(result.tags.lyrics == [.init(language: "deu", text: "la\nla")])
        #expect(result.tags.other["iTunNORM"] == ["000"])
    }

    @Test func `lyrics with times, chapters, ratings, ids and gains are read`() {
        let line = Array("la\u{0}".utf8) + MP3.big(1500)
        let title = Self.text("TIT2", "Intro")
        let link = Self.frame("WXXX", [0] + Array("\u{0}http://x".utf8))
        let chapter =
            Array("c1\u{0}".utf8) + MP3.big(0) + MP3.big(5000) + [UInt8](repeating: 0xff, count: 8)
        let gain = Array("track\u{0}".utf8) + [1, 0xf4, 0x00, 16, 0x40, 0x00]
        let result = read(
            Self.tag(
                Self.frame("SYLT", [3] + Array("eng".utf8) + [2, 1] + Array("d\u{0}".utf8) + line),
                Self.frame("CHAP", chapter + title + link),
                Self.frame("POPM", Array("a@b\u{0}".utf8) + [196, 0, 0, 1, 2]),
                Self.frame("UFID", Array("http://musicbrainz.org\u{0}rec".utf8)),
                Self.frame("RVA2", gain), Self.frame("PCST", [0, 0, 0, 0])))
        #expect(
            result.tags.syncedLyrics
                == [
                    .init(
                        language: "eng", description: "d",
                        lines: [.init(timeMs: 1500, text: "la")])
                ])
        #expect(
            result.tags.chapters
                == [.init(id: "c1", startMs: 0, endMs: 5000, title: "Intro", url: "http://x")])
        #expect(result.tags[.rating] == ["196"])
        #expect(result.tags[.playCount] == ["258"])
        #expect(result.tags[.musicBrainzRecordingID] == ["rec"])
        #expect(result.tags[.replayGainTrackGain] == ["-6.00 dB"])
        #expect(result.tags[.replayGainTrackPeak] == ["0.500000"])
        #expect(result.tags[.podcast] == ["1"])
    }

    @Test func `what no field stands for is kept under its name`() {
        let result = read(
            Self.tag(
                Self.text("TXXX", "My Field\u{0}v"), Self.text("TDRC", "some day"),
                Self.text("TXXX", "ALBUM ARTIST\u{0}Other"), Self.text("TPE2", "Band")))
        #expect(
            result.tags.other == [
                "My Field": ["v"], "TDRC": ["some day"], "ALBUM ARTIST": ["Other"],
            ])
        #expect(result.tags[.albumArtists] == ["Band"])
    }

    @Test func `ID3v2.2 and 2.3 are read as 2.4 is`() {
        let old = Self.tag(
            Self.text("TT2", "Old", version: 2), Self.text("TYE", "1999", version: 2), version: 2)
        #expect(read(old).tags.title == "Old")
        #expect(read(old).tags[.recordingDate] == ["1999"])
        #expect(read(old).origins[.title] == "ID3v2.2 TIT2")
        let middle = Self.tag(
            Self.text("TYER", "2004", version: 3), Self.text("TDAT", "1705", version: 3),
            Self.text("TORY", "1999", version: 3), Self.text("TCON", "(4)Eurodisco", version: 3),
            version: 3)
        #expect(read(middle).tags[.recordingDate] == ["2004-05-17"])
        #expect(read(middle).tags[.originalDate] == ["1999"])
        #expect(read(middle).tags.genres == ["Disco", "Eurodisco"])
    }
}
