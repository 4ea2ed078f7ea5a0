internal import Storage

/// Writes an event as a line of Spindle's own log, from which it can be read again.
struct EventLine: ~Copyable {
    /// Five texts of 64 bytes, each byte escaped at worst, and the keys and numbers between them.
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 2048, alignment: 8)
    private var used = 0

    deinit { room.deallocate() }

    /// - Returns: The line, without a line feed; valid until the next.
    mutating func write(_ event: PlayEvent) -> UnsafeRawBufferPointer {
        used = 0
        add("{\"event_id\":\"", event.eventID)
        add("\",\"ts\":\"")
        addTime(event.timeMs, event.dayNumber)
        add("\",\"user_id\":\"", event.userID)
        add("\",\"song_id\":\"", event.songID)
        add("\",\"region\":\"", event.region)
        add("\",\"ms_played\":")
        add(event.playedMs)
        add(",\"duration_ms\":")
        add(event.durationMs)
        if !event.address.isEmpty {
            add(",\"address\":\"", event.address)
            add("\"")
        }
        add("}")
        return UnsafeRawBufferPointer(rebasing: room[..<used])
    }

    private mutating func add(_ key: StaticString) {
        (room.baseAddress! + used).copyMemory(
            from: key.utf8Start, byteCount: key.utf8CodeUnitCount)
        used += key.utf8CodeUnitCount
    }

    /// The text has no control characters.
    private mutating func add(_ key: StaticString, _ text: UnsafeRawBufferPointer) {
        add(key)
        for byte in text {
            if byte == 34 || byte == 92 { put(92) }
            put(byte)
        }
    }

    private mutating func put(_ byte: UInt8) {
        room[used] = byte
        used += 1
    }

    /// A number that is not negative.
    private mutating func add(_ number: Int) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(48 + number / divisor % 10))
            divisor /= 10
        }
    }

    private mutating func add(_ number: Int, width: Int) {
        for place in 0..<width {
            room[used + width - 1 - place] = UInt8(48 + number / Self.tens[place] % 10)
        }
        used += width
    }

    private static let tens = [1, 10, 100, 1_000]

    /// RFC 3339 with milliseconds.
    private mutating func addTime(_ timeMs: Int, _ dayNumber: Int) {
        let date = CalendarDate(dayNumber: dayNumber).components
        let time = timeMs - dayNumber * 86_400_000
        add(date.year, width: 4)
        put(45)
        add(date.month, width: 2)
        put(45)
        add(date.day, width: 2)
        put(84)
        add(time / 3_600_000, width: 2)
        put(58)
        add(time / 60_000 % 60, width: 2)
        put(58)
        add(time / 1_000 % 60, width: 2)
        put(46)
        add(time % 1_000, width: 3)
        put(90)
    }
}
