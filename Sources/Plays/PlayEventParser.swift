internal import Glibc
internal import Storage

/// Reads one line of a play log into the fields that counting needs.
///
/// Takes NDJSON as `spindled` writes it: the ten keys in any order, further keys ignored, the last
/// of repeated keys valid. Strict, so that a line that another reader would refuse is not counted
/// here. Nothing is allocated per line; the results lie in the line or in the parser and are valid
/// until the next call.
struct PlayEventParser: PlayLineParser, ~Copyable {
    static let maximumIDBytes = 64
    /// A week: longer than any recording, short enough to notice a wrong unit.
    static let maximumMs = 7 * 86_400_000
    static let maximumLineBytes = 64 << 10

    private(set) var event = PlayEvent()

    private enum Field: Int, CaseIterable {
        case eventID, ts, userID, songID, region, playedMs, durationMs, reasonEnd, platform
        case address

        var name: String {
            switch self {
            case .eventID: "event_id"
            case .ts: "ts"
            case .userID: "user_id"
            case .songID: "song_id"
            case .region: "region"
            case .playedMs: "ms_played"
            case .durationMs: "duration_ms"
            case .reasonEnd: "reason_end"
            case .platform: "platform"
            case .address: "address"
            }
        }
    }

    private let values: UnsafeMutablePointer<JSONCursor.Value>
    /// One id of room for each field whose escapes had to be resolved.
    private let room: UnsafeMutableRawBufferPointer
    private var lastDate = (UInt64(0), UInt16(0))
    private var lastDayNumber = 0

    // Keys are told apart by their first eight bytes, the closing quote included.
    private let eventIDKey = word("event_id"), platformKey = word("platform")
    private let userIDKey = word("user_id\""), songIDKey = word("song_id\"")
    private let regionKey = word("region\"\0")
    private let playedKey = word("ms_playe"), durationKey = word("duration")
    private let reasonKey = word("reason_e"), addressKey = word("address\"")

    init() {
        values = .allocate(capacity: Field.allCases.count)
        values.initialize(repeating: JSONCursor.Value(), count: Field.allCases.count)
        room = .allocate(byteCount: Field.allCases.count * Self.maximumIDBytes, alignment: 8)
    }

    deinit {
        values.deallocate()
        room.deallocate()
    }

    /// - Returns: nil when the fields are set.
    mutating func parse(_ line: UnsafeRawBufferPointer) -> Rejection? {
        for index in 0..<10 { values[index].kind = .absent }
        guard scan(line) else {
            return isUTF8(line)
                ? Rejection(reason: .notJSON, detail: "not a JSON object")
                : Rejection(reason: .notUTF8, detail: "not UTF-8")
        }
        // The shape of all fields first, so that a line has one reason whatever the order of its keys.
        for index in 0..<7 where values[index].kind.rawValue <= JSONCursor.Value.Kind.null.rawValue
        {
            return reject(.missingField, index, "is missing")
        }
        guard values[0].kind == .string, values[1].kind == .string, values[2].kind == .string,
            values[3].kind == .string, values[4].kind == .string, values[5].kind == .integer,
            values[6].kind == .integer, isStringOrNothing(7), isStringOrNothing(8),
            isStringOrNothing(9)
        else { return wrongType() }
        guard let eventID = id(0) else { return badID(0) }
        guard let userID = id(2) else { return badID(2) }
        guard let songID = id(3) else { return badID(3) }
        guard let region = id(4), !(region.count == 1 && region[0] == 42) else { return badID(4) }
        guard setTime() else {
            return Rejection(reason: .badTimestamp, detail: "ts is not a moment of RFC 3339")
        }
        let playedMs = values[5].integer
        let durationMs = values[6].integer
        guard playedMs >= 0, playedMs <= Self.maximumMs else {
            return reject(.outOfRange, 5, "is not between 0 and a week")
        }
        guard durationMs >= 0, durationMs <= Self.maximumMs else {
            return reject(.outOfRange, 6, "is not between 0 and a week")
        }
        if values[9].kind != .string || values[9].count == 0 {
            event.address = UnsafeRawBufferPointer(start: nil, count: 0)
        } else {
            guard let address = id(9) else { return badID(9) }
            event.address = address
        }
        event.eventID = eventID
        event.userID = userID
        event.songID = songID
        event.region = region
        event.playedMs = playedMs
        event.durationMs = durationMs
        return nil
    }

