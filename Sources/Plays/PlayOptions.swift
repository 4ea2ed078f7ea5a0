package import Storage

package struct PlayOptions: Sendable {
    /// How many days, ending with the night's, are looked after.
    package var days = 28
    /// How long before the day of its log an event may have happened.
    package var lateDays = 7
    package var rules = PlayRules()
    /// How logs of other formats are read.
    package var reading = PlayLogOptions()
    /// The version of Spindle: what another version has counted is counted again.
    package var tool = ""
    /// nil for UTC everywhere.
    package var timeZones: TimeZones?
    /// What reading and counting may hold in memory.
    package var memoryBytes = 768 << 20
    /// How many work at once.
    package var threads = 1
    /// Of so many listeners one goes into the pairs of songs that are heard together, a power of
    /// two; nil for 8 from a million events on, else all.
    package var coplaySample: Int?
    /// Of all lines read for the days that are counted.
    package var rejectLimit = RejectLimit.percent(5)

    package init() {}

    /// Milliseconds since 1970 by the clocks of the event's region, and the day that they show.
    @inline(__always)
    func local(_ event: PlayEvent) -> (timeMs: Int, day: Int) {
        guard let timeZones else { return (event.timeMs, event.dayNumber) }
        let timeMs = timeZones.localMs(event)
        return (timeMs, timeMs >= 0 ? timeMs / 86_400_000 : (timeMs + 1) / 86_400_000 - 1)
    }

    /// What decides what counts, by the names of files.
    package var countingParameters: [String: String] {
        rules.parameters
            .merging(timeZones.map { ["time_zones": $0.parameter] } ?? [:]) { first, _ in first }
            .merging(coplaySample.map { ["coplay_sample": "\($0)"] } ?? [:]) { first, _ in first }
    }

    /// A record of what is made of these inputs with these options.
    func record(_ day: CalendarDate?, _ inputs: [ArtefactRecord.Input]) -> ArtefactRecord {
        ArtefactRecord(
            stage: "plays", date: day, tool: tool,
            parameters: countingParameters.merging(["late_days": "\(lateDays)"]) { first, _ in first
            }
            .merging(reading.parameters) { first, _ in first },
            inputs: inputs)
    }
}

/// What a night's counting found and did.
package struct PlaySummary: Sendable {
    package struct Day: Sendable {
        package enum Outcome: String, Sendable {
            /// From its logs, now.
            case counted
            /// Nothing new came.
            case unchanged
            /// Logs of it are gone and none has come in their place: it stays as it was counted.
            case kept
        }

        package let date: CalendarDate
        package let outcome: Outcome
        package let accounting: PlayAccounting
    }

    package let date: CalendarDate
    /// All days with a partition in the window, the oldest first.
    package var days: [Day] = []
    /// Logs whose path has no date.
    package var undated = PlayAccounting()
    /// Whether those were read in this run, and not in an earlier one.
    package var undatedWasRead = false
    package var warnings: [String] = []
    /// Folders or files that list the rejects, for days that have any.
    package var rejectLists: [String] = []

    /// Of the days that were counted in this run.
    package var counted: PlayAccounting { sum { $0.outcome == .counted } }
    /// Of all that was read in this run: the days that were counted and the logs without a day.
    package var read: PlayAccounting {
        var read = counted
        if undatedWasRead { read += undated }
        return read
    }
    /// Of the whole window and the logs without a day.
    package var total: PlayAccounting {
        var total = sum { _ in true }
        total += undated
        return total
    }

    private func sum(_ isIncluded: (Day) -> Bool) -> PlayAccounting {
        var sum = PlayAccounting()
        for day in days where isIncluded(day) { sum += day.accounting }
        return sum
    }
}
