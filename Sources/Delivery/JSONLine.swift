internal import Storage

/// Reads one line of NDJSON (RFC 8259) field by field, without building a document.
///
/// By hand because a manifest has a line for every song: ten times as fast as `JSONDecoder`.
struct JSONLine {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private let path: String
    private let lineNumber: Int

    /// - Parameter line: Valid as long as this value is used.
    init(_ line: LineReader.Line, path: String) throws {
        bytes = line.bytes
        self.path = path
        lineNumber = line.number
        if line.isOverlong { throw error("the line is longer than any record") }
    }

    /// Calls `body` with each key of the object that the line is; it must read the value.
    mutating func fields(_ body: (String, inout JSONLine) throws -> Void) throws {
        try expect("{")
        if take("}") { return try end() }
        repeat {
            let key = try string()
            try expect(":")
            try body(key, &self)
        } while take(",")
        try expect("}")
        try end()
    }

    mutating func string() throws -> String {
        try expect("\"", skippingSpace: true)
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") { return try escapedString(from: start) }
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        try expect("\"", skippingSpace: false)
        return text
    }

    /// nil for `null`.
    mutating func optionalString() throws -> String? {
        try takeNull() ? nil : try string()
    }

    mutating func digest() throws -> Digest {
        skipSpace()
        // Straight from the bytes: no text is made of what is compared as words.
        if position + 66 <= bytes.count, bytes[position] == UInt8(ascii: "\""),
            bytes[position + 65] == UInt8(ascii: "\""),
            let digest = Digest(
                hexBytes: UnsafeRawBufferPointer(rebasing: bytes[position + 1..<position + 65]))
        {
            position += 66
            return digest
        }
        throw error("a SHA-256 belongs at byte \(position)")
    }

    mutating func strings() throws -> [String] {
        var strings: [String] = []
        try expect("[")
        if take("]") { return strings }
        repeat { strings.append(try string()) } while take(",")
        try expect("]")
        return strings
    }

    mutating func integer() throws -> Int {
        let text = try numberText()
        guard let integer = Int(text) else { throw error("'\(text)' is not a whole number") }
        return integer
    }

    mutating func number() throws -> Double {
        let text = try numberText()
        guard let number = Double(text), number.isFinite else {
            throw error("'\(text)' is not a number")
        }
        return number
    }

    func error(_ detail: String) -> FormatError {
        FormatError(
            "\(path):\(lineNumber)", detail,
            hint: "the file is not as Spindle wrote it: run the stage of that night again")
    }

    // MARK: Characters

    private mutating func numberText() throws -> String {
        skipSpace()
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
                position += 1
                continue
            default: break
            }
            break
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func takeNull() throws -> Bool {
        guard take("n") else { return false }
        for character: Unicode.Scalar in ["u", "l", "l"] {
            try expect(character, skippingSpace: false)
        }
        return true
    }

    private mutating func escapedString(from start: Int) throws -> String {
        // Rare: nothing that Spindle writes here needs an escape. The general reader knows them.
        var end = position
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard end < bytes.count else { throw error("a string without an end") }
        let quoted = [UInt8(ascii: "[")] + Array(bytes[start - 1...end]) + [UInt8(ascii: "]")]
        position = end + 1
        guard
            let text = try JSONValue.parse(quoted, path: "\(path):\(lineNumber)").array?.first?
                .string
        else { throw error("a string that cannot be read") }
        return text
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar, skippingSpace: Bool = true) throws {
        if skippingSpace { skipSpace() }
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            throw error("'\(character)' belongs at byte \(position)")
        }
        position += 1
    }

    private mutating func end() throws {
        skipSpace()
        guard position == bytes.count else { throw error("more after the object's end") }
    }
}
