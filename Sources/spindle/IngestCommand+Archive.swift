import Arguments
import Glibc
import Ingest
import Pipeline
import Storage

/// `spindle ingest --tar`: files out of an archive.
extension IngestCommand {
    static func takeArchive(
        _ file: String, _ arguments: ParsedArguments, _ terminal: Terminal
    ) throws -> ExitCode {
        for name in ["source", "sources", "files"] where arguments.isGiven(name) {
            throw arguments.usageError("--tar takes an archive and no --\(name)")
        }
        guard let name = arguments.string("tar-name") ?? archiveName(file) else {
            throw arguments.usageError("--tar \(file) needs a --tar-name")
        }
        guard !name.isEmpty, !name.utf8.contains(where: { $0 < 32 || $0 == 127 || $0 == 47 }) else {
            throw arguments.usageError("--tar-name is a name without slashes")
        }
        var source = IngestSource(IngestSource.archivePrefix + name)
        source.filter = try filter(arguments)
        let options = try options(arguments)
        guard file != "-" else {
            guard isatty(0) == 0 else { throw arguments.usageError("stdin is a terminal") }
            let stage = ArchiveStage(
                descriptor: 0, file: "stdin", source: source, options: options)
            return try runStage(stage, arguments, terminal)
        }
        let descriptor = try FileDescriptor(file, .read)
        let stage = ArchiveStage(
            descriptor: descriptor.raw, file: file, source: source, options: options)
        let code = try runStage(stage, arguments, terminal)
        _ = consume descriptor
        return code
    }

    /// "vol. 1" for "/srv/in/vol. 1.tar.gz"; nil where there is none.
    private static func archiveName(_ file: String) -> String? {
        guard file != "-" else { return nil }
        var name = FileSystem.name(of: file)
        let endings = [
            [".gz", ".zst", ".xz", ".bz2"], [".tar", ".tgz", ".tzst", ".txz", ".tbz2"],
        ]
        for these in endings {
            for ending in these where name.hasSuffix(ending) && name.utf8.count > ending.utf8.count
            {
                name.removeLast(ending.count)
                break
            }
        }
        return name.isEmpty ? nil : name
    }
}

/// Files of an archive. Has a run record of its own, as it is no part of the night.
private struct ArchiveStage: Stage {
    let name = "ingest-tar"
    let descriptor: Int32
    let file: String
    let source: IngestSource
    let options: Importer.Options

    var parameters: [String: String] { ["source": source.path] }
    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] { [] }
    func completed(_ night: Night) throws -> ArtefactRecord? { nil }

    func run(_ night: Night) throws -> StageOutcome {
        let summary = try Importer(night.warehouse, sources: [source], options: options)
            .run(date: night.date, archive: TarStream(descriptor: descriptor, name: file)) {
                night.progress("\(grouped($0.seen)) files seen, \(formatBytes($0.bytesRead)) read")
            }
        var warnings = summary.warnings
        if summary.hardLinks > 0 {
            warnings.append(
                """
                \(grouped(summary.hardLinks)) hard links to other members were left out: \
                the members themselves were taken
                """)
        }
        return StageOutcome(summary: summary.text, warnings: warnings, counts: summary.json)
    }
}
