/// An ID3v2.2, 2.3 or 2.4 tag, read so that as much as possible survives damage.
///
/// Never reads beyond the bytes given, and never allocates by what the tag declares. Pictures that
/// are stored as they are, are not copied.
package struct ID3v2Tag: Sendable {
    package private(set) var major: UInt8
    /// Header, frames, padding and footer as declared.
    package private(set) var tagBytes: Int
    /// In the order of the tag; those in chapters are in their chapter.
    package private(set) var frames: [ID3v2Frame] = []
    /// What is wrong with the tag and between frames; frames carry their own.
    package private(set) var damage: [TagDamage] = []
    /// The first limit that was reached; what lies beyond it is missing.
    package private(set) var excess: ID3v2Limits.Excess?

    /// - Parameter bytes: From the tag's `ID3` on; may end early, or go on behind the tag.
    /// - Returns: nil when there is no tag.
    package init?(bytes: UnsafeRawBufferPointer, limits: ID3v2Limits = ID3v2Limits()) {
        guard let header = ID3v2Header(bytes) else { return nil }
        major = header.major
        tagBytes = header.tagBytes
        let found = ID3v2Body.with(bytes) { body in
            var reader = ID3v2FrameReader(
                body.bytes, major: header.major, limits: limits,
                isUnsynchronised: header.isUnsynchronised, isCopy: body.isCopy)
            let frames = reader.frames(in: body.range)
            return (frames, body.damage + reader.damage, reader.excess)
        }
        guard let found else { return nil }
        (frames, damage, excess) = found
    }

    package func frames(_ id: String) -> [ID3v2Frame] { frames.filter { $0.id == id } }
}
