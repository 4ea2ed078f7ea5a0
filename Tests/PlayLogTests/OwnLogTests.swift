import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Plays

/// Own logs read by several workers give what one line after the other gives.
struct OwnLogTests {
    /// What comes of reading, in the order in which it is kept.
    private struct Outcome: Equatable {
        var rejects = ""
        var setAside: [String] = []
        var accounting = PlayAccounting()
        /// `file event`, sorted.
        var events: [String] = []
    }

    private static let nowMs = 1_795_200_000_000

    /// What `body` does with an event, by its id alone.
    private static func outcome(_ event: PlayEvent) -> PlayOutcome {
        switch event.eventID.first! % 7 {
        case 0: .refused(Rejection(reason: .future, detail: "ts is later"))
        case 1: .setAside(day: event.dayNumber)
        default: .taken
        }
    }

    private static func text(_ event: PlayEvent, file: Int) -> String {
        "\(file) \(event.eventID.text) \(event.userID.text) \(event.songID.text) "
            + "\(event.region.text) \(event.address.text) \(event.timeMs) \(event.playedMs) "
            + "\(event.durationMs)"
    }

    private func read(
        _ logs: [LogFile], _ folder: String, workers: Int, range: Range<Int>? = nil
    ) throws -> Outcome {
        let path = folder + "/rejects"
        try FileSystem.remove(path)
        let writer = try FileWriter(path)
        var options = PlayLogOptions()
        options.nowMs = Self.nowMs
        let warehouse = Warehouse(path: folder + "/warehouse")
        try warehouse.prepare()
        let events = Mutex<[String]>([])
        var setAside: [String] = []
        let reader = PlayLogReader(
            warehouse, options, SongResolver(options, in: warehouse), RejectList(writer: writer),
            workers: workers,
            setAside: { day, line, log, number in
                setAside.append("\(day) \(log.path):\(number) \(line.text)")
            }
        ) { worker, event, line, file in
            precondition((0..<workers).contains(worker))
            let text = Self.text(event, file: file)
            events.withLock { $0.append(text) }
            return Self.outcome(event)
        }
        var outcome = Outcome()
        outcome.accounting = try reader.read(logs, range: range)
        _ = try writer.finish()
        outcome.rejects = String(decoding: try contents(path), as: UTF8.self)
        outcome.setAside = setAside
        outcome.events = events.withLock { $0 }.sorted()
        return outcome
    }

    /// The same by `LineReader` and the strict parser, line after line.
    private func reference(_ logs: [LogFile], _ folder: String) throws -> Outcome {
        let path = folder + "/expected"
        try FileSystem.remove(path)
        let writer = try FileWriter(path)
        let rejects = RejectList(writer: writer)
        var outcome = Outcome()
        for (file, log) in logs.enumerated() {
            let isGrowing = log.isChanging(at: Self.nowMs, within: PlayLogReader.settlingMs)
            var last = 0
            func reject(_ rejection: Rejection, _ bytes: UnsafeRawBufferPointer) throws {
                outcome.accounting.reject(rejection.reason)
                try rejects.add(rejection, file: log.path, line: last, original: bytes)
            }
            let damage = try LineReader(
                log.path, maximumLineBytes: PlayEventParser.maximumLineBytes
            ).forEach { line in
                last = line.number
                if line.bytes.allSatisfy({ $0 == 32 || $0 == 9 }) { return }
                outcome.accounting.lines += 1
                if line.isOverlong {
                    return try reject(
                        Rejection(reason: .tooLong, detail: "longer than 65536 bytes"), line.bytes)
                }
                var parser = PlayEventParser()
                if let rejection = parser.parse(line.bytes) {
                    if isGrowing, !line.isTerminated, rejection.reason == .notJSON {
                        return try reject(
                            Rejection(reason: .cutLine, detail: "the log is still being written"),
                            line.bytes)
                    }
                    return try reject(rejection, line.bytes)
                }
                outcome.events.append(Self.text(parser.event, file: file))
                switch Self.outcome(parser.event) {
                case .taken: break
                case .refused(let rejection): try reject(rejection, line.bytes)
                case .setAside:
                    outcome.setAside.append(
                        "\(parser.event.dayNumber) \(log.path):\(line.number) \(line.bytes.text)")
                }
            }
            if let damage {
                try reject(Rejection(reason: .damagedFile, detail: damage.detail), .none)
            }
        }
        _ = try writer.finish()
        outcome.rejects = String(decoding: try contents(path), as: UTF8.self)
        outcome.events.sort()
        return outcome
    }

    private static func line(_ random: inout SeededGenerator) -> [UInt8] {
        let id = UnicodeScalar(UInt8.random(in: 48...122, using: &random))
        let event =
            "\"event_id\":\"\(id == "\\" ? "b" : id)\(random.next())\",\"ts\":\"2026-11-1"
            + "\(Int.random(in: 8...9, using: &random))T20:15:04.120Z\",\"user_id\":\"u\","
            + "\"song_id\":\"\(["s", "é", "\\u00e9", ""].randomElement(using: &random)!)\","
            + "\"region\":\"eu\",\"ms_played\":\(Int.random(in: -1...9_999_999, using: &random)),"
        let line =
            switch Int.random(in: 0..<20, using: &random) {
            case 0: "{" + event + "\"duration_ms\":1.5}"
            case 1: "{" + event
            case 2: "  \t"
            case 3: "{ " + event + " \"duration_ms\" : 7, \"extra\": [1, {}] }"
            case 4: "{" + event + "\"address\":\"::1\",\"duration_ms\":7}"
            case 5: "nonsense \u{0} here"
            case 6: "{" + event + "\"pad\":\"" + String(repeating: "x", count: 70_000) + "\"}"
            default:
                "{" + event + "\"duration_ms\":180000,\"reason_end\":\"x\",\"platform\":\"web\"}"
            }
        var bytes = Array(line.utf8)
        if Int.random(in: 0..<30, using: &random) == 0 { bytes.append(0xff) }
        if Int.random(in: 0..<10, using: &random) == 0 { bytes.append(13) }
        return bytes
    }

