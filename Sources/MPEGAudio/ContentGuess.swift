package import Storage

/// What a file is that says it is MPEG audio, for the people who have to find out.
package enum ContentGuess {
    /// - Throws: `FileError`.
    package static func describe(_ file: borrowing FileDescriptor, sizeBytes: Int)
        throws(FileError) -> String
    {
        var findings: [FrameFinding] = []
        let tagsEnd = try LeadingTags.end(in: file, sizeBytes, &findings)
        if tagsEnd > 0, tagsEnd == sizeBytes { return "tags without audio" }
        let guess = try guess(file, tagsEnd, count: min(512, sizeBytes - tagsEnd))
        return tagsEnd == 0 ? guess : "tags, and behind them \(guess)"
    }

    private static func guess(_ file: borrowing FileDescriptor, _ offset: Int, count: Int)
        throws(FileError) -> String
    {
        let bytes = try file.bytes(at: offset, count: count) ?? []
        if bytes.starts(with: "ID3".utf8) { return "part of a tag" }
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        if bytes.isEmpty { return "no bytes" }
        if text.contains("<html") || text.contains("<!doctype") { return "looks like an HTML page" }
        if bytes.starts(with: "OggS".utf8) { return "an Ogg file" }
        if bytes.starts(with: "fLaC".utf8) { return "a FLAC file" }
        if bytes.count > 8, bytes[4..<8].elementsEqual("ftyp".utf8) { return "an MP4 file" }
        if bytes.starts(with: "RIFF".utf8) { return "a RIFF file" }
        if bytes.count > 7, bytes[0] == 0xff, bytes[1] & 0xf6 == 0xf0 {
            return "AAC in ADTS frames"
        }
        if bytes.starts(with: [0xff, 0xd8, 0xff]) { return "a JPEG picture" }
        if bytes.allSatisfy({ $0 == 0 }) { return "zeros, and no frames" }
        return "no three frames in a row within \(FileParts.searchBytes / 1024) KiB of the tags,"
            + " no eight behind that"
    }
}
