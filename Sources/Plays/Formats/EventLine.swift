internal import Storage

/// An event as a line of Spindle's own log, from which it can be read again.
enum EventLine {
    static func write(_ event: PlayEvent, into line: inout [UInt8]) {
        line.removeAll(keepingCapacity: true)
        add("{\"event_id\":\"", event.eventID, &line)
        line += "\",\"ts\":\"\(Timestamp(milliseconds: event.timeMs))".utf8
        add("\",\"user_id\":\"", event.userID, &line)
        add("\",\"song_id\":\"", event.songID, &line)
        add("\",\"region\":\"", event.region, &line)
        line += "\",\"ms_played\":\(event.playedMs),\"duration_ms\":\(event.durationMs)".utf8
        if !event.address.isEmpty {
            add(",\"address\":\"", event.address, &line)
            line.append(34)
        }
        line.append(125)
    }

    /// The text has no control characters.
    private static func add(
        _ key: StaticString, _ text: UnsafeRawBufferPointer, _ line: inout [UInt8]
    ) {
        line += UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        for byte in text {
            if byte == 34 || byte == 92 { line.append(92) }
            line.append(byte)
        }
    }
}
