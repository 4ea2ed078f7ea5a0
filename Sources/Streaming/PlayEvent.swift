package import Storage

/// One listening, as a player reports it and the play log keeps it.
package struct PlayEvent: Equatable, Sendable {
    /// Why an event was not taken: the field and what it must be.
    package struct Rejection: Error, Equatable {
        package let field: String
        package let expectation: String
        package var message: String { "\(field) must be \(expectation)" }
    }

    package let eventID: String
    package let time: Timestamp
    package let userID: String
    package let songID: String
    package let region: String
    package let playedMs: Int
    package let durationMs: Int
    package let reasonEnd: String
    package let platform: String

    /// Ids are opaque; so long they may be.
    package static let maximumTextBytes = 64
    private static let maximumMs = 86_400_000
    /// Clocks of players go wrong; further ahead than this the day would be wrong as well.
    private static let maximumAheadMs = 300_000
    /// The plays stage rejects what is logged later than seven days after it happened.
    private static let maximumAgeMs = 7 * 86_400_000

    /// - Throws: `Rejection`.
    package init(_ json: JSONValue, region: String, now: Timestamp) throws(Rejection) {
        guard json.object != nil else {
            throw Rejection(field: "an event", expectation: "an object")
        }
        songID = try Self.text(json, "song_id")
        userID = try Self.text(json, "user_id")
        reasonEnd = try Self.text(json, "reason_end")
        platform = try Self.text(json, "platform")
        playedMs = try Self.milliseconds(json, "ms_played")
        durationMs = try Self.milliseconds(json, "duration_ms")
        self.region = region
        switch json["event_id"] {
        case nil, .null: eventID = Self.newEventID()
        default: eventID = try Self.text(json, "event_id")
        }
        switch json["ts"] {
        case nil, .null: time = now
        case .string(let text):
            guard let time = Timestamp(text), time.milliseconds >= 0,
                time.milliseconds <= now.milliseconds + Self.maximumAheadMs,
                time.milliseconds >= now.milliseconds - Self.maximumAgeMs
            else {
                throw Rejection(
                    field: "ts",
                    expectation: "a time in RFC 3339 that is not in the future and no more than "
                        + "7 days ago")
            }
            // Ahead of the log it is written to, a play before midnight would be tomorrow's, which
            // the plays stage rejects.
            self.time = min(time, now)
        default: throw Rejection(field: "ts", expectation: "a time in RFC 3339")
        }
    }

    /// Appends the event's line, with the keys in the order of the format's page.
    package func write(to json: inout JSONWriter) {
        json.object {
            $0.field("event_id", eventID)
            $0.field("ts", time.description)
            $0.field("user_id", userID)
            $0.field("song_id", songID)
            $0.field("region", region)
            $0.field("ms_played", playedMs)
            $0.field("duration_ms", durationMs)
            $0.field("reason_end", reasonEnd)
            $0.field("platform", platform)
        }
        json.newline()
    }

    private static func text(_ json: JSONValue, _ field: String) throws(Rejection) -> String {
        guard let text = json[field]?.string, (1...maximumTextBytes).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
        else {
            throw Rejection(
                field: field,
                expectation: "a text of 1 to \(maximumTextBytes) bytes without control characters")
        }
        return text
    }

    private static func milliseconds(_ json: JSONValue, _ field: String) throws(Rejection) -> Int {
        guard let number = json[field]?.int, (0...maximumMs).contains(number) else {
            throw Rejection(
                field: field, expectation: "whole milliseconds from 0 to \(maximumMs)")
        }
        return number
    }

    /// 128 random bits: events of all daemons together never meet by chance.
    private static func newEventID() -> String {
        let words = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }
        return words.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
    }
}
