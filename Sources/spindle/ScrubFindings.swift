import Arguments
import Catalog
import Ingest
import Storage

/// What scrubbing found, with the songs, covers and source files that it concerns.
struct ScrubFindings {
    private struct Item {
        let digest: Digest
        let finding: ScrubRecord.Finding
        var holders: [NamedBlobs.Blob] = []
        var holderCount = 0
    }

    /// An album's cover may be in very many files.
    private static let maximumHolders = 100

    private let warehouse: Warehouse
    private let record: ScrubRecord
    private var items: [Item]

    /// - Throws: `DatabaseError`.
    init(_ warehouse: Warehouse, _ record: ScrubRecord) throws {
        self.warehouse = warehouse
        self.record = record
        items = record.findings.sorted { $0.key < $1.key }
            .map { Item(digest: $0.key, finding: $0.value) }
        guard !items.isEmpty, FileSystem.exists(warehouse.ledgerPath) else { return }
        let indices = Dictionary(
            uniqueKeysWithValues: items.enumerated().map { ($1.digest, $0) })
        var items = items
        try NamedBlobs(Ledger(warehouse, .readOnly)).forEach { blob in
            guard let index = indices[blob.digest] else { return }
            items[index].holderCount += 1
            if items[index].holders.count < Self.maximumHolders {
                items[index].holders.append(blob)
            } else if Self.canMend(blob), !items[index].holders.contains(where: Self.canMend) {
                items[index].holders[Self.maximumHolders - 1] = blob
            }
        }
        self.items = items
    }

    var isEmpty: Bool { items.isEmpty }

    private static func canMend(_ blob: NamedBlobs.Blob) -> Bool {
        blob.state != .gone && blob.state != .excluded && !IngestSource.isArchive(blob.source)
    }

    private static func place(_ blob: NamedBlobs.Blob) -> String {
        blob.source + "/" + String(decoding: blob.path, as: UTF8.self)
    }

    // MARK: Text

    /// A line for each bad blob and file: problem, part, blob, file, song.
    func print(_ terminal: Terminal) {
        for item in items {
            let what = "\(item.finding.problem.rawValue) "
            guard !item.holders.isEmpty else {
                terminal.print("\(what)unnamed \(item.digest) (no file needs it)")
                continue
            }
            for blob in item.holders {
                let song = blob.title.map { " (\(visible($0)))" } ?? ""
                let state = blob.state == .present ? "" : ", \(blob.state.rawValue)"
                terminal.print(
                    "\(what)\(blob.part.rawValue) \(item.digest) \(visible(Self.place(blob)))"
                        + song + state)
            }
            if item.holderCount > item.holders.count {
                terminal.print(
                    "\(what)\(item.digest) and \(grouped(item.holderCount - item.holders.count)) more files"
                )
            }
        }
    }

    var message: String {
        let blobs = items.flatMap(\.holders)
        let songs = Set(blobs.filter { $0.part == .audio }.map(\.digest)).count
        let covers = Set(blobs.filter { $0.part == .cover }.map(\.digest)).count
        let files = Set(blobs.map(Self.place)).count
        return """
            \(counted(items.count, "blob")) of \(warehouse.path) \
            \(items.count == 1 ? "is" : "are") rotten or lost: \(counted(songs, "song")), \
            \(counted(covers, "cover")), \(counted(files, "source file"))
            """
    }

    var hint: String {
        let mending = items.flatMap(\.holders).filter(Self.canMend)
        let sources = Set(mending.map(\.source)).filter { !$0.isEmpty }.sorted()
        let named = sources.map { " --source \(quoted($0))" }.joined()
        let path = quoted(absolutePath(warehouse.path))
        let command = """
            spindle scrub --files --warehouse \(path) | spindle ingest --reread --files -\(named) \
            --warehouse \(path)
            """
        let hopeless = items.filter { !$0.holders.contains(where: Self.canMend) }.count
        var parts: [String] = []
        if !mending.isEmpty {
            parts.append("from their source files they are mended by: \(command)")
        }
        if hopeless > 0 {
            parts.append(
                """
                of \(counted(hopeless, "blob")) no source file is left: copy them from a backup of \
                blobs/ (an archive can be sent again with --tar --reread)
                """)
        }
        return parts.joined(separator: "; ")
    }

    /// As a shell takes it.
    private func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }

    private func counted(_ count: Int, _ what: String) -> String {
        "\(grouped(count)) \(what)\(count == 1 ? "" : "s")"
    }

    /// The source files that can mend what was found; NULs between where a name needs it.
    var fileList: [UInt8] {
        let paths = Set(
            items.flatMap(\.holders).filter(Self.canMend)
                .map { Array($0.source.utf8) + [47] + $0.path })
        let separator: UInt8 = paths.contains { $0.contains(10) } ? 0 : 10
        return paths.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 + [separator] }
    }

    // MARK: JSON

    /// - Parameter summary: Of the run; nil where nothing was checked.
    func json(_ summary: BlobScrub.Summary?) -> JSONWriter {
        var json = JSONWriter()
        json.object {
            $0.field("pass_started", record.passStarted?.description)
            $0.field("pass_finished", record.passFinished?.description)
            if let summary {
                $0.field("blobs", summary.blobs)
                $0.field("bytes", summary.bytes)
                $0.field("mended", summary.mended)
                $0.field("folders_left", summary.foldersLeft)
                $0.field("unrecorded", summary.unrecorded)
            }
            $0.array("findings") {
                for item in items {
                    $0.object { write(item, &$0) }
                }
            }
        }
        return json
    }

    private func write(_ item: Item, _ json: inout JSONWriter) {
        json.field("blob", item.digest.hex)
        json.field("path", BlobStore(warehouse).path(item.digest))
        json.field("problem", item.finding.problem.rawValue)
        json.field("found", item.finding.found.description)
        json.field("files_hit", item.holderCount)
        json.array("files") {
            for blob in item.holders {
                $0.object {
                    $0.field("part", blob.part.rawValue)
                    $0.field("source", blob.source)
                    $0.field("path", String(decoding: blob.path, as: UTF8.self))
                    $0.field("state", blob.state.rawValue)
                    $0.field("title", blob.title)
                }
            }
        }
    }
}
