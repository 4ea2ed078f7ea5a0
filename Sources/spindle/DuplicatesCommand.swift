import Arguments
import AudioAnalysis
import Catalog
import Storage

/// `spindle duplicates`: the same recording in several encodings.
enum DuplicatesCommand: Subcommand {
    static let command = Command(
        "spindle duplicates", summary: "list recordings that are there in several encodings",
        discussion: """
            Compares the fingerprints that spindle decode --fingerprints has taken, and lists \
            groups of songs that are one recording: another bitrate, another encoder, another \
            start. The best copy comes first: sound before damaged, then by bitrate, then by \
            length. Changes nothing.
            """,
        options: [
            .warehouse,
            Option(
                "threshold", "X", default: "0.7",
                help: """
                    How alike two fingerprints must be where they overlap: 0 is chance, 1 the \
                    same bits
                    """),
            .json,
        ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    private struct Copy {
        let match: DuplicateSearch.Copy
        let song: LedgerSong?
        let verdict: String
        let files: [SongFiles.File]

        /// Greater is better; the id settles the rest.
        func isBetter(than other: Copy) -> Bool {
            let order = ["ok": 2, "warnings": 1]
            let own = (
                order[verdict] ?? 0, song?.bitrateKbps ?? 0, song?.durationMs ?? 0
            )
            let others = (
                order[other.verdict] ?? 0, other.song?.bitrateKbps ?? 0,
                other.song?.durationMs ?? 0
            )
            return own == others ? match.song < other.match.song : own > others
        }
    }

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        let text = arguments.string("threshold")!
        guard let threshold = Double(text), (0.3...1).contains(threshold) else {
            throw arguments.usageError("--threshold takes a number from 0.3 to 1, not '\(text)'")
        }
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        guard let store = try DecodeStore.existing(warehouse) else { throw NoFingerprints() }
        let search = DuplicateSearch(store, threshold: threshold)
        let fingerprints = try search.songs()
        guard fingerprints > 0 else { throw NoFingerprints() }
        let groups = try describe(try search.groups(), warehouse, store)
        if arguments.flag("json") {
            terminal.print(json(groups, fingerprints))
            return .ok
        }
        for (number, group) in groups.enumerated() {
            terminal.print("group \(number + 1), \(group.count) copies")
            for (index, copy) in group.enumerated() {
                terminal.print("  \(index == 0 ? "best" : "    ") \(line(copy))")
            }
        }
        let copies = groups.reduce(0) { $0 + $1.count }
        terminal.say(
            """
            \(grouped(groups.count)) recordings in \(grouped(copies)) songs, of \
            \(grouped(fingerprints)) with a fingerprint
            """)
        return .ok
    }

    private static func describe(
        _ groups: [[DuplicateSearch.Copy]], _ warehouse: Warehouse, _ store: DecodeStore
    ) throws -> [[Copy]] {
        let wanted = Set(groups.joined().map(\.song))
        let files = try SongFiles(warehouse, of: wanted)
        var songs: [Digest: LedgerSong] = [:]
        if !wanted.isEmpty {
            try Ledger(warehouse, .readOnly).forEachSong {
                if wanted.contains($0.song.id) { songs[$0.song.id] = $0.song }
            }
        }
        return try groups.map { group in
            try group.map {
                Copy(
                    match: $0, song: songs[$0.song], verdict: try store.verdict($0.song) ?? "",
                    files: files[$0.song])
            }.sorted { $0.isBetter(than: $1) }
        }
    }

    private static func line(_ copy: Copy) -> String {
        let seconds = (copy.song?.durationMs ?? 0) / 1000
        let length = "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
        let file = copy.files.first
        let name = [file?.artists.joined(separator: ", ") ?? "", file?.title ?? ""]
            .filter { !$0.isEmpty }.joined(separator: ": ")
        return """
            \(copy.song?.bitrateKbps ?? 0) kb/s \(length) \(copy.verdict), similarity \
            \(formatDecimal(copy.match.similarity, 3)): \(name.isEmpty ? "untitled" : name) \
            (\(file?.path ?? copy.match.song.hex))
            """
    }

    private static func json(_ groups: [[Copy]], _ fingerprints: Int) -> JSONWriter {
        var json = JSONWriter()
        json.object {
            $0.field("fingerprints", fingerprints)
            $0.array("groups") {
                for group in groups {
                    $0.array {
                        for (index, copy) in group.enumerated() {
                            $0.object { write(copy, isBest: index == 0, into: &$0) }
                        }
                    }
                }
            }
        }
        return json
    }

    private static func write(_ copy: Copy, isBest: Bool, into json: inout JSONWriter) {
        json.field("song_id", copy.match.song.hex)
        json.field("best", isBest)
        json.field("similarity", copy.match.similarity, decimals: 3)
        json.field("offset_ms", copy.match.offsetMs)
        json.field("verdict", copy.verdict)
        json.field("bitrate_kbps", copy.song?.bitrateKbps)
        json.field("duration_ms", copy.song?.durationMs)
        json.field("title", copy.files.first?.title)
        json.field("artists", copy.files.first?.artists ?? [])
        json.field("files", copy.files.map(\.path))
    }
}

private struct NoFingerprints: Diagnosed {
    var message: String { "no song has a fingerprint yet" }
    var hint: String? { "run spindle decode --fingerprints first" }
    var cause: FailureCause { .inputMissing }
}
