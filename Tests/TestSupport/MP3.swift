internal import Storage

/// Bytes of MP3 files, made to measure.
package enum MP3 {
    /// A frame of MPEG 1 layer III, 128 kbit/s, 44.1 kHz, stereo: 417 or 418 bytes, its content told apart by `number`.
    package static func frame(_ number: Int, padded: Bool = false) -> [UInt8] {
        let header: [UInt8] = [0xff, 0xfb, padded ? 0x92 : 0x90, 0x00]
        let count = padded ? 418 : 417
        return header
            + (4..<count).map { UInt8(truncatingIfNeeded: (number * 31 + $0) % 251) & 0x7f }
    }

    package static func audio(frames: Int, from first: Int = 0) -> [UInt8] {
        (0..<frames).flatMap { frame(first + $0, padded: $0 % 3 == 1) }
    }

    /// A frame of the same stream with an Info header that counts `frames`.
    package static func info(frames: Int) -> [UInt8] {
        var bytes = [0xff, 0xfb, 0x90, 0x00] + [UInt8](repeating: 0, count: 413)
        bytes.replaceSubrange(36..<48, with: Array("Info".utf8) + [0, 0, 0, 1] + big(frames))
        return bytes
    }

    /// Frames of MPEG 2 layer III, 32 kbit/s, 22.05 kHz, mono: 104 bytes each.
    package static func slow(frames: Int) -> [UInt8] {
        (0..<frames).flatMap { _ in
            [0xff, 0xf3, 0x40, 0xc0] + [UInt8](repeating: 5, count: 100)
        }
    }

    /// Frames in free format, MPEG 1 layer III, 44.1 kHz.
    ///
    /// - Parameter lengthBytes: Of a frame without padding, which every third has if any.
    package static func freeFormat(frames: Int, lengthBytes: Int = 800, pads: Bool = false)
        -> [UInt8]
    {
        (0..<frames).flatMap { number -> [UInt8] in
            let isPadded = pads && number % 3 == 1
            return [0xff, 0xfb, isPadded ? 0x02 : 0x00, 0x00]
                + (4..<lengthBytes + (isPadded ? 1 : 0)).map {
                    UInt8(truncatingIfNeeded: (number * 31 + $0) % 251) & 0x7f
                }
        }
    }

    package static func big(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
    package static func little(_ number: Int) -> [UInt8] { big(number).reversed() }
    package static func syncSafe(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(number >> (21 - 7 * $0) & 0x7f) }
    }

    /// An ID3v2.4 tag of texts (UTF-8).
    package static func id3v2(
        _ frames: [(id: String, text: String)], padding: Int = 0, version: UInt8 = 4,
        footer: Bool = false
    )
        -> [UInt8]
    {
        let body =
            frames.flatMap { frame -> [UInt8] in
                let text: [UInt8] =
                    version == 4
                    ? [3] + Array(frame.text.utf8)
                    : [1, 0xff, 0xfe]
                        + frame.text.utf16.flatMap { unit -> [UInt8] in
                            [UInt8(unit & 0xff), UInt8(unit >> 8)]
                        }
                return Array(frame.id.utf8)
                    + (version == 4 ? syncSafe(text.count) : big(text.count)) + [0, 0] + text
            } + [UInt8](repeating: 0, count: padding)
        let rest = [version, 0, footer ? 0x10 : 0] + syncSafe(body.count)
        return Array("ID3".utf8) + rest + body + (footer ? Array("3DI".utf8) + rest : [])
    }

    /// An appended ID3v2.4 tag: found by its footer.
    package static func appendedID3v2(_ frames: [(id: String, text: String)]) -> [UInt8] {
        id3v2(frames, footer: true)
    }

    package static func id3v1(title: String = "Title", artist: String = "Artist") -> [UInt8] {
        func field(_ text: String, _ count: Int) -> [UInt8] {
            Array((Array(text.utf8) + [UInt8](repeating: 0, count: count)).prefix(count))
        }
        return Array("TAG".utf8) + field(title, 30) + field(artist, 30) + field("Album", 30)
            + field("2001", 4)
            + field("", 30) + [17]
    }

    package static func ape(
        _ items: [(key: String, value: String)], header: Bool, binary: Bool = false,
        version: Int = 2000
    ) -> [UInt8] {
        let body = items.flatMap { item -> [UInt8] in
            little(item.value.utf8.count) + [binary ? 2 : 0, 0, 0, 0] + Array(item.key.utf8) + [0]
                + Array(item.value.utf8)
        }
        func end(isHeader: Bool) -> [UInt8] {
            let flags = (header ? 0x8000_0000 : 0) | (isHeader ? 0x2000_0000 : 0)
            let sizes = little(body.count + 32) + little(items.count) + little(flags)
            return Array("APETAGEX".utf8) + little(version) + sizes
                + [UInt8](repeating: 0, count: 8)
        }
        return (header ? end(isHeader: true) : []) + body + end(isHeader: false)
    }

    package static func lyrics3(_ text: String) -> [UInt8] {
        let body = Array(("LYRICSBEGIN" + "LYR" + padded(text.utf8.count, 5) + text).utf8)
        return body + Array((padded(body.count, 6) + "LYRICS200").utf8)
    }
}
