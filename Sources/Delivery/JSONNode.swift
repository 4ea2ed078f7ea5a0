internal import Storage

/// A JSON value with the path that leads to it, so that every complaint can name its place.
struct JSONNode: Sendable {
    let value: JSONValue
    let file: String
    let path: String

    init(_ value: JSONValue, file: String, path: String = "$") {
        self.value = value
        self.file = file
        self.path = path
    }

    /// The members of an object that must have exactly these keys, and may have the optional ones.
    func object(_ keys: [String], optional: [String] = []) throws -> [String: JSONNode] {
        guard let members = value.object else { throw mismatch("an object") }
        for key in keys where members[key] == nil {
            throw error("missing key '\(key)'", hint: "add it; see docs/schemas")
        }
        let known = Set(keys).union(optional)
        if let stranger = members.keys.filter({ !known.contains($0) }).min() {
            throw error(
                "unknown key '\(stranger)'",
                hint: "known keys: \((keys + optional).joined(separator: ", "))")
        }
        return Dictionary(
            uniqueKeysWithValues: members.map {
                ($0.key, JSONNode($0.value, file: file, path: "\(path).\($0.key)"))
            })
    }

    func array() throws -> [JSONNode] {
        guard let items = value.array else { throw mismatch("an array") }
        return items.enumerated().map {
            JSONNode($0.element, file: file, path: "\(path)[\($0.offset)]")
        }
    }

    func string() throws -> String {
        guard let string = value.string else { throw mismatch("a string") }
        return string
    }

    /// A string that says something and holds no control characters.
    func text() throws -> String {
        let text = try string()
        guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0 != "\u{7f}" })
        else { throw error("empty or with control characters", hint: "write a plain text") }
        return text
    }

    func integer() throws -> Int {
        guard let integer = value.int else { throw mismatch("a whole number") }
        return integer
    }

    func number(in range: ClosedRange<Double>) throws -> Double {
        guard let number = value.double else { throw mismatch("a number") }
        // NaN, which JSON5 can spell, is in no range.
        guard range.contains(number) else {
            throw error(
                "\(number) is out of range",
                hint: "give a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func error(_ detail: String, hint: String) -> DeliveryError {
        DeliveryError(.badTopology, at: "\(file): \(path)", detail, hint: hint)
    }

    private func mismatch(_ wanted: String) -> DeliveryError {
        let found =
            switch value {
            case .null: "null"
            case .bool: "true or false"
            case .integer, .number: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        return error(
            "\(found) where \(wanted) belongs", hint: "see docs/schemas/topology.schema.json")
    }
}
