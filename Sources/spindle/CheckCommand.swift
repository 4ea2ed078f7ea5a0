import Arguments
import MPEGAudio
import Storage

/// `spindle check`: the frame report of files.
enum CheckCommand: Subcommand {
    static let command = Command(
        "spindle check", summary: "walk every frame of MP3 files and say what is wrong, and where",
        discussion: """
            Reads each FILE from end to end: exact and gapless duration, bitrates, what the \
            encoder wrote of it, its checksums, and what is damaged, by offset and playing time, \
            with what to do about it. Nothing is decoded, written or looked up in a warehouse. \
            Ends with 0 when all are sound, with 65 when some are not.
            """,
        operands: "FILE…",
        options: [
            Option("json", help: "Print one JSON object a line, with all that was found"),
            Option("quiet", help: "Print only the files that are not sound"),
        ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        guard !arguments.operands.isEmpty else {
            throw arguments.usageError("name the FILEs to check")
        }
        let onlyUnsound = arguments.flag("quiet")
        var worst = ExitCode.ok
        for path in ArgumentBytes().paths(arguments.operands) {
            do {
                let check = try AudioFileCheck(pathBytes: path)
                if !check.isSound, worst == .ok { worst = .badData }
                if onlyUnsound, check.isSound { continue }
                if arguments.flag("json") {
                    var json = JSONWriter()
                    check.write(into: &json)
                    terminal.print(json)
                } else {
                    terminal.print(check.text)
                }
            } catch {
                // The others are checked all the same; what is missing outweighs what is damaged.
                let code = report(error, to: Terminal())
                if worst != .inputMissing { worst = code }
            }
        }
        return worst
    }
}
