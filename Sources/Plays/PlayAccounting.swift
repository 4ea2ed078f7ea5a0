package import Storage

/// Where every line of a day went. It adds up:
///
///     lines + lateIn = streams + short + duplicates + impossibleHours + addressFarm + thresholdLoop
///         + rejected + lateOut + pending + leftOut + folded
package struct PlayAccounting: Equatable, Sendable {
    /// Non-empty lines of the day's own logs.
    package var lines = 0
    /// Events of the day that came in later logs, or in logs without a date.
    package var lateIn = 0
    /// Plays that count.
    package var streams = 0
    /// Plays that ended too early to count.
    package var short = 0
    package var duplicates = 0
    /// Events of listeners who heard more than 24 hours in the day.
    package var impossibleHours = 0
    /// Events from addresses at which machines play.
    package var addressFarm = 0
    /// Plays of a song that a listener repeats again and again, just long enough to count.
    package var thresholdLoop = 0
    package var rejected = 0
    /// Events in the day's own logs that belong to an earlier day, and are counted there.
    package var lateOut = 0
    /// Events later than the night, in logs without a date; their own night counts them.
    package var pending = 0

    /// Lines that are no plays and are not spoilt.
    package var leftOut = 0
    /// Requests of an access log that another request of their session stands for.
    package var folded = 0

    // Beside the sum.

    /// Streams, at most ten a listener and song.
    package var chartStreams = 0
    /// Listeners with at least one stream.
    package var listeners = 0
    /// Packed logs that ended in damage. They are no lines.
    package var damagedFiles = 0
    /// Events of songs that no catalogue knows.
    package var unresolved = 0
    /// By the place of the reason in `RejectReason.allCases`.
    package var rejectedByReason = [Int](repeating: 0, count: RejectReason.allCases.count)
    /// By the place of the reason in `LeftOutReason.allCases`.
    package var leftOutByReason = [Int](repeating: 0, count: LeftOutReason.allCases.count)

    package init() {}

    package var addsUp: Bool {
        lines + lateIn == streams + short + duplicates + impossibleHours + addressFarm
            + thresholdLoop + rejected + lateOut + pending + leftOut + folded
    }

    package func rejected(for reason: RejectReason) -> Int {
        rejectedByReason[RejectReason.allCases.firstIndex(of: reason)!]
    }

    mutating func reject(_ reason: RejectReason) {
        if reason == .damagedFile { damagedFiles += 1 } else { rejected += 1 }
        rejectedByReason[RejectReason.allCases.firstIndex(of: reason)!] += 1
    }

    mutating func leaveOut(_ reason: LeftOutReason) {
        leftOut += 1
        leftOutByReason[LeftOutReason.allCases.firstIndex(of: reason)!] += 1
    }

    package func leftOut(for reason: LeftOutReason) -> Int {
        leftOutByReason[LeftOutReason.allCases.firstIndex(of: reason)!]
    }

    private static var fields: [(name: String, path: WritableKeyPath<PlayAccounting, Int>)] {
        [
            ("lines", \.lines), ("late_in", \.lateIn), ("streams", \.streams), ("short", \.short),
            ("duplicates", \.duplicates), ("impossible_hours", \.impossibleHours),
            ("address_farm", \.addressFarm), ("threshold_loop", \.thresholdLoop),
            ("rejected", \.rejected), ("late_out", \.lateOut), ("pending", \.pending),
            ("chart_streams", \.chartStreams), ("listeners", \.listeners),
            ("damaged_files", \.damagedFiles), ("left_out", \.leftOut), ("folded", \.folded),
            ("unresolved", \.unresolved),
        ]
    }

    package static func += (a: inout PlayAccounting, b: PlayAccounting) {
        for (_, path) in fields { a[keyPath: path] += b[keyPath: path] }
        for index in a.rejectedByReason.indices {
            a.rejectedByReason[index] += b.rejectedByReason[index]
        }
        for index in a.leftOutByReason.indices {
            a.leftOutByReason[index] += b.leftOutByReason[index]
        }
    }

    /// The figures by their names in files.
    package var json: JSONValue {
        var json: [String: JSONValue] = [:]
        for (name, path) in Self.fields { json[name] = .integer(self[keyPath: path]) }
        var reasons: [String: JSONValue] = [:]
        for (reason, count) in zip(RejectReason.allCases, rejectedByReason) where count > 0 {
            reasons[reason.rawValue] = .integer(count)
        }
        json["rejected_by_reason"] = .object(reasons)
        var others: [String: JSONValue] = [:]
        for (reason, count) in zip(LeftOutReason.allCases, leftOutByReason) where count > 0 {
            others[reason.rawValue] = .integer(count)
        }
        if !others.isEmpty { json["left_out_by_reason"] = .object(others) }
        return .object(json)
    }

    /// - Returns: nil when a figure is missing.
    init?(_ json: JSONValue?) {
        guard let json else { return nil }
        for (name, path) in Self.fields {
            guard let value = json[name]?.int else { return nil }
            self[keyPath: path] = value
        }
        for (index, reason) in RejectReason.allCases.enumerated() {
            rejectedByReason[index] = json["rejected_by_reason"]?[reason.rawValue]?.int ?? 0
        }
        for (index, reason) in LeftOutReason.allCases.enumerated() {
            leftOutByReason[index] = json["left_out_by_reason"]?[reason.rawValue]?.int ?? 0
        }
    }
}
