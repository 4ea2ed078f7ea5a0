/// A picture in a tag: what is said of it, and where its bytes are.
package struct TagPicture: Hashable, Sendable {
    /// ID3v2's number: 3 is the front cover, 0 anything else.
    package var type: UInt8
    /// As written; often wrong. `-->` means that the data is a link.
    package var mimeType: String
    package var description: TagText
    package var data: Data
    /// Of the frame or item that holds it.
    package var offset: Int

    package enum Data: Hashable, Sendable {
        /// Stored as it is, so it is not copied: a range of the bytes the tag was read from.
        case range(Range<Int>)
        /// Unsynchronised or compressed in the tag.
        case bytes([UInt8])
    }

    package var sizeBytes: Int {
        switch data {
        case .range(let range): range.count
        case .bytes(let bytes): bytes.count
        }
    }

    /// Calls with the picture's bytes.
    ///
    /// - Parameter tag: The bytes that the tag was read from.
    package func withBytes<Result>(
        of tag: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        switch data {
        case .range(let range):
            precondition(range.upperBound <= tag.count, "not the bytes the tag was read from")
            return try body(UnsafeRawBufferPointer(rebasing: tag[range]))
        case .bytes(let bytes):
            return try bytes.withUnsafeBytes(body)
        }
    }
}
