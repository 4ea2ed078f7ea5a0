/// What one tag says, of whatever kind, entry by entry in the order of the file, before anything
/// is mapped to fields.
package struct RawTag: Sendable {
    package enum Kind: Hashable, Sendable {
        case id3v2(major: UInt8)
        /// 1000 or 2000.
        case ape(version: Int)
        /// `isEnhanced`: with the TAG+ block before it.
        case id3v1(isEnhanced: Bool)
    }

    package var kind: Kind
    package var entries: [RawTagEntry]
    package var pictures: [TagPicture]
    package var damage: [TagDamage]

    /// All values of a key without a qualifier, or with the one given.
    package func values(_ key: String, qualifier: String = "") -> [TagText] {
        entries.filter { $0.key == key && $0.qualifier == qualifier }.flatMap(\.values)
    }
}

/// One frame's or item's texts.
package struct RawTagEntry: Hashable, Sendable {
    /// ID3v2: the id in ID3v2.4's naming (`TIT2`, `TXXX`, `COMM`). TYER, TDAT and TIME stand as
    /// they are, and as the `TDRC` made of them where there is none; an ID3v2.2 or 2.3 tag's IPLS
    /// is `TIPL`, with role and name in turn. APE: the key in capitals. ID3v1: `TITLE`, `ARTIST`,
    /// `ALBUM`, `YEAR`, `COMMENT`, `TRACK`, `GENRE` (the number, or TAG+'s text).
    package var key: String
    /// TXXX, WXXX, COMM, USLT: the description; UFID: the owner; POPM: the address; RVA2: the
    /// identification; all in capitals.
    package var qualifier = ""
    /// COMM, USLT: three letters, "" where there are none.
    package var language = ""
    /// At least one. POPM: rating and count. RVA2: the master's decibels and peak.
    package var values: [TagText]
    /// Of the frame or item.
    package var offset: Int

    package init(
        key: String, qualifier: String = "", language: String = "", values: [TagText], offset: Int
    ) {
        self.key = key
        self.qualifier = qualifier
        self.language = language
        self.values = values
        self.offset = offset
    }
}
