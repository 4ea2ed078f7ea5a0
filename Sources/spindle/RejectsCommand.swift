import Arguments
import Catalog
import Ingest
import Storage

/// `spindle rejects`: what was set aside and why.
enum RejectsCommand: Subcommand {
    static let command = Command(
        "spindle rejects", summary: "list what was set aside, and why",
        discussion: """
            Files that ingest could not use, and log lines that plays could not count, each with \
            its place, a reason code and the detail. The originals are kept: those of files as \
            blobs (spindle export gives them back), those of lines in the list itself.
            """,
        options: [
            .warehouse,
            Option("stage", "STAGE", help: "Only those of ingest or of plays"),
            Option("date", "DATE", help: "Only lines counted for this day"),
            Option("reason", "CODE", help: "Only those with this reason"),
            Option(
                "warnings", help: "List instead the files that were kept although something is odd"),
            Option("ignored", help: "List instead the files that are neither MP3 nor named so"),
            Option("limit", "N", help: "At most so many of each stage"),
            Option("json", help: "Print one JSON object a line"),
        ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        let stage = arguments.string("stage")
        guard stage == nil || ["ingest", "plays"].contains(stage) else {
            throw arguments.usageError("--stage takes ingest or plays, not '\(stage!)'")
        }
        let date = try arguments.date("date")
        let list: List =
            arguments.flag("warnings")
            ? .warnings : arguments.flag("ignored") ? .ignored : .rejected
        let printer = Printer(
            terminal: terminal, asJSON: arguments.flag("json"),
            reason: arguments.string("reason"), limit: try arguments.int("limit") ?? .max)
        if stage != "plays", date == nil, FileSystem.exists(warehouse.ledgerPath) {
            try printer.list(stage: "ingest") { emit in
                try forEachFile(warehouse, list, emit)
            }
        }
        if stage != "ingest", list == .rejected {
            try printer.list(stage: "plays") { emit in
                try forEachLine(warehouse, date, emit)
            }
        }
        if let reason = arguments.string("reason"), let others = printer.othersThan(reason) {
            throw arguments.usageError(
                "nothing was set aside for --reason '\(reason)'; the reasons here are \(others)")
        }
        printer.finish()
        return .ok
    }

    /// Which files of the ledger are listed.
    private enum List {
        case rejected, warnings, ignored

        var state: LedgerFile.State {
            switch self {
            case .rejected: .rejected
            case .warnings: .present
            case .ignored: .ignored
            }
        }
    }

    private struct Reject {
        var place: String
        var line: Int?
        var date: String?
        var reason: String
        var detail: String
        var text: String?
        var blob: String?
    }

    private static func forEachFile(
        _ warehouse: Warehouse, _ list: List, _ emit: (Reject) throws -> Void
    ) throws {
        let ledger = try Ledger(warehouse, .readOnly)
        try ledger.forEachFile(state: list.state) { source, file in
            let place = source + "/" + String(decoding: file.path, as: UTF8.self)
            switch list {
            case .warnings:
                for warning in file.warnings {
                    let parts = warning.split(separator: ":", maxSplits: 1)
                    try emit(
                        Reject(
                            place: place, reason: String(parts[0]),
                            detail: parts.count > 1 ? String(parts[1].dropFirst()) : ""))
                }
            case .ignored:
                try emit(
                    Reject(
                        place: place, reason: "ignored",
                        detail: "\(formatBytes(file.status.sizeBytes)), no MPEG audio"))
            case .rejected:
                try emit(
                    Reject(
                        place: place, reason: file.reason ?? "unknown", detail: file.detail ?? "",
                        blob: file.head?.digest.hex))
            }
        }
    }

    private static func forEachLine(
        _ warehouse: Warehouse, _ only: CalendarDate?, _ emit: (Reject) throws -> Void
    ) throws {
        let days = ((try? FileSystem.list(warehouse.path + "/plays")) ?? []).compactMap {
            $0.hasPrefix("date=") ? CalendarDate($0.dropFirst(5)) : nil
        }
        // A run that had too many has left its lists apart, and no partitions.
        let refused = warehouse.rejects("plays")
        let names = ((try? FileSystem.list(refused)) ?? []).filter { $0.hasSuffix(".ndjson") }
        var lists = names.map { (CalendarDate($0.dropLast(7)), "\(refused)/\($0)") }
        for day in days where !names.contains("\(day).ndjson") {
            lists.append((day, warehouse.artefact("plays", day) + "/rejects.ndjson"))
        }
        if !names.contains("undated.ndjson") {
            lists.append((nil, warehouse.path + "/plays/late/undated/rejects.ndjson"))
        }
        // Days in their order, and last what has none.
        lists.sort { ($0.0?.dayNumber ?? .max) < ($1.0?.dayNumber ?? .max) }
        for (day, path) in lists where (only == nil || only == day) && FileSystem.exists(path) {
            try forEachLine(of: path, day, emit)
        }
    }

    private static func forEachLine(
        of path: String, _ day: CalendarDate?, _ emit: (Reject) throws -> Void
    ) throws {
        _ = try LineReader(path, maximumLineBytes: 8 << 20).forEach { line in
            let json = try JSONValue.parse(Array(line.bytes), path: "\(path):\(line.number)")
            try emit(
                Reject(
                    place: json["file"]?.string ?? "", line: json["line"]?.int,
                    date: day?.description, reason: json["reason"]?.string ?? "unknown",
                    detail: json["detail"]?.string ?? "",
                    text: json["text"]?.string ?? json["bytes"]?.string))
        }
    }

    /// Filters, prints and counts.
    private final class Printer {
        private let terminal: Terminal
        private let asJSON: Bool
        private let reason: String?
        private let limit: Int
        private var counts: [String: [String: Int]] = [:]
        private var others: Set<String> = []

        init(terminal: Terminal, asJSON: Bool, reason: String?, limit: Int) {
            self.terminal = terminal
            self.asJSON = asJSON
            self.reason = reason
            self.limit = limit
        }

        func list(stage: String, _ body: ((Reject) throws -> Void) throws -> Void) throws {
            var printed = 0
            try body { reject in
                if let reason, reject.reason != reason {
                    others.insert(reject.reason)
                    return
                }
                counts[stage, default: [:]][reject.reason, default: 0] += 1
                guard printed < limit else { return }
                printed += 1
                print(reject, stage)
            }
        }

        private func print(_ reject: Reject, _ stage: String) {
            if asJSON {
                var json = JSONWriter()
                json.object {
                    $0.field("stage", stage)
                    if let date = reject.date { $0.field("date", date) }
                    $0.field("place", reject.place)
                    if let line = reject.line { $0.field("line", line) }
                    $0.field("reason", reject.reason)
                    $0.field("detail", reject.detail)
                    if let text = reject.text { $0.field("original", text) }
                    if let blob = reject.blob { $0.field("blob", blob) }
                }
                return terminal.print(json)
            }
            let line = reject.line.map { $0 > 0 ? ":\($0)" : "" } ?? ""
            terminal.print(
                visible("\(reject.place)\(line): \(reject.reason): \(reject.detail)"))
        }

        /// The reasons that there are where none is the one that was asked for.
        func othersThan(_ reason: String) -> String? {
            counts.isEmpty && !others.isEmpty ? others.sorted().joined(separator: ", ") : nil
        }

        func finish() {
            guard !asJSON else { return }
            if counts.isEmpty { terminal.say("nothing was set aside") }
            for (stage, reasons) in counts.sorted(by: { $0.key < $1.key }) {
                let list = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                    .map { "\(grouped($0.value)) \($0.key)" }.joined(separator: ", ")
                terminal.say("\(stage): \(list)")
            }
        }
    }
}
