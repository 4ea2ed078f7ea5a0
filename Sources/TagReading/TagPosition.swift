/// A track or a disc, and of how many.
enum TagPosition {
    /// "3/12" is 3 of 12; zero is none; letters behind a number are left out.
    static func parse(_ text: String) -> (number: Int?, total: Int?) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            .map { part in Int(TagCleaning.trimmed(part).prefix { $0.isASCII && $0.isNumber }) }
        func positive(_ number: Int?) -> Int? { number.flatMap { $0 > 0 ? $0 : nil } }
        return (positive(parts.first ?? nil), parts.count > 1 ? positive(parts[1]) : nil)
    }
}
