package import Storage

/// Where in a file the leading tags end and the trailing tags begin.
package struct FileParts: Equatable, Sendable {
    package let head: Range<Int>
    package let audio: Range<Int>
    package let tail: Range<Int>
    /// Bytes between the leading tags and the first frame other than zeros.
    package let junkBytes: Int

    /// How far behind the leading tags the first frame is looked for.
    package static let searchBytes = 256 << 10

    /// Finds the parts.
    ///
    /// - Returns: nil when the file holds no MPEG audio.
    /// - Throws: `FileError`.
    package static func find(in file: borrowing FileDescriptor, sizeBytes: Int) throws(FileError)
        -> FileParts?
    {
        let tagsEnd = try leadingTagsEnd(file, sizeBytes)
        let audioEnd = try trailingTagsStart(file, sizeBytes, notBefore: tagsEnd)
        guard let first = try firstFrame(file, tagsEnd..<audioEnd) else { return nil }
        return FileParts(
            head: 0..<first.offset, audio: first.offset..<audioEnd, tail: audioEnd..<sizeBytes,
            junkBytes: first.junkBytes)
    }

    /// Skips ID3v2 tags (ID3v2.4 structure, section 3.1), of which there may be several.
    private static func leadingTagsEnd(_ file: borrowing FileDescriptor, _ size: Int)
        throws(FileError) -> Int
    {
        var offset = 0
        while let header = try read(file, offset, 10), header.starts(with: [0x49, 0x44, 0x33]),
            header[3] != 0xff, header[4] != 0xff, let length = syncSafe(header[6..<10])
        {
            let footer = header[5] & 0x10 != 0 ? 10 : 0
            let end = offset + 10 + length + footer
            if end > size { return offset }
            offset = end
        }
        return offset
    }

    /// Steps back over ID3v1, its "TAG+" extension, APE, Lyrics3 and appended ID3v2.4 tags, in any order.
    private static func trailingTagsStart(
        _ file: borrowing FileDescriptor, _ size: Int, notBefore limit: Int
    ) throws(FileError) -> Int {
        var end = size
        while true {
            let start = try tagStart(file, endingAt: end)
            guard let start, start >= limit, start < end else { return end }
            end = start
        }
    }

    private static func tagStart(_ file: borrowing FileDescriptor, endingAt end: Int)
        throws(FileError) -> Int?
    {
        if let tag = try read(file, end - 128, 3), tag == Array("TAG".utf8) { return end - 128 }
        if let tag = try read(file, end - 227, 4), tag == Array("TAG+".utf8) { return end - 227 }
        // APEv2 footer: the size counts the items and the footer, but not the header.
        if let footer = try read(file, end - 32, 32), footer.starts(with: "APETAGEX".utf8) {
            let length = footer[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
            let hasHeader = footer[23] & 0x80 != 0
            return end - length - (hasHeader ? 32 : 0)
        }
        // Three letters may stand in audio as well: the tag's beginning has to be there too.
        if let footer = try read(file, end - 10, 10), footer.starts(with: "3DI".utf8),
            let length = syncSafe(footer[6..<10]),
            try read(file, end - length - 20, 3) == Array("ID3".utf8)
        {
            return end - length - 20
        }
        // Lyrics3 v2: six digits count everything before them, then "LYRICS200".
        if let footer = try read(file, end - 15, 15), footer[6...].elementsEqual("LYRICS200".utf8),
            let length = Int(String(decoding: footer[..<6], as: UTF8.self)),
            try read(file, end - length - 15, 11) == Array("LYRICSBEGIN".utf8)
        {
            return end - length - 15
        }
        return nil
    }

    /// Finds a frame that is followed by two more of the same stream, or by the end.
    private static func firstFrame(_ file: borrowing FileDescriptor, _ range: Range<Int>)
        throws(FileError) -> (offset: Int, junkBytes: Int)?
    {
        // Three frames have at most 3 × 5,764 bytes (layer I) behind the place searched.
        let count = min(range.count, searchBytes + 18_000)
        guard let bytes = try read(file, range.lowerBound, count) else { return nil }
        let endsWithRange = count == range.count
        var junk = 0
        for start in 0..<min(count, searchBytes) {
            if isStream(bytes, start, endsWithRange) { return (range.lowerBound + start, junk) }
            if bytes[start] != 0 { junk += 1 }
        }
        return nil
    }

    private static func isStream(_ bytes: [UInt8], _ start: Int, _ endsWithRange: Bool) -> Bool {
        guard bytes[start] == 0xff else { return false }
        var offset = start
        var first: MPEGFrameHeader?
        for index in 0..<3 {
            guard offset + 4 <= bytes.count else {
                // One whole frame at least, and then nothing or a cut one.
                return endsWithRange && index > 0 && start + first!.lengthBytes <= bytes.count
            }
            let word = bytes[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard let header = MPEGFrameHeader(word), header.lengthBytes > 4,
                first.map(header.continues) ?? true
            else { return false }
            first = first ?? header
            offset += header.lengthBytes
        }
        return offset <= bytes.count || endsWithRange
    }

    private static func syncSafe(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.allSatisfy { $0 < 0x80 } ? bytes.reduce(0) { $0 << 7 | Int($1) } : nil
    }

    /// - Returns: nil when the file does not have that many bytes there.
    private static func read(_ file: borrowing FileDescriptor, _ offset: Int, _ count: Int)
        throws(FileError) -> [UInt8]?
    {
        guard offset >= 0, count > 0 else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { buffer.deallocate() }
        let got = try file.read(into: buffer, at: offset)
        return got == count ? Array(buffer) : nil
    }
}
