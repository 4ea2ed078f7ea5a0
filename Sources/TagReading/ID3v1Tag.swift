/// An ID3v1 or 1.1 tag, with the TAG+ block before it where there is one.
///
/// TAG: 3 letters, title 30, artist 30, album 30, year 4, comment 30, genre 1; in ID3v1.1 the
/// comment's last two bytes are a NUL and the track. TAG+: 4 letters, title 60, artist 60 and
/// album 60, which go on where TAG's end, speed 1, genre 30, start and end time 6 each.
package struct ID3v1Tag: Sendable {
    package let title: TagText
    package let artist: TagText
    package let album: TagText
    package let year: TagText
    package let comment: TagText
    /// ID3v1.1; nil in ID3v1.
    package let track: Int?
    /// 255 is none.
    package let genre: UInt8
    /// TAG+'s own genre, "" without one.
    package let genreText: TagText
    package let isEnhanced: Bool
    private let offset: Int

    package static let sizeBytes = 128
    package static let enhancedBytes = 227

    /// - Parameter bytes: Ends with the tag's 128 bytes; with the 227 of TAG+ before them, they are
    ///   read too.
    /// - Returns: nil when there is no tag.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.sizeBytes else { return nil }
        let start = bytes.count - Self.sizeBytes
        guard bytes[start...].starts(with: "TAG".utf8) else { return nil }
        let enhanced = start - Self.enhancedBytes
        isEnhanced = enhanced >= 0 && bytes[enhanced...].starts(with: "TAG+".utf8)
        offset = isEnhanced ? enhanced : start

        func field(_ at: Int, _ count: Int, goesOn: (at: Int, count: Int)? = nil) -> TagText {
            var stored = Array(bytes[start + at..<start + at + count])
            // A field that is full goes on in TAG+; some repeat it there from the beginning.
            if enhanced >= 0, let goesOn, stored.last != 0 {
                let first = enhanced + goesOn.at
                let more = Array(bytes[first..<first + goesOn.count])
                stored = more.starts(with: stored) ? more : stored + more
            }
            return Self.text(stored)
        }
        let has = isEnhanced
        title = field(3, 30, goesOn: has ? (4, 60) : nil)
        artist = field(33, 30, goesOn: has ? (64, 60) : nil)
        album = field(63, 30, goesOn: has ? (124, 60) : nil)
        year = field(93, 4)
        let number = bytes[start + 126]
        let isTrack = bytes[start + 125] == 0 && number != 0
        track = isTrack ? Int(number) : nil
        comment = field(97, isTrack ? 28 : 30)
        genre = bytes[start + 127]
        genreText = has ? Self.text(Array(bytes[enhanced + 185..<enhanced + 215])) : TagText("")
    }

    /// Up to the first NUL, without blanks behind.
    private static func text(_ stored: [UInt8]) -> TagText {
        var text = stored.prefix { $0 != 0 }
        while text.last == 0x20 { text.removeLast() }
        while text.first == 0x20 { text.removeFirst() }
        return TextDecoding.latin1(text)
    }

    package var raw: RawTag {
        var raw = RawTag(
            kind: .id3v1(isEnhanced: isEnhanced), entries: [], pictures: [], damage: [])
        func add(_ key: String, _ value: TagText) {
            guard !value.text.isEmpty else { return }
            raw.entries.append(RawTagEntry(key: key, values: [value], offset: offset))
        }
        add("TITLE", title)
        add("ARTIST", artist)
        add("ALBUM", album)
        add("YEAR", year)
        add("COMMENT", comment)
        if let track { add("TRACK", TagText("\(track)")) }
        if !genreText.text.isEmpty {
            add("GENRE", genreText)
        } else if genre < 255 {
            add("GENRE", TagText("\(genre)"))
        }
        return raw
    }
}
