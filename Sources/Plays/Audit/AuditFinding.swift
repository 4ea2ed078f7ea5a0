package import Storage

/// What became of one delivery of an event.
package struct AuditFinding: Sendable {
    package enum Outcome: Sendable, Equatable {
        /// - Parameters:
        ///   - number: Which stream of the song it is by the listener on the day, from 1.
        case stream(number: Int, isInCharts: Bool, cap: Int)
        case short(needs: String)
        /// - Parameter place: Of the delivery that counts.
        case duplicate(of: String)
        case addressFarm(listeners: Int, plays: Int, atThreshold: Int)
        case impossibleHours(playedMs: Int)
        case thresholdLoop(plays: Int, atThreshold: Int)
        case rejected(RejectReason, detail: String)

        /// The word for it in JSON.
        package var name: String {
            switch self {
            case .stream: "stream"
            case .short: "short"
            case .duplicate: "duplicate"
            case .addressFarm: "address_farm"
            case .impossibleHours: "impossible_hours"
            case .thresholdLoop: "threshold_loop"
            case .rejected: "rejected"
            }
        }
    }

    package let file: String
    package let line: Int
    package let outcome: Outcome
    /// nil for a line that could not be read.
    package let event: Event?

    package struct Event: Sendable {
        package let id: String
        package let listener: String
        package let song: String
        package let region: String
        package let address: String
        package let timeMs: Int
        package let day: CalendarDate
        package let playedMs: Int
        package let durationMs: Int
        /// The day of the log, when that is another one.
        package let loggedOn: CalendarDate?
    }

    init(file: String, line: Int, outcome: Outcome) {
        self.file = file
        self.line = line
        self.outcome = outcome
        event = nil
    }

    init(_ audited: AuditedEvent, in logs: [LogFile], outcome: Outcome) {
        let log = logs[audited.log]
        file = log.path
        line = audited.line
        self.outcome = outcome
        event = Event(
            id: audited.eventID.text, listener: audited.userID.text, song: audited.songID.text,
            region: audited.region, address: audited.address.text, timeMs: audited.timeMs,
            day: CalendarDate(dayNumber: audited.dayNumber), playedMs: audited.playedMs,
            durationMs: audited.durationMs,
            loggedOn: log.day.flatMap { $0.dayNumber == audited.dayNumber ? nil : $0 })
    }

    /// Why, in a sentence.
    package var explanation: String {
        switch outcome {
        case .stream(let number, let isInCharts, let cap):
            isInCharts
                ? "counts: stream \(number) of this song by the listener on the day"
                : "counts as a stream, and not in charts: it is number \(number), and \(cap) are the most"
        case .short(let needs): "a skip: \(needs)"
        case .duplicate(let place): "a duplicate: the event counts as it stands in \(place)"
        case .addressFarm(let listeners, let plays, let atThreshold):
            "left out: \(listeners) listeners had \(plays) plays at its address, "
                + "\(atThreshold) of them just long enough to count"
        case .impossibleHours(let playedMs):
            "left out: the listener heard \(formatDecimal(Double(playedMs) / 3_600_000, 1)) hours "
                + "on the day"
        case .thresholdLoop(let plays, let atThreshold):
            "left out: the listener played the song \(plays) times on the day, "
                + "\(atThreshold) of them just long enough to count"
        case .rejected(let reason, let detail): "rejected (\(reason.rawValue)): \(detail)"
        }
    }
}
