/// Reads JSON (RFC 8259), or JSON5 (<https://spec.json5.org>) where people write it.
///
/// By hand because Foundation's decoder does not say where in the text it stopped, which is the
/// first thing that somebody who has mistyped a pipeline wants to know.
struct JSONParser {
    /// What is wrong, and at which byte.
    struct Fault: Error {
        let what: String
        let offset: Int
    }

    private let bytes: [UInt8]
    private let allowsJSON5: Bool
    private var offset = 0
    private var depth = 0

    private static let maximumDepth = 500

    init(_ bytes: [UInt8], allowsJSON5: Bool) {
        self.bytes = bytes
        self.allowsJSON5 = allowsJSON5
    }

    mutating func document() throws(Fault) -> JSONValue {
        // A byte order mark, as some editors write it.
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { offset = 3 }
        try skipSpace()
        let result = try value()
        try skipSpace()
        guard offset == bytes.count else { throw fault("text behind the end of the value") }
        return result
    }

    // MARK: Values

    private mutating func value() throws(Fault) -> JSONValue {
        switch peek {
        case nil: throw fault("the text ends where a value should stand")
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "'") where allowsJSON5: return .string(try string())
        default: break
        }
        let start = offset
        let word = self.word()
        switch word {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            guard let number = number(word) else {
                offset = start
                throw fault(word.isEmpty ? "no value" : "'\(word)' is no value")
            }
            return number
        }
    }

    private mutating func object() throws(Fault) -> JSONValue {
        var fields: [String: JSONValue] = [:]
        try list(until: "}") { parser throws(Fault) in
            let start = parser.offset
            let key = try parser.key()
            try parser.skipSpace()
            guard parser.peek == UInt8(ascii: ":") else {
                throw parser.fault("no ':' behind the key '\(key)'")
            }
            parser.offset += 1
            try parser.skipSpace()
            guard fields.updateValue(try parser.value(), forKey: key) == nil else {
                throw Fault(what: "the key '\(key)' stands there twice", offset: start)
            }
        }
        return .object(fields)
    }

    private mutating func array() throws(Fault) -> JSONValue {
        var values: [JSONValue] = []
        try list(until: "]") { parser throws(Fault) in values.append(try parser.value()) }
        return .array(values)
    }

    private mutating func list(
        until end: Unicode.Scalar, _ item: (inout JSONParser) throws(Fault) -> Void
    ) throws(Fault) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw fault("nested too deeply") }
        offset += 1
        try skipSpace()
        while peek != UInt8(ascii: end) {
            try item(&self)
            try skipSpace()
            if peek == UInt8(ascii: end) { break }
            guard peek == UInt8(ascii: ",") else {
                throw fault("no ',' or '\(end)' behind the value")
            }
            offset += 1
            try skipSpace()
            guard allowsJSON5 || peek != UInt8(ascii: end) else {
                throw fault("a comma before '\(end)'")
            }
        }
        offset += 1
    }

    private mutating func key() throws(Fault) -> String {
        if peek == UInt8(ascii: "\"") || allowsJSON5 && peek == UInt8(ascii: "'") {
            return try string()
        }
        let start = offset
        let key = allowsJSON5 ? word() : ""
        guard let first = key.utf8.first, !(48...57).contains(first),
            !key.contains(where: { "+-.".contains($0) })
        else {
            offset = start
            throw fault(peek == nil ? "the text ends where a key should stand" : "no key")
        }
        return key
    }

    /// Letters, digits, signs and dots: the beginning of a number, a literal or a name.
    private mutating func word() -> String {
        let start = offset
        while let byte = peek,
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte >= 0x80 || [36, 43, 45, 46, 95].contains(byte)
        {
            offset += 1
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private func number(_ word: String) -> JSONValue? {
        var digits = word[...]
        let isNegative = digits.first == "-"
        if isNegative || allowsJSON5 && digits.first == "+" { digits.removeFirst() }
        guard let first = digits.utf8.first, digits.utf8.allSatisfy({ $0 < 0x80 }) else {
            return nil
        }
        if allowsJSON5, digits.hasPrefix("0x") || digits.hasPrefix("0X") {
            return Int((isNegative ? "-" : "") + digits.dropFirst(2), radix: 16).map {
                .integer($0)
            }
        }
        // Numbers to JSON5; what they are good for is for the field to say.
        if allowsJSON5, digits == "NaN" { return .number(.nan) }
        if allowsJSON5, digits == "Infinity" { return .number(isNegative ? -.infinity : .infinity) }
        let whole = digits.prefix { $0.isNumber }
        guard allowsJSON5 || !whole.isEmpty && digits.last != ".", whole.count < 2 || first != 48,
            digits.last?.isNumber == true || allowsJSON5 && digits.last == ".",
            digits.dropFirst(whole.count).allSatisfy({ $0.isNumber || ".eE+-".contains($0) }),
            allowsJSON5 || !digits.contains(".e") && !digits.contains(".E")
        else { return nil }
        if let integer = Int((isNegative ? "-" : "") + digits) { return .integer(integer) }
        guard
            let number = Double(
                (isNegative ? "-" : "") + (first == 46 ? "0" : "") + digits
                    + (digits.last == "." ? "0" : "")),
            number.isFinite
        else { return nil }
        return Int(exactly: number).map { .integer($0) } ?? .number(number)
    }

    // MARK: Strings

    private mutating func string() throws(Fault) -> String {
        let start = offset
        let quote = bytes[offset]
        offset += 1
        var text: [UInt8] = []
        while let byte = peek, byte != quote {
            // JSON5 lets a line go on behind a backslash only.
            guard byte >= 32 || allowsJSON5 && byte == 9 else {
                throw byte == 10 || byte == 13
                    ? Fault(what: "the line ends inside a text", offset: start)
                    : fault("a control character in a text")
            }
            offset += 1
            if byte == UInt8(ascii: "\\") {
                try escape(into: &text)
            } else {
                text.append(byte)
            }
        }
        guard peek == quote else { throw Fault(what: "a text without an end", offset: start) }
        offset += 1
        guard let result = String(validating: text, as: UTF8.self) else {
            throw Fault(what: "the text is no UTF-8", offset: start)
        }
        return result
    }

    private mutating func escape(into text: inout [UInt8]) throws(Fault) {
        guard let letter = peek else { throw fault("the text ends inside an escape") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var code = try hexadecimal(4)
            // Beyond the basic plane there are two escapes (RFC 8259, section 7).
            if (0xd800..<0xdc00).contains(code), bytes[offset...].starts(with: [92, 117]) {
                offset += 2
                let low = try hexadecimal(4)
                guard (0xdc00..<0xe000).contains(low) else {
                    throw fault("half of a surrogate pair")
                }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair") }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        case UInt8(ascii: "'") where allowsJSON5: text.append(letter)
        case UInt8(ascii: "v") where allowsJSON5: text.append(11)
        case UInt8(ascii: "0") where allowsJSON5: text.append(0)
        case UInt8(ascii: "x") where allowsJSON5:
            let code = try hexadecimal(2)
            text.append(contentsOf: Array(String(Character(Unicode.Scalar(UInt8(code)))).utf8))
        case 10 where allowsJSON5: break
        case 13 where allowsJSON5: if peek == 10 { offset += 1 }
        default:
            offset -= 1
            throw fault("an escape that JSON does not have")
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(Fault) -> UInt32 {
        let end = min(offset + count, bytes.count)
        let digits = bytes[offset..<end]
        guard digits.count == count, !digits.contains(where: { $0 == 43 || $0 == 45 }),
            let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("an escape without its \(count) hexadecimal digits") }
        offset = end
        return code
    }

    // MARK: Between

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() throws(Fault) {
        while let byte = peek {
            switch byte {
            case 9, 10, 13, 32: offset += 1
            case 11 where allowsJSON5, 12 where allowsJSON5: offset += 1
            case UInt8(ascii: "/") where allowsJSON5: try skipComment()
            case 0xc2 where allowsJSON5 && bytes[offset...].starts(with: [0xc2, 0xa0]): offset += 2
            default: return
            }
        }
    }

    private mutating func skipComment() throws(Fault) {
        let start = offset
        switch offset + 1 < bytes.count ? bytes[offset + 1] : 0 {
        case UInt8(ascii: "/"):
            while let byte = peek, byte != 10, byte != 13 { offset += 1 }
        case UInt8(ascii: "*"):
            offset += 2
            while !bytes[min(offset, bytes.count)...].starts(with: [42, 47]) {
                guard offset < bytes.count else {
                    throw Fault(what: "a comment without an end", offset: start)
                }
                offset += 1
            }
            offset += 2
        default: throw fault("no value")
        }
    }

    private func fault(_ what: String) -> Fault { Fault(what: what, offset: offset) }
}
