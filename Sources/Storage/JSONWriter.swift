/// Writes JSON (RFC 8259) into a byte buffer, in the order it is told.
///
/// By hand because a night writes a line for every song: ten times as fast as `JSONEncoder`, and
/// the same values always give the same bytes.
///
///     var json = JSONWriter()
///     json.object { $0.field("song", "Sakura"); $0.field("streams", 12) }
///     // {"song":"Sakura","streams":12}
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false
    private let indented: Bool
    private var depth = 0

    /// - Parameter indented: One field a line, for files that people read.
    /// - Parameter reservedBytes: What is expected to be written.
    package init(indented: Bool = false, reservedBytes: Int = 0) {
        self.indented = indented
        bytes.reserveCapacity(reservedBytes)
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    package mutating func newline() {
        bytes.append(10)
        needsComma = false
    }

    package mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try nested(123, 125, body)
    }

    package mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try nested(91, 93, body)
    }

    package mutating func object(_ key: String, _ body: (inout JSONWriter) throws -> Void) rethrows
    {
        self.key(key)
        try object(body)
    }

    package mutating func array(_ key: String, _ body: (inout JSONWriter) throws -> Void) rethrows {
        self.key(key)
        try array(body)
    }

    package mutating func field(_ key: String, _ value: String) {
        self.key(key)
        self.value(value)
    }

    package mutating func field(_ key: String, _ value: Int) {
        self.key(key)
        self.value(value)
    }

    package mutating func field(_ key: String, _ value: Bool) {
        self.key(key)
        self.value(value)
    }

    package mutating func field(_ key: String, _ value: Double, decimals: Int) {
        self.key(key)
        self.value(value, decimals: decimals)
    }

    /// `null` for nil.
    package mutating func field(_ key: String, _ value: Double?, decimals: Int) {
        if let value { field(key, value, decimals: decimals) } else { null(key) }
    }

    /// `null` for nil.
    package mutating func field(_ key: String, _ value: String?) {
        if let value { field(key, value) } else { null(key) }
    }

    /// `null` for nil.
    package mutating func field(_ key: String, _ value: Int?) {
        if let value { field(key, value) } else { null(key) }
    }

    package mutating func field(_ key: String, _ values: [String]) {
        array(key) { for value in values { $0.value(value) } }
    }

    package mutating func field(_ key: String, _ value: JSONValue) {
        self.key(key)
        self.value(value)
    }

    package mutating func null(_ key: String) {
        self.key(key)
        scalar("null")
    }

    package mutating func value(_ value: Int) { scalar(String(value)) }
    package mutating func value(_ value: Bool) { scalar(value ? "true" : "false") }
    /// `null` for what is not finite: JSON has no word for it.
    package mutating func value(_ value: Double, decimals: Int) {
        scalar(formatDecimal(value, decimals))
    }

    package mutating func value(_ value: String) {
        separate()
        quote(value)
        needsComma = true
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: scalar("null")
        case .bool(let value): self.value(value)
        case .integer(let value): self.value(value)
        // JSON has no word for the others.
        case .number(let value): scalar(value.isFinite ? "\(value)" : "null")
        case .string(let value): self.value(value)
        case .array(let values): array { for value in values { $0.value(value) } }
        case .object(let fields):
            object {
                for (key, value) in fields.sorted(by: { $0.key < $1.key }) { $0.field(key, value) }
            }
        }
    }

    package mutating func key(_ key: String) {
        separate()
        quote(key)
        bytes.append(58)
        if indented { bytes.append(32) }
        needsComma = false
        afterKey = true
    }

    private var afterKey = false

    private mutating func nested(
        _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) throws -> Void
    ) rethrows {
        separate()
        bytes.append(open)
        depth += 1
        needsComma = false
        let before = bytes.count
        try body(&self)
        depth -= 1
        if indented, bytes.count > before { lineBreak() }
        bytes.append(close)
        needsComma = true
    }

    private mutating func scalar(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(44) }
        if indented, depth > 0, !afterKey { lineBreak() }
        afterKey = false
    }

    private mutating func lineBreak() {
        bytes.append(10)
        bytes.append(contentsOf: repeatElement(32, count: 2 * depth))
    }

    private mutating func quote(_ text: String) {
        bytes.append(34)
        // Most texts have nothing that must be escaped.
        let isPlain: Bool? = text.utf8.withContiguousStorageIfAvailable { source in
            // No way out of the loop, so that it runs over many bytes at a time.
            var escapes: UInt8 = 0
            for byte in source { escapes |= byte == 34 || byte == 92 || byte < 32 ? 1 : 0 }
            if escapes != 0 { return false }
            bytes.append(contentsOf: source)
            return true
        }
        if isPlain == true {
            bytes.append(34)
            return
        }
        for byte in text.utf8 {
            switch byte {
            case 34, 92: bytes.append(contentsOf: [92, byte])
            case 10: bytes.append(contentsOf: [92, 110])
            case 9: bytes.append(contentsOf: [92, 116])
            case 13: bytes.append(contentsOf: [92, 114])
            case 0..<32:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(48 + byte >> 4)
                bytes.append(byte & 15 < 10 ? 48 + byte & 15 : 87 + byte & 15)
            default: bytes.append(byte)
            }
        }
        bytes.append(34)
    }
}

/// A number with a fixed count of decimals, halves rounded away from zero; never `-0`.
///
/// A number that is 2^63 or more when scaled has no digits left to round: it is written with its
/// shortest digits and zeros behind them. What is not finite is `null`.
///
/// - Precondition: At most 18 decimals.
package func formatDecimal(_ value: Double, _ decimals: Int) -> String {
    precondition((0...18).contains(decimals))
    guard value.isFinite else { return "null" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    guard let scaled = Int(exactly: (value * scale).rounded(.toNearestOrAwayFromZero)) else {
        return formatLarge(value, decimals)
    }
    guard decimals > 0 else { return String(scaled) }
    let whole = scaled.magnitude / UInt(scale)
    let fraction = Int(scaled.magnitude % UInt(scale))
    return (scaled < 0 ? "-" : "") + String(whole) + "." + padded(fraction, decimals)
}

/// - Parameter value: Of at least 2^63 / 10^decimals, so that its shortest digits, 17 at most, have
///   fewer than `decimals` behind the point.
private func formatLarge(_ value: Double, _ decimals: Int) -> String {
    // `1234.5` or `1.2345e+30`.
    let parts = value.magnitude.description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let exponent = parts.count > 1 ? Int(parts[1].drop { $0 == "+" }) ?? 0 : 0
    let digits = mantissa.joined()
    let wholeCount = mantissa[0].utf8.count + exponent
    let zeros = String(repeating: "0", count: max(0, wholeCount + decimals - digits.utf8.count))
    let padded = digits + zeros
    let whole = padded.prefix(wholeCount)
    let fraction = padded.dropFirst(wholeCount).prefix(decimals)
    return (value < 0 ? "-" : "") + whole + (decimals > 0 ? "." + fraction : "")
}
