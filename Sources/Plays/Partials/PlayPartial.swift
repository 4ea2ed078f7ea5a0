internal import Storage

/// What some of a day's logs hold, read and not yet counted: a folder that others are merged with.
struct PlayPartial {
    static let recordName = "partial.json"
    static let rejectsName = "rejects.ndjson"
    static let lateName = "late.tsv"

    /// What one call has read.
    struct Part: Equatable {
        var logs: [ArtefactRecord.Input]
        /// Of the bytes of the only log; nil for all logs whole.
        var range: Range<Int>?
        /// In the range, that line numbers go on behind it.
        var lineFeeds = 0
        /// Of each log in `rejects.ndjson`, and at last of the sessions of all.
        var rejectBytes: [Int] = []
        /// Likewise in `late.tsv`.
        var lateBytes: [Int] = []
        /// Whether requests of access logs were folded into plays.
        var hasSessions = false
        var accounting = PlayAccounting()

        static func precedes(_ a: Part, _ b: Part) -> Bool {
            let (x, y) = (a.logs.first?.name ?? "", b.logs.first?.name ?? "")
            if !x.hasSameBytes(as: y) { return x.precedesInBytes(y) }
            return (a.range?.lowerBound ?? 0) < (b.range?.lowerBound ?? 0)
        }
    }

    let date: CalendarDate
    let tool: String
    let parameters: [String: String]
    /// In byte order; events have their places.
    var regions: [String]
    var events: Int
    var parts: [Part]

    // MARK: Its record

    var json: JSONValue {
        .object([
            "format": .string("spindle-plays-partial"), "version": .integer(2),
            "date": .string("\(date)"), "tool": .string(tool),
            "parameters": .object(parameters.mapValues { .string($0) }),
            "regions": .array(regions.map { .string($0) }), "events": .integer(events),
            "parts": .array(parts.map(Self.json)),
        ])
    }

    private static func json(_ part: Part) -> JSONValue {
        var object: [String: JSONValue] = [
            "logs": .array(
                part.logs.map {
                    .object(["name": .string($0.name), "fingerprint": .string($0.fingerprint)])
                }),
            "line_feeds": .integer(part.lineFeeds),
            "reject_bytes": .array(part.rejectBytes.map { .integer($0) }),
            "late_bytes": .array(part.lateBytes.map { .integer($0) }),
            "counts": part.accounting.json,
        ]
        if part.hasSessions { object["sessions"] = .bool(true) }
        if let range = part.range {
            object["range"] = .array([
                .integer(range.lowerBound), .integer(range.upperBound),
            ])
        }
        return .object(object)
    }

    /// - Throws: `FormatError` for a folder that holds no whole partial.
    static func read(_ folder: String) throws -> PlayPartial {
        let path = folder + "/" + recordName
        let json = try JSONValue.read(path)
        func damaged() -> FormatError {
            FormatError(path, "is no partial of plays", hint: "make it again: spindle plays map")
        }
        guard json["format"]?.string == "spindle-plays-partial", json["version"]?.int == 2,
            let date = json["date"]?.string.flatMap({ CalendarDate($0) }),
            let tool = json["tool"]?.string, let events = json["events"]?.int,
            let parameters = json["parameters"]?.object, let regions = json["regions"]?.array,
            let parts = json["parts"]?.array
        else { throw damaged() }
        return PlayPartial(
            date: date, tool: tool, parameters: parameters.mapValues { $0.string ?? "" },
            regions: regions.compactMap(\.string), events: events,
            parts: try parts.map { part in
                guard let logs = part["logs"]?.array, let lineFeeds = part["line_feeds"]?.int,
                    let rejects = part["reject_bytes"]?.array?.compactMap(\.int),
                    let late = part["late_bytes"]?.array?.compactMap(\.int),
                    rejects.count == logs.count + 1, late.count == logs.count + 1,
                    rejects.allSatisfy({ $0 >= 0 }), late.allSatisfy({ $0 >= 0 }),
                    let accounting = PlayAccounting(part["counts"])
                else { throw damaged() }
                var range: Range<Int>?
                if let ends = part["range"]?.array, ends.count == 2, let first = ends[0].int,
                    let end = ends[1].int, 0 <= first, first <= end
                {
                    range = first..<end
                }
                return Part(
                    logs: try logs.map {
                        guard let name = $0["name"]?.string,
                            let fingerprint = $0["fingerprint"]?.string
                        else { throw damaged() }
                        return .init(name: name, fingerprint: fingerprint)
                    }, range: range, lineFeeds: lineFeeds, rejectBytes: rejects, lateBytes: late,
                    hasSessions: part["sessions"] == .bool(true), accounting: accounting)
            })
    }

