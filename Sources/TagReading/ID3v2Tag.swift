/// An ID3v2.2, 2.3 or 2.4 tag, read so that as much as possible survives damage.
package struct ID3v2Tag: Sendable {
    package private(set) var major: UInt8
    /// Header, frames, padding and footer as declared.
    package private(set) var tagBytes: Int
    /// In the order of the tag; those in chapters are in their chapter.
    package private(set) var frames: [ID3v2Frame] = []
    /// What is wrong with the tag and between frames; frames carry their own.
    package private(set) var damage: [TagDamage] = []
    /// The limits that were reached; what lay beyond them is missing.
    package private(set) var excess: ID3v2Limits.Excess?

    /// - Parameter bytes: From the tag's `ID3` on; may end early, or go on behind the tag.
    /// - Returns: nil when there is no tag.
    package init?(bytes: UnsafeRawBufferPointer, limits: ID3v2Limits = ID3v2Limits()) {
        return nil
    }

    /// All texts, pictures and damage, in the form that all kinds of tag share.
    package var raw: RawTag {
        RawTag(kind: .id3v2(major: major), entries: [], pictures: [], damage: damage)
    }

    package func frames(_ id: String) -> [ID3v2Frame] { frames.filter { $0.id == id } }
}
