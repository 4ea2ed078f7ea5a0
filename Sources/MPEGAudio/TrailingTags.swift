internal import Storage

/// The tags behind the audio.
enum TrailingTags {
    /// Steps back over ID3v1, its "TAG+" extension, APE, Lyrics3 and appended ID3v2.4 tags, in any order.
    ///
    /// - Returns: Where the first of them begins.
    static func start(
        in file: borrowing FileDescriptor, endingAt end: Int, notBefore limit: Int
    ) throws(FileError) -> Int {
        var end = end
        for _ in 0..<FileParts.maximumTags {
            let start = try tagStart(file, endingAt: end)
            guard let start, start >= limit, start < end else { break }
            end = start
        }
        return end
    }

    private static func tagStart(_ file: borrowing FileDescriptor, endingAt end: Int)
        throws(FileError) -> Int?
    {
        if try file.bytes(at: end - 128, count: 3) == Array("TAG".utf8) { return end - 128 }
        if try file.bytes(at: end - 227, count: 4) == Array("TAG+".utf8) { return end - 227 }
        guard let last = try file.bytes(at: end - 32, count: 32) else { return nil }
        if let footer = APETagMark(last) {
            let start = end - footer.sizeBytes
            // Some writers forget to say that there is a header, some say so without one.
            let before = try file.bytes(at: start - 32, count: 8)
            return before == Array("APETAGEX".utf8) ? start - 32 : start
        }
        // Three letters may stand in audio as well: the tag's beginning has to be there too.
        if last[22...].starts(with: "3DI".utf8), let length = ID3v2Header.syncSafe(last[28...]),
            try file.bytes(at: end - length - 20, count: 3) == Array("ID3".utf8)
        {
            return end - length - 20
        }
        if last[23...].elementsEqual("LYRICS200".utf8) {
            return try lyrics3v2(file, end, digits: last[17..<23])
        }
        if last[23...].elementsEqual("LYRICSEND".utf8) { return try lyrics3v1(file, end) }
        return nil
    }

    /// Six digits count everything before them (<https://id3.org/Lyrics3v2>).
    private static func lyrics3v2(
        _ file: borrowing FileDescriptor, _ end: Int, digits: ArraySlice<UInt8>
    ) throws(FileError) -> Int? {
        guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let start = end - 15 - digits.reduce(0) { $0 * 10 + Int($1) - 48 }
        return try file.bytes(at: start, count: 11) == Array("LYRICSBEGIN".utf8) ? start : nil
    }

    /// At most 5,100 bytes of text, whose beginning has to be looked for (<https://id3.org/Lyrics3>).
    private static func lyrics3v1(_ file: borrowing FileDescriptor, _ end: Int) throws(FileError)
        -> Int?
    {
        let count = min(end, 5100 + 20)
        guard let bytes = try file.bytes(at: end - count, count: count) else { return nil }
        let beginning = Array("LYRICSBEGIN".utf8)
        for place in stride(from: count - 20, through: 0, by: -1)
        where bytes[place] == beginning[0]
            && bytes[place..<place + beginning.count].elementsEqual(beginning)
        {
            return end - count + place
        }
        return nil
    }
}
