internal import Catalog

/// Puts the tags of one file together, the best first: what one has said, the next ones cannot
/// change.
struct TagMerge {
    private let options: TagReader.Options
    private var result = TagReader.Result()

    /// Of an MPEG 1 layer III frame at 44.1 kHz, for lyrics that count frames.
    private static let frameMs = 1152.0 / 44.1
    private static let maximumPictures = 256
    private static let shownDamage = 3
    private static var nothing: UnsafeRawBufferPointer { .init(start: nil, count: 0) }

    init(options: TagReader.Options) {
        self.options = options
        result.tags.reserveCapacity(24)
    }

    func finish() -> TagReader.Result { result }

    mutating func warn(_ code: TagReader.Warning.Code, _ detail: String) {
        result.warnings.append(.init(code: code, detail: detail))
    }

    // MARK: Tags

    mutating func addID3v2(_ file: UnsafeRawBufferPointer, _ range: Range<Int>, isTail: Bool) {
        let bytes = UnsafeRawBufferPointer(rebasing: file[range])
        let survey = ID3v2Survey(bytes, within: options.limits)
        // The texts as they are stored are known to our own reader alone; and TagLib takes a
        // footer for part of the frames, and so loses the last ten bytes of them, and has its own
        // idea of an extended header's size.
        let isOursFirst =
            !survey.isSafe || survey.hasDoubtfulText
            || ID3v2Header(bytes).map { $0.hasFooter || $0.hasExtendedHeader } ?? false
        let own =
            isOursFirst || survey.isDamaged
            ? ID3v2Tag(bytes: bytes, limits: options.limits) : nil
        let taglib = survey.isSafe ? Self.readByTagLib(bytes, survey) : nil
        let major = taglib?.id3v2.flatMap { Self.major($0) } ?? own?.major ?? survey.major
        let source = "ID3v2.\(major) "
        if let excess = survey.excess {
            warn(
                .tagOverLimit,
                source + "\(excess.kind.rawValue) \(excess.limit)"
                    + (excess.id.isEmpty ? "" : " at frame \(excess.id)")
                    + " at offset \(range.lowerBound + excess.offset)")
        }
        let raw = own?.raw
        if isOursFirst || taglib == nil, let raw {
            add(raw, source: source, bytes, at: range.lowerBound, isTail: isTail)
        }
        if let tag = taglib?.id3v2 {
            // Our own reader finds all pictures that TagLib finds.
            var tag = tag
            if let raw, !raw.pictures.isEmpty { tag.pictures = [] }
            add(tag, source: source, bytes, at: range.lowerBound, isTail: isTail)
        }
        if !isOursFirst, taglib != nil, let raw {
            add(
                raw, source: source, note: " (recovered)", bytes, at: range.lowerBound,
                isTail: isTail)
        }
        addTimed(taglib, own)
        if let raw { report(raw.damage, source, range.lowerBound) }
    }

    private static func readByTagLib(
        _ bytes: UnsafeRawBufferPointer, _ survey: ID3v2Survey
    ) -> TagLibTag? {
        if let cut = ID3v2PictureCut(bytes, survey),
            var tag = cut.bytes.withUnsafeBytes({ TagLibTag(id3v2: $0, ape: nothing) }),
            tag.id3v2?.pictures.count == cut.pictures.count
        {
            for (index, range) in cut.pictures.enumerated() {
                tag.id3v2?.pictures[index].data = .range(range)
            }
            return tag
        }
        return TagLibTag(id3v2: bytes, ape: nothing)
    }

    mutating func addAPE(_ file: UnsafeRawBufferPointer, _ range: Range<Int>, isTail: Bool) {
        let bytes = UnsafeRawBufferPointer(rebasing: file[range])
        guard let own = APETag(bytes: bytes) else { return }
        let source = own.version < 2000 ? "APEv1 " : "APEv2 "
        if own.isOverLimit { warn(.tagOverLimit, source + "has more items than are read") }
        // TagLib finds a tag by its footer alone, and counts on its items' sizes.
        let isSound = own.damage.isEmpty && !own.isOverLimit && isTail
        if isSound, var tag = TagLibTag(id3v2: Self.nothing, ape: bytes)?.ape {
            tag.pictures = []
            if own.raw.entries.allSatisfy({ $0.values.allSatisfy(\.storedBytes.isEmpty) }) {
                add(tag, source: source, bytes, at: range.lowerBound, isTail: isTail)
            }
        }
        add(own.raw, source: source, bytes, at: range.lowerBound, isTail: isTail)
        report(own.damage, source, range.lowerBound)
    }

    private mutating func report(_ damage: [TagDamage], _ source: String, _ start: Int) {
        guard !damage.isEmpty else { return }
        let shown = damage.prefix(Self.shownDamage).map {
            "\($0.reason.rawValue)\($0.id.isEmpty ? "" : " in \($0.id)") at offset \(start + $0.offset)"
        }
        let more = damage.count - shown.count
        warn(
            .tagDamaged,
            source + shown.joined(separator: ", ") + (more > 0 ? ", and \(more) more" : ""))
    }

