internal import CLineScan
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

    private typealias Field = PlayEventField

    private let values: UnsafeMutablePointer<JSONCursor.Value>
    /// One id of room for each field whose escapes had to be resolved.
    private let room: UnsafeMutableRawBufferPointer
    /// The fields of a line without escapes and all in ASCII; they lie in it.
    private let plain: UnsafeMutablePointer<spindle_value>
    private let marks: UnsafeMutablePointer<spindle_line_marks>
    private var templates = LineTemplates()
    private var lastDate = (UInt64(0), UInt16(0))
    private var lastDayNumber = 0

    private let keys = PlayEventKeys()

    init() {
        values = .allocate(capacity: Field.ignored + 1)
        values.initialize(repeating: JSONCursor.Value(), count: Field.ignored + 1)
        plain = .allocate(capacity: Field.ignored + 1)
        plain.initialize(repeating: spindle_value(), count: Field.ignored + 1)
        marks = .allocate(capacity: 1)
        marks.initialize(to: spindle_line_marks())
        room = .allocate(byteCount: Field.allCases.count * Self.maximumIDBytes, alignment: 8)
    }

    deinit {
        values.deallocate()
        plain.deallocate()
        marks.deallocate()
        room.deallocate()
    }

    /// - Returns: nil when the fields are set.
    mutating func parse(_ line: UnsafeRawBufferPointer) -> Rejection? {
        parseStrictly(line, paddingBytes: 0)
    }

    /// Reads the line that stands first among several, if it has no escapes, is all in ASCII and an
    /// event, as nearly all are; much faster than `parse`, to the same effect.
    ///
    /// - Parameter lines: 64 bytes behind them may be read, whatever they are.
    /// - Returns: The count of the line's bytes, without its line feed and carriage return; 0 when
    ///   the line must be parsed by itself.
    @inline(__always)
    mutating func parseAhead(_ lines: UnsafeRawBufferPointer) -> Int {
        let start = lines.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let end = start + lines.count
        var found: UInt32 = 0
        let count = templates.match(start, end, plain, &found)
        guard count > 0, Self.isEnd(start + count, end), count <= Self.maximumLineBytes,
            setPlain(found)
        else { return parsePlain(start, end) }
        return count
    }

    /// Parses a line by itself; lines like it are then read ahead.
    ///
    /// - Parameter line: 64 bytes behind it may be read.
    /// - Returns: nil when the fields are set.
    mutating func parsePadded(_ line: UnsafeRawBufferPointer) -> Rejection? {
        if let rejection = parseStrictly(line, paddingBytes: 64) { return rejection }
        templates.learn(line, ignored: Field.ignored, keys)
        return nil
    }

    /// Whether a line feed, also behind a carriage return, stands here.
    @inline(__always)
    private static func isEnd(_ place: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        place < end && place[0] == 10 || place + 1 < end && place[0] == 13 && place[1] == 10
    }

    // MARK: Plain lines

    /// Reads a line with keys in any order, no blanks but one behind each comma and colon, and no
    /// values but texts, whole numbers and null.
    ///
    /// Quotes are found sixteen bytes at a time before anything is looked at: what stands between
    /// them does not wait for what is before it.
    ///
    /// - Returns: As `parseAhead`.
    @inline(never)
    private mutating func parsePlain(
        _ line: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> Int {
        guard spindle_mark_line(line, end, marks) else { return 0 }
        let count = Int(marks.pointee.length)
        guard count > 2, count <= Self.maximumLineBytes, Self.isEnd(line + count, end),
            line[0] == 123, line[count - 1] == 125
        else { return 0 }
        let quotes = UnsafeRawPointer(marks).advanced(by: Self.quotesOffset)
            .assumingMemoryBound(to: UInt32.self)
        let quoteEnd = quotes + Int(marks.pointee.quote_count)
        var quote = quotes
        var place = 0
        var texts: UInt32 = 0
        var numbers: UInt32 = 0
        repeat {
            // Behind the brace or a comma; no place is read behind the line, as no text goes there.
            place += 1
            if line[place] == 32 { place += 1 }
            guard quoteEnd - quote >= 2, Int(quote[0]) == place else { return 0 }
            let keyEnd = Int(quote[1])
            let index = keys.field(line + place + 1, keyEnd - place - 1, readable: 16)
            quote += 2
            guard line[keyEnd + 1] == 58 else { return 0 }
            place = keyEnd + 2
            if line[place] == 32 { place += 1 }
            let bit: UInt32 = 1 << UInt32(index)
            // Of repeated keys the last is valid; that is seldom.
            if index != Field.ignored, (texts | numbers) & bit != 0 { return 0 }
            if quoteEnd - quote >= 2, Int(quote[0]) == place {
                let textEnd = Int(quote[1])
                quote += 2
                plain[index].start = line + place + 1
                plain[index].number = Int64(textEnd - place - 1)
                texts |= bit
                place = textEnd + 1
            } else if line[place] == 110 {
                // As if it were not there; but then it must not come again.
                guard index == Field.ignored, place + 4 < count,
                    UnsafeRawPointer(line + place).loadUnaligned(as: UInt32.self) == Self.null
                else { return 0 }
                place += 4
            } else {
                var digits: UnsafePointer<UInt8>? = line + place
                let number = spindle_number(&digits)
                guard number >= 0 else { return 0 }
                plain[index].number = number
                numbers |= bit
                place = digits! - line
            }
        } while line[place] == 44
        let required: UInt32 = 0b1_1111
        guard place == count - 1, quote == quoteEnd, texts & 0b111_1111 == required,
            numbers & 0b11_1111_1111 == 0b110_0000, setPlain(texts)
        else { return 0 }
        templates.learn(
            UnsafeRawBufferPointer(start: line, count: count), ignored: Field.ignored, keys)
        return count
    }

    private static let quotesOffset = MemoryLayout<spindle_line_marks>.offset(of: \.quotes)!

    private static let null = UInt32(littleEndian: 0x6c6c_756e)

    /// Sets the event from `plain`, where all required fields are of their type.
    ///
    /// - Parameter found: Bit by bit which fields there are.
    /// - Returns: false where one of them is not as it must be.
    @inline(__always)
    private mutating func setPlain(_ found: UInt32) -> Bool {
        guard isIDCount(plain[0].number), isIDCount(plain[2].number),
            isIDCount(plain[3].number), isIDCount(plain[4].number),
            plain[4].number > 1 || plain[4].start.pointee != 42,
            plain[5].number <= Int64(Self.maximumMs), plain[6].number <= Int64(Self.maximumMs),
            setPlainTime(plain[1].start, Int(plain[1].number))
        else { return false }
        event.address = UnsafeRawBufferPointer(start: nil, count: 0)
        if found & 1 << 9 != 0, plain[9].number > 0 {
            guard isIDCount(plain[9].number) else { return false }
            event.address = plainText(9)
        }
        event.eventID = plainText(0)
        event.userID = plainText(2)
        event.songID = plainText(3)
        event.region = plainText(4)
        event.playedMs = Int(plain[5].number)
        event.durationMs = Int(plain[6].number)
        return true
    }

    @inline(__always)
    private func plainText(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: plain[index].start, count: Int(plain[index].number))
    }

    @inline(__always)
    private func isIDCount(_ count: Int64) -> Bool { UInt64(bitPattern: count &- 1) < 64 }

    /// `2026-11-19T20:15:04.120Z` on the date of an earlier line is read at once.
    @inline(__always)
    private mutating func setPlainTime(_ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        if count == 24 {
            let head = UnsafeRawPointer(text).loadUnaligned(as: UInt64.self)
            let tail = UnsafeRawPointer(text + 8).loadUnaligned(as: UInt16.self)
            if head == lastDate.0, tail == lastDate.1, text[10] == 84 {
                let time = Int(spindle_time_of_day(text + 11))
                if time >= 0 {
                    event.dayNumber = lastDayNumber
                    event.timeMs = lastDayNumber &* 86_400_000 &+ time
                    return true
                }
            }
        }
        values[Field.ts.rawValue].start = text
        values[Field.ts.rawValue].count = count
        values[Field.ts.rawValue].isEscaped = false
        return setTime()
    }

    // MARK: All lines

    /// - Parameter paddingBytes: So many bytes behind the line may be read.
    private mutating func parseStrictly(_ line: UnsafeRawBufferPointer, paddingBytes: Int)
        -> Rejection?
    {
        for index in 0..<10 { values[index].kind = .absent }
        guard scan(line, paddingBytes) else {
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

    private mutating func scan(_ line: UnsafeRawBufferPointer, _ paddingBytes: Int) -> Bool {
        var cursor = JSONCursor(line, paddingBytes: paddingBytes)
        var key = JSONCursor.Value()
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
                    ? keys.escapedField(key)
                    : keys.field(
                        key.start!, key.count, readable: cursor.readable(from: key.start!))
                guard cursor.read(into: &values[field]) else { return false }
                cursor.skipSpace()
            } while cursor.take(44)
            guard cursor.take(125) else { return false }
        }
        cursor.skipSpace()
        return cursor.isAtEnd
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
            for byte in bytes where byte < 32 || byte == 127 { return nil }
        }
        guard bytes.count > 0, bytes.count <= Self.maximumIDBytes, !value.hasDelete else {
            return nil
        }
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
