internal import Catalog
internal import Storage

/// One tag's entries as fields.
struct MappedTag {
    struct Field {
        var values: [String]
        /// The frame or item: `TPE1`, `TXXX:ARTISTS`.
        var key: String
    }

    private(set) var fields = TagFieldTable<Field>()
    private(set) var comments: [Tags.Note] = []
    private(set) var lyrics: [Tags.Note] = []
    private(set) var other: [String: [String]] = [:]
    /// By the field's name in JSON.
    private(set) var repairs: [Tags.Repair] = []

    private let separators: TagSeparators
    private let kind: RawTag.Kind
    /// By the text as the tag has it.
    private var repairOf: [[UInt8]: TextRepair.Repair] = [:]
    private var listedArtists: [String] = []
    private var listedAlbumArtists: [String] = []
    private var year: RawTagEntry?
    /// What no frame of its own says, and a frame for everything may.
    private var named: [(field: TagField, entry: RawTagEntry)] = []

    init(_ tag: RawTag, separators: TagSeparators) {
        self.separators = separators
        kind = tag.kind
        findRepairs(tag)
        for entry in tag.entries { map(entry) }
        if let year, fields[.recordingDate] == nil { add(.recordingDate, year, key: "TYER") }
        for (field, entry) in named { add(field, entry, key: shownKey(entry), isNamed: true) }
        listArtists(.artists, .artistCredit, listedArtists)
        listArtists(.albumArtists, .albumArtistCredit, listedAlbumArtists)
    }

    private mutating func findRepairs(_ tag: RawTag) {
        var doubtful: [[UInt8]] = []
        for entry in tag.entries {
            for value in entry.values where !value.storedBytes.isEmpty {
                doubtful.append(value.storedBytes)
            }
        }
        guard !doubtful.isEmpty else { return }
        for (bytes, repair) in zip(doubtful, TextRepair.repairs(doubtful)) {
            if let repair { repairOf[bytes] = repair }
        }
    }

    // MARK: Entries

    private mutating func map(_ entry: RawTagEntry) {
        switch kind {
        case .id3v1:
            if entry.key == "COMMENT" {
                comments += notes(entry, "comments")
            } else if let field = TagField.ofID3v1[entry.key] {
                add(field, entry, key: "")
            }
        case .ape: mapNamed(entry, entry.key)
        case .id3v2: mapFrame(entry)
        }
    }

    private mutating func mapFrame(_ entry: RawTagEntry) {
        if let field = TagField.ofFrame[entry.key] {
            add(field, entry, key: entry.key)
            return
        }
        switch entry.key {
        case "TXXX": mapNamed(entry, entry.qualifier)
        case "COMM":
            let name = TagField.simpleName(entry.qualifier)
            // iTunes keeps its own numbers in comments.
            if name.hasPrefix("ITUN") {
                addOther(entry.qualifier, entry)
            } else {
                comments += notes(entry, "comments")
            }
        case "USLT": lyrics += notes(entry, "lyrics")
        case "UFID":
            if entry.qualifier.lowercased() == "http://musicbrainz.org" {
                add(.musicBrainzRecordingID, entry, key: "UFID")
            } else {
                addOther("UFID:" + entry.qualifier, entry)
            }
        case "TIPL", "TMCL", "IPLS": mapPeople(entry)
        case "POPM": mapPopularity(entry)
        case "RVA2": mapVolume(entry)
        // Said by TDRC, which is made of them; but a lone TYER in an ID3v2.4 tag is not.
        case "TYER": year = entry
        case "TDAT", "TIME", "TRDA": break
        default: addOther(entry.key, entry)
        }
    }

