/// A first walk over an ID3v2 tag that reads next to nothing, to know whether a parser may be
/// trusted with it, and whether one is enough.
package struct ID3v2Survey: Sendable {
    /// 2, 3 or 4; 0 when there is no tag.
    package var major: UInt8 = 0
    /// Header, frames, padding and footer as declared.
    package var tagBytes = 0
    /// Those in chapters included.
    package var frameCount = 0
    /// The first limit that is exceeded.
    package var excess: ID3v2Limits.Excess?
    /// Something is damaged or written in an odd way, so that TagLib 1.13 may have stopped there
    /// or read other values: read the tag with `ID3v2Tag` as well.
    package var isDamaged = false
    /// Some text is not what it says to be for certain: Latin-1 with bytes of 128 and more, or
    /// broken UTF-8. `TextRepair` has to judge, on what `ID3v2Tag` reads.
    package var hasDoubtfulText = false

    /// - Parameter bytes: From the tag's `ID3` on; may end early, or go on behind the tag.
    package init(_ bytes: UnsafeRawBufferPointer, within limits: ID3v2Limits = ID3v2Limits()) {}

    package var isSafe: Bool { excess == nil }
}
