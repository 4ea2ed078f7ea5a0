internal import Glibc
internal import Storage

/// Events found in the logs of one day that happened on earlier days, kept under `plays/late/` so
/// that no log is read again for them.
///
/// One folder a log day (`logged=2026-11-19`), and one for the logs without a day (`undated`). In
/// it, for each day of events, parts `date=2026-11-18.0001.tsv.zst` with file, line and the line
/// as it was. Made from the logs alone: whichever night writes it, its bytes are the same.
struct LateSpool {
    let path: String
    /// The name in `plays/`, as the inputs of partitions have it.
    let name: String
    /// nil for logs without a day.
    let day: CalendarDate?

    init(_ warehouse: Warehouse, _ day: CalendarDate?) {
        self.day = day
        name = "late/" + (day.map { "logged=\($0)" } ?? "undated")
        path = warehouse.path + "/plays/" + name
    }

    var record: ArtefactRecord? { ArtefactRecord.readComplete(path) }

    /// Where the lines of the logs without a day went; nil unless it was recorded.
    var accounting: PlayAccounting? {
        PlayAccounting(record?.details["counts"])
    }

    /// Events by day.
    var events: [(day: CalendarDate, count: Int)] {
        (record?.details["events"]?.object ?? [:])
            .compactMap { key, value in
                CalendarDate(key).flatMap { day in value.int.map { (day, $0) } }
            }
            .sorted { $0.0 < $1.0 }
    }

    /// The parts with events of a day, as inputs of its partition.
    static func inputs(_ spools: [(LateSpool, ArtefactRecord)], of day: CalendarDate)
        -> [ArtefactRecord.Input]
    {
        spools.flatMap { spool, record in
            record.files.filter { $0.name.hasPrefix("date=\(day).") }.map {
                ArtefactRecord.Input(
                    name: "\(spool.name)/\($0.name)", fingerprint: $0.sha256.hex)
            }
        }
    }

    static let header = "file\tline\tevent\n"

    /// Calls `body` with the original lines of one part.
    ///
    /// - Throws: `FormatError` when the part is damaged.
    static func forEachLine(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
    {
        let hint = "remove the folder plays/late and run spindle plays again"
        let reader = try LineReader(path, maximumLineBytes: PlayEventParser.maximumLineBytes + 8192)
        let damage = try reader.forEach { line in
            if line.number == 1 { return }
            var start = 0
            for _ in 0..<2 {
                guard
                    let tab = line.bytes[start...].firstIndex(of: 9)
                else {
                    throw FormatError(path, "line \(line.number) is no spooled event", hint: hint)
                }
                start = tab + 1
            }
            try body(UnsafeRawBufferPointer(rebasing: line.bytes[start...]))
        }
        if let damage { throw FormatError(path, damage.detail, hint: hint) }
    }
}

/// Gathers late events and writes a `LateSpool`.
final class LateSpoolWriter {
    private let folder: StagedDirectory
    private let spool: LateSpool
    private var buffers: [Int: [UInt8]] = [:]
    private var parts: [Int: Int] = [:]
    private var events: [Int: Int] = [:]
    private var bufferedBytes = 0

    /// Events that were added.
    var count: Int { events.values.reduce(0, +) }

    /// What is held in memory before parts are written.
    private static let maximumBufferedBytes = 64 << 20

    init(_ spool: LateSpool, in warehouse: Warehouse) throws {
        self.spool = spool
        folder = try StagedDirectory(in: warehouse, name: "plays-late")
    }

    func add(day: Int, file: LogFile, line: Int, _ bytes: UnsafeRawBufferPointer) throws {
        // Tabs part the columns and line feeds the lines; a path is told well enough without.
        let place = file.path.withoutControlCharacters + "\t\(line)\t"
        buffers[day, default: []].append(contentsOf: place.utf8)
        buffers[day]!.append(contentsOf: bytes)
        buffers[day]!.append(10)
        events[day, default: 0] += 1
        bufferedBytes += place.utf8.count + bytes.count + 1
        if bufferedBytes >= Self.maximumBufferedBytes { try flush() }
    }

    private func flush() throws {
        for (day, buffer) in buffers.sorted(by: { $0.key < $1.key }) {
            parts[day, default: 0] += 1
            let name = "date=\(CalendarDate(dayNumber: day)).\(padded(parts[day]!, 4)).tsv.zst"
            try folder.write(name) { writer in
                try writer.write(LateSpool.header)
                try writer.write(buffer)
            }
        }
        buffers = [:]
        bufferedBytes = 0
    }

    /// Lists rejects of logs without a day; those of other logs go to their partition.
    func listRejects(_ body: (RejectList) throws -> Void) throws {
        try folder.write(RejectList.fileName) { try body(RejectList(writer: $0)) }
    }

    func commit(_ record: ArtefactRecord, accounting: PlayAccounting? = nil) throws {
        try flush()
        var record = record
        record.details["events"] = .object(
            Dictionary(
                uniqueKeysWithValues: events.map {
                    (CalendarDate(dayNumber: $0.key).description, JSONValue.integer($0.value))
                }))
        if let accounting { record.details["counts"] = accounting.json }
        try record.write(to: folder)
        try folder.commit(to: spool.path)
    }

    func discard() { folder.discard() }
}