    private mutating func mapNamed(_ entry: RawTagEntry, _ name: String) {
        let simple = TagField.simpleName(name)
        switch simple {
        case "ARTISTS": listedArtists += texts(entry, .artists)
        case "ALBUMARTISTS": listedAlbumArtists += texts(entry, .albumArtists)
        case "COMMENT", "DESCRIPTION": comments += notes(entry, "comments", isNamed: true)
        case "LYRICS", "UNSYNCEDLYRICS", "UNSYNCHRONISEDLYRICS":
            lyrics += notes(entry, "lyrics", isNamed: true)
        default:
            if let field = TagField.ofName[simple] {
                if case .ape = kind {
                    add(field, entry, key: name)
                } else {
                    named.append((field, entry))
                }
            } else if simple.hasPrefix("PERFORMER:") {
                let role = name.drop { $0 != ":" }.dropFirst()
                append(.performers, texts(entry, .performers).map { "\($0) (\(role))" }, name)
            } else {
                addOther(name, entry)
            }
        }
    }

    private mutating func mapPeople(_ entry: RawTagEntry) {
        let texts = entry.values.map { clean($0, "performers") }
        for index in stride(from: 0, to: texts.count - 1, by: 2) where !texts[index + 1].isEmpty {
            let (role, name) = (texts[index], texts[index + 1])
            if entry.key != "TMCL", let field = TagField.ofRole[TagField.simpleName(role)] {
                append(field, [name], entry.key)
            } else {
                append(.performers, [role.isEmpty ? name : "\(name) (\(role))"], entry.key)
            }
        }
    }

    private mutating func mapPopularity(_ entry: RawTagEntry) {
        let numbers = entry.values.map { Int($0.text) ?? 0 }
        // 0 is unknown.
        if let rating = numbers.first, rating > 0, fields[.rating] == nil {
            fields[.rating] = Field(values: ["\(rating)"], key: "POPM")
        }
        if numbers.count > 1, numbers[1] > 0, fields[.playCount] == nil {
            fields[.playCount] = Field(values: ["\(numbers[1])"], key: "POPM")
        }
    }

    private mutating func mapVolume(_ entry: RawTagEntry) {
        let isAlbum = entry.qualifier.uppercased() == "ALBUM"
        guard isAlbum || entry.qualifier.uppercased() == "TRACK" else { return }
        let numbers = entry.values.map { Double($0.text) ?? 0 }
        if let gain = numbers.first {
            let field = isAlbum ? TagField.replayGainAlbumGain : .replayGainTrackGain
            if fields[field] == nil {
                fields[field] = Field(values: [formatDecimal(gain, 2) + " dB"], key: "RVA2")
            }
        }
        if numbers.count > 1, numbers[1] > 0 {
            let field = isAlbum ? TagField.replayGainAlbumPeak : .replayGainTrackPeak
            if fields[field] == nil {
                fields[field] = Field(values: [formatDecimal(numbers[1], 6)], key: "RVA2")
            }
        }
    }

    // MARK: Values

    private mutating func add(
        _ field: TagField, _ entry: RawTagEntry, key: String, isNamed: Bool = false
    ) {
        let texts = texts(entry, field)
        switch field.valueKind {
        case .text, .gain, .url:
            append(
                field,
                separators.others.isEmpty
                    ? texts
                    : texts.flatMap { TagSeparators.split($0, at: separators.others) }, key)
        // Split by `listArtists`, once all are known.
        case .artists: append(field, texts, key)
        case .people:
            append(field, texts.flatMap { TagSeparators.split($0, at: separators.people) }, key)
        case .genres:
            let names = texts.flatMap {
                separators.wholeGenres.contains($0.lowercased())
                    ? [$0]
                    : TagSeparators.split($0, at: separators.genres).flatMap(GenreName.resolve)
            }
            append(field, TagSeparators.unique(names), key)
        case .date:
            let dates = texts.compactMap(TagDate.parse)
            if dates.isEmpty, !texts.isEmpty {
                if texts.contains(where: { $0.utf8.contains { $0 > 0x30 } }) {
                    addOther(key.isEmpty ? "YEAR" : shownKey(entry), entry)
                }
            } else {
                append(field, dates, key)
            }
        case .flag:
            guard let text = texts.first?.lowercased() else { return }
            if ["1", "true", "yes"].contains(text) { append(field, ["1"], key) }
        case .number(let totalField):
            guard let text = texts.first else { return }
            let (number, total) = TagPosition.parse(text)
            if let number { append(field, ["\(number)"], key) }
            if let totalField, let total { append(totalField, ["\(total)"], key) }
            if number == nil, total == nil, !text.allSatisfy({ $0 == "0" || $0 == "/" }) {
                addOther(shownKey(entry), entry)
            }
        }
    }

