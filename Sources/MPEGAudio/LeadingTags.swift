internal import Storage

/// The tags before the audio.
enum LeadingTags {
    /// Skips ID3v2 tags, of which there may be several, and ID3v1 and APE tags that stand in front.
    ///
    /// - Returns: Where they end.
    static func end(
        in file: borrowing FileDescriptor, _ size: Int, _ findings: inout [FrameFinding]
    ) throws(FileError) -> Int {
        var offset = 0
        for _ in 0..<FileParts.maximumTags {
            guard let end = try tagEnd(file, offset) else { break }
            if end > size {
                findings.append(
                    FrameFinding(
                        .tagOverlong, offset: offset, lengthBytes: end - offset,
                        "a tag claims \(end - offset) bytes, and the file has \(size - offset)"))
                return offset
            }
            offset = end
        }
        return offset
    }

    private static func tagEnd(_ file: borrowing FileDescriptor, _ offset: Int) throws(FileError)
        -> Int?
    {
        guard let start = try file.bytes(at: offset, count: 10) else { return nil }
        if let header = ID3v2Header(start) { return offset + header.totalBytes }
        if start.starts(with: "TAG".utf8), !start.starts(with: "TAG+".utf8) {
            // Only where the whole tag is there: three letters are soon written.
            return try file.bytes(at: offset + 127, count: 1) == nil ? nil : offset + 128
        }
        guard start.starts(with: "APETAGEX".utf8),
            let header = try file.bytes(at: offset, count: 32).flatMap({ APETagMark($0) }),
            header.isHeader
        else { return nil }
        return offset + 32 + header.sizeBytes
    }
}

/// The 32 bytes that begin or end an APE tag (<https://wiki.hydrogenaud.io/index.php?title=APE_Tags_Header>).
struct APETagMark {
    /// Items and the footer, not the header.
    let sizeBytes: Int
    let isHeader: Bool
    /// Whether the tag says that it has a header.
    let hasHeader: Bool

    init?(_ bytes: [UInt8]) {
        guard bytes.count == 32, bytes.starts(with: "APETAGEX".utf8) else { return nil }
        sizeBytes = bytes[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
        hasHeader = bytes[23] & 0x80 != 0
        isHeader = bytes[23] & 0x20 != 0
    }
}
