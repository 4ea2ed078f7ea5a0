import Arguments
import Catalog
import Glibc
import Ingest
import Pipeline
import Storage

/// What `spindle ingest` does apart from the night: a look without changing anything, and files
/// named one by one.
extension IngestCommand {
    static func dryRun(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        let sources = try sources(arguments)
        guard !sources.isEmpty, !arguments.isGiven("files"), !arguments.isGiven("tar") else {
            throw arguments.usageError("--dry-run looks at each --source")
        }
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        if FileSystem.exists(warehouse.path) { try warehouse.check() }
        let asJSON = arguments.flag("json")
        var counts: [IngestPreview.Change: Int] = [:]
        let (seen, unchanged) = try IngestPreview(warehouse, sources: sources).forEach {
            counts[$0, default: 0] += 1
            let path = String(decoding: $2, as: UTF8.self)
            if asJSON {
                var json = JSONWriter()
                let (change, source) = ($0.rawValue, $1)
                json.object {
                    $0.field("change", change)
                    $0.field("source", source)
                    $0.field("path", path)
                }
                terminal.print(json)
            } else {
                terminal.print("\($0.rawValue) \(visible("\($1)/\(path)"))")
            }
        }
        let list = [IngestPreview.Change.new, .changed, .moved, .gone, .excluded].map {
            "\(grouped(counts[$0] ?? 0)) \($0.rawValue)"
        }
        if !arguments.flag("quiet") {
            terminal.say(
                """
                would see \(grouped(seen)) files: \(list.joined(separator: ", ")), \
                \(grouped(unchanged)) unchanged; nothing was read or written
                """)
        }
        return .ok
    }

    static func takeFiles(
        _ list: String, _ arguments: ParsedArguments, _ terminal: Terminal
    ) throws -> ExitCode {
        let bytes = list == "-" ? try standardInput() : try FileSystem.readAll(list)
        let stage = FileListStage(
            names: FileList.names(in: bytes), folder: FileSystem.absolute("."),
            sources: try sources(arguments), options: try options(arguments))
        return try runStage(stage, arguments, terminal)
    }
}

/// All of stdin, which may be a pipe.
func standardInput() throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
        let count = read(0, &buffer, buffer.count)
        if count == 0 { return bytes }
        if count < 0 {
            if errno == EINTR { continue }
            throw FileError("read", "stdin")
        }
        bytes += buffer[..<count]
    }
}

/// Files of a list. Has a run record of its own, as it is no part of the night.
private struct FileListStage: Stage {
    let name = "ingest-files"
    let names: [[UInt8]]
    let folder: String
    let sources: [IngestSource]
    let options: Importer.Options

    var parameters: [String: String] { [:] }
    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] { [] }
    func completed(_ night: Night) throws -> ArtefactRecord? { nil }

    /// The first of those that are not there.
    private var absentNames: String {
        let absent = names.lazy.filter { name in
            let path = name.first == 47 ? name : Array(folder.utf8) + [47] + name
            return ((try? FileStatus.of(bytes: path)) ?? nil) == nil
        }.prefix(3).map { visible(String(decoding: $0, as: UTF8.self)) }
        return absent.isEmpty ? "" : "; not there: " + absent.joined(separator: ", ")
    }

    func run(_ night: Night) throws -> StageOutcome {
        let ledger = try Ledger(night.warehouse, .readWrite)
        var all = sources
        for known in try ledger.sources() where !all.contains(where: { $0.path == known.source }) {
            all.append(IngestSource(known.source))
        }
        if !all.contains(where: { $0.path == IngestSource.loose }) {
            all.append(IngestSource(IngestSource.loose))
        }
        let scope = FileList.scope(
            names, from: folder, sources: all.map(\.path).filter { $0 != IngestSource.loose },
            warehouse: night.warehouse)
        let summary = try Importer(night.warehouse, sources: all, options: options)
            .run(date: night.date, scope: scope)
        var warnings = summary.warnings
        // The list is of files, not of folders of them.
        warnings.removeAll { $0 == IngestSummary.holdsNothing }
        let missing = names.count - summary.seen
        if missing > 0 {
            warnings.append(
                """
                \(grouped(missing)) listed names are no files, listed twice, or the warehouse's own\
                \(absentNames)
                """)
        }
        return StageOutcome(summary: summary.text, warnings: warnings, counts: summary.json)
    }
}
