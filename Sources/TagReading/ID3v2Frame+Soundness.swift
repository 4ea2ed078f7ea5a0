extension ID3v2Frame {
    /// Whether the content is what the id promises; unknown ids promise nothing.
    var hasSoundContent: Bool {
        switch id {
        case "TYER": return isNumber(digits: 4)
        case "TDAT", "TIME": return isNumber(digits: 4)
        case "TXXX", "WXXX": return described() != nil
        case "COMM", "USLT":
            return comment() != nil && !TextDecoding(content[...], textStart: 3).isDamaged
        case "UFID": return uniqueFileID() != nil
        case "POPM": return popularimeter() != nil
        case "PCNT": return playCount() != nil
        case "APIC": return picture() != nil
        case "SYLT": return synchronisedLyrics() != nil
        case "RVA2": return relativeVolume() != nil
        case "CHAP": return hasNesting(ID3v2FrameID.chapter)
        case "CTOC": return hasNesting(ID3v2FrameID.contents)
        default: return !hasTexts || !TextDecoding(content[...]).isDamaged
        }
    }

    private func isNumber(digits: Int) -> Bool {
        guard !TextDecoding(content[...]).isDamaged else { return false }
        return texts().allSatisfy { value in
            value.text.utf8.count == digits
                && value.text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    private func hasNesting(_ id: ID3v2FrameID.Packed) -> Bool {
        content.withUnsafeBytes { ID3v2Nesting($0, 0..<$0.count, id) != nil }
    }
}
