internal import Storage

/// In which time zone each region's days lie.
///
/// A region that is not named goes by UTC.
package final class TimeZones: @unchecked Sendable {
    // Nothing changes once it is made.
    /// How far a region's clocks are ahead of UTC, in milliseconds.
    private enum Zone: Sendable {
        case fixed(Int)
        case changing(ZoneInfo)

        @inline(__always)
        func offset(at timeMs: Int) -> Int {
            switch self {
            case .fixed(let offset): offset
            case .changing(let info): info.offset(at: timeMs)
            }
        }

        var isEverAhead: Bool {
            switch self {
            case .fixed(let offset): offset > 0
            case .changing(let info): info.isEverAhead
            }
        }
    }

    private let regions: ByteTable
    /// By the region's number.
    private let zones: [Zone]
    /// What decides which day an event is of, for the records.
    package let parameter: String
    /// Whether an event of some region may be of the day after that of its UTC log.
    let hasRegionsAhead: Bool

    /// - Parameter database: The folder of the time zone database.
    package static func read(_ path: String, database: String = "/usr/share/zoneinfo") throws
        -> TimeZones
    {
        guard let object = try JSONValue.read(path).object else {
            throw FormatError(
                path, "is no object of regions and their time zones",
                hint: "write it as {\"eu-west\": \"Europe/Dublin\", \"ap\": \"+09:00\"}")
        }
        var regions = ByteTable()
        var zones: [Zone] = []
        for (region, value) in object {
            guard let name = value.string, let zone = try zone(name, database) else {
                throw FormatError(
                    path,
                    "region '\(region.withoutControlCharacters)' has no time zone that is known",
                    hint: "write it as \"+01:00\" or as a name such as \"Europe/Oslo\"")
            }
            _ = Array(region.utf8).withUnsafeBytes { regions.number(of: $0) }
            zones.append(zone)
        }
        let parameter = object.sorted { $0.key.precedesInBytes($1.key) }
            .map { "\($0.key)=\($0.value.string ?? "")" }.joined(separator: ",")
        return TimeZones(regions, zones, parameter)
    }

    private init(_ regions: consuming ByteTable, _ zones: [Zone], _ parameter: String) {
        self.regions = regions
        self.zones = zones
        self.parameter = parameter
        hasRegionsAhead = zones.contains { $0.isEverAhead }
    }

    /// `+01:00`, `-03:30` or a name of the database; nil for anything else.
    private static func zone(_ name: String, _ database: String) throws -> Zone? {
        let bytes = Array(name.utf8)
        if bytes.count == 6, bytes[0] == 43 || bytes[0] == 45, bytes[3] == 58 {
            guard let hours = Int(String(decoding: bytes[1...2], as: UTF8.self)),
                let minutes = Int(String(decoding: bytes[4...5], as: UTF8.self)),
                (0...14).contains(hours), (0...59).contains(minutes)
            else { return nil }
            let offset = (hours * 60 + minutes) * 60_000
            return .fixed(bytes[0] == 43 ? offset : -offset)
        }
        let isName = bytes.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                || [43, 45, 47, 95].contains($0)
        }
        let path = "\(database)/\(name)"
        guard isName, !bytes.isEmpty, bytes[0] != 47, FileSystem.exists(path) else { return nil }
        return .changing(try ZoneInfo(path))
    }

    /// Milliseconds since 1970 by the clocks of the event's region.
    @inline(__always)
    func localMs(_ event: PlayEvent) -> Int {
        guard let region = regions.existing(event.region) else { return event.timeMs }
        return event.timeMs + zones[region].offset(at: event.timeMs)
    }
}

/// A time zone of the database (RFC 8536, version 2).
struct ZoneInfo: Sendable {
    /// When each offset begins, in seconds since 1970, ascending.
    private let starts: [Int]
    private let offsets: [Int]
    private let first: Int
    /// What holds behind the last start; nil for the last offset.
    private let rule: ZoneRule?

    var isEverAhead: Bool {
        first > 0 || offsets.contains { $0 > 0 } || rule?.isEverAhead ?? false
    }

    init(_ path: String) throws {
        let bytes = try FileSystem.readAll(path)
        func damaged() -> FormatError {
            FormatError(path, "is no time zone (RFC 8536)", hint: "install the package tzdata")
        }
        func number(_ offset: Int, _ count: Int) throws -> Int {
            guard offset >= 0, offset + count <= bytes.count else { throw damaged() }
            var value = count == 8 || bytes[offset] < 128 ? 0 : -1
            for byte in bytes[offset..<offset + count] { value = value << 8 | Int(byte) }
            return value
        }
        func counts(_ start: Int) throws -> [Int] {
            guard start + 44 <= bytes.count, bytes[start..<start + 4].elementsEqual("TZif".utf8)
            else { throw damaged() }
            return try (0..<6).map { try number(start + 20 + $0 * 4, 4) }
        }
        let old = try counts(0)
        guard bytes[4] >= 50 else { throw damaged() }
        // Behind the first block with 32 bits comes another one with 64.
        let start = 44 + old[3] * 5 + old[4] * 6 + old[5] + old[2] * 8 + old[1] + old[0]
        let sizes = try counts(start)
        let (times, types) = (sizes[3], sizes[4])
        let body = start + 44
        guard types > 0 else { throw damaged() }
        let typeStart = body + times * 9
        func offset(_ type: Int) throws -> Int {
            guard type < types else { throw damaged() }
            return try number(typeStart + type * 6, 4) * 1000
        }
        starts = try (0..<times).map { try number(body + $0 * 8, 8) }
        offsets = try (0..<times).map { try offset(number(body + times * 8 + $0, 1)) }
        first = try offset(0)
        // Behind the block, between two line feeds, stands the rule that holds from then on.
        let footer = typeStart + types * 6 + sizes[5] + sizes[2] * 12 + sizes[1] + sizes[0]
        guard footer < bytes.count, bytes[footer] == 10,
            let end = bytes[(footer + 1)...].firstIndex(of: 10)
        else { throw damaged() }
        let text = bytes[(footer + 1)..<end]
        rule = text.isEmpty ? nil : ZoneRule(text)
        if !text.isEmpty, rule == nil { throw damaged() }
    }

    /// How far clocks are ahead of UTC, in milliseconds.
    func offset(at timeMs: Int) -> Int {
        let seconds = timeMs >= 0 ? timeMs / 1000 : (timeMs - 999) / 1000
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        if low == starts.count, let rule { return rule.offset(at: seconds) }
        return low == 0 ? first : offsets[low - 1]
    }
}