    private static func major(_ tag: RawTag) -> UInt8? {
        if case .id3v2(let major) = tag.kind { return major }
        return nil
    }

    // MARK: Fields

    /// Takes from a tag what no tag before has said.
    mutating func add(
        _ tag: RawTag, source: String, note: String = "", _ bytes: UnsafeRawBufferPointer,
        at start: Int, isTail: Bool
    ) {
        let mapped = MappedTag(tag, separators: options.separators)
        let hasRepairs = !mapped.repairs.isEmpty
        var taken: Set<String> = []
        // The credit belongs to the list that it was read with.
        let hadArtists = !result.tags[.artists].isEmpty
        let hadAlbumArtists = !result.tags[.albumArtists].isEmpty
        for (field, found) in mapped.fields {
            guard !result.origins.contains(field),
                !(field == .artistCredit && hadArtists),
                !(field == .albumArtistCredit && hadAlbumArtists)
            else { continue }
            result.tags[field] = found.values
            result.origins[field] = (source + found.key).trimmedEnd + note
            if hasRepairs { taken.insert(field.rawValue) }
        }
        if result.tags.comments.isEmpty, !mapped.comments.isEmpty {
            result.tags.comments = mapped.comments
            taken.insert("comments")
        }
        if result.tags.lyrics.isEmpty, !mapped.lyrics.isEmpty {
            result.tags.lyrics = mapped.lyrics
            taken.insert("lyrics")
        }
        for (name, values) in mapped.other where result.tags.other[name] == nil {
            result.tags.other[name] = values
            taken.insert(name)
        }
        for repair in mapped.repairs
        where taken.contains(repair.field) && !result.tags.repairs.contains(repair) {
            result.tags.repairs.append(repair)
        }
        for picture in tag.pictures { add(picture, bytes, at: start, isTail: isTail) }
    }

    private mutating func add(
        _ picture: TagPicture, _ tag: UnsafeRawBufferPointer, at start: Int, isTail: Bool
    ) {
        // A link's bytes are its address.
        guard picture.mimeType != "-->", picture.sizeBytes > 0,
            result.pictures.count < Self.maximumPictures
        else { return }
        let known = picture.withBytes(of: tag) { bytes in ImageType.of(bytes) }
        let said = picture.mimeType.lowercased()
        let data: TagReader.Picture.Data =
            switch picture.data {
            case .range(let range):
                isTail
                    ? .tail(start + range.lowerBound..<start + range.upperBound)
                    : .head(start + range.lowerBound..<start + range.upperBound)
            case .bytes(let bytes): .bytes(bytes)
            }
        result.pictures.append(
            TagReader.Picture(
                type: Int(picture.type),
                mimeType: known
                    ?? (said.hasPrefix("image/") ? said : "application/octet-stream"),
                description: TagCleaning.line(picture.description.text), data: data))
    }

    // MARK: Lyrics with times, and chapters

    private mutating func addTimed(_ taglib: TagLibTag?, _ own: ID3v2Tag?) {
        if result.tags.syncedLyrics.isEmpty {
            var lyrics = taglib?.syncedLyrics ?? []
            if lyrics.isEmpty, let own {
                lyrics = own.frames("SYLT").compactMap { $0.synchronisedLyrics() }
            }
            result.tags.syncedLyrics = lyrics.filter { !$0.lines.isEmpty }.map { text in
                let times = text.timesMs(frameDurationMs: Self.frameMs)
                return Tags.SyncedLyrics(
                    language: MappedTag.language(text.language),
                    description: TagCleaning.line(text.description.text),
                    lines: zip(times, text.lines).map {
                        .init(timeMs: $0, text: TagCleaning.line($1.text.text))
                    })
            }
        }
        guard result.tags.chapters.isEmpty else { return }
        var chapters = (taglib?.chapters ?? []).map {
            Tags.Chapter(
                id: TagCleaning.line($0.id), startMs: $0.startMs, endMs: $0.endMs,
                title: TagCleaning.line($0.title), url: TagCleaning.line($0.url))
        }
        if chapters.isEmpty, let own {
            chapters = own.frames("CHAP").compactMap { frame in
                guard let chapter = frame.chapter() else { return nil }
                let title = chapter.frames.first { $0.id == "TIT2" }?.texts().first?.text ?? ""
                let url =
                    chapter.frames.lazy.compactMap {
                        $0.link() ?? ($0.id == "WXXX" ? $0.described()?.values.first?.text : nil)
                    }.first ?? ""
                return Tags.Chapter(
                    id: TagCleaning.line(chapter.elementID), startMs: chapter.startMs,
                    endMs: chapter.endMs, title: TagCleaning.line(title),
                    url: TagCleaning.line(url))
            }
        }
        result.tags.chapters = chapters.enumerated().sorted {
            ($0.element.startMs, $0.offset) < ($1.element.startMs, $1.offset)
        }.map(\.element)
    }
}

extension String {
    fileprivate var trimmedEnd: String { last == " " ? String(dropLast()) : self }
}
