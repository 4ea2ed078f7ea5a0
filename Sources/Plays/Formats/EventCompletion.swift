/// Makes events of what foreign logs tell: defaults for what they lack, the song's id, and an id of
/// the event where there is none.
final class EventCompletion {
    private let options: PlayLogOptions
    private let songs: SongResolver
    /// Tells derived ids of one format from those of another.
    private let formatHash: UInt64
    private let idRoom: UnsafeMutableRawBufferPointer
    private let regionRoom: UnsafeMutableRawBufferPointer
    private let listenerRoom: UnsafeMutableRawBufferPointer
    // One thread uses them: checking that costs a tenth of the time.
    @exclusivity(unchecked) private(set) var event = PlayEvent()
    @exclusivity(unchecked) private(set) var isResolved = true

    /// - Parameter options: Those for the log.
    init(_ format: LogFormat, _ options: PlayLogOptions, _ songs: SongResolver) {
        var name = format.rawValue
        formatHash = name.withUTF8 { ByteHash.hash64(UnsafeRawBufferPointer($0)) }
        self.options = options
        self.songs = songs
        let listener = Array((options.listener ?? "").utf8)
        let region = Array((options.region ?? "").utf8)
        idRoom = .allocate(byteCount: 32 + 64, alignment: 8)
        listenerRoom = .allocate(byteCount: listener.count, alignment: 1)
        listenerRoom.copyBytes(from: listener)
        regionRoom = .allocate(byteCount: region.count, alignment: 1)
        regionRoom.copyBytes(from: region)
    }

    deinit {
        idRoom.deallocate()
        listenerRoom.deallocate()
        regionRoom.deallocate()
    }

    /// The region of all plays of the log that name none; empty when there is none.
    var defaultRegion: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(regionRoom)
    }

    /// Sets `event`.
    ///
    /// - Returns: nil, or why the record is no event.
    /// - Throws: What a catalogue that cannot be read throws.
    func complete(_ record: PlayRecord) throws -> Rejection? {
        guard LogTime.plausible.contains(record.timeMs) else {
            return Rejection(
                reason: .badTimestamp, detail: "ts is not between the years 1990 and 2199")
        }
        event.timeMs = record.timeMs
        event.dayNumber = record.timeMs / 86_400_000
        event.userID =
            record.userID.isEmpty
            ? UnsafeRawBufferPointer(listenerRoom) : record.userID
        if event.userID.isEmpty {
            return Rejection(
                reason: .missingField, detail: "user_id is missing and no --listener is named")
        }
        guard isID(event.userID) else { return badID("user_id") }
        event.region = record.region.isEmpty ? defaultRegion : record.region
        if event.region.isEmpty {
            return Rejection(
                reason: .missingField, detail: "region is missing and no --region is named")
        }
        guard isID(event.region), !(event.region.count == 1 && event.region[0] == 42) else {
            return badID("region")
        }
        guard record.address.isEmpty || isID(record.address) else { return badID("address") }
        event.address = record.address
        guard !record.song.isEmpty else {
            return Rejection(reason: .missingField, detail: "song is missing")
        }
        let match = try songs.resolve(record.song)
        isResolved = match.isResolved
        event.songID = match.id
        guard 0...PlayEventParser.maximumMs ~= record.durationMs else {
            return Rejection(
                reason: .outOfRange, detail: "duration_ms is not between 0 and a week")
        }
        event.durationMs = record.durationMs > 0 ? record.durationMs : match.durationMs
        if record.playedMs < 0 {
            // Such logs name what was heard, not for how long.
            event.playedMs = event.durationMs > 0 ? event.durationMs : Self.presumedMs
        } else {
            event.playedMs = record.playedMs
        }
        guard event.playedMs <= PlayEventParser.maximumMs else {
            return Rejection(reason: .outOfRange, detail: "ms_played is not between 0 and a week")
        }
        if record.eventID.isEmpty {
            deriveID(songs.identityHash(record.song))
        } else {
            guard isID(record.eventID) else { return badID("event_id") }
            event.eventID = record.eventID
        }
        return nil
    }

    /// What was heard of a song of unknown duration, where the log names only the song: as long as a
    /// stream must be.
    private static let presumedMs = PlayRules().minimumStreamMs

    /// 128 bits of listener, time, song as the log names it, and format, so that what is delivered
    /// again is known again.
    private func deriveID(_ reference: (UInt64, UInt64)) {
        let user = ByteHash.hash128(event.userID)
        let input = UnsafeMutableRawBufferPointer(rebasing: idRoom[32...])
        input.storeBytes(of: user.0, as: UInt64.self)
        input.storeBytes(of: user.1, toByteOffset: 8, as: UInt64.self)
        input.storeBytes(of: event.timeMs, toByteOffset: 16, as: Int.self)
        input.storeBytes(of: reference.0, toByteOffset: 24, as: UInt64.self)
        input.storeBytes(of: reference.1, toByteOffset: 32, as: UInt64.self)
        input.storeBytes(of: formatHash, toByteOffset: 40, as: UInt64.self)
        let hash = ByteHash.hash128(UnsafeRawBufferPointer(rebasing: input[..<48]))
        idRoom.writeHexadecimal(hash.0, at: 0)
        idRoom.writeHexadecimal(hash.1, at: 16)
        event.eventID = UnsafeRawBufferPointer(rebasing: idRoom[..<32])
    }

    private func isID(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count <= PlayEventParser.maximumIDBytes else { return false }
        return !text.hasControlCharacter
    }

    private func badID(_ name: String) -> Rejection {
        Rejection(
            reason: .badID,
            detail: "\(name) is not 1 to 64 bytes of text without control characters")
    }
}
