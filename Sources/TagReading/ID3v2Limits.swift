/// What a tag may ask for before it is left to no parser but our own.
///
/// Debian's TagLib 1.13 takes 2.5 GB and 9 s for a zlib bomb of 254 kB, and 1.2 s for 500,000
/// frames.
package struct ID3v2Limits: Hashable, Sendable {
    /// Frames of one tag, those in chapters included. Podcasts with a picture, a link and a title
    /// for each of 300 chapters have 1,200.
    package var frameCount = 10_000
    /// Declared size of the tag.
    package var tagBytes = 64 << 20
    /// One frame's content once it is inflated.
    package var inflatedFrameBytes = 16 << 20
    /// The content of all compressed frames together, once inflated.
    package var inflatedTotalBytes = 32 << 20
    /// One frame of text. TagLib holds each letter in four bytes.
    package var textBytes = 4 << 20
    /// Texts of one tag, all frames' values counted.
    package var valueCount = 20_000
    /// Frames within frames: chapters hold frames, which may be chapters again. TagLib calls
    /// itself for each level, until the stack ends.
    package var nestingDepth = 2

    package init() {}

    /// Which limit is exceeded.
    package enum Kind: String, Hashable, Sendable {
        case frameCount = "frame-count"
        case tagBytes = "tag-bytes"
        case inflatedFrameBytes = "inflated-frame-bytes"
        case inflatedTotalBytes = "inflated-total-bytes"
        case textBytes = "text-bytes"
        case valueCount = "value-count"
        case nestingDepth = "nesting-depth"
        /// Two readings of one frame's size are both plausible, so another parser may see other
        /// frames than were counted.
        case ambiguousSize = "ambiguous-size"
    }

    /// A limit that a tag exceeds, and at which frame.
    package struct Excess: Hashable, Sendable {
        package var kind: Kind
        /// Of the frame in the tag's bytes.
        package var offset: Int
        package var id: String
        package var limit: Int
    }
}