    private static func makeLogs(_ folder: String, _ random: inout SeededGenerator) throws
        -> [LogFile]
    {
        try FileSystem.makeDirectories(folder)
        for number in 0..<Int.random(in: 2...9, using: &random) {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...150, using: &random) { bytes += line(&random) + [10] }
            if Bool.random(using: &random) {
                bytes = bytes.dropLast(Int.random(in: 0...90, using: &random))
            }
            let path = "\(folder)/log\(number).ndjson"
            switch Int.random(in: 0..<5, using: &random) {
            case 0: try write(try run("zstd", ["-qc"], input: bytes), to: path)
            case 1:
                let packed = try run("gzip", ["-c"], input: bytes)
                try write(
                    packed.dropLast(Bool.random(using: &random) ? 0 : packed.count / 3), to: path)
            default: try write(bytes, to: path)
            }
            // Some are still being written.
            let age = Bool.random(using: &random) ? 10 : 1_000
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: Double(nowMs / 1000 - age))],
                ofItemAtPath: path)
        }
        return try LogFile.find([folder])
    }

    @Test(arguments: SeededGenerator.seeds(6))
    func `lists and accounts are the same whatever the number of workers`(seed: UInt64) throws {
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: seed)
            let logs = try Self.makeLogs(folder + "/logs", &random)
            let expected = try reference(logs, folder)
            for workers in [1, 2, 5] {
                let outcome = try read(logs, folder, workers: workers)
                #expect(outcome.rejects == expected.rejects, "seed \(seed), \(workers) workers")
                #expect(outcome.setAside == expected.setAside, "seed \(seed), \(workers) workers")
                #expect(outcome.accounting == expected.accounting, "seed \(seed)")
                #expect(outcome.events == expected.events, "seed \(seed), \(workers) workers")
            }
        }
    }

    @Test func `a log in ranges of bytes is the log`() throws {
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: 5)
            var bytes: [UInt8] = []
            for _ in 0..<400 { bytes += Self.line(&random) + [10] }
            try write(bytes, to: folder + "/log.ndjson")
            let logs = try LogFile.find([folder + "/log.ndjson"])
            let whole = try read(logs, folder, workers: 2)
            var events: [String] = []
            var accounting = PlayAccounting()
            var aside = 0
            let cuts = [0, 1, 1_000, 70_000, 70_001, bytes.count / 2, bytes.count]
            for (start, end) in zip(cuts, cuts.dropFirst()) {
                let part = try read(logs, folder, workers: 2, range: start..<end)
                events += part.events
                accounting += part.accounting
                aside += part.setAside.count
            }
            #expect(events.sorted() == whole.events)
            #expect(accounting == whole.accounting)
            #expect(aside == whole.setAside.count)
        }
    }

    @Test func `only an own plain log has ranges`() throws {
        try withTemporaryFolder { folder in
            try write("ts,song_id,user_id,region\n", to: folder + "/log.csv")
            let logs = try LogFile.find([folder + "/log.csv"])
            let error = #expect(throws: FormatError.self) {
                try read(logs, folder, workers: 1, range: 0..<5)
            }
            #expect(error?.detail.contains("ranges") == true)
        }
    }

    @Test func `logs of other formats keep their place among own ones`() throws {
        try withTemporaryFolder { folder in
            let own = """
                {"event_id":"3","ts":"2026-11-19T20:15:04Z","user_id":"u","song_id":"s","region":"r","ms_played":1,"duration_ms":1}
                nonsense

                """
            for name in ["a.ndjson", "b.ndjson", "d.ndjson"] {
                try FileSystem.makeDirectories(folder + "/logs")
                try write(own, to: "\(folder)/logs/\(name)")
            }
            try write("ts,song_id,user_id,region\nnever,s,u,r\n", to: folder + "/logs/c.csv")
            let logs = try LogFile.find([folder + "/logs"])
            let outcome = try read(logs, folder, workers: 3)
            let files = outcome.rejects.split(separator: "\n").map { line in
                line.contains("a.nd")
                    ? "a" : line.contains("b.nd") ? "b" : line.contains("c.csv") ? "c" : "d"
            }
            #expect(files == ["a", "b", "c", "d"])
            #expect(outcome.events.map { $0.first! } == ["0", "1", "3"])
        }
    }

    @Test(arguments: [1, 4])
    func `what the body throws ends the reading`(workers: Int) throws {
        struct Enough: Error {}
        try withTemporaryFolder { folder in
            var random = SeededGenerator(seed: 3)
            let logs = try Self.makeLogs(folder + "/logs", &random)
            let writer = try FileWriter(folder + "/rejects")
            let warehouse = Warehouse(path: folder)
            let options = PlayLogOptions()
            let count = Mutex(0)
            let reader = PlayLogReader(
                warehouse, options, SongResolver(options, in: warehouse),
                RejectList(writer: writer), workers: workers
            ) { _, _, _, _ in
                if count.withLock({
                    $0 += 1
                    return $0 > 20
                }) {
                    throw Enough()
                }
                return .taken
            }
            #expect(throws: Enough.self) { try reader.read(logs) }
        }
    }
}
