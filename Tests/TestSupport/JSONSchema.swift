internal import Foundation
package import Storage

/// A validator for the part of JSON Schema (draft 2020-12) that docs/schemas uses.
///
/// A keyword that it does not know is a failure, so that no rule goes unchecked.
package struct JSONSchema {
    package let root: JSONValue

    /// - Parameter name: A file in docs/schemas, without `.schema.json`.
    package init(named name: String) throws {
        root = try JSONValue.read(Repository.path + "/docs/schemas/\(name).schema.json")
    }

    /// Everything in which the value fails the schema; empty when it is valid.
    package func faults(_ value: JSONValue) throws -> [String] {
        try faults(value, root, "$")
    }

    private func faults(_ value: JSONValue, _ schema: JSONValue, _ path: String) throws -> [String]
    {
        var faults: [String] = []
        for (keyword, rule) in schema.object ?? [:] {
            switch keyword {
            case "$schema", "$id", "$defs", "title", "description": break
            case "$ref":
                let name = rule.string?.split(separator: "/").last.map(String.init) ?? ""
                guard let target = root["$defs"]?[name] else {
                    faults.append("\(path): nothing at \(rule)")
                    break
                }
                faults += try self.faults(value, target, path)
            case "type":
                let types = rule.strings ?? [rule.string ?? ""]
                if !types.contains(where: { matches(value, type: $0) }) {
                    faults.append("\(path): not \(types)")
                }
            case "const": if value != rule { faults.append("\(path): not \(rule)") }
            case "enum":
                if rule.array?.contains(value) != true { faults.append("\(path): not one of") }
            case "pattern":
                guard let text = value.string else { break }
                let expression = try NSRegularExpression(pattern: rule.string ?? "")
                let range = NSRange(text.startIndex..., in: text)
                if expression.firstMatch(in: text, range: range) == nil {
                    faults.append("\(path): '\(text)' is not \(rule)")
                }
            case "minimum":
                if let number = value.double, let least = rule.double, number < least {
                    faults.append("\(path): below \(least)")
                }
            case "maximum":
                if let number = value.double, let most = rule.double, number > most {
                    faults.append("\(path): above \(most)")
                }
            case "minItems":
                if let items = value.array, items.count < rule.int ?? 0 {
                    faults.append("\(path): too short")
                }
            case "maxItems":
                if let items = value.array, items.count > rule.int ?? .max {
                    faults.append("\(path): too long")
                }
            case "items":
                for (index, item) in (value.array ?? []).enumerated() {
                    faults += try self.faults(item, rule, "\(path)[\(index)]")
                }
            case "required":
                guard let object = value.object else { break }
                for key in rule.strings ?? [] where object[key] == nil {
                    faults.append("\(path): '\(key)' is missing")
                }
            case "properties":
                for (key, member) in value.object ?? [:] {
                    guard let rule = rule[key] else { continue }
                    faults += try self.faults(member, rule, "\(path).\(key)")
                }
            case "additionalProperties":
                for (key, member) in value.object ?? [:]
                where schema["properties"]?[key] == nil {
                    if rule == .bool(false) {
                        faults.append("\(path): '\(key)' is not known")
                    } else if rule.object != nil {
                        faults += try self.faults(member, rule, "\(path).\(key)")
                    }
                }
            default: faults.append("\(path): the validator does not know '\(keyword)'")
            }
        }
        return faults
    }

    private func matches(_ value: JSONValue, type: String) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("null", .null),
            ("boolean", .bool), ("number", .integer), ("number", .number), ("integer", .integer):
            true
        default: false
        }
    }
}
