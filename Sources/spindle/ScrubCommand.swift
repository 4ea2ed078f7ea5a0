import Arguments
import Catalog
import Storage

/// `spindle scrub`: blobs read again and proved against their names.
enum ScrubCommand: Subcommand {
    static let command = Command(
        "spindle scrub", summary: "read the warehouse's blobs again and find those that rotted",
        discussion: """
            Reads each blob and compares its SHA-256 with its name, folder after folder, the one \
            that was checked longest ago first; before that it looks whether every blob is there \
            that the ledger names. Says which songs, covers and source files are hit, and how they \
            are mended. A run ends with its pass over all blobs, or with --limit-minutes; the next \
            one goes on where it ended, also after a kill. Bad blobs are looked at again first. \
            Takes no lock of the warehouse: nights go on beside it. Exit code 65 when anything is \
            bad.
            """,
        options: [
            .warehouse,
            Option("limit-minutes", "N", help: "Begin no further folder after N minutes"),
            Option("list", help: "Check nothing: list what was found and is not mended yet"),
            Option(
                "files",
                help: """
                    Check nothing: print the source files that can mend what was found, for spindle \
                    ingest --reread --files -
                    """),
            .json, .quiet,
        ])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        guard !arguments.flag("list"), !arguments.flag("files") else {
            let findings = try ScrubFindings(warehouse, ScrubRecord.read(warehouse))
            if arguments.flag("files") {
                terminal.print(findings.fileList)
            } else if arguments.flag("json") {
                terminal.print(findings.json(nil))
            } else {
                findings.print(terminal)
            }
            return .ok
        }
        var options = BlobScrub.Options()
        options.limitMinutes = try arguments.int("limit-minutes", in: 0...1_000_000)
        let (summary, record) = try RunLock.holdScrubbing(warehouse) {
            try BlobScrub(warehouse, options).run {
                terminal.progress(
                    "scrub: \(grouped($0.blobs)) blobs checked, \(formatBytes($0.bytes)), "
                        + "\(grouped($0.foldersLeft)) folders left")
            }
        }
        let findings = try ScrubFindings(warehouse, record)
        if arguments.flag("json") {
            terminal.print(findings.json(summary))
        } else {
            findings.print(terminal)
        }
        if !arguments.flag("quiet"), !arguments.flag("json") { terminal.say(text(summary)) }
        guard !findings.isEmpty else { return .ok }
        terminal.error(findings.message, hint: findings.hint)
        return .badData
    }

    private static func text(_ summary: BlobScrub.Summary) -> String {
        "checked \(grouped(summary.blobs)) blobs, \(formatBytes(summary.bytes))"
            + (summary.mended > 0
                ? "; \(grouped(summary.mended)) that were bad are good again or no longer needed"
                : "")
            + (summary.foldersLeft > 0
                ? "; \(grouped(summary.foldersLeft)) folders are left, the next run goes on"
                : "; the pass is complete")
            + (summary.unrecorded > 0
                ? "; \(grouped(summary.unrecorded)) more are bad and not listed" : "")
    }
}
