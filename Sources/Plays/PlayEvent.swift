/// What counting needs of one play, whatever log it stood in.
///
/// The texts have 1 to 64 bytes without control characters, `address` may be empty. They lie in the
/// line or in its parser: valid until the next line.
struct PlayEvent {
    var eventID = UnsafeRawBufferPointer(start: nil, count: 0)
    var userID = UnsafeRawBufferPointer(start: nil, count: 0)
    var songID = UnsafeRawBufferPointer(start: nil, count: 0)
    var region = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Where the listener's device is on the network; empty where the log does not tell.
    var address = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Milliseconds since 1970, UTC.
    var timeMs = 0
    /// The UTC day of `timeMs`, in days since 1970.
    var dayNumber = 0
    var playedMs = 0
    /// 0 where it is not known.
    var durationMs = 0

    func isSame(as other: PlayEvent) -> Bool {
        eventID.equals(other.eventID) && userID.equals(other.userID)
            && songID.equals(other.songID) && region.equals(other.region)
            && address.equals(other.address) && timeMs == other.timeMs
            && dayNumber == other.dayNumber && playedMs == other.playedMs
            && durationMs == other.durationMs
    }
}

/// Reads one line (or record) of a play log into an event.
protocol PlayLineParser: ~Copyable {
    /// - Returns: nil when `event` is set.
    mutating func parse(_ line: UnsafeRawBufferPointer) -> Rejection?
    var event: PlayEvent { get }
}
