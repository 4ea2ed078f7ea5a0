/// What flags put before a frame's content, and what they did to it (ID3v2.4 structure, section
/// 4.1.2; ID3v2.3, section 3.3.1).
struct ID3v2Content {
    /// Without what the flags add before it.
    let stored: Range<Int>
    let isEncrypted: Bool
    let isCompressed: Bool
    let isUnsynchronised: Bool
    /// The content is too short for what its flags promise.
    let isTooShort: Bool

    /// - Parameter isTagUnsynchronised: ID3v2.4's flag for all frames; many taggers set only that.
    init(
        _ slot: ID3v2Walk.Slot, in bytes: UnsafeRawBufferPointer, major: UInt8,
        isTagUnsynchronised: Bool
    ) {
        let flags = slot.flags
        isEncrypted = flags.contains(.encrypted)
        isCompressed = flags.contains(.compressed)
        isUnsynchronised =
            major == 4 && (flags.contains(.unsynchronised) || isTagUnsynchronised)
        var before = flags.contains(.grouped) ? 1 : 0
        if isEncrypted { before += 1 }
        let hasLength =
            major == 3 ? isCompressed : flags.contains(.dataLength) || (major == 4 && isCompressed)
        let content = slot.content
        if hasLength, content.count >= before + 4 {
            let length = content.lowerBound + before
            // The flag may be set without the four bytes: then a text's encoding stands there,
            // and letters where the second encoding byte would be.
            let isText = slot.id >> 24 == 0x54 && !isCompressed
            let declared = bytes.sevenBitSize(at: length) ?? bytes.size(at: length, count: 4)
            let isMissing =
                isText && bytes[length] <= 3 && declared > content.count - before - 4
                && (content.count == before + 4 || bytes[length + 4] > 3)
            if !isMissing { before += 4 }
        } else if hasLength {
            before += 4
        }
        isTooShort = before > content.count
        stored = min(content.lowerBound + before, content.upperBound)..<content.upperBound
    }
}
