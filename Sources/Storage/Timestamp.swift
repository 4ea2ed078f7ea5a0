internal import Glibc

/// A moment in milliseconds since 1970, UTC; written as RFC 3339 with milliseconds.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let milliseconds: Int

    package init(milliseconds: Int) { self.milliseconds = milliseconds }

    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
    }

    package var date: CalendarDate {
        CalendarDate(dayNumber: Int((Double(milliseconds) / 86_400_000).rounded(.down)))
    }

    package var description: String {
        let date = self.date
        let time = milliseconds - date.dayNumber * 86_400_000
        return "\(date)T" + padded(time / 3_600_000, 2) + ":" + padded(time / 60_000 % 60, 2) + ":"
            + padded(time / 1_000 % 60, 2) + "." + padded(time % 1_000, 3) + "Z"
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// Parses RFC 3339 (section 5.6): date, `T`, time, optional fraction, `Z` or an offset.
    ///
    /// - Returns: nil for anything else, impossible dates and times among them.
    package init?(rfc3339 text: UnsafeRawBufferPointer) {
        func digits(_ start: Int, _ count: Int) -> Int? {
            guard start + count <= text.count else { return nil }
            var value = 0
            for index in start..<start + count {
                guard (48...57).contains(text[index]) else { return nil }
                value = value * 10 + Int(text[index] - 48)
            }
            return value
        }
        guard text.count >= 20, text[4] == 45, text[7] == 45, text[10] | 32 == 116, text[13] == 58,
            text[16] == 58, let year = digits(0, 4), let month = digits(5, 2),
            let day = digits(8, 2), let hour = digits(11, 2), let minute = digits(14, 2),
            let second = digits(17, 2), hour < 24, minute < 60,
            // A leap second is written :60 and counted as the next.
            second <= 60, (1...12).contains(month), day >= 1
        else { return nil }
        let date = CalendarDate(year: year, month: month, day: day)
        guard date.components.month == month else { return nil }
        var index = 19
        var fraction = 0
        if text[index] == 46 {
            index += 1
            var scale = 100
            let first = index
            while index < text.count, (48...57).contains(text[index]) {
                fraction += Int(text[index] - 48) * scale
                scale /= 10
                index += 1
            }
            guard index > first else { return nil }
        }
        var offsetMinutes = 0
        guard index < text.count else { return nil }
        switch text[index] {
        case 90, 122: index += 1
        case 43, 45:
            guard let hours = digits(index + 1, 2), index + 3 < text.count, text[index + 3] == 58,
                let minutes = digits(index + 4, 2), hours < 24, minutes < 60
            else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (text[index] == 43 ? 1 : -1)
            index += 6
        default: return nil
        }
        guard index == text.count else { return nil }
        let seconds = hour * 3_600 + (minute - offsetMinutes) * 60 + second
        milliseconds = (date.dayNumber * 86_400 + seconds) * 1_000 + fraction
    }

    package init?(_ text: String) {
        var text = text
        let parsed = text.withUTF8 { Timestamp(rfc3339: UnsafeRawBufferPointer($0)) }
        guard let parsed else { return nil }
        self = parsed
    }
}
