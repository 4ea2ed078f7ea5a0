package import Storage

/// Where in a file the leading tags end and the trailing tags begin.
package struct FileParts: Equatable, Sendable {
    package let head: Range<Int>
    package let audio: Range<Int>
    package let tail: Range<Int>
    /// Bytes between the leading tags and the first frame other than zeros.
    package let junkBytes: Int
    /// What is odd around the audio.
    package let findings: [FrameFinding]

    /// How far behind the leading tags three frames in a row are the first ones; behind that
    /// eight are demanded, up to `FrameSearch.furthestBytes`.
    package static let searchBytes = 256 << 10

    /// Tags at either end that are stepped over. Each costs some system calls, and a hostile file
    /// has room for one in ten bytes.
    static let maximumTags = 256

    /// Finds the parts.
    ///
    /// Leading: ID3v2 (several, with zeros or junk between), a misplaced ID3v1 or APE tag, the
    /// header of a RIFF file around the frames. Trailing: ID3v1 and its extension, APE, Lyrics3,
    /// appended ID3v2.4, in any order, and chunks of the RIFF file.
    ///
    /// - Returns: nil when the file holds no MPEG audio.
    /// - Throws: `FileError`.
    package static func find(in file: borrowing FileDescriptor, sizeBytes: Int) throws(FileError)
        -> FileParts?
    {
        var findings: [FrameFinding] = []
        let tagsEnd = try LeadingTags.end(in: file, sizeBytes, &findings)
        var range = tagsEnd..<sizeBytes
        switch try Container.find(in: file, range) {
        case .none: break
        case .other: return nil
        case .riff(let data):
            range = data
            findings.append(
                FrameFinding(
                    .riffWrapped, offset: tagsEnd, "MPEG audio inside a RIFF file"))
        }
        let audioEnd = try TrailingTags.start(
            in: file, endingAt: range.upperBound, notBefore: range.lowerBound)
        guard
            let first = try FrameSearch.first(in: file, range.lowerBound..<audioEnd)
        else { return nil }
        if first.junkBytes > 0 {
            let what = first.isText ? "bytes of text" : "bytes"
            findings.append(
                FrameFinding(
                    first.isText ? .textBeforeAudio : .junkBeforeAudio, offset: first.junkOffset,
                    lengthBytes: first.junkBytes,
                    "\(first.junkBytes) \(what) before the first frame"))
        }
        return FileParts(
            head: 0..<first.offset, audio: first.offset..<audioEnd, tail: audioEnd..<sizeBytes,
            junkBytes: first.junkBytes, findings: findings)
    }
}

extension FileDescriptor {
    /// - Returns: nil when the file does not have that many bytes there.
    func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8]? {
        guard offset >= 0, count > 0 else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { buffer.deallocate() }
        let got = try read(into: buffer, at: offset)
        return got == count ? Array(buffer) : nil
    }
}
