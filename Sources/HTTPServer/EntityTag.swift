/// The lists of entity tags in conditional requests (RFC 9110, sections 8.8.3 and 13.1).
package enum EntityTag {
    /// Whether `If-None-Match` says that the client has it already: weak comparison.
    package static func isListed(_ tag: String, inIfNoneMatch field: String) -> Bool {
        isAny(field) || tags(field).contains { $0 == tag || $0 == "W/" + tag }
    }

    /// Whether `If-Match` holds: strong comparison.
    package static func isListed(_ tag: String, inIfMatch field: String) -> Bool {
        isAny(field) || tags(field).contains { $0 == tag }
    }

    /// Whether `If-Range` lets a range through: this very tag, strong. A date never does, because a
    /// copied file's date says nothing of its bytes.
    package static func isSame(_ tag: String, inIfRange field: String) -> Bool {
        field[...].trimmed == tag
    }

    private static func isAny(_ field: String) -> Bool { field[...].trimmed == "*" }

    /// A tag may contain a comma, so that splitting at commas would not do.
    private static func tags(_ field: String) -> [Substring] {
        var tags: [Substring] = []
        var rest = field[...]
        while let quote = rest.firstIndex(of: "\"") {
            let after = rest.index(after: quote)
            guard let end = rest[after...].firstIndex(of: "\"") else { break }
            let isWeak = rest[..<quote].hasSuffix("W/")
            tags.append(rest[(isWeak ? rest.index(quote, offsetBy: -2) : quote)...end])
            rest = rest[rest.index(after: end)...]
        }
        return tags
    }
}
