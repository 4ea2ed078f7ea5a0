internal import Storage

/// Moments as logs write them, in milliseconds since 1970, UTC.
enum LogTime {
    /// 1990 to 2200: what lies outside is another unit or a clock that was never set.
    static let plausible = 631_152_000_000..<7_258_118_400_000

    /// RFC 3339, also with a blank for the `T` and without a zone (then UTC); seconds since 1970,
    /// with a fraction or without; milliseconds since 1970 (12 digits and more).
    ///
    /// - Returns: nil for anything else.
    static func parse(_ text: UnsafeRawBufferPointer) -> Int? {
        if text.count >= 19, text[4] == 45 { return calendar(text) }
        return unix(text)
    }

    private static func unix(_ text: UnsafeRawBufferPointer) -> Int? {
        guard let point = text.first(46) else {
            guard let value = text.digits else { return nil }
            return text.count >= 12 ? value : value * 1_000
        }
        guard point <= 11, let seconds = text.part(0..<point).digits else { return nil }
        var fraction = 0
        var scale = 100
        for byte in text.part(point + 1..<text.count) {
            let digit = byte &- 48
            guard digit < 10 else { return nil }
            fraction += Int(digit) * scale
            scale /= 10
        }
        return seconds * 1_000 + fraction
    }

    private static func calendar(_ text: UnsafeRawBufferPointer) -> Int? {
        // By hand, as each line has one: date, T or blank, time, fraction, zone.
        guard let year = number(text, 0, 4), text[7] == 45, let month = number(text, 5, 2),
            let day = number(text, 8, 2), text[10] == 84 || text[10] == 32 || text[10] == 116,
            let time = clock(text, 11), (1...12).contains(month), day >= 1
        else { return nil }
        let date = CalendarDate(year: year, month: month, day: day)
        guard day <= 28 || date.components.month == month else { return nil }
        var index = 19
        var fraction = 0
        if index < text.count, text[index] == 46 || text[index] == 44 {
            index += 1
            var scale = 100
            let first = index
            while index < text.count, text[index] &- 48 < 10 {
                fraction += Int(text[index] - 48) * scale
                scale /= 10
                index += 1
            }
            guard index > first else { return nil }
        }
        if index < text.count, text[index] == 32 { index += 1 }
        let rest = text.part(index..<text.count)
        var offset = 0
        if !(rest.isEmpty || rest.equals("Z") || rest.equals("z") || rest.equals("UTC")) {
            guard let zone = zone(rest) else { return nil }
            offset = zone
        }
        return (date.dayNumber * 86_400 + time - offset) * 1_000 + fraction
    }

    /// `19/Nov/2026:12:34:56 +0000`, as web servers write it.
    static func parseCommonLog(_ text: UnsafeRawBufferPointer) -> Int? {
        guard text.count == 26, text[2] == 47, text[6] == 47, text[11] == 58, text[20] == 32,
            let day = number(text, 0, 2), let year = number(text, 7, 4),
            let time = clock(text, 12), let offset = zone(text.part(21..<26)),
            let month = months.firstIndex(
                of: UInt32(text[3]) << 16 | UInt32(text[4]) << 8 | UInt32(text[5]))
        else { return nil }
        let date = CalendarDate(year: year, month: month + 1, day: day)
        guard day >= 1, date.components.month == month + 1 else { return nil }
        return (date.dayNumber * 86_400 + time - offset) * 1_000
    }

    private static let months: [UInt32] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ].map { $0.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

    /// The seconds of `HH:MM:SS`; a leap second counts as the next.
    @inline(__always)
    private static func clock(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        guard let hour = number(text, start, 2), let minute = number(text, start + 3, 2),
            let second = number(text, start + 6, 2), text[start + 2] == 58, text[start + 5] == 58,
            hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    /// `+01:00` or `+0100`, in seconds.
    private static func zone(_ text: UnsafeRawBufferPointer) -> Int? {
        guard text.count == 5 || text.count == 6 && text[3] == 58, text[0] == 43 || text[0] == 45,
            let hours = number(text, 1, 2), let minutes = number(text, text.count - 2, 2),
            hours < 24, minutes < 60
        else { return nil }
        return (hours * 3_600 + minutes * 60) * (text[0] == 43 ? 1 : -1)
    }

    @inline(__always)
    private static func number(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for index in start..<start + count {
            let digit = text[index] &- 48
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }
}
