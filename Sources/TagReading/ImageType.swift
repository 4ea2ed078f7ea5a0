/// What kind of picture bytes are.
package enum ImageType {
    /// The MIME type by the bytes, as types in tags are often wrong; nil for none that is known.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> String? {
        func has(_ text: StaticString, at offset: Int = 0) -> Bool {
            text.withUTF8Buffer { bytes.count > offset && bytes[offset...].starts(with: $0) }
        }
        if bytes.starts(with: [0xff, 0xd8, 0xff]) { return "image/jpeg" }
        if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) { return "image/png" }
        if has("GIF8") { return "image/gif" }
        if bytes.count > 12, has("RIFF"), has("WEBP", at: 8) { return "image/webp" }
        if bytes.count > 14, has("BM") { return "image/bmp" }
        if bytes.starts(with: [0x49, 0x49, 0x2a, 0]) || bytes.starts(with: [0x4d, 0x4d, 0, 0x2a]) {
            return "image/tiff"
        }
        if bytes.starts(with: [0, 0, 0, 0x0c, 0x6a, 0x50]) { return "image/jp2" }
        if has("ftypavif", at: 4) { return "image/avif" }
        if has("ftyphei", at: 4) { return "image/heic" }
        return nil
    }
}
