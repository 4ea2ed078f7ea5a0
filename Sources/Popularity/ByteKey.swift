/// A text as a key, told apart by its bytes as all of Spindle's files tell texts apart.
///
/// Swift's strings are equal when Unicode calls them equivalent: `café` is one string whether its é
/// is one code point (NFC) or two (NFD), though as ids, regions and file names these are two.
struct ByteKey: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.hasSameBytes(as: b.text) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
