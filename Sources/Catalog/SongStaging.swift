internal import SQLite
internal import Storage

/// The first pass: every song with what its tags say goes to a file beside the result, and what it
/// names is noted.
struct SongStaging {
    /// The columns of `songs`, as the schema has them, but for those that are known later.
    static let columns = [
        "song_id", "title", "artist", "album_claim", "track", "disc", "release_date",
        "duration_ms", "size_bytes", "bitrate_kbps", "sample_rate_hz", "channels", "cover",
        "cover_type", "composer", "isrc", "added", "subtitle", "title_sort", "album_sort",
        "original_date", "recording_date", "gapless_ms", "bpm", "musical_key", "isrcs", "moods",
        "languages", "labels", "catalog_numbers", "grouping", "work", "movement",
        "replaygain_track_gain", "replaygain_track_peak", "replaygain_album_gain",
        "replaygain_album_peak", "musicbrainz_recording_id", "musicbrainz_track_id",
        "musicbrainz_work_ids", "acoustid", "copyright", "has_lyrics", "has_synced_lyrics",
        "owner", "region",
    ]
    /// What is of the album, and what links are made of.
    static let further = [
        "people", "genres", "disc_subtitle", "track_total", "disc_total", "barcode", "media",
        "release_country", "release_status", "release_types", "release_group", "chapters",
        "podcast",
    ]

    /// From the night's popularity; the rank is NULL for songs that were never played.
    static let popularity = ["played_rank", "score", "streams"]

    private let catalog: Database

    init(_ catalog: Database) throws {
        self.catalog = catalog
        try catalog.execute(
            """
            CREATE TABLE work.scores(song_id, rank, score, streams);
            CREATE TABLE work.songs(
              \((Self.columns + Self.further + Self.popularity).joined(separator: ", ")));
            """)
    }

    func stage(_ scores: ((CatalogBuilder.Score) throws -> Void) throws -> Void) throws {
        var score = try catalog.prepare("INSERT INTO work.scores VALUES(?, ?, ?, ?)")
        try scores { row in
            try score.bind(1, row.songID)
            try score.bind(2, row.rank)
            try score.bind(3, row.score)
            try score.bind(4, row.streams)
            try score.run()
        }
    }

    func stage(_ ledger: Ledger, _ identities: inout CatalogIdentities) throws {
        let all = Self.columns + Self.further + Self.popularity
        let marks = Array(repeating: "?", count: all.count).joined(separator: ",")
        var row = try catalog.prepare("INSERT INTO work.songs VALUES(\(marks))")
        var number: [String: Int32] = [:]
        for (index, name) in all.enumerated() { number[name] = Int32(index + 1) }
        let at = Columns(number)
        // In the ledger's order, so that the two walk side by side.
        var scores = try catalog.prepare(
            "SELECT song_id, rank, score, streams FROM work.scores ORDER BY song_id, rank")
        var scored = try Self.next(&scores)
        // Noted while songs are, and of use when all are resolved.
        var former = FormerNames()
        defer { identities.remember(former) }
        try ledger.forEachSong(former: { former.note($0) }) { entry in
            let references = identities.note(entry)
            row.clearBindings()
            while let id = scored, id < entry.song.id { scored = try Self.next(&scores) }
            if scored == entry.song.id {
                for column: Int32 in 0..<3 {
                    try row.bind(at.popularity + column, scores, column: column + 1)
                }
            } else {
                try row.bind(at.popularity + 1, 0)
                try row.bind(at.popularity + 2, 0)
            }
            try Self.bind(entry, references, &row, at)
            try row.run()
        }
    }

    private static func next(_ scores: inout Statement) throws -> Digest? {
        while try scores.step() {
            if let id = Digest(hex: scores.text(0)) { return id }
        }
        return nil
    }

    /// Numbers of parameters that are looked up once.
    private struct Columns {
        let later: Int32
        let people: Int32
        let popularity: Int32

        init(_ number: [String: Int32]) {
            later = number["subtitle"]!
            people = number["people"]!
            popularity = number["played_rank"]!
        }
    }

