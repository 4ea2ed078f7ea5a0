/// CHAP: a named part of the recording ("ID3v2 Chapter Frame Addendum", section 3.1).
package struct ID3v2Chapter: Sendable {
    package var elementID: String
    package var startMs: Int
    package var endMs: Int
    /// In bytes from the beginning of the file; nil when only times count.
    package var startOffset: Int?
    package var endOffset: Int?
    /// Titles, links and pictures. Offsets are within the chapter's content, pictures copied.
    package var frames: [ID3v2Frame]
}

/// CTOC: chapters in their order (section 3.2).
package struct ID3v2TableOfContents: Sendable {
    package var elementID: String
    package var isTopLevel: Bool
    package var isOrdered: Bool
    /// Element ids of chapters and further tables.
    package var children: [String]
    package var frames: [ID3v2Frame]
}

extension ID3v2Frame {
    package func chapter(limits: ID3v2Limits = ID3v2Limits()) -> ID3v2Chapter? {
        guard id == "CHAP" else { return nil }
        return content.withUnsafeBytes { bytes in
            guard let nesting = ID3v2Nesting(bytes, 0..<bytes.count, ID3v2FrameID.chapter) else {
                return nil
            }
            let numbers = (0..<4).map {
                bytes.size(at: nesting.fixed.lowerBound + 4 * $0, count: 4)
            }
            func offset(_ number: Int) -> Int? { number == 0xffff_ffff ? nil : number }
            return ID3v2Chapter(
                elementID: Self.text(bytes, nesting.elementID), startMs: numbers[0],
                endMs: numbers[1], startOffset: offset(numbers[2]), endOffset: offset(numbers[3]),
                frames: frames(bytes, nesting.frames, limits))
        }
    }

    package func tableOfContents(limits: ID3v2Limits = ID3v2Limits()) -> ID3v2TableOfContents? {
        guard id == "CTOC" else { return nil }
        return content.withUnsafeBytes { bytes in
            guard let nesting = ID3v2Nesting(bytes, 0..<bytes.count, ID3v2FrameID.contents) else {
                return nil
            }
            let flags = bytes[nesting.fixed.lowerBound]
            let children = bytes[nesting.fixed.dropFirst(2)].split(
                separator: 0, omittingEmptySubsequences: false
            ).dropLast()
            return ID3v2TableOfContents(
                elementID: Self.text(bytes, nesting.elementID), isTopLevel: flags & 2 != 0,
                isOrdered: flags & 1 != 0, children: children.map { TextDecoding.latin1($0).text },
                frames: frames(bytes, nesting.frames, limits))
        }
    }

    /// Frames in the content, which is a copy: so are pictures.
    private func frames(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ limits: ID3v2Limits
    ) -> [ID3v2Frame] {
        var reader = ID3v2FrameReader(
            bytes, major: major, limits: limits, isUnsynchronised: false, isCopy: true)
        return reader.frames(in: range)
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
        TextDecoding.latin1(bytes[range]).text
    }
}
