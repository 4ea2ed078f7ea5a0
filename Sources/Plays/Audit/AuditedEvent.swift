internal import Storage

/// An event that is being asked about, or by which another one is judged, with its place.
struct AuditedEvent {
    let eventID: ByteKey
    let userID: ByteKey
    let songID: ByteKey
    let region: String
    /// Empty where the log does not tell.
    let address: ByteKey
    let timeMs: Int
    /// By the clocks of its region.
    let localMs: Int
    /// The day to which it belongs, by the clocks of its region, in days since 1970.
    let dayNumber: Int
    let playedMs: Int
    let durationMs: Int
    /// The place of its log among the logs.
    let log: Int
    let line: Int

    init(_ event: PlayEvent, _ options: PlayOptions, log: Int, line: Int) {
        let local = options.local(event)
        eventID = ByteKey(String(decoding: event.eventID, as: UTF8.self))
        userID = ByteKey(String(decoding: event.userID, as: UTF8.self))
        songID = ByteKey(String(decoding: event.songID, as: UTF8.self))
        region = String(decoding: event.region, as: UTF8.self)
        address = ByteKey(String(decoding: event.address, as: UTF8.self))
        timeMs = event.timeMs
        localMs = local.timeMs
        dayNumber = local.day
        playedMs = event.playedMs
        durationMs = event.durationMs
        self.log = log
        self.line = line
    }

    private var permille: Int {
        durationMs == 0 ? 0 : playedMs >= durationMs ? 1000 : playedMs * 1000 / durationMs
    }

    /// Which of two deliveries of one event counts: the earlier, then the longer, then by hashes, so
    /// that it does not depend on the logs' order. As `EventRecord.precedes` has it.
    static func counts(_ a: AuditedEvent, before b: AuditedEvent) -> Bool {
        if a.localMs != b.localMs { return a.localMs < b.localMs }
        if a.playedMs != b.playedMs { return a.playedMs > b.playedMs }
        let (aListener, bListener) = (hash(a.userID), hash(b.userID))
        if aListener != bListener { return aListener < bListener }
        if a.permille != b.permille { return a.permille < b.permille }
        // Of those that are equal so far one has a flag that the other lacks only for an address.
        if a.address.text.isEmpty != b.address.text.isEmpty { return a.address.text.isEmpty }
        let (aSong, bSong) = (hash(a.songID), hash(b.songID))
        if aSong != bSong { return aSong < bSong }
        if !a.region.hasSameBytes(as: b.region) { return a.region.precedesInBytes(b.region) }
        let (aAddress, bAddress) = (hash(a.address), hash(b.address))
        if aAddress != bAddress { return aAddress < bAddress }
        // What is the same in all that counts: the one that a reader meets first.
        return (a.log, a.line) < (b.log, b.line)
    }

    private static func hash(_ key: ByteKey) -> UInt64 {
        var text = key.text
        return text.withUTF8 { ByteHash.hash64(UnsafeRawBufferPointer($0)) }
    }
}
