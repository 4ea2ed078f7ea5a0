/// A tag whose pictures are cut down to their first byte, for a parser that would copy them:
/// pictures are nine tenths of what tags hold.
struct ID3v2PictureCut {
    /// The tag with all its frames.
    private(set) var bytes: [UInt8]
    /// Where the pictures' bytes are in the tag itself, in its order.
    private(set) var pictures: [Range<Int>] = []

    /// Less is as soon copied as left out.
    private static let minimumBytes = 4 << 10

    /// - Parameter survey: Of this tag.
    /// - Returns: nil where the tag is not to be trusted with it, or it would not pay.
    init?(_ tag: UnsafeRawBufferPointer, _ survey: ID3v2Survey) {
        guard survey.isSafe, !survey.isDamaged, !survey.hasOddPictures,
            let header = ID3v2Header(tag), header.flags == 0, header.major > 2,
            header.tagBytes == tag.count,
            survey.pictureContents.reduce(0, { $0 + $1.count }) >= Self.minimumBytes
        else { return nil }
        bytes = []
        bytes.reserveCapacity(
            tag.count - survey.pictureContents.reduce(0) { $0 + $1.count - 256 })
        var copied = 0
        for content in survey.pictureContents {
            let stored = UnsafeRawBufferPointer(rebasing: tag[content])
            guard let header = ID3v2PictureHeader(stored) else { return nil }
            bytes += tag[copied..<content.lowerBound]
            put(header.sizeBytes + 1, at: bytes.count - 6, isSevenBit: survey.major == 4)
            bytes += stored[...header.sizeBytes]
            pictures.append(content.lowerBound + header.sizeBytes..<content.upperBound)
            copied = content.upperBound
        }
        bytes += tag[copied...]
        put(bytes.count - ID3v2Header.sizeBytes, at: 6, isSevenBit: true)
    }

    private mutating func put(_ size: Int, at offset: Int, isSevenBit: Bool) {
        let bits = isSevenBit ? 7 : 8
        for index in 0..<4 {
            bytes[offset + index] = UInt8(size >> (bits * (3 - index)) & (1 << bits - 1))
        }
    }
}
