/// An APEv1 or APEv2 tag.
package struct APETag: Sendable {
    /// 1000 or 2000.
    package private(set) var version: Int
    /// With header and footer, where it has them.
    package private(set) var tagBytes: Int
    package private(set) var items: [APEItem] = []
    package private(set) var damage: [TagDamage] = []

    /// - Parameter bytes: Ends with the tag's footer, or begins with its header. May begin before
    ///   the tag.
    /// - Returns: nil when there is no tag.
    package init?(bytes: UnsafeRawBufferPointer, limits: APELimits = APELimits()) { return nil }

    package var raw: RawTag {
        RawTag(kind: .ape(version: version), entries: [], pictures: [], damage: damage)
    }
}

package struct APELimits: Hashable, Sendable {
    package var itemCount = 10_000
    package var valueCount = 20_000
    package init() {}
}

package struct APEItem: Sendable {
    package enum Kind: Hashable, Sendable { case text, binary, link, reserved }
    /// As written.
    package var key: String
    package var kind: Kind
    package var isReadOnly: Bool
    /// Of the item in the bytes the tag was read from.
    package var offset: Int
    package var content: Range<Int>
    /// Of text and links; separated by NUL in the tag.
    package var values: [TagText]
}
