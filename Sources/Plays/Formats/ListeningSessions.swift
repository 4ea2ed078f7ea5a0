internal import Storage

/// Folds requests for songs into listening sessions, each of which is one play.
///
/// A session is all that one listener (address and user agent) was sent of one song within 24 hours
/// of its first request. What was heard is the union of the byte ranges, at the song's bitrate.
final class ListeningSessions {
    /// The session's window.
    static let windowMs = 86_400_000

    /// A terabyte: more than any object has, and far from where sums overflow.
    private static let maximumBytes = 1 << 40

    private let requests: SessionRequests
    private let songs: SongResolver
    private let bitrateKbps: Int?
    // One thread uses them, each for itself: checking that costs a tenth of the time.
    @exclusivity(unchecked) private var songIDs = ByteTable()
    @exclusivity(unchecked) private var known:
        [(durationMs: Int, sizeBytes: Int, isResolved: Bool)] = []
    @exclusivity(unchecked) private var regions = ByteTable()
    @exclusivity(unchecked) private var robots = RobotList()
    /// Sent in the session: places that are known, as first byte and end, and others.
    @exclusivity(unchecked) private var ranges: [(start: Int, end: Int)] = []
    @exclusivity(unchecked) private var unplacedBytes = 0
    private let idRoom = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 32 + 32 + 16, alignment: 8)

    init(
        in warehouse: Warehouse, _ songs: SongResolver, bitrateKbps: Int?, capacity: Int = 1 << 20
    ) {
        requests = SessionRequests(in: warehouse, capacity: capacity)
        self.songs = songs
        self.bitrateKbps = bitrateKbps
    }

    deinit { idRoom.deallocate() }

    /// Takes a request in.
    ///
    /// - Parameter region: Where the log's plays belong; empty for where the request was answered.
    func add(_ request: AccessRequest, region: UnsafeRawBufferPointer, file: Int, line: Int) throws
        -> RequestOutcome
    {
        guard request.method.equals("GET") else { return .leftOut(.otherMethod) }
        guard request.status == 200 || request.status == 206, request.sentBytes > 0 else {
            return .leftOut(.otherStatus)
        }
        let kind = SongPath.kind(request.path)
        if kind == .other { return .leftOut(.otherObject) }
        if robots.contains(request.agent) { return .leftOut(.bot) }
        guard LogTime.plausible.contains(request.timeMs) else {
            return .rejected(
                Rejection(
                    reason: .badTimestamp, detail: "the time is not between the years 1990 and 2199"
                ))
        }
        guard request.sentBytes <= Self.maximumBytes, request.rangeStart <= Self.maximumBytes else {
            return .rejected(
                Rejection(reason: .outOfRange, detail: "more bytes than an object has"))
        }
        let region = region.isEmpty ? request.location : region
        if region.isEmpty {
            return .rejected(
                Rejection(
                    reason: .missingField, detail: "region is missing and no --region is named"))
        }
        guard region.count <= PlayEventParser.maximumIDBytes, !region.hasControlCharacter,
            !region.equals("*")
        else {
            return .rejected(
                Rejection(reason: .badID, detail: "region is not 1 to 64 bytes of text"))
        }
        var reference = SongReference()
        reference.id = request.path
        let match = try songs.resolve(reference)
        // Covers lie under such names as well.
        if kind == .bareID, match.sizeBytes == 0, try songs.hasCatalog() {
            return .leftOut(.otherObject)
        }
        guard match.sizeBytes > 0 && match.durationMs > 0 || bitrateKbps != nil else {
            return .rejected(
                Rejection(
                    reason: .missingField,
                    detail: "the song's bitrate is unknown and no --bitrate is named"))
        }
        let song = songIDs.number(of: match.id)
        if song == known.count {
            known.append((match.durationMs, match.sizeBytes, match.isResolved))
        }
        let address = ByteHash.hash128(request.address)
        let agent = ByteHash.hash128(request.agent)
        // Two halves that no swapping of the two texts makes the same.
        let user = (
            address.0 &* 0x9e37_79b9_7f4a_7c15 ^ agent.1,
            address.1 &+ agent.0 &* 0xd6e8_feb8_6659_fd93
        )
        try requests.add(
            SessionRequests.Request(
                user: user, addressHash: address.0, timeMs: request.timeMs,
                start: request.status == 200 ? 0 : request.rangeStart,
                sizeBytes: request.sentBytes, song: UInt32(song),
                region: UInt32(regions.number(of: region)), file: UInt32(file),
                line: UInt32(clamping: line)))
        return .request
    }

    /// A session as an event, and the request that began it.
    struct Session {
        let event: PlayEvent
        let isResolved: Bool
        let file: Int
        let line: Int
        let requestCount: Int
    }

    /// Calls `body` for each session, by listener and song. The event is valid during the call.
    func finish(_ body: (Session) throws -> Void) throws {
        var first: SessionRequests.Request?
        /// Those of one moment, start and size that came one after the other: how many of each log.
        var alike: (request: SessionRequests.Request, ofLog: [UInt32: Int], taken: Int)?
        var count = 0
        func isCopy(_ request: SessionRequests.Request) -> Bool {
            if let known = alike?.request, known.timeMs == request.timeMs,
                known.start == request.start, known.sizeBytes == request.sizeBytes
            {
                alike!.ofLog[request.file, default: 0] += 1
                if alike!.ofLog[request.file]! <= alike!.taken { return true }
                alike!.taken += 1
                return false
            }
            alike = (request, [request.file: 1], 1)
            return false
        }
        func end() throws {
            guard let first else { return }
            try emit(first, count, body)
        }
        try requests.drain { request in
            if let begun = first, begun.user == request.user, begun.song == request.song,
                request.timeMs - begun.timeMs < Self.windowMs
            {
                // The same lines in two logs are one log and its copy: as many were asked for as the
                // log with the most of them has.
                if !isCopy(request) { take(request) }
                count += 1
            } else {
                try end()
                first = request
                count = 1
                ranges.removeAll(keepingCapacity: true)
                unplacedBytes = 0
                alike = nil
                if !isCopy(request) { take(request) }
            }
        }
        try end()
    }

    private func take(_ request: SessionRequests.Request) {
        guard request.start >= 0 else {
            unplacedBytes = min(unplacedBytes + request.sizeBytes, Self.maximumBytes)
            return
        }
        ranges.append(
            (request.start, request.start.addingReportingOverflow(request.sizeBytes).partialValue))
        // A player that asks for its song in a million pieces must not fill the memory.
        if ranges.count >= 4096 { unite() }
    }

    private func unite() {
        ranges.sort { $0.start < $1.start }
        var united: [(start: Int, end: Int)] = []
        for range in ranges {
            if let last = united.last, range.start <= last.end {
                united[united.count - 1].end = max(last.end, range.end)
            } else {
                united.append(range)
            }
        }
        ranges = united
    }

    private func emit(
        _ first: SessionRequests.Request, _ count: Int, _ body: (Session) throws -> Void
    ) throws {
        unite()
        let song = known[Int(first.song)]
        var bytes = unplacedBytes
        for range in ranges { bytes += range.end - range.start }
        if song.sizeBytes > 0 { bytes = min(bytes, song.sizeBytes) }
        var playedMs: Int
        if song.sizeBytes > 0, song.durationMs > 0 {
            // Whole numbers, as halves of a millisecond must not depend on the machine.
            playedMs = Int(
                UInt(song.sizeBytes).dividingFullWidth(
                    UInt(bytes).multipliedFullWidth(by: UInt(song.durationMs))
                ).quotient)
        } else {
            playedMs = bytes / bitrateKbps! * 8 + bytes % bitrateKbps! * 8 / bitrateKbps!
        }
        playedMs = min(playedMs, PlayEventParser.maximumMs)
        let songID = songIDs[Int(first.song)]
        let parts = (
            first.user.0, first.user.1, ByteHash.hash64(songID), UInt64(first.timeMs)
        )
        let id = withUnsafeBytes(of: parts) { ByteHash.hash128($0) }
        idRoom.writeHexadecimal(first.user.0, at: 0)
        idRoom.writeHexadecimal(first.user.1, at: 16)
        idRoom.writeHexadecimal(id.0, at: 32)
        idRoom.writeHexadecimal(id.1, at: 48)
        idRoom.writeHexadecimal(first.addressHash, at: 64)
        let room = UnsafeRawBufferPointer(idRoom)
        var event = PlayEvent()
        event.userID = room.part(0..<32)
        event.eventID = room.part(32..<64)
        event.address = room.part(64..<80)
        event.songID = songID
        event.region = regions[Int(first.region)]
        event.timeMs = first.timeMs
        event.dayNumber = first.timeMs / 86_400_000
        event.playedMs = playedMs
        event.durationMs = song.durationMs
        try body(
            Session(
                event: event, isResolved: song.isResolved, file: Int(first.file),
                line: Int(first.line), requestCount: count))
    }
}
