internal import Storage

/// When clocks change, as POSIX's TZ and the end of a time zone's file have it: `IST-1GMT0,M10.5.0,M3.5.0/1`.
struct ZoneRule: Sendable {
    private enum Day: Sendable {
        /// From 1 to 365; 29 February is never counted.
        case withoutLeapDay(Int)
        /// From 0 to 365.
        case ofYear(Int)
        /// The week's weekday of a month, 0 Sunday; week 5 is the last.
        case ofMonth(Int, week: Int, weekday: Int)
    }

    private struct Change: Sendable {
        let day: Day
        /// Seconds of the clocks before the change.
        let time: Int
    }

    /// Seconds ahead of UTC.
    private let standard: Int
    /// nil where clocks do not change.
    private let summer: (offset: Int, start: Change, end: Change)?

    var isEverAhead: Bool { standard > 0 || summer.map { $0.offset > 0 } ?? false }

    /// - Returns: nil for what is no rule.
    init?(_ text: some Sequence<UInt8>) {
        var rest = Array(text)[...]
        guard Self.takeName(&rest), let west = Self.takeTime(&rest) else { return nil }
        standard = -west
        if rest.isEmpty {
            summer = nil
            return
        }
        guard Self.takeName(&rest) else { return nil }
        var offset = standard + 3600
        if rest.first != 44 {
            guard let west = Self.takeTime(&rest) else { return nil }
            offset = -west
        }
        guard let start = Self.takeChange(&rest), let end = Self.takeChange(&rest), rest.isEmpty
        else { return nil }
        summer = (offset, start, end)
    }

    /// How far clocks are ahead of UTC, in milliseconds.
    ///
    /// - Parameter seconds: Since 1970.
    func offset(at seconds: Int) -> Int {
        guard let summer else { return standard * 1000 }
        // Rules are of the year that the clocks show.
        let local = seconds + standard
        let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let year = CalendarDate(dayNumber: day).components.year
        let start = Self.moment(of: summer.start, in: year) - standard
        let end = Self.moment(of: summer.end, in: year) - summer.offset
        let isSummer =
            start <= end
            ? seconds >= start && seconds < end : seconds >= start || seconds < end
        return (isSummer ? summer.offset : standard) * 1000
    }

    /// By the clocks before the change, in seconds since 1970.
    private static func moment(of change: Change, in year: Int) -> Int {
        let newYear = CalendarDate(year: year, month: 1, day: 1).dayNumber
        let isLeap = CalendarDate(year: year + 1, month: 1, day: 1).dayNumber - newYear == 366
        let day: Int
        switch change.day {
        case .ofYear(let number): day = newYear + number
        case .withoutLeapDay(let number):
            day = newYear + number - (isLeap && number > 59 ? 0 : 1)
        case .ofMonth(let month, let week, let weekday):
            let first = CalendarDate(year: year, month: month, day: 1).dayNumber
            let next = CalendarDate(
                year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1
            ).dayNumber
            // 1 January 1970 was a Thursday.
            let firstWeekday = ((first + 4) % 7 + 7) % 7
            var chosen = first + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            while chosen >= next { chosen -= 7 }
            day = chosen
        }
        return day * 86_400 + change.time
    }

    // MARK: Reading

    /// Three letters or more, or anything in angle brackets.
    private static func takeName(_ rest: inout ArraySlice<UInt8>) -> Bool {
        if rest.first == 60 {
            guard let end = rest.firstIndex(of: 62) else { return false }
            rest = rest[(end + 1)...]
            return true
        }
        let name = rest.prefix { (65...90).contains($0) || (97...122).contains($0) }
        rest = rest[name.endIndex...]
        return name.count >= 3
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    private static func takeTime(_ rest: inout ArraySlice<UInt8>) -> Int? {
        let isNegative = rest.first == 45
        if isNegative || rest.first == 43 { rest = rest.dropFirst() }
        guard let hours = takeNumber(&rest), hours <= 167 else { return nil }
        var seconds = hours * 3600
        for unit in [60, 1] where rest.first == 58 {
            rest = rest.dropFirst()
            guard let number = takeNumber(&rest), number < 60 else { return nil }
            seconds += number * unit
        }
        return isNegative ? -seconds : seconds
    }

    private static func takeNumber(_ rest: inout ArraySlice<UInt8>) -> Int? {
        let digits = rest.prefix(4).prefix { (48...57).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest[digits.endIndex...]
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    /// `,Mm.w.d[/time]`, `,Jn[/time]` or `,n[/time]`.
    private static func takeChange(_ rest: inout ArraySlice<UInt8>) -> Change? {
        guard rest.first == 44 else { return nil }
        rest = rest.dropFirst()
        let day: Day
        switch rest.first {
        case 77:
            rest = rest.dropFirst()
            guard let month = takeNumber(&rest), (1...12).contains(month), rest.first == 46 else {
                return nil
            }
            rest = rest.dropFirst()
            guard let week = takeNumber(&rest), (1...5).contains(week), rest.first == 46 else {
                return nil
            }
            rest = rest.dropFirst()
            guard let weekday = takeNumber(&rest), weekday < 7 else { return nil }
            day = .ofMonth(month, week: week, weekday: weekday)
        case 74:
            rest = rest.dropFirst()
            guard let number = takeNumber(&rest), (1...365).contains(number) else { return nil }
            day = .withoutLeapDay(number)
        default:
            guard let number = takeNumber(&rest), number <= 365 else { return nil }
            day = .ofYear(number)
        }
        guard rest.first == 47 else { return Change(day: day, time: 7200) }
        rest = rest.dropFirst()
        return takeTime(&rest).map { Change(day: day, time: $0) }
    }
}
