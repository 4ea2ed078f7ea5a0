internal import MPEGAudio

/// Where the tags of a file are, in the bytes before and behind its audio.
struct TagPlaces {
    /// Of `head`, in the order of the file.
    var leading: [Range<Int>] = []
    /// An APE tag before the audio, where some old taggers put it.
    var leadingAPE: Range<Int>?
    /// Appended ID3v2.4 tags, of `tail`.
    var appended: [Range<Int>] = []
    /// From its header or first item to its footer.
    var ape: Range<Int>?
    /// 128 bytes, with the 227 of TAG+ before them where they are there.
    var id3v1: Range<Int>?
    /// How many bytes before `tail` belong to its first tag.
    var missingTailBytes = 0
    /// What is found might be other with more of the file's beginning.
    private(set) var needsMoreHead = false
    /// What is found might be other with more of the file's end, or is more than an ID3v1 tag.
    private(set) var needsMoreTail = false

    /// How far behind junk a leading tag is looked for.
    private static let searchBytes = 64 << 10
    /// What may stand before a trailing tag and is part of it, or another tag's end: TAG+ is the
    /// longest.
    private static let trailingMarginBytes = 512

    /// - Parameters:
    ///   - head: May go on into the audio.
    ///   - tail: May begin within the audio.
    init(head: UnsafeRawBufferPointer, tail: UnsafeRawBufferPointer) {
        findLeading(head)
        findTrailing(tail)
    }

    private mutating func findLeading(_ head: UnsafeRawBufferPointer) {
        var offset = 0
        while let next = nextTag(head, from: offset) {
            let rest = UnsafeRawBufferPointer(rebasing: head[next...])
            if let header = ID3v2Header(rest) {
                if header.tagBytes > rest.count { needsMoreHead = true }
                let end = min(head.count, next + header.tagBytes)
                leading.append(next..<end)
                offset = end
            } else if let tag = APETag(bytes: rest) {
                needsMoreHead = true
                if leadingAPE == nil { leadingAPE = next..<next + tag.range.upperBound }
                offset = next + max(tag.range.upperBound, APETag.footerBytes)
            } else {
                offset = next + 1
            }
        }
    }

    /// The next place where a tag begins, before the first frame of audio.
    private mutating func nextTag(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        let last = bytes.count - ID3v2Header.sizeBytes
        let end = min(last, start + Self.searchBytes)
        guard start <= end else {
            needsMoreHead = true
            return nil
        }
        for offset in start...end {
            switch bytes[offset] {
            case 0x49:  // "ID3", with a version that exists unless it is where a tag belongs
                guard bytes[offset + 1] == 0x44, bytes[offset + 2] == 0x33 else { continue }
                let isSure = bytes[offset + 4] != 0xff && bytes.sevenBitSize(at: offset + 6) != nil
                if offset == start && offset == 0 && bytes[3] != 0xff && bytes[4] != 0xff
                    || isSure && (2...4).contains(bytes[offset + 3])
                {
                    return offset
                }
            case 0x41:  // "APETAGEX"
                if bytes[offset...].starts(with: "APETAGEX".utf8) { return offset }
            case 0xff:
                let word = UInt32(bytes.size(at: offset, count: 4))
                if let header = MPEGFrameHeader(word), header.lengthBytes > 4 {
                    let next = offset + header.lengthBytes
                    guard next + 4 <= bytes.count else {
                        needsMoreHead = true
                        continue
                    }
                    guard let second = MPEGFrameHeader(UInt32(bytes.size(at: next, count: 4))),
                        header.continues(second)
                    else { continue }
                    return nil
                }
            default: continue
            }
        }
        if end == last { needsMoreHead = true }
        return nil
    }

    private mutating func findTrailing(_ tail: UnsafeRawBufferPointer) {
        var end = tail.count
        while let start = tagStart(tail, endingAt: end), start >= 0, start < end { end = start }
        needsMoreTail =
            missingTailBytes > 0 || end < Self.trailingMarginBytes || ape != nil
            || !appended.isEmpty
    }

    /// Steps back over one tag, and notes it.
    private mutating func tagStart(_ tail: UnsafeRawBufferPointer, endingAt end: Int) -> Int? {
        func isThere(_ text: StaticString, at offset: Int) -> Bool {
            guard offset >= 0, offset + text.utf8CodeUnitCount <= end else { return false }
            return text.withUTF8Buffer { tail[offset...].starts(with: $0) }
        }
        if isThere("TAG", at: end - ID3v1Tag.sizeBytes) {
            let start = end - ID3v1Tag.sizeBytes
            let enhanced = start - ID3v1Tag.enhancedBytes
            let whole = isThere("TAG+", at: enhanced) ? enhanced : start
            if id3v1 == nil { id3v1 = whole..<end }
            return whole
        }
        if isThere("APETAGEX", at: end - APETag.footerBytes) {
            let size = (0..<4).reversed().reduce(0) { $0 << 8 | Int(tail[end - 20 + $1]) }
            // The size does not count the header.
            missingTailBytes = max(0, size + APETag.footerBytes - end)
            guard let tag = APETag(bytes: UnsafeRawBufferPointer(rebasing: tail[..<end])) else {
                return nil
            }
            if ape == nil { ape = tag.range.lowerBound..<end }
            return tag.range.lowerBound
        }
        if isThere("3DI", at: end - 10), let size = tail.sevenBitSize(at: end - 4) {
            let start = end - size - 20
            missingTailBytes = max(0, -start)
            guard isThere("ID3", at: start) else { return nil }
            appended.append(start..<end)
            return start
        }
        if isThere("LYRICS200", at: end - 9), end >= 15 {
            let digits = tail[end - 15..<end - 9]
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            let size = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            missingTailBytes = max(0, size + 15 - end)
            return isThere("LYRICSBEGIN", at: end - 15 - size) ? end - 15 - size : nil
        }
        return nil
    }
}
