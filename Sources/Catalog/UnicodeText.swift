internal import CUTF8Proc
internal import Glibc

/// Forms of a text for comparing and finding; what is shown stays as the tags have it.
///
/// By utf8proc (Unicode 15), as Swift's library has no NFKC.
package enum UnicodeText {
    /// NFC: the same letters always as the same bytes.
    package static func composed(_ text: String) -> String {
        text.utf8.allSatisfy { $0 < 128 } ? text : map(text, COMPOSE)
    }

    /// What makes two names the same name: case, width, compatibility forms and white space are
    /// folded, accents are kept.
    package static func identity(_ text: String) -> String {
        if let plain = identityOfASCII(text) { return plain }
        let folded = map(text, COMPOSE | COMPAT | CASEFOLD | IGNORE)
        return folded.split { $0.isWhitespace }.joined(separator: " ")
    }

    /// The same for texts that need no Unicode; nil for others.
    private static func identityOfASCII(_ text: String) -> String? {
        guard text.utf8.allSatisfy({ $0 < 128 }) else { return nil }
        return String(unsafeUninitializedCapacity: text.utf8.count) { buffer in
            var count = 0
            var isSpaceDue = false
            for byte in text.utf8 {
                if byte == 32 || (9...13).contains(byte) {
                    isSpaceDue = count > 0
                    continue
                }
                if isSpaceDue {
                    buffer[count] = 32
                    count += 1
                    isSpaceDue = false
                }
                buffer[count] = (65...90).contains(byte) ? byte | 32 : byte
                count += 1
            }
            return count
        }
    }

    /// What people may type to find a text: accents of Latin, Greek and Cyrillic letters go, and
    /// letters such as ø and ł, which have no decomposition, become their plain neighbours.
    package static func searchForm(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 128 }) { return text.lowercased() }
        var result = ""
        for scalar in map(text, DECOMPOSE | COMPAT | CASEFOLD | IGNORE).unicodeScalars {
            switch scalar.value {
            // Combining accents only: marks of Devanagari, Thai or kana carry the reading.
            case 0x300...0x36f: break
            case 0xf8: result += "o"
            case 0xe6: result += "ae"
            case 0x153: result += "oe"
            case 0x142: result += "l"
            case 0x111, 0xf0: result += "d"
            case 0xfe: result += "th"
            case 0x131: result += "i"
            case 0x127: result += "h"
            case 0x2019, 0x2bc: result += "'"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return map(result, COMPOSE)
    }

    /// Written without spaces between words: each character has to be findable by itself.
    package static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0e00...0x0eff,  // Thai, Lao
            0x1000...0x109f, 0x1780...0x17ff,  // Myanmar, Khmer
            0x3040...0x30ff, 0x31f0...0x31ff,  // kana
            0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0x20000...0x3ffff,  // Han
            0xac00...0xd7af:  // Hangul has spaces, but is searched by syllable
            true
        default: false
        }
    }

    private static let DECOMPOSE = UTF8PROC_DECOMPOSE.rawValue
    private static let COMPOSE = UTF8PROC_COMPOSE.rawValue
    private static let COMPAT = UTF8PROC_COMPAT.rawValue
    private static let CASEFOLD = UTF8PROC_CASEFOLD.rawValue
    private static let IGNORE = UTF8PROC_IGNORE.rawValue

    private static func map(_ text: String, _ options: UInt32) -> String {
        var text = text
        return text.withUTF8 { bytes in
            var mapped: UnsafeMutablePointer<UInt8>?
            let count = utf8proc_map(
                bytes.baseAddress, bytes.count, &mapped,
                utf8proc_option_t(rawValue: options | UTF8PROC_STABLE.rawValue))
            defer { free(mapped) }
            // Swift strings are valid UTF-8, so that only a lack of memory could stop this.
            guard count >= 0, let mapped else { return String(decoding: bytes, as: UTF8.self) }
            return String(
                decoding: UnsafeBufferPointer(start: mapped, count: count), as: UTF8.self)
        }
    }
}