    // MARK: The line

    private mutating func scan(_ line: UnsafeRawBufferPointer) -> Bool {
        var cursor = JSONCursor(line)
        var key = JSONCursor.Value()
        var ignored = JSONCursor.Value()
        cursor.skipSpace()
        guard cursor.take(123) else { return false }
        cursor.skipSpace()
        if !cursor.take(125) {
            repeat {
                cursor.skipSpace()
                guard cursor.take(34), cursor.string(into: &key) else { return false }
                cursor.skipSpace()
                guard cursor.take(58) else { return false }
                cursor.skipSpace()
                let field =
                    key.isEscaped
                    ? escapedField(key)
                    : field(key.start!, key.count, cursor.readable(from: key.start!))
                guard
                    field >= 0
                        ? cursor.read(into: &values[field]) : cursor.read(into: &ignored)
                else { return false }
                cursor.skipSpace()
            } while cursor.take(44)
            guard cursor.take(125) else { return false }
        }
        cursor.skipSpace()
        return cursor.isAtEnd
    }

    /// - Returns: The index of the field; -1 for a key that is not ours.
    @inline(__always)
    private func field(_ key: UnsafePointer<UInt8>, _ count: Int, _ readable: Int) -> Int {
        if count == 2 { return key[0] == 116 && key[1] == 115 ? Field.ts.rawValue : -1 }
        guard count >= 6, count <= 11, readable >= 8 else { return -1 }
        let head = UInt64(littleEndian: UnsafeRawPointer(key).loadUnaligned(as: UInt64.self))
        switch count {
        case 6: return head << 8 == regionKey << 8 ? Field.region.rawValue : -1
        case 7:
            return head == songIDKey
                ? Field.songID.rawValue
                : head == userIDKey
                    ? Field.userID.rawValue : head == addressKey ? Field.address.rawValue : -1
        case 8:
            return head == eventIDKey
                ? Field.eventID.rawValue : head == platformKey ? Field.platform.rawValue : -1
        case 9: return head == playedKey && key[8] == 100 ? Field.playedMs.rawValue : -1
        case 10:
            return head == reasonKey && key[8] == 110 && key[9] == 100
                ? Field.reasonEnd.rawValue : -1
        case 11:
            return head == durationKey && key[8] == 95 && key[9] == 109 && key[10] == 115
                ? Field.durationMs.rawValue : -1
        default: return -1
        }
    }

