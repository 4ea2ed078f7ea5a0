/// What is wrong with a tag or a part of it, and where.
package struct TagDamage: Hashable, Sendable {
    /// In the tag's bytes; see `ID3v2Frame.offset` for tags that are unsynchronised as a whole.
    package var offset: Int
    /// The frame or item, as it is stored; "" where it is the tag itself or between frames.
    package var id: String
    package var reason: Reason

    package init(offset: Int, id: String = "", reason: Reason) {
        self.offset = offset
        self.id = id
        self.reason = reason
    }

    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The bytes end before the tag's declared end.
        case tagCutShort = "tag-cut-short"
        /// The tag's own size is not written in seven-bit bytes, as it has to be.
        case tagSizePlain = "tag-size-plain"
        /// A version that has no meaning (ID3v2.5 and up, 2.1 and below).
        case unknownVersion = "unknown-version"
        /// ID3v2.2's flag for a compression that was never defined.
        case compressedTag = "compressed-tag"
        /// The extended header's size leads nowhere; frames were looked for.
        case extendedHeader = "extended-header"
        /// Bytes between frames that are no frame.
        case garbage
        /// Frames were found behind padding.
        case frameBehindPadding = "frame-behind-padding"
        /// A frame without content.
        case emptyFrame = "empty-frame"
        /// A frame that says to go on beyond the tag's end; what is there was kept.
        case beyondTag = "beyond-tag"
        /// A frame's size that is wrong: the next frame begins inside it or far behind it.
        case wrongSize = "wrong-size"
        /// A size in plain bytes where seven-bit bytes belong, as iTunes wrote, or the other way
        /// round. The content is whole.
        case otherSizeForm = "other-size-form"
        /// A three-letter id of ID3v2.2 inside a later tag. The content is whole.
        case oldFrameID = "old-frame-id"
        /// Compressed content that zlib refuses.
        case inflate
        /// More content than the limits allow; what is beyond them was left out.
        case overLimit = "over-limit"
        /// The content is not what its id promises.
        case content
        /// An APE tag that counts other items than it has.
        case itemCount = "item-count"
    }
}