    // MARK: Together

    /// What several partials come to, without their files.
    ///
    /// - Throws: `FormatError` for partials of different days, rules or versions, and for a log, or a
    ///   part of one, that is in two of them.
    static func union(_ partials: [PlayPartial], folders: [String]) throws -> PlayPartial {
        var union = partials[0]
        for (partial, folder) in zip(partials, folders).dropFirst() {
            guard partial.date == union.date, partial.tool == union.tool,
                partial.parameters == union.parameters
            else {
                throw FormatError(
                    folder, "is of another day, version or rules than \(folders[0])",
                    hint: "make all partials of a day with the same program and options")
            }
            union.events += partial.events
            union.parts += partial.parts
        }
        let names = Set(partials.flatMap { $0.regions.map { ByteKey($0) } })
        union.regions = names.map(\.text).sorted { $0.precedesInBytes($1) }
        union.parts.sort(by: Part.precedes)
        let withSessions = union.parts.filter(\.hasSessions)
        guard withSessions.count < 2 else {
            throw FormatError(
                withSessions[1].logs[0].name,
                "and \(withSessions[0].logs[0].name) are access logs in different partials",
                hint: "map the access logs of a day together: a session may lie in several")
        }
        var last: [ByteKey: Int] = [:]
        var fingerprints: [ByteKey: String] = [:]
        for part in union.parts {
            for log in part.logs {
                let known = fingerprints.updateValue(log.fingerprint, forKey: ByteKey(log.name))
                if let known, known != log.fingerprint {
                    throw FormatError(
                        log.name, "has changed between the maps of its ranges",
                        hint: "map all its ranges again, once it no longer grows")
                }
                let start = part.range?.lowerBound ?? 0
                if let end = last[ByteKey(log.name)], start < end {
                    throw FormatError(
                        folders[0], "and the others hold \(log.name) twice, at least in part",
                        hint: "name each log, and each range of one, in one partial")
                }
                last[ByteKey(log.name)] = part.range?.upperBound ?? .max
            }
        }
        return union
    }

    /// - Throws: `FormatError` where a log was read in ranges and one of them is missing.
    func checkIsWhole() throws {
        var ends: [ByteKey: (end: Int, log: ArtefactRecord.Input)] = [:]
        func missing(_ name: String, _ from: Int) -> FormatError {
            FormatError(
                name, "is not whole: what begins at byte \(from) is in no partial",
                hint: "map the missing range, and merge it as well")
        }
        for part in parts {
            guard let range = part.range, let log = part.logs.first else { continue }
            let end = ends[ByteKey(log.name)]?.end ?? 0
            guard range.lowerBound == end else { throw missing(log.name, end) }
            ends[ByteKey(log.name)] = (range.upperBound, log)
        }
        for (end, log) in ends.values {
            let size = log.fingerprint.split(separator: ":").first.flatMap { Int($0) } ?? 0
            if end < size { throw missing(log.name, end) }
        }
    }

    /// The spools of late events that it holds, in their order.
    var spools: [ArtefactRecord.Input] {
        parts.flatMap(\.logs).filter { $0.name.hasPrefix("late/") }
    }

    /// The logs of all parts, each once, in byte order.
    var logs: [ArtefactRecord.Input] {
        var logs: [ArtefactRecord.Input] = []
        for log in parts.flatMap(\.logs).filter({ !$0.name.hasPrefix("late/") }).sorted(by: {
            $0.name.precedesInBytes($1.name)
        })
        where logs.last.map({ !$0.name.hasSameBytes(as: log.name) }) ?? true { logs.append(log) }
        return logs
    }

    /// What the regions of a partial are called here, by their numbers there.
    func renumbering(of partial: PlayPartial) -> [UInt16] {
        let places = Dictionary(
            uniqueKeysWithValues: regions.enumerated().map { (ByteKey($1), UInt16($0)) })
        return partial.regions.map { places[ByteKey($0)]! }
    }
}
