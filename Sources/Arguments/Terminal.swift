internal import Glibc
package import Storage

/// Where a command talks: results to stdout, everything else to stderr.
package struct Terminal: Sendable {
    /// Neither progress nor summaries.
    package let isQuiet: Bool
    /// Progress in place, on one line; only on a terminal.
    package let showsProgress: Bool

    package init(isQuiet: Bool = false) {
        self.isQuiet = isQuiet
        showsProgress = !isQuiet && isatty(2) == 1
    }

    /// Writes a result to stdout.
    package func print(_ text: String) { Self.write(text + "\n", to: 1) }

    /// Writes bytes to stdout as they are.
    package func print(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { Self.write($0, to: 1) }
    }

    package func print(_ json: JSONWriter) { print(json.bytes + [10]) }

    /// A line of talk on stderr.
    package func say(_ text: String) {
        guard !isQuiet else { return }
        Self.write((showsProgress ? "\r\u{1b}[K" : "") + text + "\n", to: 2)
    }

    /// Replaces the line of progress, where there is a terminal to show it.
    package func progress(_ text: String) {
        guard showsProgress else { return }
        Self.write("\r\u{1b}[K" + text.prefix(100), to: 2)
    }

    package func error(_ message: String, hint: String?) {
        var text = (showsProgress ? "\r\u{1b}[K" : "") + "error: \(message)\n"
        if let hint { text += "hint: \(hint)\n" }
        Self.write(text, to: 2)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { write($0, to: descriptor) }
    }

    private static func write(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if count < 0 {
                if errno == EINTR { continue }
                // Nobody reads any more (`| head`); there is nobody to tell either.
                if errno == EPIPE || descriptor != 1 { return }
                // A result that was not written must not pass for one that was.
                let message =
                    "error: cannot write to stdout: \(String(cString: strerror(errno)))\n"
                _ = message.utf8.withContiguousStorageIfAvailable {
                    Glibc.write(2, $0.baseAddress!, $0.count)
                }
                exit(ExitCode.failed.rawValue)
            }
            done += count
        }
    }
}

/// Prints an error as every command prints it, and gives the exit code that goes with it.
package func report(_ error: any Error, to terminal: Terminal) -> ExitCode {
    switch error {
    case let error as UsageError:
        terminal.error(error.message, hint: error.hint)
        return .usage
    case let error as any Diagnosed:
        terminal.error(error.message, hint: error.hint)
        return ExitCode(error.cause)
    default:
        terminal.error("\(error)", hint: nil)
        return .failed
    }
}

/// 1234567 as "1,234,567".
package func grouped(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    groups.insert(digits, at: 0)
    return (number < 0 ? "-" : "") + groups.joined(separator: ",")
}

/// Bytes for people, in decimal units: "9.4 MB".
package func formatBytes(_ bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 999.95, unit < units.count - 1 {
        value /= 1000
        unit += 1
    }
    return unit == 0 ? "\(bytes) B" : formatDecimal(value, 1) + " " + units[unit]
}
