/// ID3v2's texts (ID3v2.4 structure, section 4): an encoding byte and what follows, as taggers
/// really write it.
///
/// Wrong encoding bytes, missing and misplaced byte order marks, odd byte counts and missing
/// terminators are read for what they must have been.
struct TextDecoding {
    enum Form: Hashable {
        case latin1
        case utf16(isBigEndian: Bool)
        case utf8

        var unitBytes: Int {
            if case .utf16 = self { 2 } else { 1 }
        }
    }

    let form: Form
    let encoding: TextEncoding
    /// The encoding byte is none, or what follows contradicts it.
    let isDamaged: Bool
    /// Behind the encoding byte.
    let rest: ArraySlice<UInt8>

    /// - Parameters:
    ///   - content: From the encoding byte on.
    ///   - textStart: How far behind the encoding byte the first text begins: 3 behind a language.
    init(_ content: ArraySlice<UInt8>, textStart: Int = 0) {
        guard let code = content.first else {
            self.init(.latin1, .latin1, false, content)
            return
        }
        let rest = content.dropFirst()
        let text = rest.dropFirst(textStart)
        let mark = Self.byteOrder(text)
        switch code {
        case 0:
            if let mark {
                // FF FE means nothing in Latin-1.
                self.init(.utf16(isBigEndian: mark), .utf16, true, rest)
            } else {
                self.init(.latin1, .latin1, false, rest)
            }
        case 1:
            if let mark {
                self.init(.utf16(isBigEndian: mark), .utf16, false, rest)
            } else if text.isEmpty || text.allSatisfy({ $0 == 0 }) {
                self.init(.utf16(isBigEndian: false), .utf16, false, rest)
            } else if Self.isPlain(text) {
                self.init(.latin1, .latin1, true, rest)
            } else {
                let order = Self.likelyOrder(text) ?? false
                self.init(.utf16(isBigEndian: order), .utf16, true, rest)
            }
        case 2:
            let order = mark ?? Self.likelyOrder(text) ?? true
            self.init(.utf16(isBigEndian: order), .utf16BigEndian, !order, rest)
        case 3:
            if let mark {
                self.init(.utf16(isBigEndian: mark), .utf16, true, rest)
            } else {
                self.init(.utf8, .utf8, false, rest)
            }
        case 0x20...:
            // The encoding byte was left out, and this is the first letter.
            self.init(.latin1, .latin1, true, content)
        default:
            self.init(.latin1, .latin1, true, rest)
        }
    }

    private init(
        _ form: Form, _ encoding: TextEncoding, _ isDamaged: Bool, _ rest: ArraySlice<UInt8>
    ) {
        self.form = form
        self.encoding = encoding
        self.isDamaged = isDamaged
        self.rest = rest
    }

    /// Cuts at the first terminator; where there is none, everything is the text.
    func cut(_ bytes: ArraySlice<UInt8>) -> (text: ArraySlice<UInt8>, rest: ArraySlice<UInt8>?) {
        if form.unitBytes == 1 {
            guard let end = bytes.firstIndex(of: 0) else { return (bytes, nil) }
            return (bytes[..<end], bytes[(end + 1)...])
        }
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            if bytes[index] == 0, bytes[index + 1] == 0 {
                return (bytes[..<index], bytes[(index + 2)...])
            }
            index += 2
        }
        return (bytes, nil)
    }

    /// One text without its terminator.
    func text(_ bytes: ArraySlice<UInt8>) -> TagText {
        switch form {
        case .latin1:
            return Self.latin1(bytes)
        case .utf8:
            var bytes = bytes
            if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
            if let text = String(validating: bytes, as: UTF8.self) { return TagText(text) }
            return TagText(
                String(decoding: bytes, as: UTF8.self), encoding: .utf8, storedBytes: Array(bytes))
        case .utf16(let order):
            var units: [UInt16] = []
            units.reserveCapacity(bytes.count / 2)
            let mark = Self.byteOrder(bytes)
            let isBig = mark ?? order
            var index = bytes.startIndex + (mark == nil ? 0 : 2)
            while index + 1 < bytes.endIndex {
                let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
                units.append(isBig ? first << 8 | second : second << 8 | first)
                index += 2
            }
            return TagText(String(decoding: units, as: UTF16.self), encoding: encoding)
        }
    }

    static func latin1(_ bytes: some Collection<UInt8>) -> TagText {
        guard bytes.contains(where: { $0 >= 0x80 }) else {
            return TagText(String(decoding: bytes, as: UTF8.self), encoding: .latin1)
        }
        let stored = Array(bytes)
        let text = String(unsafeUninitializedCapacity: 2 * stored.count) { utf8 in
            var count = 0
            for byte in stored {
                if byte < 0x80 {
                    utf8[count] = byte
                } else {
                    utf8[count] = 0xc0 | byte >> 6
                    count += 1
                    utf8[count] = 0x80 | byte & 0x3f
                }
                count += 1
            }
            return count
        }
        return TagText(text, encoding: .latin1, storedBytes: stored)
    }

    /// All texts, separated by terminators.
    ///
    /// - Parameters:
    ///   - keepsEmpty: Those of lists in which each place counts; at the end none.
    ///   - limit: At most so many.
    func texts(_ bytes: ArraySlice<UInt8>, keepsEmpty: Bool = false, limit: Int = 20_000)
        -> [TagText]
    {
        var texts: [TagText] = []
        var left: ArraySlice<UInt8>? = bytes
        while let bytes = left, !bytes.isEmpty, texts.count < limit {
            let piece = cut(bytes)
            left = piece.rest
            let text = self.text(piece.text)
            // Behind the first text's end some taggers leave what was in their buffer.
            if !texts.isEmpty, text.text.unicodeScalars.contains(where: Self.isControl) { break }
            if keepsEmpty || !text.text.isEmpty { texts.append(text) }
        }
        while texts.last?.text.isEmpty == true { texts.removeLast() }
        return texts
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 && scalar.value != 0x0a && scalar.value != 0x0d && scalar.value != 0x09
    }

    /// - Returns: Whether a byte order mark says big-endian; nil without one.
    private static func byteOrder(_ bytes: ArraySlice<UInt8>) -> Bool? {
        guard bytes.count >= 2 else { return nil }
        switch (bytes[bytes.startIndex], bytes[bytes.startIndex + 1]) {
        case (0xff, 0xfe): return false
        case (0xfe, 0xff): return true
        default: return nil
        }
    }

    /// Without a mark, most texts have a letter below U+0100, whose zero tells the order.
    private static func likelyOrder(_ bytes: ArraySlice<UInt8>) -> Bool? {
        var zeros = (first: 0, second: 0)
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            let (first, second) = (bytes[index], bytes[index + 1])
            if first == 0 && second != 0 { zeros.first += 1 }
            if second == 0 && first != 0 { zeros.second += 1 }
            index += 2
        }
        return zeros.first == zeros.second ? nil : zeros.first > zeros.second
    }

    /// Letters of ASCII in single bytes, with a terminator at most at the end.
    private static func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool {
        let text = bytes.reversed().drop { $0 == 0 }
        return !text.isEmpty && text.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    }
}
