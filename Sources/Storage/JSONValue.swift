/// A JSON or JSON5 document of any shape, for files that people write and mistype.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Reads a JSON or JSON5 file.
    ///
    /// - Throws: `FileError` when it cannot be read, `FormatError` with line and column when it is not JSON5.
    package static func read(_ path: String) throws -> JSONValue {
        try parse(try FileSystem.readAll(path), path: path, allowsJSON5: true)
    }

    /// Parses JSON, and JSON5 only where people write it.
    ///
    /// - Parameter path: What an error names.
    package static func parse(_ bytes: [UInt8], path: String, allowsJSON5: Bool = false) throws
        -> JSONValue
    {
        var parser = JSONParser(bytes, allowsJSON5: allowsJSON5)
        do { return try parser.document() } catch {
            let before = bytes[..<min(error.offset, bytes.count)]
            let line = before.count { $0 == 10 } + 1
            let column =
                String(
                    decoding: before.split(separator: 10, omittingEmptySubsequences: false).last!,
                    as: UTF8.self
                ).count + 1
            throw FormatError(
                path, "line \(line), column \(column): \(error.what)",
                hint: "mend the file at the place named")
        }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var int: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    package var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var object: [String: JSONValue]? {
        if case .object(let value) = self { value } else { nil }
    }

    package var strings: [String]? {
        guard let array else { return nil }
        let strings = array.compactMap(\.string)
        return strings.count == array.count ? strings : nil
    }

    /// A field of an object; nil for other values and missing fields.
    package subscript(_ key: String) -> JSONValue? { object?[key] }
}