    private func escapedField(_ key: JSONCursor.Value) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer in
            guard
                let count = JSONCursor.unescape(
                    key.start!, count: key.count,
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<11]))
            else { return -1 }
            buffer[count] = 34
            return field(
                UnsafePointer(buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)), count, 16)
        }
    }

    // MARK: The fields

    @inline(__always)
    private func isStringOrNothing(_ index: Int) -> Bool {
        let kind = values[index].kind
        return kind == .string || kind == .absent || kind == .null
    }

    /// An id's bytes; nil when it is not one.
    @inline(__always)
    private func id(_ index: Int) -> UnsafeRawBufferPointer? {
        let value = values[index]
        var bytes = UnsafeRawBufferPointer(start: value.start, count: value.count)
        if value.isEscaped {
            let slot = UnsafeMutableRawBufferPointer(
                rebasing: room[index * Self.maximumIDBytes..<(index + 1) * Self.maximumIDBytes])
            guard let count = JSONCursor.unescape(value.start!, count: value.count, into: slot)
            else { return nil }
            bytes = UnsafeRawBufferPointer(rebasing: slot[..<count])
            // Results are tab-separated lines; outside escapes JSON itself forbids these.
            for byte in bytes where byte < 32 { return nil }
        }
        guard bytes.count > 0, bytes.count <= Self.maximumIDBytes,
            memchr(bytes.baseAddress!, 127, bytes.count) == nil
        else { return nil }
        return bytes
    }

    /// Sets the event's time.
    ///
    /// - Returns: false when `ts` is no moment.
    @inline(__always)
    private mutating func setTime() -> Bool {
        let value = values[Field.ts.rawValue]
        let text = value.start!
        guard !value.isEscaped, value.count >= 20 else { return setTimeSlowly() }
        let head = UnsafeRawPointer(text).loadUnaligned(as: UInt64.self)
        let tail = UnsafeRawPointer(text + 8).loadUnaligned(as: UInt16.self)
        let time = text[10] == 84 ? timeInUTC(text, value.count) : -1
        // Nearly every line has the date of the line before.
        guard head == lastDate.0, tail == lastDate.1, time >= 0 else {
            guard setTimeSlowly() else { return false }
            if time >= 0 {
                lastDate = (head, tail)
                lastDayNumber = event.dayNumber
            }
            return true
        }
        event.dayNumber = lastDayNumber
        event.timeMs = lastDayNumber * 86_400_000 + time
        return true
    }

    /// The milliseconds of `HH:MM:SS[.fraction]Z` from the eleventh byte on (leap seconds aside);
    /// -1 where that does not stand there.
    @inline(__always)
    private func timeInUTC(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int {
        func pair(_ index: Int, below limit: Int) -> Int {
            let tens = text[index] &- 48
            let ones = text[index + 1] &- 48
            let value = Int(tens) &* 10 &+ Int(ones)
            return tens < 10 && ones < 10 && value < limit ? value : -1
        }
        let (hour, minute, second) = (pair(11, below: 24), pair(14, below: 60), pair(17, below: 60))
        guard hour | minute | second >= 0, text[13] == 58, text[16] == 58, text[count - 1] == 90
        else { return -1 }
        let time = (hour &* 3_600 &+ minute &* 60 &+ second) &* 1_000
        if count == 20 { return time }
        guard text[19] == 46, count > 21 else { return -1 }
        if count == 24 {
            let (a, b, c) = (text[20] &- 48, text[21] &- 48, text[22] &- 48)
            guard a < 10, b < 10, c < 10 else { return -1 }
            return time &+ Int(a) &* 100 &+ Int(b) &* 10 &+ Int(c)
        }
        var fraction = 0
        var scale = 100
        for index in 20..<count - 1 {
            let digit = text[index] &- 48
            if digit > 9 { return -1 }
            fraction += Int(digit) * scale
            scale /= 10
        }
        return time + fraction
    }

    private mutating func setTimeSlowly() -> Bool {
        let value = values[Field.ts.rawValue]
        var text = UnsafeRawBufferPointer(start: value.start, count: value.count)
        if value.isEscaped {
            let slot = UnsafeMutableRawBufferPointer(
                rebasing: room[Self.maximumIDBytes..<2 * Self.maximumIDBytes])
            guard let count = JSONCursor.unescape(value.start!, count: value.count, into: slot)
            else { return false }
            text = UnsafeRawBufferPointer(rebasing: slot[..<count])
        }
        guard let time = Timestamp(rfc3339: text) else { return false }
        event.timeMs = time.milliseconds
        event.dayNumber = time.date.dayNumber
        return true
    }

    // MARK: Rejections

    private func reject(_ reason: RejectReason, _ index: Int, _ detail: String) -> Rejection {
        Rejection(reason: reason, detail: "\(Field(rawValue: index)!.name) \(detail)")
    }

    private func wrongType() -> Rejection {
        for field in Field.allCases {
            let kind = values[field.rawValue].kind
            switch field {
            case .playedMs, .durationMs:
                if kind != .integer {
                    return reject(.wrongType, field.rawValue, "is not an integer")
                }
            case .reasonEnd, .platform, .address:
                if !isStringOrNothing(field.rawValue) {
                    return reject(.wrongType, field.rawValue, "is not a string")
                }
            default:
                if kind != .string { return reject(.wrongType, field.rawValue, "is not a string") }
            }
        }
        preconditionFailure("all fields have their type")
    }

    private func badID(_ index: Int) -> Rejection {
        reject(.badID, index, "is not 1 to 64 bytes of text without control characters")
    }
}

/// Eight characters as a word, the first lowest.
private func word(_ text: StaticString) -> UInt64 {
    precondition(text.utf8CodeUnitCount == 8)
    return UInt64(
        littleEndian: UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self))
}
