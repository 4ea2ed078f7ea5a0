/// Where the frames inside a chapter or table of contents lie ("ID3v2 Chapter Frame Addendum",
/// sections 3.1 and 3.2), and what stands before them.
struct ID3v2Nesting {
    let elementID: Range<Int>
    /// CHAP: the four numbers. CTOC: flags, count and child ids.
    let fixed: Range<Int>
    let frames: Range<Int>

    /// - Returns: nil when the content ends before its frames could begin.
    init?(_ bytes: UnsafeRawBufferPointer, _ content: Range<Int>, _ id: ID3v2FrameID.Packed) {
        guard let idEnd = Self.terminator(bytes, content) else { return nil }
        elementID = content.lowerBound..<idEnd
        var offset = idEnd + 1
        if id == ID3v2FrameID.chapter {
            offset += 16
        } else {
            guard offset + 2 <= content.upperBound else { return nil }
            let count = bytes[offset + 1]
            offset += 2
            for _ in 0..<count {
                guard let end = Self.terminator(bytes, offset..<content.upperBound) else {
                    return nil
                }
                offset = end + 1
            }
        }
        guard offset <= content.upperBound else { return nil }
        fixed = idEnd + 1..<offset
        frames = offset..<content.upperBound
    }

    static func terminator(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        bytes[range].firstIndex(of: 0)
    }
}
