/// An ID3v1 or 1.1 tag, with the TAG+ block before it where there is one.
package struct ID3v1Tag: Sendable {
    package var title: TagText
    package var artist: TagText
    package var album: TagText
    package var year: TagText
    package var comment: TagText
    /// ID3v1.1; nil in ID3v1.
    package var track: Int?
    /// 255 is none.
    package var genre: UInt8
    /// TAG+'s own genre, "" without one.
    package var genreText: TagText
    package var isEnhanced: Bool

    /// - Parameter bytes: Ends with the tag's 128 bytes; with the 227 of TAG+ before them, they are
    ///   read too.
    /// - Returns: nil when there is no tag.
    package init?(bytes: UnsafeRawBufferPointer) { return nil }

    package var raw: RawTag {
        RawTag(kind: .id3v1(isEnhanced: isEnhanced), entries: [], pictures: [], damage: [])
    }
}
