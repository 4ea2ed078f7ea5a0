/// How many rejected files or lines an operator accepts before a stage must fail.
package enum RejectLimit: Equatable, Sendable, CustomStringConvertible {
    case count(Int)
    /// Of everything that was read.
    case percent(Double)

    /// Parses `25` or `0.5%`.
    package init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let percent = Double(text.dropLast()), (0...100).contains(percent) else {
                return nil
            }
            self = .percent(percent)
        } else {
            guard let count = Int(text), count >= 0 else { return nil }
            self = .count(count)
        }
    }

    package func isExceeded(rejected: Int, of total: Int) -> Bool {
        switch self {
        case .count(let limit): rejected > limit
        case .percent(let limit): total > 0 && Double(rejected) * 100 > limit * Double(total)
        }
    }

    package var description: String {
        switch self {
        case .count(let limit): "\(limit)"
        case .percent(let limit): limit == limit.rounded() ? "\(Int(limit))%" : "\(limit)%"
        }
    }
}

/// More was rejected than the operator accepts.
package struct RejectLimitExceeded: Diagnosed, CustomStringConvertible {
    package let rejected: Int
    package let total: Int
    package let what: String
    package let limit: RejectLimit
    /// Where the rejects are listed.
    package let list: String

    package init(rejected: Int, total: Int, what: String, limit: RejectLimit, list: String) {
        self.rejected = rejected
        self.total = total
        self.what = what
        self.limit = limit
        self.list = list
    }

    package var message: String {
        "rejected \(rejected) of \(total) \(what), more than the limit of \(limit)"
    }
    package var description: String { message }
    package var hint: String? { "read \(list), mend the source, or raise --reject-limit" }
    package var cause: FailureCause { .badData }
}
