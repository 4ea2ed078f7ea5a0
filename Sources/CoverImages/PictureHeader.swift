/// What a picture's first bytes say of it, read before anything decodes it.
struct PictureHeader: Equatable {
    enum Format: String {
        case jpeg = "JPEG"
        case png = "PNG"
        case gif = "GIF"
        case webp = "WebP"
        case bmp = "BMP"
    }

    let format: Format
    /// Pixels, as declared.
    let width: Int
    let height: Int
    private(set) var orientation: ExifOrientation?
    /// Where the size stands.
    private let offset: Int

    /// Whether a JPEG has its end: behind the frame header, FF D9 is nothing else (T.81, B.1.1.5).
    /// GD takes one that is cut off for whole, and paints the rest grey.
    func isJPEGCutOff(_ bytes: [UInt8]) -> Bool {
        var index = bytes.count - 1
        while index > offset {
            if bytes[index] == 0xd9, bytes[index - 1] == 0xff { return false }
            index -= 1
        }
        return format == .jpeg
    }

    /// - Returns: nil for what is no picture of these formats.
    init?(_ bytes: [UInt8]) {
        let found =
            Self.png(bytes) ?? Self.jpeg(bytes) ?? Self.gif(bytes) ?? Self.webp(bytes)
            ?? Self.bmp(bytes)
        guard let found else { return nil }
        self = found
    }

    private init(_ format: Format, _ width: Int, _ height: Int, at offset: Int = 0) {
        self.offset = offset
        self.format = format
        self.width = width
        self.height = height
    }

    private static func big(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
        bytes[at..<at + count].reduce(0) { $0 << 8 | Int($1) }
    }

    private static func little(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
        bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// PNG (ISO/IEC 15948), 11.2.2.
    private static func png(_ bytes: [UInt8]) -> PictureHeader? {
        guard bytes.count >= 24, bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
            Array(bytes[12..<16]) == Array("IHDR".utf8)
        else { return nil }
        return PictureHeader(.png, big(bytes, 16, 4), big(bytes, 20, 4))
    }

    /// The frame header of JPEG (ITU-T T.81, B.2.2), behind other marker segments.
    private static func jpeg(_ bytes: [UInt8]) -> PictureHeader? {
        guard bytes.starts(with: [0xff, 0xd8, 0xff]) else { return nil }
        var offset = 2
        var orientation: ExifOrientation?
        while offset + 9 < bytes.count {
            guard bytes[offset] == 0xff else { return nil }
            let marker = bytes[offset + 1]
            if marker == 0xff {
                offset += 1
                continue
            }
            if marker == 0x01 || (0xd0...0xd7).contains(marker) {
                offset += 2
                continue
            }
            // SOF0 to SOF15 but for DHT, JPG and DAC, which lie among them.
            if (0xc0...0xcf).contains(marker), ![0xc4, 0xc8, 0xcc].contains(marker) {
                var header = PictureHeader(
                    .jpeg, big(bytes, offset + 7, 2), big(bytes, offset + 5, 2), at: offset)
                header.orientation = orientation
                return header
            }
            // The scan has begun without a frame header.
            guard marker != 0xda, marker != 0xd9 else { return nil }
            let end = offset + 2 + big(bytes, offset + 2, 2)
            // APP1, as camera files have it: the first that says something.
            if marker == 0xe1, orientation == nil, offset + 4 <= min(end, bytes.count) {
                orientation = ExifOrientation(segment: bytes[offset + 4..<min(end, bytes.count)])
            }
            offset = end
        }
        return nil
    }

    private static func gif(_ bytes: [UInt8]) -> PictureHeader? {
        guard bytes.count >= 10,
            bytes.starts(with: "GIF87a".utf8) || bytes.starts(with: "GIF89a".utf8)
        else { return nil }
        return PictureHeader(.gif, little(bytes, 6, 2), little(bytes, 8, 2))
    }

    /// WebP (RFC 9649, section 2.5 to 2.7).
    private static func webp(_ bytes: [UInt8]) -> PictureHeader? {
        guard bytes.count >= 30, bytes.starts(with: "RIFF".utf8),
            Array(bytes[8..<12]) == Array("WEBP".utf8)
        else { return nil }
        switch String(decoding: bytes[12..<16], as: UTF8.self) {
        case "VP8 ":
            return PictureHeader(
                .webp, little(bytes, 26, 2) & 0x3fff, little(bytes, 28, 2) & 0x3fff)
        case "VP8L":
            let bits = little(bytes, 21, 4)
            return PictureHeader(.webp, bits & 0x3fff + 1, bits >> 14 & 0x3fff + 1)
        case "VP8X":
            return PictureHeader(.webp, little(bytes, 24, 3) + 1, little(bytes, 27, 3) + 1)
        default: return nil
        }
    }

    private static func bmp(_ bytes: [UInt8]) -> PictureHeader? {
        guard bytes.count >= 26, bytes.starts(with: "BM".utf8) else { return nil }
        if little(bytes, 14, 4) == 12 {
            return PictureHeader(.bmp, little(bytes, 18, 2), little(bytes, 20, 2))
        }
        // A negative height means rows from the top down.
        let height = Int(Int32(truncatingIfNeeded: little(bytes, 22, 4)).magnitude)
        return PictureHeader(.bmp, little(bytes, 18, 4), height)
    }
}
