internal import Storage

/// A pipeline: which stages, in which order, with which options. JSON5.
///
///     {
///       name: "nightly",
///       variables: { source: "sample-data/music" },
///       newest_day_of: "${logs}",
///       stages: [ { stage: "ingest", source: "${source}" } ],
///     }
///
/// A stage's fields are the options of its command without the dashes: a text, a number, `true`
/// for a flag, or a list for an option that may be given more than once.
package struct PipelineFile: Sendable {
    /// One warehouse, one night and one way of talking for all stages.
    private static let optionsOfTheRun = ["warehouse", "date", "force", "json", "quiet", "help"]

    package struct Step: Sendable {
        package let stage: String
        /// As on the command line.
        package let arguments: [String]
    }

    package let path: String
    package let name: String
    package let variables: [String: String]
    /// Where the newest day of logs is looked for when no date is given.
    package let newestDayOf: String?
    package let steps: [Step]

    /// - Parameter overrides: Values for variables that the file declares.
    /// - Throws: `FileError`; `FormatError` naming the unknown or wrong key.
    package init(path: String, overrides: [String: String] = [:]) throws {
        self.path = path
        let json = try JSONValue.read(path)
        func invalid(_ what: String, _ hint: String) -> FormatError {
            FormatError(path, what, hint: hint)
        }
        guard let fields = json.object else {
            throw invalid("is not an object", "see docs/FORMATS.md for pipeline files")
        }
        let known = ["name", "variables", "newest_day_of", "stages"]
        for key in fields.keys.sorted() where !known.contains(key) {
            throw invalid("unknown key '\(key)'", "the keys are \(known.joined(separator: ", "))")
        }
        guard let name = fields["name"]?.string else {
            throw invalid("'name' is missing or no text", "give the pipeline a name")
        }
        self.name = name

        var variables: [String: String] = [:]
        guard let declared = (fields["variables"] ?? .object([:])).object else {
            throw invalid("'variables' is not an object", "write { name: \"value\" }")
        }
        for (key, value) in declared.sorted(by: { $0.key < $1.key }) {
            guard let text = value.string ?? value.int.map(String.init) else {
                throw invalid("variable '\(key)' is no text", "write it in quotes")
            }
            variables[key] = text
        }
        for (key, value) in overrides.sorted(by: { $0.key < $1.key }) {
            guard variables[key] != nil else {
                let names = variables.keys.sorted().joined(separator: ", ")
                throw invalid("has no variable '\(key)'", "its variables are \(names)")
            }
            variables[key] = value
        }
        self.variables = variables

        func expand(_ text: String, _ place: String) throws -> String {
            var result = ""
            var rest = text[...]
            while let start = rest.firstRange(of: "${") {
                guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                    throw invalid("\(place): '${' without '}'", "write ${name}")
                }
                let name = String(rest[start.upperBound..<end])
                guard let value = variables[name] else {
                    throw invalid("\(place): unknown variable '\(name)'", "declare it in variables")
                }
                result += rest[..<start.lowerBound] + value
                rest = rest[rest.index(after: end)...]
            }
            return result + rest
        }

        newestDayOf = try fields["newest_day_of"].map { value in
            guard let text = value.string else {
                throw invalid("'newest_day_of' is no text", "name a folder of logs")
            }
            return try expand(text, "newest_day_of")
        }
        guard let stages = fields["stages"]?.array, !stages.isEmpty else {
            throw invalid("'stages' is missing or empty", "list at least one stage")
        }
        steps = try stages.enumerated().map { index, stage in
            let place = "stages[\(index)]"
            guard let fields = stage.object, let name = fields["stage"]?.string else {
                throw invalid("\(place): 'stage' is missing", "write { stage: \"ingest\", … }")
            }
            var arguments: [String] = []
            for (key, value) in fields.sorted(by: { $0.key < $1.key }) where key != "stage" {
                guard !Self.optionsOfTheRun.contains(key) else {
                    throw invalid(
                        "\(place).\(key): belongs to the whole run",
                        "give it to spindle run as --\(key)")
                }
                for item in value.array ?? [value] {
                    switch item {
                    case .bool(true): arguments.append("--\(key)")
                    case .bool(false), .null: break
                    case .string(let text):
                        // An empty variable switches an option off.
                        let value = try expand(text, "\(place).\(key)")
                        if !value.isEmpty { arguments += ["--\(key)", value] }
                    case .integer(let number): arguments += ["--\(key)", "\(number)"]
                    case .number(let number): arguments += ["--\(key)", "\(number)"]
                    case .array, .object:
                        throw invalid(
                            "\(place).\(key): must be a text, a number or a list",
                            "give an option's value, or a list of values")
                    }
                }
            }
            return Step(stage: name, arguments: arguments)
        }
    }
}
