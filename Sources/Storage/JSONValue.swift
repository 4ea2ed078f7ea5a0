internal import FoundationEssentials

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

    /// Parses JSON, and JSON5 only where people write it: Foundation's JSON5 refuses `\u0000`.
    ///
    /// - Parameter path: What an error names.
    package static func parse(_ bytes: [UInt8], path: String, allowsJSON5: Bool = false) throws
        -> JSONValue
    {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = allowsJSON5
        do {
            return try decoder.decode(Box.self, from: Data(bytes)).value
        } catch let error as DecodingError {
            var detail = "not JSON"
            if case .dataCorrupted(let context) = error {
                let cause = context.underlyingError.map { "\($0)" } ?? context.debugDescription
                // Foundation wraps the sentence with the place: NSDebugDescription="…".
                detail = cause.split(separator: "\"").count > 1
                    ? String(cause.split(separator: "\"")[1]) : cause
            }
            throw FormatError(path, detail, hint: "mend the file at the place named")
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

    private struct Box: Decodable {
        let value: JSONValue

        init(from decoder: any Decoder) throws {
            if let fields = try? decoder.container(keyedBy: Key.self) {
                var object: [String: JSONValue] = [:]
                for key in fields.allKeys {
                    object[key.stringValue] = try fields.decode(Box.self, forKey: key).value
                }
                value = .object(object)
            } else if var items = try? decoder.unkeyedContainer() {
                var array: [JSONValue] = []
                while !items.isAtEnd { array.append(try items.decode(Box.self).value) }
                value = .array(array)
            } else {
                let single = try decoder.singleValueContainer()
                if single.decodeNil() {
                    value = .null
                } else if let bool = try? single.decode(Bool.self) {
                    value = .bool(bool)
                } else if let integer = try? single.decode(Int.self) {
                    value = .integer(integer)
                } else if let number = try? single.decode(Double.self) {
                    value = .number(number)
                } else {
                    value = .string(try single.decode(String.self))
                }
            }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
