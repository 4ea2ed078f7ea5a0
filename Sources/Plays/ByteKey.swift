/// A text as a key, told apart by its bytes as all of Spindle's files tell texts apart.
///
/// Swift's strings are equal when Unicode calls them equivalent: `café` is one string whether its é
/// is one code point (NFC) or two (NFD), though as ids, regions and file names these are two.
package struct ByteKey: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.hasSameBytes(as: b.text) }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
