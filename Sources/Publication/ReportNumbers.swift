internal import Storage

// How the report writes numbers, sizes, times and dates; without Foundation, hence without locale.

/// `1234567` → `1,234,567`.
func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var result = number < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
        result.append(digit)
    }
    return result
}

/// Rounded to whole, then grouped: `1234.5` → `1,235`.
func grouped(_ number: Double) -> String { grouped(whole(number)) }

/// `(17, "reject")` → `17 rejects`.
func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
    grouped(number) + " " + (number == 1 ? noun : plural ?? noun + "s")
}

/// With so many digits after the point: `(2.346, 2)` → `2.35`.
func decimal(_ number: Double, _ places: Int) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = whole(number * Double(scale))
    let magnitude = Int(scaled.magnitude)
    let sign = scaled < 0 ? "−" : ""
    guard places > 0 else { return sign + grouped(magnitude) }
    return sign + grouped(magnitude / scale) + "." + padded(magnitude % scale, places)
}

/// SI units, three digits: `18_300_000` → `18.3 MB`.
func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["B", "kB", "MB", "GB", "TB", "PB"] {
        if value.magnitude < 999.5 || unit == "PB" {
            let places =
                unit == "B" || value.magnitude >= 99.95 ? 0 : value.magnitude >= 9.995 ? 1 : 2
            return decimal(value, places) + "\u{A0}" + unit
        }
        value /= 1_000
    }
    return ""
}

/// A share of 0…1: `0.423` → `42%`, small ones with a digit more.
func percent(_ share: Double) -> String {
    guard share.isFinite else { return "–" }
    if share > 0, share < 0.001 { return "<0.1%" }
    if share < 1, share > 0.995 { return ">99%" }
    return decimal(share * 100, share > 0 && share < 0.0995 ? 1 : 0) + "%"
}

func share(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
func share(_ part: Double, of whole: Double) -> Double { whole > 0 ? part / whole : 0 }

/// `0.042` → `0.04 s`, `75.2` → `1 min 15 s`.
func duration(seconds: Double) -> String {
    if seconds < 9.995 { return decimal(max(0, seconds), 2) + "\u{A0}s" }
    if seconds < 59.95 { return decimal(seconds, 1) + "\u{A0}s" }
    let total = whole(seconds)
    if total < 3_600 { return "\(total / 60)\u{A0}min \(padded(total % 60, 2))\u{A0}s" }
    return "\(grouped(total / 3_600))\u{A0}h \(padded(total / 60 % 60, 2))\u{A0}min"
}

/// `02:14:07`, UTC.
func clock(_ moment: Timestamp) -> String { String(moment.description.dropFirst(11).prefix(8)) }

/// At most two digits after the point, for coordinates in attributes.
func coordinate(_ number: Double) -> String {
    let hundredths = whole(number * 100)
    let magnitude = Int(hundredths.magnitude)
    var text = (hundredths < 0 ? "-" : "") + String(magnitude / 100)
    if magnitude % 100 != 0 {
        text += "." + padded(magnitude % 100, 2)
        if text.hasSuffix("0") { text.removeLast() }
    }
    return text
}

/// Rounded and clamped, so that no input traps; what is not a number is 0.
private func whole(_ number: Double) -> Int {
    number.isNaN ? 0 : Int(min(max(number, -9e15), 9e15).rounded())
}

private let weekdayNames = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
]
private let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]

extension CalendarDate {
    /// `Thursday 19 November 2026`.
    var inWords: String {
        "\(weekdayNames[weekday]) \(components.day) \(monthNames[components.month - 1]) \(components.year)"
    }
    /// `Thu 19 Nov`.
    var inShort: String {
        "\(weekdayNames[weekday].prefix(3)) \(components.day) \(monthNames[components.month - 1].prefix(3))"
    }
    var weekdayInitial: String { String(weekdayNames[weekday].prefix(1)) }
    var isWeekend: Bool { weekday >= 5 }
}
