package import Catalog

/// Reads all tags of a file as one.
///
/// ID3v2 goes before APE and APE before ID3v1, field by field; of several ID3v2 tags the whole
/// ones before those that are cut short, in the order of the file. TagLib reads ID3v2 and APE; a
/// tag that is damaged, or whose texts may be mislabelled, is read by `ID3v2Tag` too, and one that
/// asks for more than `ID3v2Limits` by that alone.
package enum TagReader {
    package struct Options: Sendable {
        package var separators = TagSeparators()
        package var limits = ID3v2Limits()

        package init() {}
    }

    package struct Result: Sendable {
        package var tags = Tags()
        /// Where a field's values come from: "ID3v2.3 TPE1", "APEv2 ARTIST", "ID3v1",
        /// "ID3v2.3 TPE1 (recovered)".
        package var origins = TagFieldTable<String>()
        /// In the order of the tags, each once.
        package var pictures: [Picture] = []
        package var warnings: [Warning] = []
    }

    package struct Picture: Sendable {
        package enum Data: Sendable {
            case head(Range<Int>)
            case tail(Range<Int>)
            case bytes([UInt8])
        }
        /// ID3v2's number: 3 is the front cover.
        package var type: Int
        /// By the bytes; as the tag says for a kind that is not known.
        package var mimeType: String
        package var description: String
        package var data: Data

        /// Calls with the picture's bytes; `head` and `tail` are those it was read from.
        package func withBytes<R>(
            head: UnsafeRawBufferPointer, tail: UnsafeRawBufferPointer,
            _ body: (UnsafeRawBufferPointer) throws -> R
        ) rethrows -> R {
            switch data {
            case .head(let range): try body(UnsafeRawBufferPointer(rebasing: head[range]))
            case .tail(let range): try body(UnsafeRawBufferPointer(rebasing: tail[range]))
            case .bytes(let bytes): try bytes.withUnsafeBytes(body)
            }
        }
    }

    package struct Warning: Equatable, Sendable {
        package enum Code: String, CaseIterable, Sendable {
            /// A tag asks for more than a reader should give; what lay within the limits was read.
            case tagOverLimit = "tag_over_limit"
            /// A tag is damaged; what could be read of it was.
            case tagDamaged = "tag_damaged"
        }
        package var code: Code
        package var detail: String

        package var description: String { "\(code.rawValue): \(detail)" }
    }

    /// More tags than this in one place are read by nobody.
    static let maximumTags = 8

    /// - Parameters:
    ///   - head: The file's beginning; may go on into the audio.
    ///   - tail: The file's end; may begin within the audio, and overlap `head`.
    package static func read(
        head: UnsafeRawBufferPointer, tail: UnsafeRawBufferPointer, options: Options = Options()
    ) -> Result {
        read(TagPlaces(head: head, tail: tail), head: head, tail: tail, options: options)
    }

    static func read(
        _ places: TagPlaces, head: UnsafeRawBufferPointer, tail: UnsafeRawBufferPointer,
        options: Options
    ) -> Result {
        var merge = TagMerge(options: options)
        let leading = places.leading.prefix(maximumTags).map { (head, $0, false) }
        let appended = places.appended.prefix(maximumTags).map { (tail, $0, true) }
        let all = leading + appended
        if places.leading.count > maximumTags || places.appended.count > maximumTags {
            merge.warn(.tagOverLimit, "more than \(maximumTags) ID3v2 tags; the rest is left out")
        }
        func isWhole(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
            ID3v2Header(UnsafeRawBufferPointer(rebasing: bytes[range]))
                .map { $0.isKnown && !$0.hasPlainSize && $0.tagBytes <= range.count } ?? false
        }
        for whole in [true, false] {
            for (bytes, range, isTail) in all where isWhole(bytes, range) == whole {
                merge.addID3v2(bytes, range, isTail: isTail)
            }
        }
        if let range = places.ape { merge.addAPE(tail, range, isTail: true) }
        if let range = places.leadingAPE { merge.addAPE(head, range, isTail: false) }
        if let range = places.id3v1 {
            let bytes = UnsafeRawBufferPointer(rebasing: tail[range])
            if let tag = ID3v1Tag(bytes: bytes) {
                merge.add(tag.raw, source: "ID3v1", bytes, at: range.lowerBound, isTail: true)
            }
        }
        return merge.finish()
    }
}
