internal import Storage

/// Goes through the rules for single events, in the order in which counting applies them.
///
/// Written apart from the counting phases and plainly, on dictionaries: what it says of all events
/// of a day has to add up to what was counted.
struct PlayJudge {
    private let rules: PlayRules
    /// The delivery that counts, by day and event id.
    private var winners: [DayKey: AuditedEvent] = [:]
    /// By day and listener, in the order of the day.
    private var listeners: [DayKey: [AuditedEvent]] = [:]
    private var addresses: [DayKey: Address] = [:]

    private struct DayKey: Hashable {
        let day: Int
        let key: ByteKey
    }

    private struct Address {
        var listeners: Set<ByteKey> = []
        var plays = 0
        var atThreshold = 0
    }

    /// - Parameter events: All by which the events that are asked about are judged.
    init(_ events: [AuditedEvent], _ rules: PlayRules) {
        self.rules = rules
        for event in events {
            let key = DayKey(day: event.dayNumber, key: event.eventID)
            if let winner = winners[key], !AuditedEvent.counts(event, before: winner) { continue }
            winners[key] = event
        }
        for event in winners.values {
            listeners[DayKey(day: event.dayNumber, key: event.userID), default: []].append(event)
            guard !event.address.text.isEmpty else { continue }
            let key = DayKey(day: event.dayNumber, key: event.address)
            addresses[key, default: Address()].listeners.insert(event.userID)
            addresses[key]!.plays += 1
            if isAtThreshold(event) { addresses[key]!.atThreshold += 1 }
        }
        for key in listeners.keys {
            listeners[key]!.sort { AuditedEvent.counts($0, before: $1) }
        }
    }

    func outcome(of event: AuditedEvent, _ logs: [String]) -> AuditFinding.Outcome {
        let winner = winners[DayKey(day: event.dayNumber, key: event.eventID)]!
        guard winner.log == event.log, winner.line == event.line else {
            return .duplicate(of: "\(logs[winner.log]):\(winner.line)")
        }
        if let farm = farm(event) {
            return .addressFarm(
                listeners: farm.listeners.count, plays: farm.plays, atThreshold: farm.atThreshold)
        }
        let day = listeners[DayKey(day: event.dayNumber, key: event.userID)]!.filter {
            farm($0) == nil
        }
        let playedMs = day.reduce(0) { $0 + $1.playedMs }
        if playedMs > rules.maximumListeningMs { return .impossibleHours(playedMs: playedMs) }
        let plays = day.filter { $0.songID == event.songID }
        let atThreshold = plays.count(where: isAtThreshold)
        if rules.loopPlays > 0, plays.count >= rules.loopPlays,
            PlayRules.isMostly(atThreshold, of: plays.count)
        {
            return .thresholdLoop(plays: plays.count, atThreshold: atThreshold)
        }
        guard isStream(event) else { return .short(needs: whatIsShort(event)) }
        let streams = plays.filter(isStream)
        let number = 1 + streams.firstIndex { $0.log == event.log && $0.line == event.line }!
        return .stream(
            number: number, isInCharts: number <= rules.maximumChartStreams,
            cap: rules.maximumChartStreams)
    }

    private func farm(_ event: AuditedEvent) -> Address? {
        guard rules.farmListeners > 0,
            let address = addresses[DayKey(day: event.dayNumber, key: event.address)],
            address.listeners.count >= rules.farmListeners,
            PlayRules.isMostly(address.atThreshold, of: address.plays)
        else { return nil }
        return address
    }

    private func isStream(_ event: AuditedEvent) -> Bool {
        rules.isStream(playedMs: event.playedMs, durationMs: event.durationMs)
    }

    private func isAtThreshold(_ event: AuditedEvent) -> Bool {
        isStream(event)
            && rules.isAtThreshold(playedMs: event.playedMs, durationMs: event.durationMs)
    }

    private func whatIsShort(_ event: AuditedEvent) -> String {
        func seconds(_ ms: Int) -> String {
            formatDecimal(Double(ms) / 1000, ms % 100 == 0 ? 1 : 3)
        }
        let heard = "heard for \(seconds(event.playedMs)) s"
        switch rules.ruleSet {
        case .stream:
            let needed = seconds(rules.minimumStreamMs)
            guard event.durationMs > 0, event.durationMs < rules.minimumStreamMs else {
                return "\(heard), and a stream needs \(needed) s"
            }
            return "\(heard) of \(seconds(event.durationMs)) s, and a song "
                + "below \(needed) s has to be heard to its end"
        case .scrobble:
            guard event.durationMs > 30_000 else {
                return "\(heard), and a scrobble needs a song that is known to be longer than 30 s"
            }
            return "\(heard), and a scrobble needs half of "
                + "\(seconds(event.durationMs)) s, or 240 s"
        }
    }
}
