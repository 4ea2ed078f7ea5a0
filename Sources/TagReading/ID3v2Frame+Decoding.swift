extension ID3v2Frame {
    /// The values of a text frame (`T…`, and `GRP1`, `MVNM`, `MVIN`, `PCST` and their like); of
    /// others, none.
    package func texts() -> [TagText] { [] }

    /// The address in a `W…` frame.
    package func link() -> String? { nil }

    /// TXXX, WXXX.
    package func described() -> (description: TagText, values: [TagText])? { nil }

    /// COMM, USLT.
    package func comment() -> (language: String, description: TagText, values: [TagText])? { nil }

    /// UFID.
    package func uniqueFileID() -> (owner: String, id: [UInt8])? { nil }

    /// POPM; rating 0 is unknown, 1 worst, 255 best.
    package func popularimeter() -> (email: String, rating: UInt8, playCount: UInt64?)? { nil }

    /// PCNT.
    package func playCount() -> UInt64? { nil }

    /// TIPL, TMCL, IPLS: who did what.
    package func people() -> [(role: TagText, name: TagText)] { [] }

    /// APIC, PIC.
    package func picture() -> TagPicture? { nil }

    package func synchronisedLyrics() -> SynchronisedLyrics? { nil }

    package func chapter() -> ID3v2Chapter? { nil }

    package func tableOfContents() -> ID3v2TableOfContents? { nil }

    /// RVA2 (decibels, peak of 1.0 at full scale); nil peak where it has none.
    package func relativeVolume() -> (
        identification: String, channels: [(type: UInt8, decibels: Double, peak: Double?)]
    )? { nil }
}

/// SYLT.
package struct SynchronisedLyrics: Hashable, Sendable {
    package enum Unit: Hashable, Sendable { case mpegFrames, milliseconds }
    package struct Line: Hashable, Sendable {
        /// In the unit of the lyrics.
        package var time: UInt32
        package var text: TagText
    }
    package var language: String
    package var unit: Unit
    /// 1 lyrics, 2 transcription, 3 movement, 4 events, 5 chords, 6 trivia, 7 and 8 links.
    package var contentType: UInt8
    package var description: TagText
    package var lines: [Line]
}

/// CHAP.
package struct ID3v2Chapter: Sendable {
    package var elementID: String
    package var startMs: Int
    package var endMs: Int
    /// In bytes from the first frame on; nil when only times count.
    package var startOffset: Int?
    package var endOffset: Int?
    /// Titles, links and pictures.
    package var frames: [ID3v2Frame]
}

/// CTOC.
package struct ID3v2TableOfContents: Sendable {
    package var elementID: String
    package var isTopLevel: Bool
    package var isOrdered: Bool
    package var children: [String]
    package var frames: [ID3v2Frame]
}
