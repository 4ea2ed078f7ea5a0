/// A track or a disc, and of how many.
enum TagPosition {
    /// "3/12" is 3 of 12; zero is none.
    static func parse(_ text: String) -> (number: Int?, total: Int?) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            .map { Int(TagCleaning.trimmed($0)) }
        func positive(_ number: Int?) -> Int? { number.flatMap { $0 > 0 ? $0 : nil } }
        return (positive(parts.first ?? nil), parts.count > 1 ? positive(parts[1]) : nil)
    }
}
