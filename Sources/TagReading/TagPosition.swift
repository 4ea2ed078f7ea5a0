/// A track or a disc, and of how many.
enum TagPosition {
    /// "3/12" is 3 of 12; zero is none; letters behind a number are left out.
    static func parse(_ text: String) -> (number: Int?, total: Int?) {
        if let plain = parsePlain(text) { return plain }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            .map { part in Int(TagCleaning.trimmed(part).prefix { $0.isASCII && $0.isNumber }) }
        func positive(_ number: Int?) -> Int? { number.flatMap { $0 > 0 ? $0 : nil } }
        return (positive(parts.first ?? nil), parts.count > 1 ? positive(parts[1]) : nil)
    }

    /// Digits alone, or with one slash between them: nil for anything else.
    private static func parsePlain(_ text: String) -> (number: Int?, total: Int?)? {
        var numbers = (0, 0)
        var isTotal = false
        guard (1...12).contains(text.utf8.count) else { return nil }
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39 where isTotal: numbers.1 = numbers.1 * 10 + Int(byte - 0x30)
            case 0x30...0x39: numbers.0 = numbers.0 * 10 + Int(byte - 0x30)
            case 0x2f where !isTotal: isTotal = true
            default: return nil
            }
        }
        return (numbers.0 > 0 ? numbers.0 : nil, numbers.1 > 0 ? numbers.1 : nil)
    }
}
