internal import Storage

/// A date in a tag, as precise as it is given and no more.
enum TagDate {
    /// `2004`, `2004-05`, `2004-05-17` or `2004-05-17T20:30[:15]`; nil when no year can be told.
    ///
    /// Also from `20040517`, `2004/05/17`, `2004.5.17`, `17.05.2004` and `05/17/2004`: of a day and
    /// a month whose order is not plain, only the year is taken.
    static func parse(_ text: String) -> String? {
        if let plain = parsePlain(text) { return plain }
        let bytes = Array(text.utf8)
        let digits = bytes.prefix { isDigit($0) }.count
        switch digits {
        case 4: return yearFirst(bytes)
        case 8 where bytes.count == 8:
            let year = number(bytes[0..<4])
            return day(year, number(bytes[4..<6]), number(bytes[6..<8])) ?? self.year(year)
        case 14 where bytes.count == 14:
            return day(number(bytes[0..<4]), number(bytes[4..<6]), number(bytes[6..<8]))
        case 1, 2: return yearLast(bytes)
        default: return digits > 4 ? year(number(bytes[0..<4])) : nil
        }
    }

    /// A year, or a day that every month has, as most dates are: nil for anything else.
    private static func parsePlain(_ text: String) -> String? {
        let isPlain = text.utf8.withContiguousStorageIfAvailable { bytes -> Bool in
            guard bytes.count == 4 || bytes.count == 10, bytes[..<4].allSatisfy(isDigit),
                !bytes[..<4].allSatisfy({ $0 == 0x30 })
            else { return false }
            if bytes.count == 4 { return true }
            func two(at offset: Int) -> Int? {
                guard isDigit(bytes[offset]), isDigit(bytes[offset + 1]) else { return nil }
                return Int(bytes[offset] - 0x30) * 10 + Int(bytes[offset + 1] - 0x30)
            }
            guard bytes[4] == 0x2d, bytes[7] == 0x2d, let month = two(at: 5), let day = two(at: 8)
            else { return false }
            return (1...12).contains(month) && (1...28).contains(day)
        }
        return isPlain == true ? text : nil
    }

    private static func yearFirst(_ bytes: [UInt8]) -> String? {
        guard let year = year(number(bytes[0..<4])) else { return nil }
        guard bytes.count > 4, "-/.".utf8.contains(bytes[4]) else { return year }
        let (month, afterMonth) = number(bytes, from: 5)
        guard let month, (1...12).contains(month) else { return year }
        let toMonth = year + "-" + padded(month, 2)
        guard afterMonth < bytes.count, bytes[afterMonth] == bytes[4] else { return toMonth }
        let (dayNumber, afterDay) = number(bytes, from: afterMonth + 1)
        guard let dayNumber, let day = day(number(bytes[0..<4]), month, dayNumber) else {
            return toMonth
        }
        return day + time(bytes[afterDay...])
    }

    /// `T20:30:15` for what can be read of it, else nothing.
    private static func time(_ bytes: ArraySlice<UInt8>) -> String {
        guard let first = bytes.first, first == 0x54 || first == 0x20 else { return "" }
        var parts: [Int] = []
        for part in bytes.dropFirst().split(separator: 0x3a).prefix(3) {
            guard part.count >= 2, part.prefix(2).allSatisfy(isDigit) else { break }
            let value = number(part.prefix(2))
            guard value < (parts.isEmpty ? 24 : 60) else { break }
            parts.append(value)
            if part.count > 2 { break }
        }
        guard parts.count > 1 || bytes.count == 3, !parts.isEmpty else { return "" }
        // Midnight to the second is what taggers write that know the day alone.
        if parts.allSatisfy({ $0 == 0 }) { return "" }
        return "T" + parts.map { padded($0, 2) }.joined(separator: ":")
    }

    private static func yearLast(_ bytes: [UInt8]) -> String? {
        let (first, afterFirst) = number(bytes, from: 0)
        guard let first, afterFirst < bytes.count, "-/.".utf8.contains(bytes[afterFirst]) else {
            return nil
        }
        let (second, afterSecond) = number(bytes, from: afterFirst + 1)
        guard let second, afterSecond < bytes.count, bytes[afterSecond] == bytes[afterFirst]
        else { return nil }
        let rest = bytes[(afterSecond + 1)...]
        guard rest.count == 4, rest.allSatisfy(isDigit) else { return nil }
        let year = number(rest)
        if first > 12 || first == second { return day(year, second, first) }
        if second > 12 { return day(year, first, second) }
        return self.year(year)
    }

    private static func year(_ number: Int) -> String? {
        (1...9999).contains(number) ? padded(number, 4) : nil
    }

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> String? {
        guard year > 0, (1...12).contains(month) else { return nil }
        let text = padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
        return CalendarDate(text)?.description
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// One or two digits, and where they end.
    private static func number(_ bytes: [UInt8], from start: Int) -> (Int?, Int) {
        let digits = bytes[min(start, bytes.count)...].prefix { isDigit($0) }
        guard (1...2).contains(digits.count) else { return (nil, start) }
        return (number(digits), digits.endIndex)
    }
}