    /// More of the same frame adds to it; what another says comes too late, and is kept aside
    /// where it says something else.
    private mutating func append(_ field: TagField, _ values: [String], _ key: String) {
        guard !values.isEmpty else { return }
        guard let known = fields[field] else {
            fields[field] = Field(values: values, key: key)
            return
        }
        if known.key == key || field == .urls || field == .performers {
            let values = known.values + values
            fields[field] = Field(values: TagSeparators.unique(values), key: known.key)
        } else if !values.allSatisfy(known.values.contains) {
            let name = key.hasPrefix("TXXX:") ? String(key.dropFirst(5)) : key
            other[name] = TagSeparators.unique((other[name] ?? []) + values)
        }
    }

    private mutating func addOther(_ name: String, _ entry: RawTagEntry) {
        let name = TagCleaning.line(name)
        let values = entry.values.map { clean($0, name, keepsLines: true) }.filter { !$0.isEmpty }
        guard !values.isEmpty, !name.isEmpty else { return }
        other[name] = TagSeparators.unique((other[name] ?? []) + values)
    }

    /// Artists one by one: by the list that Picard and others write beside the credit, or else by
    /// splitting the credit where that is certain. A credit that is split is kept whole, too.
    private mutating func listArtists(_ field: TagField, _ credit: TagField, _ listed: [String]) {
        let credited = fields[field]
        var names = listed.flatMap { TagSeparators.split($0, at: separators.artists) }
        // One name in the list and several in the credit: the list is the one that is wrong.
        if names.isEmpty || names.count == 1 && (credited?.values.count ?? 0) > 1 {
            names = (credited?.values ?? []).flatMap {
                TagSeparators.split($0, at: separators.artists)
            }
        }
        names = TagSeparators.unique(names)
        guard !names.isEmpty else {
            fields[field] = nil
            return
        }
        let key = credited?.key ?? (field == .artists ? "ARTISTS" : "ALBUMARTISTS")
        fields[field] = Field(values: names, key: key)
        if let credited, credited.values.count == 1, credited.values != names {
            fields[credit] = Field(values: credited.values, key: credited.key)
        }
    }

    // MARK: Texts

    private mutating func texts(_ entry: RawTagEntry, _ field: TagField) -> [String] {
        let name = field.rawValue
        if entry.values.count == 1 {
            let text = clean(entry.values[0], name)
            return text.isEmpty ? [] : [text]
        }
        return entry.values.map { clean($0, name) }.filter { !$0.isEmpty }
    }

    private mutating func notes(
        _ entry: RawTagEntry, _ name: String, isNamed: Bool = false
    ) -> [Tags.Note] {
        entry.values.compactMap {
            let text = clean($0, name, keepsLines: true)
            guard !text.isEmpty else { return nil }
            return Tags.Note(
                language: Self.language(entry.language),
                description: isNamed ? "" : TagCleaning.line(entry.qualifier), text: text)
        }
    }

    /// ISO 639-2's three letters; "XXX" and anything else is none.
    static func language(_ text: String) -> String {
        let letters = text.lowercased()
        return letters.utf8.count == 3 && letters != "xxx"
            && letters.utf8.allSatisfy { (0x61...0x7a).contains($0) } ? letters : ""
    }

    /// Repaired where it has to be.
    private mutating func clean(_ text: TagText, _ field: String, keepsLines: Bool = false)
        -> String
    {
        var shown = text.text
        if !repairOf.isEmpty, let repair = repairOf[text.storedBytes] {
            repairs.append(
                Tags.Repair(
                    field: field, original: TagCleaning.lines(shown), encoding: repair.encoding))
            shown = repair.text
        }
        // A NUL that a parser has left inside separates.
        return keepsLines ? TagCleaning.lines(shown) : TagCleaning.line(shown)
    }

    private func shownKey(_ entry: RawTagEntry) -> String {
        entry.key == "TXXX" ? "TXXX:" + entry.qualifier : entry.key
    }
}
