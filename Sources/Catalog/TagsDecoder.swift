internal import Glibc
internal import Storage

/// Reads the tags that `Tags.json` writes, without a tree of values between.
///
/// Fields come as lists of texts in the order of `TagField`, which makes each found at the first
/// look. What else a tag may hold (comments, lyrics, chapters) and what was written by somebody
/// else goes through the general parser.
struct TagsDecoder {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    /// Where the next field is expected in `TagField.allCases`.
    private var expected = 0
    private var scratch: [UInt8] = []

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// - Parameters:
    ///   - field: Takes each field with its values.
    ///   - notes: Takes comments and lyrics.
    ///   - member: Takes any other member: its name, and the bytes of its value.
    /// - Returns: false for what is not in the form of `Tags.json`; what was handed out before is
    ///   then to be thrown away.
    mutating func decode(
        _ field: (TagField, [String]) -> Void,
        notes takeNotes: (String, [Tags.Note]) -> Void,
        member: (String, UnsafeRawBufferPointer) throws -> Void
    ) rethrows -> Bool {
        guard take(123) else { return false }
        if take(125) { return offset == bytes.count }
        repeat {
            guard take(34), let end = quote(from: offset) else { return false }
            let key = UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
            offset = end + 1
            guard take(58) else { return false }
            if let name = self.field(key) {
                guard let values = strings() else { return false }
                field(name, values)
            } else {
                // A name with escapes, or no name at all, is for the general parser.
                guard key.allSatisfy({ (32..<127).contains($0) && $0 != 92 }) else { return false }
                let name = String(decoding: key, as: UTF8.self)
                let start = offset
                if name == "comments" || name == "lyrics", let notes = notes() {
                    takeNotes(name, notes)
                    continue
                }
                offset = start
                guard skipValue() else { return false }
                try member(name, UnsafeRawBufferPointer(rebasing: bytes[start..<offset]))
            }
        } while take(44)
        return take(125) && offset == bytes.count
    }

    // MARK: Names

    /// The names of all fields, one behind the other, and where each begins.
    private static let names: (bytes: [UInt8], starts: [Int]) = {
        var names: [UInt8] = []
        var starts = [0]
        for field in TagField.allCases {
            names.append(contentsOf: field.rawValue.utf8)
            starts.append(names.count)
        }
        return (names, starts)
    }()
    private static let fields = TagField.allCases

    private mutating func field(_ key: UnsafeRawBufferPointer) -> TagField? {
        let names = Self.names
        let count = Self.fields.count
        return names.bytes.withUnsafeBytes { all in
            // Once around: a name out of order is found as well, only later.
            for step in 0..<count {
                let index = expected + step < count ? expected + step : expected + step - count
                let start = names.starts[index]
                guard names.starts[index + 1] - start == key.count,
                    memcmp(all.baseAddress! + start, key.baseAddress!, key.count) == 0
                else { continue }
                expected = index + 1 < count ? index + 1 : 0
                return Self.fields[index]
            }
            return nil
        }
    }

    // MARK: Values

    private mutating func strings() -> [String]? {
        guard take(91) else { return nil }
        if take(93) { return [] }
        var values: [String] = []
        repeat {
            guard let text = string() else { return nil }
            values.append(text)
        } while take(44)
        return take(93) ? values : nil
    }

    /// - Returns: nil for what is not in the form in which `Tags.json` writes them.
    private mutating func notes() -> [Tags.Note]? {
        guard take(91) else { return nil }
        if take(93) { return [] }
        var notes: [Tags.Note] = []
        repeat {
            var note = Tags.Note(text: "")
            var named = 0
            guard take(123) else { return nil }
            repeat {
                guard let key = string(), take(58), let value = string() else { return nil }
                // In this order, so that none comes twice.
                switch key {
                case "language" where named < 1: (note.language, named) = (value, 1)
                case "description" where named < 2: (note.description, named) = (value, 2)
                case "text" where named < 3: (note.text, named) = (value, 3)
                default: return nil
                }
            } while take(44)
            guard take(125) else { return nil }
            notes.append(note)
        } while take(44)
        return take(93) ? notes : nil
    }

    private mutating func string() -> String? {
        guard take(34) else { return nil }
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case 34:
                let text = UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
                offset += 1
                return String(validating: text, as: UTF8.self)
            case 92: return escapedString(from: start)
            case 0..<32: return nil
            default: offset += 1
            }
        }
        return nil
    }

    /// A text with escapes; those of code points are left to the general parser.
    private mutating func escapedString(from start: Int) -> String? {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case 34: return String(validating: scratch, as: UTF8.self)
            case 92:
                guard offset < bytes.count else { return nil }
                switch bytes[offset] {
                case 34, 92, 47: scratch.append(bytes[offset])
                case UInt8(ascii: "n"): scratch.append(10)
                case UInt8(ascii: "t"): scratch.append(9)
                case UInt8(ascii: "r"): scratch.append(13)
                default: return nil
                }
                offset += 1
            case 0..<32: return nil
            default: scratch.append(byte)
            }
        }
        return nil
    }

    /// Steps over a value of any kind; whether it is one, its reader says.
    private mutating func skipValue() -> Bool {
        var depth = 0
        repeat {
            guard offset < bytes.count else { return false }
            switch bytes[offset] {
            case 34:
                guard let end = quote(from: offset + 1) else { return false }
                offset = end
            case 91, 123: depth += 1
            case 93, 125: depth -= 1
            case 44 where depth == 0: return false
            default: break
            }
            offset += 1
        } while depth > 0
        return depth == 0
    }

    /// The quote that ends a text.
    private func quote(from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case 34: return index
            case 92: index += 2
            default: index += 1
            }
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }
}
