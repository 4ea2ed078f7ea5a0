import Arguments
import Catalog
import Glibc
import Ingest
import Storage

/// `spindle export`: a source file, byte for byte.
enum ExportCommand: Subcommand {
    static let command = Command(
        "spindle export", summary: "give back a source file byte for byte",
        discussion: """
            Puts the leading tags, the audio and the trailing tags of a file together again, each \
            proved against its SHA-256 while it is written. FILE is a path below a source, an \
            absolute path, or a song's id (then the first file that holds the song).
            """,
        operands: "FILE",
        options: [
            .warehouse,
            Option(
                "output", "FILE",
                help: "Where to write it; nothing that exists is overwritten (default: stdout)"),
        ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        guard arguments.operands.count == 1 else {
            throw arguments.usageError("name one FILE to give back")
        }
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        let exporter = Exporter(warehouse)
        let file = try exporter.find(ArgumentBytes().paths(arguments.operands)[0])
        if let output = arguments.string("output") {
            try exporter.write(file, to: output)
            terminal.say("wrote \(output), \(formatBytes(file.sizeBytes)), verified")
        } else {
            guard isatty(1) == 0 else {
                throw UsageError(
                    "an MP3 file is not for the terminal",
                    hint: "name a file with --output, or redirect stdout")
            }
            try exporter.write(file) { bytes in
                var done = 0
                while done < bytes.count {
                    let count = Glibc.write(1, bytes.baseAddress! + done, bytes.count - done)
                    guard count > 0 else { throw FileError("write", "stdout") }
                    done += count
                }
            }
        }
        return .ok
    }
}
