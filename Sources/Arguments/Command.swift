/// What a command takes, in the words of its `--help`.
package struct Command: Sendable {
    package let name: String
    /// One line, without a full stop, in the imperative.
    package let summary: String
    package let discussion: String
    /// What stands after the options, for example `PIPELINE`; nil when nothing may.
    package let operands: String?
    /// Whether an operand may begin with one dash, as `-without` does.
    package let takesDashedOperands: Bool
    package let options: [Option]
    package let exitCodes: [ExitCode]
    /// Commands whose names are this one's and a word more.
    package let subcommands: [Command]

    package init(
        _ name: String, summary: String, discussion: String, operands: String? = nil,
        takesDashedOperands: Bool = false, options: [Option],
        exitCodes: [ExitCode] = ExitCode.allCases,
        subcommands: [Command] = []
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.operands = operands
        self.takesDashedOperands = takesDashedOperands
        self.options = options + [.help]
        self.exitCodes = exitCodes
        self.subcommands = subcommands
    }

    /// The exact text of `--help`.
    package var help: String {
        var text = "\(summary.prefix(1).uppercased())\(summary.dropFirst()).\n\nusage: \(name)"
        if !options.isEmpty { text += " [options]" }
        if let operands { text += " \(operands)" }
        text += "\n"
        for command in subcommands {
            text += "       \(command.name) [options]"
            if let operands = command.operands { text += " \(operands)" }
            text += "\n"
        }
        if !discussion.isEmpty { text += "\n" + wrap(discussion, indent: 0) + "\n" }
        if !subcommands.isEmpty {
            text += "\nFurther commands, each with its own --help:\n"
            for command in subcommands {
                text += "  \(command.name)\n" + wrap(command.summary, indent: 6) + "\n"
            }
        }
        text += "\nOptions:\n"
        for option in options {
            var help = option.explanation
            if let value = option.defaultValue { help += " (default: \(value))" }
            if option.repeats { help += "; may be given more than once" }
            text += "  \(option.usage)\n" + wrap(help, indent: 6) + "\n"
        }
        text += "\nExit codes:\n"
        for code in exitCodes {
            let number = String(code.rawValue)
            text +=
                "  " + number + String(repeating: " ", count: 4 - number.count) + code.meaning
                + "\n"
        }
        return text
    }
}

/// A flag or an option with a value; always long, as `--name`.
package struct Option: Sendable {
    package let name: String
    /// nil for a flag.
    package let placeholder: String?
    package let explanation: String
    package let defaultValue: String?
    package let repeats: Bool

    package init(
        _ name: String, _ placeholder: String? = nil, default defaultValue: String? = nil,
        repeats: Bool = false, help explanation: String
    ) {
        self.name = name
        self.placeholder = placeholder
        self.explanation = explanation
        self.defaultValue = defaultValue
        self.repeats = repeats
    }

    package var usage: String { "--\(name)" + (placeholder.map { " \($0)" } ?? "") }

    package static let help = Option("help", help: "Show this text")
    package static let warehouse = Option(
        "warehouse", "DIR", default: "warehouse",
        help: "The folder that holds everything Spindle makes")
    package static let json = Option("json", help: "Print the result as one JSON object on stdout")
    package static let quiet = Option("quiet", help: "Print neither progress nor summary")
    package static let date = Option(
        "date", "DATE",
        help: "The night, named by the day that has just ended: YYYY-MM-DD, yesterday or today")
    package static let rejectLimit = Option(
        "reject-limit", "N",
        help:
            "Fail before publishing when more than N (or N%) are rejected; without it there is no limit"
    )
}

/// Wraps a text at 88 columns; lines that start with a space are kept as they are.
func wrap(_ text: String, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    var result: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if paragraph.first == " " || paragraph.isEmpty {
            result.append(paragraph.isEmpty ? "" : margin + paragraph)
            continue
        }
        var line = margin
        for word in paragraph.split(separator: " ") {
            if line.count + word.count + 1 > 88, line.count > indent {
                result.append(line)
                line = margin
            }
            if line.count > indent { line += " " }
            line += word
        }
        result.append(line)
    }
    return result.joined(separator: "\n")
}
