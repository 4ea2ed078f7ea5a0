/// The fields of Spindle's own log, in the order in which a line's faults are told.
enum PlayEventField: Int, CaseIterable {
    case eventID, ts, userID, songID, region, playedMs, durationMs, reasonEnd, platform
    case address

    /// Behind the fields: the place of other keys' values.
    static let ignored = 10

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

/// Tells keys apart by their first eight bytes, the closing quote included.
struct PlayEventKeys {
    private let eventIDKey = word("event_id"), platformKey = word("platform")
    private let userIDKey = word("user_id\""), songIDKey = word("song_id\"")
    private let regionKey = word("region\"\0")
    private let playedKey = word("ms_playe"), durationKey = word("duration")
    private let reasonKey = word("reason_e"), addressKey = word("address\"")

    /// The place of the field of a key that stands between quotes; `ignored` for one that is not ours.
    ///
    /// - Parameter readable: So many bytes from its start may be read, its closing quote among them.
    @inline(__always)
    func field(_ key: UnsafePointer<UInt8>, _ count: Int, readable: Int) -> Int {
        if count == 2 {
            return key[0] == 116 && key[1] == 115
                ? PlayEventField.ts.rawValue : PlayEventField.ignored
        }
        guard count >= 6, count <= 11, readable >= 8 else { return PlayEventField.ignored }
        let head = UInt64(littleEndian: UnsafeRawPointer(key).loadUnaligned(as: UInt64.self))
        let field: PlayEventField? =
            switch count {
            case 6: head << 8 == regionKey << 8 ? .region : nil
            case 7:
                head == songIDKey
                    ? .songID : head == userIDKey ? .userID : head == addressKey ? .address : nil
            case 8: head == eventIDKey ? .eventID : head == platformKey ? .platform : nil
            case 9: head == playedKey && key[8] == 100 ? .playedMs : nil
            case 10: head == reasonKey && key[8] == 110 && key[9] == 100 ? .reasonEnd : nil
            case 11:
                head == durationKey && key[8] == 95 && key[9] == 109 && key[10] == 115
                    ? .durationMs : nil
            default: nil
            }
        return field?.rawValue ?? PlayEventField.ignored
    }

    /// The same for a key whose escapes are to be resolved first.
    func escapedField(_ key: JSONCursor.Value) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer in
            guard
                let count = JSONCursor.unescape(
                    key.start!, count: key.count,
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<11]))
            else { return PlayEventField.ignored }
            buffer[count] = 34
            return field(
                UnsafePointer(buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)), count,
                readable: 16)
        }
    }

    /// The same for a key by itself.
    func field(_ key: UnsafeRawBufferPointer) -> Int {
        guard key.count <= 11 else { return PlayEventField.ignored }
        return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer in
            buffer.copyMemory(from: key)
            buffer[key.count] = 34
            return field(
                UnsafePointer(buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)), key.count,
                readable: 16)
        }
    }
}

/// Eight characters as a word, the first lowest.
private func word(_ text: StaticString) -> UInt64 {
    precondition(text.utf8CodeUnitCount == 8)
    return UInt64(
        littleEndian: UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self))
}
