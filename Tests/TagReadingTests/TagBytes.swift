import TagReading
import TestSupport

/// Tags made byte by byte.
enum TagBytes {
    static func big(_ number: Int, _ count: Int = 4) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
    }

    static func little(_ number: Int) -> [UInt8] { big(number).reversed() }

    static func sevenBit(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(number >> (21 - 7 * $0) & 0x7f) }
    }

    static func frame(
        _ id: String, _ content: [UInt8], version: UInt8 = 4, flags: UInt8 = 0, size: [UInt8]? = nil
    ) -> [UInt8] {
        let count = content.count
        if version == 2 { return Array(id.utf8) + (size ?? big(count, 3)) + content }
        return Array(id.utf8) + (size ?? (version == 4 ? sevenBit(count) : big(count)))
            + [0, flags] + content
    }

    static func text(_ id: String, _ text: String, version: UInt8 = 4) -> [UInt8] {
        frame(id, [0] + Array(text.utf8), version: version)
    }

    static func tag(
        _ body: [UInt8], version: UInt8 = 4, flags: UInt8 = 0, size: [UInt8]? = nil
    ) -> [UInt8] {
        Array("ID3".utf8) + [version, 0, flags] + (size ?? sevenBit(body.count)) + body
    }

    static func unsynchronised(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes {
            if result.last == 0xff, byte == 0 || byte >= 0xe0 { result.append(0) }
            result.append(byte)
        }
        return result
    }

    static func utf16(_ text: String, bigEndian: Bool = false, mark: Bool = true) -> [UInt8] {
        ((mark ? [0xfeff] : []) + Array(text.utf16)).flatMap { unit -> [UInt8] in
            let bytes = [UInt8(unit >> 8), UInt8(unit & 0xff)]
            return bigEndian ? bytes : bytes.reversed()
        }
    }

    static func picture(_ data: [UInt8], type: UInt8 = 3) -> [UInt8] {
        [0] + Array("image/jpeg".utf8) + [0, type] + Array("cover".utf8) + [0] + data
    }

    static let jpeg: [UInt8] =
        [0xff, 0xd8, 0xff, 0xe0, 0, 16] + Array("JFIF".utf8) + [0, 0xff, 0]
        + (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 7) } + [0xff, 0xd9]

    /// A zlib stream without compression, so the tests need no zlib.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65521
            b = (b + a) % 65521
        }
        let count = UInt16(bytes.count)
        return [0x78, 0x01, 0x01, UInt8(count & 0xff), UInt8(count >> 8)]
            + [UInt8(~count & 0xff), UInt8(~count >> 8)] + bytes + big(Int(b << 16 | a))
    }

    static func read(_ bytes: [UInt8], limits: ID3v2Limits = ID3v2Limits()) -> ID3v2Tag? {
        bytes.withUnsafeBytes { ID3v2Tag(bytes: $0, limits: limits) }
    }

    static func survey(_ bytes: [UInt8], limits: ID3v2Limits = ID3v2Limits()) -> ID3v2Survey {
        bytes.withUnsafeBytes { ID3v2Survey($0, within: limits) }
    }

    static func apeItem(_ key: String, _ value: [UInt8], flags: Int = 0, size: Int? = nil)
        -> [UInt8]
    {
        little(size ?? value.count) + little(flags) + Array(key.utf8) + [0] + value
    }

    static func ape(_ items: [[UInt8]], version: Int = 2000, count: Int? = nil) -> [UInt8] {
        let body = items.flatMap { $0 }
        func edge(_ flags: Int) -> [UInt8] {
            Array("APETAGEX".utf8) + little(version) + little(body.count + 32)
                + little(count ?? items.count) + little(flags) + [UInt8](repeating: 0, count: 8)
        }
        return version == 2000 ? edge(0xa000_0000) + body + edge(0x8000_0000) : body + edge(0)
    }

    static func field(_ text: String, _ count: Int) -> [UInt8] {
        Array((Array(text.utf8) + [UInt8](repeating: 0, count: count)).prefix(count))
    }

    static func id3v1(_ title: String, track: UInt8 = 0, genre: UInt8 = 17) -> [UInt8] {
        Array("TAG".utf8) + field(title, 30) + field("Artist", 30) + field("Album", 30)
            + field("1999", 4) + field("Comment", 28) + [0, track, genre]
    }
}

extension RawTag {
    /// All texts of a key.
    func texts(_ key: String, _ qualifier: String = "") -> [String] {
        values(key, qualifier: qualifier).map(\.text)
    }
}
