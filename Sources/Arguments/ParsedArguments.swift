package import Storage

/// A wrong command line; says what is wrong and what to type instead.
package struct UsageError: Error, CustomStringConvertible {
    package let message: String
    package let hint: String

    package init(_ message: String, hint: String) {
        self.message = message
        self.hint = hint
    }

    package var description: String { message }
}

/// The options and operands of one call, checked against its command.
package struct ParsedArguments: Sendable {
    package let command: Command
    package private(set) var operands: [String] = []
    private var values: [String: [String]] = [:]

    /// Accepts `--name value`, `--name=value`, flags, operands anywhere, and `--` before operands that begin with a dash.
    ///
    /// - Throws: `UsageError`.
    package init(_ command: Command, _ arguments: some Sequence<String>) throws {
        self.command = command
        var iterator = arguments.makeIterator()
        var optionsEnded = false
        while let argument = iterator.next() {
            if argument == "-h", !optionsEnded {
                values["help"] = [""]
                continue
            }
            let isDashed = argument.hasPrefix("-") && argument.count > 1
            guard isDashed, !optionsEnded,
                argument.hasPrefix("--") || !command.takesDashedOperands
            else {
                guard command.operands != nil else {
                    throw usageError("unexpected argument '\(argument)'")
                }
                operands.append(argument)
                continue
            }
            if argument == "--" {
                optionsEnded = true
                continue
            }
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0].dropFirst(2))
            guard parts[0].hasPrefix("--"),
                let option = command.options.first(where: { $0.name == name })
            else { throw unknown(String(parts[0])) }
            if option.placeholder == nil {
                guard parts.count == 1 else { throw usageError("--\(name) takes no value") }
                values[name] = [""]
            } else {
                guard let value = parts.count == 2 ? String(parts[1]) : iterator.next() else {
                    throw usageError("\(option.usage) needs a value")
                }
                // `--source --warehouse w` has lost its folder; a value like that is written --x=--y.
                if parts.count == 1, command.options.contains(where: { "--" + $0.name == value }) {
                    throw usageError("\(option.usage) needs a value, and '\(value)' is an option")
                }
                if values[name] != nil, !option.repeats {
                    throw usageError("--\(name) is given twice")
                }
                values[name, default: []].append(value)
            }
        }
    }

    package func flag(_ name: String) -> Bool { values[checked(name)] != nil }

    /// The option's value, else its default, else nil.
    package func string(_ name: String) -> String? {
        values[checked(name)]?.last
            ?? command.options.first { $0.name == name }?.defaultValue
    }

    package func strings(_ name: String) -> [String] { values[checked(name)] ?? [] }

    package func isGiven(_ name: String) -> Bool { values[checked(name)] != nil }

    /// - Throws: `UsageError` unless the value is a whole number within the range.
    package func int(_ name: String, in range: ClosedRange<Int> = 0...Int.max) throws -> Int? {
        guard let text = string(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let limits =
                range.upperBound == Int.max
                ? "of at least \(range.lowerBound)"
                : "from \(range.lowerBound) to \(range.upperBound)"
            throw usageError("--\(name) takes a whole number \(limits), not '\(text)'")
        }
        return number
    }

    package func date(_ name: String) throws -> CalendarDate? {
        guard let text = string(name) else { return nil }
        switch text {
        case "today": return .today
        case "yesterday": return .today - 1
        default:
            guard let date = CalendarDate(text) else {
                throw usageError("--\(name) takes a date as YYYY-MM-DD, not '\(text)'")
            }
            return date
        }
    }

    /// How many rejects are too many.
    package func rejectLimit() throws -> RejectLimit? {
        guard let text = string("reject-limit") else { return nil }
        guard let limit = RejectLimit(text) else {
            throw usageError(
                "--reject-limit takes a number, or a percentage up to 100%, not '\(text)'")
        }
        return limit
    }

    package func usageError(_ message: String) -> UsageError {
        UsageError(message, hint: "see \(command.name) --help")
    }

    private func unknown(_ option: String) -> UsageError {
        let name = String(option.drop { $0 == "-" })
        let nearest = command.options.map(\.name)
            .map { ($0, editDistance($0, name)) }
            .min { $0.1 < $1.1 }
        if let nearest, nearest.1 <= 2 {
            return UsageError(
                "unknown option '\(option)'", hint: "did you mean --\(nearest.0)?")
        }
        return usageError("unknown option '\(option)'")
    }

    private func checked(_ name: String) -> String {
        precondition(command.options.contains { $0.name == name }, "no option --\(name)")
        return name
    }
}

/// The count of single-letter insertions, deletions and substitutions between two words (Levenshtein).
package func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a), b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let substitution = diagonal + (x == y ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}
