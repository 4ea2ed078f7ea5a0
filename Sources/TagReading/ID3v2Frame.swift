/// One frame of an ID3v2 tag.
package struct ID3v2Frame: Sendable {
    /// In ID3v2.4's naming, where it has the frame: `TT2` is `TIT2`, `TYE` is `TYER`.
    package var id: String
    /// As stored: `TT2`.
    package var storedID: String
    /// Of the frame's header in the tag's bytes. In an ID3v2.2 or 2.3 tag that is unsynchronised
    /// as a whole: in the tag once that is undone.
    package var offset: Int
    /// Content as stored, with what flags add before it, without the frame's header.
    package var sizeBytes: Int
    package var flags: Flags
    package var status: Status
    /// Unsynchronisation and compression undone, what flags add taken away. Of pictures that are
    /// stored as they are, and of other such binary content beyond 64 KiB, only the beginning; all
    /// of it lies at `storedContent`.
    package var content: [UInt8]
    /// Where the content lies as it is, in the bytes the tag was read from; nil where it had to be
    /// changed.
    package var storedContent: Range<Int>?
    /// Of the tag: 2, 3 or 4.
    package var major: UInt8

    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let grouped = Flags(rawValue: 0x40)
        package static let compressed = Flags(rawValue: 0x08)
        package static let encrypted = Flags(rawValue: 0x04)
        package static let unsynchronised = Flags(rawValue: 0x02)
        package static let dataLength = Flags(rawValue: 0x01)
    }

    package enum Status: Hashable, Sendable {
        case ok
        /// The content is what is there, and may be of use.
        case damaged(TagDamage.Reason)
        /// The content is left out.
        case encrypted
    }

    /// Content that is not text: what is beyond the first 64 KiB is not copied.
    var isBinary: Bool {
        !(hasTexts || isLink)
            && !["COMM", "USLT", "TXXX", "WXXX", "TIPL", "TMCL", "SYLT", "CHAP", "CTOC"]
                .contains(id)
    }

    /// A `T…` frame, or one of those that are built like them.
    var hasTexts: Bool {
        switch id {
        case "TXXX", "TIPL", "TMCL": false
        case "GRP1", "MVNM", "MVIN", "WFED": true
        default: id.utf8.first == 0x54
        }
    }

    var isLink: Bool { id.utf8.first == 0x57 && id != "WXXX" && id != "WFED" }
}
