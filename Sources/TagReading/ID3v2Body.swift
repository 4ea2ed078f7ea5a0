/// The part of a tag that holds frames, with unsynchronisation of the whole tag undone and the
/// extended header passed over.
struct ID3v2Body {
    let header: ID3v2Header
    /// The tag's bytes, or a copy in which unsynchronisation is undone.
    let bytes: UnsafeRawBufferPointer
    /// Frames and padding, in `bytes`.
    let range: Range<Int>
    /// `bytes` is not what was given.
    let isCopy: Bool
    /// A parser that believes the flag sees other bytes.
    let isFalselyUnsynchronised: Bool
    let damage: [TagDamage]

    /// - Returns: nil when there is no tag.
    static func with<Result>(
        _ tag: UnsafeRawBufferPointer, _ use: (ID3v2Body) -> Result
    ) -> Result? {
        guard let header = ID3v2Header(tag) else { return nil }
        var damage: [TagDamage] = []
        func note(_ reason: TagDamage.Reason, at offset: Int) {
            damage.append(TagDamage(offset: offset, reason: reason))
        }
        if header.hasPlainSize { note(.tagSizePlain, at: 6) }
        if !header.isKnown { note(.unknownVersion, at: 3) }
        if header.isCompressed { note(.compressedTag, at: 5) }
        let end = min(ID3v2Header.sizeBytes + header.bodyBytes, tag.count)
        if end < ID3v2Header.sizeBytes + header.bodyBytes { note(.tagCutShort, at: end) }

        func body(_ bytes: UnsafeRawBufferPointer, _ end: Int, isCopy: Bool, isFalse: Bool)
            -> Result
        {
            guard header.isKnown else {
                return use(
                    ID3v2Body(
                        header: header, bytes: bytes, range: end..<end, isCopy: isCopy,
                        isFalselyUnsynchronised: false, damage: damage))
            }
            let first = firstFrame(bytes, header, end)
            if !first.isRight { note(.extendedHeader, at: ID3v2Header.sizeBytes) }
            return use(
                ID3v2Body(
                    header: header, bytes: bytes, range: first.offset..<end, isCopy: isCopy,
                    isFalselyUnsynchronised: isFalse, damage: damage))
        }

        guard header.isUnsynchronised, header.major < 4 else {
            return body(tag, end, isCopy: false, isFalse: false)
        }
        // The header stays as it is: hostile flags and sizes have FF and zeros as well.
        let stored = UnsafeRawBufferPointer(rebasing: tag[ID3v2Header.sizeBytes..<end])
        switch Unsynchronisation.undo(stored) {
        case .unchanged: return body(tag, end, isCopy: false, isFalse: false)
        case .notApplied: return body(tag, end, isCopy: false, isFalse: true)
        case .undone(let content):
            let copy = Array(tag[..<ID3v2Header.sizeBytes]) + content
            return copy.withUnsafeBytes { body($0, copy.count, isCopy: true, isFalse: false) }
        }
    }

    /// Where the frames begin.
    ///
    /// Extended headers with the size of the other version, with a wrong one, or announced and not
    /// there are all in use; the first reading that leads to a frame is taken.
    private static func firstFrame(
        _ bytes: UnsafeRawBufferPointer, _ header: ID3v2Header, _ end: Int
    ) -> (offset: Int, isRight: Bool) {
        let start = ID3v2Header.sizeBytes
        guard header.hasExtendedHeader, start + 4 <= end else { return (start, true) }
        let plain = bytes.size(at: start, count: 4)
        let seven = bytes.sevenBitSize(at: start) ?? plain
        // ID3v2.3 leaves the size itself out of the count (section 3.2), ID3v2.4 counts it in.
        let candidates =
            header.major == 3
            ? [start + 4 + plain, start + 4 + seven, start + plain, start]
            : [start + seven, start + plain, start + 4 + seven, start]
        if candidates[0] == end { return (end, true) }
        for (index, offset) in candidates.enumerated() where offset < end && offset >= start {
            // The size's own first byte is zero: that is no padding.
            if offset == start && bytes[offset] == 0 { continue }
            let walk = ID3v2Walk(bytes, body: offset..<end, major: header.major)
            if walk.beginsPlausibly { return (offset, index == 0) }
        }
        return (start, false)
    }
}
