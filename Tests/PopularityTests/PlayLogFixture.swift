import Glibc
import Storage
import Testing

@testable import Plays

/// A play event as tests make it.
struct TestEvent {
    var id = "e1"
    var ts = "2026-11-19T12:00:00.000Z"
    var user = "u1"
    var song = "s1"
    var region = "eu-west"
    var playedMs = 60_000
    var durationMs = 180_000
    var address: String?

    var line: String {
        """
        {"event_id":"\(id)","ts":"\(ts)","user_id":"\(user)","song_id":"\(song)",\
        "region":"\(region)","ms_played":\(playedMs),"duration_ms":\(durationMs),\
        "reason_end":"trackdone","platform":"web"\(address.map { ",\"address\":\"\($0)\"" } ?? "")}
        """
    }
}

/// A folder with a warehouse and logs, removed at the end.
final class PlayLogFixture {
    let path: String
    let warehouse: Warehouse

    /// Goes on with an empty warehouse beside the same logs.
    func replaceWarehouse() throws {
        try FileSystem.removeTree(warehouse.path)
        try warehouse.prepare()
    }

    init() throws {
        path =
            FileSystem.absolute("/tmp") + "/"
            + FileSystem.name(
                of: Warehouse(path: "/tmp").temporaryPath(
                    "spindle-popularity-\(UInt64.random(in: 0...UInt64.max))"))
        try FileSystem.makeDirectories(path)
        warehouse = Warehouse(path: path + "/warehouse")
        try warehouse.prepare()
    }

    deinit { try? FileSystem.removeTree(path) }

    var logs: String { path + "/logs" }

    /// Writes a log, packed as its name says.
    func write(_ name: String, _ text: String) throws {
        let target = logs + "/" + name
        try FileSystem.makeDirectories(FileSystem.parent(of: target))
        try FileSystem.remove(target)
        let writer = try FileWriter(target)
        try writer.write(text)
        _ = try writer.finish()
    }

    func write(_ name: String, _ events: [TestEvent]) throws {
        try write(name, events.map { $0.line + "\n" }.joined())
    }

    func write(_ name: String, bytes: [UInt8]) throws {
        try write(name, "")
        try FileSystem.remove(logs + "/" + name)
        let writer = try FileDescriptor(logs + "/" + name, .createNew)
        try bytes.withUnsafeBytes { try writer.write($0) }
    }

    @discardableResult
    func count(_ date: String, _ change: (inout PlayOptions) -> Void = { _ in }) throws
        -> PlaySummary
    {
        var options = PlayOptions()
        options.rejectLimit = .percent(100)
        change(&options)
        return try PlayCounter(warehouse: warehouse, logs: [logs], options: options)
            .run(date: CalendarDate(date)!)
    }

    func partition(_ date: String) -> String {
        warehouse.artefact("plays", CalendarDate(date)!)
    }

    static let basicColumns =
        "song_id region plays streams chart_streams listeners played_ms skips song_listeners"

    /// A partition's counts without the header, and of it these columns.
    func counts(_ date: String, _ columns: String = PlayLogFixture.basicColumns) throws -> [String]
    {
        var rows = try lines("\(partition(date))/counts.tsv.zst").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        let header = rows.removeFirst()
        let places = columns.split(separator: " ").map { header.firstIndex(of: $0)! }
        return rows.map { row in places.map { row[$0] }.joined(separator: "\t") }
    }

    func rejects(_ date: String) throws -> [JSONValue] {
        try lines("\(partition(date))/rejects.ndjson").map {
            try JSONValue.parse(Array($0.utf8), path: "rejects")
        }
    }

    func popularity(_ date: String, _ name: String) throws -> [String] {
        try lines("\(warehouse.artefact("popularity", CalendarDate(date)!))/\(name)")
    }

    func lines(_ path: String) throws -> [String] {
        var lines: [String] = []
        let damage = try LineReader(path).forEach {
            lines.append(String(decoding: $0.bytes, as: UTF8.self))
        }
        #expect(damage == nil)
        return lines
    }

    /// Every file under a folder of the warehouse with its bytes.
    func contents(_ folder: String) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        func walk(_ path: String) throws {
            for name in try FileSystem.list(path) {
                let child = path + "/" + name
                if try FileStatus.of(child)?.kind == .directory {
                    try walk(child)
                } else {
                    files[String(child.dropFirst(warehouse.path.utf8.count))] =
                        try FileSystem.readAll(child)
                }
            }
        }
        try walk(warehouse.path + "/" + folder)
        return files
    }
}

/// A generator with a seed (SplitMix64), so that a failure can be made again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// The seed of a random test: `SPINDLE_TEST_SEED`, or another one each time.
func testSeed() -> UInt64 {
    let given = environment("SPINDLE_TEST_SEED").flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: 0...UInt64.max)
    print("SPINDLE_TEST_SEED=\(seed)")
    return seed
}

private func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
