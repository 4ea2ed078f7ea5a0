/// What an APE tag may ask for.
package struct APELimits: Hashable, Sendable {
    package var itemCount = 10_000
    package var valueCount = 20_000
    /// One text; what is longer is cut there.
    package var textBytes = 4 << 20

    package init() {}
}

/// One item of an APE tag.
package struct APEItem: Sendable {
    package enum Kind: Hashable, Sendable { case text, binary, link, reserved }

    /// As written.
    package let key: String
    package let kind: Kind
    package let isReadOnly: Bool
    /// Of the item in the bytes the tag was read from.
    package let offset: Int
    /// Where the content lies in them.
    package let content: Range<Int>
    /// Of texts and links, which NULs separate; UTF-8, or in APEv1 and by mistake something else.
    package let values: [TagText]
    /// Of a picture: the file name before its data.
    private let pictureName: TagText?
    private let pictureData: Range<Int>

    init(
        _ bytes: UnsafeRawBufferPointer, key: String, flags: UInt8, offset: Int,
        content: Range<Int>, version: Int, limits: APELimits, valueLimit: Int
    ) {
        self.key = key
        self.offset = offset
        self.content = content
        // APEv1 defines no flags.
        let flags = version >= 2000 ? flags : 0
        kind = [.text, .binary, .link, .reserved][Int(flags >> 1 & 3)]
        isReadOnly = flags & 1 != 0
        var name: TagText?
        var data = content
        let isPicture = key.uppercased().hasPrefix("COVER ART")
        if isPicture {
            // Only a name ends with a NUL this early; without one, all is the picture.
            let text = bytes[content].prefix(1024)
            let end = text.firstIndex(of: 0) ?? content.lowerBound
            let isName = end > content.lowerBound && bytes[content.lowerBound] < 0x80
            name = isName ? Self.text(bytes[content.lowerBound..<end]) : TagText("")
            let begins = isName || bytes[content].first == 0
            let first = begins ? min(end + 1, content.upperBound) : content.lowerBound
            data = first..<content.upperBound
        }
        pictureName = name
        pictureData = data
        guard !isPicture, kind == .text || kind == .link else {
            values = []
            return
        }
        values = bytes[content].prefix(limits.textBytes)
            .split(separator: 0, maxSplits: max(0, valueLimit - 1)).map { Self.text($0) }
    }

    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> TagText {
        if let text = String(validating: bytes, as: UTF8.self) { return TagText(text) }
        return TextDecoding.latin1(bytes)
    }

    /// `Cover Art (Front)` and its like.
    var picture: TagPicture? {
        guard let pictureName, !pictureData.isEmpty else { return nil }
        let place = key.uppercased()
        let type: UInt8 = place.contains("FRONT") ? 3 : place.contains("BACK") ? 4 : 0
        return TagPicture(
            type: type, mimeType: "", description: pictureName, data: .range(pictureData),
            offset: offset)
    }
}
