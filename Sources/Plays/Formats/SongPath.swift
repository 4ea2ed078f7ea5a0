/// Songs in paths and URLs of audio objects.
enum SongPath {
    /// The id in a path: 64 hexadecimal digits, the name under which songs are stored and streamed
    /// (docs/formats/http.md).
    static func songID(in path: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var start = 0
        var index = 0
        while index <= path.count {
            if index < path.count, isHexadecimal(path[index]) {
                index += 1
                continue
            }
            if index - start == 64 { return path.part(start..<index) }
            index += 1
            start = index
        }
        return nil
    }

    static func isSongID(_ text: UnsafeRawBufferPointer) -> Bool {
        text.count == 64 && text.allSatisfy(isHexadecimal)
    }

    /// Small letters too, as ids are written.
    @inline(__always)
    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte &- 48 < 10 || (byte | 32) &- 97 < 6
    }

    enum Kind { case audio, bareID, other }

    /// What an object is by its path alone.
    static func kind(_ path: UnsafeRawBufferPointer) -> Kind {
        var end = path.count
        if let query = path.first(63) { end = query }
        var lastStart = 0
        var parentStart = 0
        for index in 0..<end where path[index] == 47 {
            parentStart = lastStart
            lastStart = index + 1
        }
        let last = path.part(lastStart..<end)
        let parent = path.part(parentStart..<max(parentStart, lastStart - 1))
        if last.equals("stream") || last.equals("stream.view") || last.equals("download")
            || last.equals("download.view") || parent.equals("stream")
        {
            return .audio
        }
        if isSongID(last) { return parent.equals("songs") ? .other : .bareID }
        guard let point = last.lastIndex(of: 46) else { return .other }
        let ending = last.part(point + 1..<last.count).text.lowercased()
        return audioEndings.contains(ending) ? .audio : .other
    }

    private static let audioEndings: Set = [
        "mp3", "flac", "ogg", "oga", "opus", "m4a", "aac", "wav", "wma", "mp4a", "m4b",
    ]
}
