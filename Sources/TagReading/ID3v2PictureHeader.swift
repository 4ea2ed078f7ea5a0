internal import Glibc

/// What stands before a picture's bytes in an `APIC` frame (ID3v2.4 frames, section 4.14), where
/// all of it is plain ASCII, as it nearly always is: then every reader finds the same.
struct ID3v2PictureHeader {
    /// Encoding, MIME type, kind and description with their terminators.
    let sizeBytes: Int

    /// Longer texts are not plain.
    private static let maximumTextBytes = 256

    /// - Parameter content: Of a frame without flags.
    /// - Returns: nil where there is something to be judged, or no picture behind it.
    init?(_ content: UnsafeRawBufferPointer) {
        guard let encoding = content.first, encoding == 0 || encoding == 3,
            let mimeEnd = Self.textEnd(content, from: 1),
            let descriptionEnd = Self.textEnd(content, from: mimeEnd + 2),
            descriptionEnd + 1 < content.count
        else { return nil }
        sizeBytes = descriptionEnd + 1
    }

    private static func textEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        for offset in start..<max(start, min(start + maximumTextBytes, bytes.count)) {
            if bytes[offset] == 0 { return offset }
            guard (0x20..<0x7f).contains(bytes[offset]) else { return nil }
        }
        return nil
    }
}
