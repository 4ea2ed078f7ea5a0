internal import Plays

/// A song's figures on each day of a window, in one region or in all; used again for each song.
final class DaySeries {
    /// Sums over the days that scores go by.
    struct Sums {
        var plays = 0
        var skips = 0
        var timedPlays = 0
        var completedPlays = 0
        var completionPermille = 0
    }

    /// By day, the oldest first.
    let plays: UnsafeMutableBufferPointer<Int>
    let streams: UnsafeMutableBufferPointer<Int>
    let chartStreams: UnsafeMutableBufferPointer<Int>
    /// Distinct within each day.
    let listeners: UnsafeMutableBufferPointer<Int>
    var sums = Sums()

    private let memory: UnsafeMutableBufferPointer<Int>
    private var sketches: [ListenerSketch] = []
    private var united = ListenerSketch()

    init(days: Int) {
        let memory = UnsafeMutableBufferPointer<Int>.allocate(capacity: 4 * days)
        memory.initialize(repeating: 0)
        self.memory = memory
        func column(_ place: Int) -> UnsafeMutableBufferPointer<Int> {
            UnsafeMutableBufferPointer(rebasing: memory[place * days..<(place + 1) * days])
        }
        plays = column(0)
        streams = column(1)
        chartStreams = column(2)
        listeners = column(3)
    }

    deinit { memory.deallocate() }

    func clear() {
        memory.update(repeating: 0)
        sums = Sums()
        for place in sketches.indices where !sketches[place].isEmpty { sketches[place].removeAll() }
    }

    /// Adds a row of a day, all but its listeners.
    @inline(__always)
    func add(_ row: CountsRow, day: Int, isScored: Bool) {
        plays[day] += row.plays
        streams[day] += row.streams
        chartStreams[day] += row.chartStreams
        guard isScored else { return }
        sums.plays += row.plays
        sums.skips += row.skips
        sums.timedPlays += row.timedPlays
        sums.completedPlays += row.completedPlays
        sums.completionPermille += row.completionPermille
    }

    /// Adds another one's counts, its listeners too.
    func add(_ other: DaySeries) {
        for index in memory.indices { memory[index] += other.memory[index] }
        sums.plays += other.sums.plays
        sums.skips += other.sums.skips
        sums.timedPlays += other.sums.timedPlays
        sums.completedPlays += other.sums.completedPlays
        sums.completionPermille += other.sums.completionPermille
    }

    // MARK: Listeners of several days

    /// - Parameter group: Of the window's days; see `DayGroups`.
    /// - Returns: false for bytes that are no sketch.
    func merge(sketch: UnsafeRawBufferPointer, group: Int) -> Bool {
        while sketches.count <= group { sketches.append(ListenerSketch()) }
        return sketches[group].merge(bytes: sketch)
    }

    /// The listeners of some groups of days together, in a sketch that is this one's own.
    func union(_ groups: [Int]) -> ListenerSketch {
        let present = groups.filter { $0 < sketches.count && !sketches[$0].isEmpty }
        if present.count == 1 { return sketches[present[0]] }
        united.removeAll()
        for group in present { united.merge(sketches[group]) }
        return united
    }

    /// About how many listeners there were on some days; at least as many as on the best of them, and
    /// no more than on all of them together.
    func distinctListeners(_ days: Range<Int>, _ groups: [Int]) -> Int {
        var most = 0
        var sum = 0
        for day in days {
            most = max(most, listeners[day])
            sum += listeners[day]
        }
        if sum == most { return sum }
        return min(sum, max(most, Int(union(groups).estimate.rounded())))
    }
}

/// The days of a window in groups of which unions of listeners are made: the last four weeks, and
/// the days that scores go by. A week that is only partly among those days is two groups.
struct DayGroups {
    /// By day.
    let ofDay: [Int]
    /// By week, the last one first: days and groups.
    let weeks: [(days: Range<Int>, groups: [Int])]
    let scored: (days: Range<Int>, groups: [Int])

    init(days: Int, scoredDays: Int) {
        let firstScored = max(0, days - scoredDays)
        var names: [Int: Int] = [:]
        var groups: [Int] = []
        for day in 0..<days {
            let week = min((days - 1 - day) / 7, Charts.weeks)
            let name = week * 2 + (day >= firstScored ? 1 : 0)
            let group = names[name] ?? names.count
            names[name] = group
            groups.append(group)
        }
        self.ofDay = groups
        func distinct(_ days: Range<Int>) -> [Int] { Set(days.map { groups[$0] }).sorted() }
        weeks = (0..<Charts.weeks).compactMap { week in
            let end = days - 7 * week
            guard end > 0 else { return nil }
            let days = max(0, end - 7)..<end
            return (days, distinct(days))
        }
        scored = (firstScored..<days, distinct(firstScored..<days))
    }
}