    private static func bind(
        _ entry: LedgerEntry, _ references: CatalogIdentities.References,
        _ row: inout Statement, _ at: Columns
    ) throws {
        let tags = entry.tags
        let song = entry.song
        try row.bind(1, song.id.hex)
        try row.bind(2, UnicodeText.composed(tags.title))
        try row.bind(3, credit(tags))
        if let album = references.album { try row.bind(4, album) }
        if let track = tags.track { try row.bind(5, track) }
        if let disc = references.disc { try row.bind(6, disc) }
        try bind(tags.releaseDate, 7, &row)
        try row.bind(8, song.durationMs)
        try row.bind(9, song.sizeBytes)
        try row.bind(10, song.bitrateKbps)
        try row.bind(11, song.sampleRateHz)
        try row.bind(12, song.channels)
        if let cover = entry.cover {
            try row.bind(13, cover.digest.hex)
            try row.bind(14, cover.type)
        }
        try bind(tags.composer, 15, &row)
        try bind(tags.isrc, 16, &row)
        try row.bind(17, entry.added)

        var column = at.later
        func next() -> Int32 {
            defer { column += 1 }
            return column
        }
        for field: TagField in [
            .subtitle, .titleSort, .albumSort, .originalDate, .recordingDate,
        ] {
            try bind(tags[first: field], next(), &row)
        }
        try bind(song.gaplessMs, next(), &row)
        try bind(Self.number(tags[first: .bpm]), next(), &row)
        try bind(tags[first: .key], next(), &row)
        for field: TagField in [.isrcs, .moods, .languages, .labels, .catalogNumbers] {
            try bind(list: tags[field], next(), &row)
        }
        for field: TagField in [.grouping, .work, .movement] {
            try bind(tags[first: field], next(), &row)
        }
        for gain in gains(tags) { try bind(gain, next(), &row) }
        try bind(tags[first: .musicBrainzRecordingID], next(), &row)
        try bind(tags[first: .musicBrainzTrackID], next(), &row)
        try bind(list: tags[.musicBrainzWorkIDs], next(), &row)
        try bind(tags[first: .acoustIDs], next(), &row)
        try bind(tags[first: .copyright], next(), &row)
        try row.bind(next(), tags.lyrics.isEmpty ? 0 : 1)
        try row.bind(next(), tags.syncedLyrics.isEmpty ? 0 : 1)
        try bind(entry.owner ?? "", next(), &row)
        try bind(entry.region ?? "", next(), &row)

        column = at.people
        try row.bind(next(), bytes(references.people))
        try row.bind(next(), bytes(references.genres))
        try bind(references.discSubtitle ?? "", next(), &row)
        try bind(tags.trackTotal, next(), &row)
        try bind(tags.discTotal, next(), &row)
        for field: TagField in [.barcodes, .media, .releaseCountry, .releaseStatus] {
            try bind(tags[first: field], next(), &row)
        }
        try bind(list: tags[.releaseTypes], next(), &row)
        try bind(tags[first: .musicBrainzReleaseGroupID], next(), &row)
        try bind(chapters(tags), next(), &row)
        try bind(podcast(tags), next(), &row)
    }

    /// The credit as the file has it, or the artists as one text.
    private static func credit(_ tags: Tags) -> String {
        if let credit = tags[.artistCredit].first { return UnicodeText.composed(credit) }
        let names = tags.artists.map(UnicodeText.composed)
        return names.isEmpty ? ArtistTable.unknown : Tags.credit(names)
    }

    /// Track gain and peak, album gain and peak. R128 gains are 1/256 dB to -23 LUFS (RFC 7845,
    /// section 5.2.1), 5 dB below ReplayGain 2's level.
    private static func gains(_ tags: Tags) -> [Double?] {
        func gain(_ field: TagField, r128: TagField) -> Double? {
            number(tags[first: field]) ?? number(tags[first: r128]).map { $0 / 256 + 5 }
        }
        return [
            gain(.replayGainTrackGain, r128: .r128TrackGain),
            number(tags[first: .replayGainTrackPeak]),
            gain(.replayGainAlbumGain, r128: .r128AlbumGain),
            number(tags[first: .replayGainAlbumPeak]),
        ]
    }

    /// "-7.03 dB", "+3,2" and "128.0 BPM".
    static func number(_ text: String) -> Double? {
        guard !text.isEmpty else { return nil }
        var digits: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 45, 46, 69, 101: digits.append(byte)  // digits - . E e
            case 43: if !digits.isEmpty { digits.append(byte) }
            case 44: digits.append(46)
            default: return Self.double(digits)
            }
        }
        return Self.double(digits)
    }

    private static func double(_ digits: [UInt8]) -> Double? {
        guard let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else {
            return nil
        }
        return value
    }

    private static func chapters(_ tags: Tags) -> String {
        guard !tags.chapters.isEmpty else { return "" }
        var json = JSONWriter()
        json.array { json in
            for chapter in tags.chapters {
                json.object {
                    $0.field("start_ms", chapter.startMs)
                    $0.field("end_ms", chapter.endMs)
                    $0.field("title", UnicodeText.composed(chapter.title))
                    $0.field("url", chapter.url.isEmpty ? nil : chapter.url)
                }
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func podcast(_ tags: Tags) -> String {
        let fields: [TagField] = [
            .podcastID, .podcastURL, .podcastDescription, .podcastCategory, .podcastKeywords,
        ]
        guard !tags[.podcast].isEmpty || fields.contains(where: { !tags[$0].isEmpty }) else {
            return ""
        }
        var json = JSONWriter()
        json.array { json in
            for field in fields { json.value(tags[first: field]) }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    // MARK: Values

    private static func bind(_ text: String, _ column: Int32, _ row: inout Statement) throws {
        if !text.isEmpty { try row.bind(column, UnicodeText.composed(text)) }
    }

    private static func bind(_ value: Int?, _ column: Int32, _ row: inout Statement) throws {
        if let value { try row.bind(column, value) }
    }

    private static func bind(_ value: Double?, _ column: Int32, _ row: inout Statement) throws {
        if let value { try row.bind(column, value) }
    }

    private static func bind(list: [String], _ column: Int32, _ row: inout Statement) throws {
        guard !list.isEmpty else { return }
        var json = JSONWriter()
        json.array { for value in list { $0.value(UnicodeText.composed(value)) } }
        try row.bind(column, String(decoding: json.bytes, as: UTF8.self))
    }

    private static func bytes(_ numbers: [UInt32]) -> [UInt8] {
        numbers.withUnsafeBytes { Array($0) }
    }
}
