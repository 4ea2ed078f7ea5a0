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

    /// Letters and marks apart, case and compatibility forms folded, what is invisible gone.
    package static func decomposed(_ text: String) -> String {
        map(text, DECOMPOSE | COMPAT | CASEFOLD | IGNORE)
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
