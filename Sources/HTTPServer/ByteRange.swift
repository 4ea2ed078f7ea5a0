/// What a `Range` field asks of a representation (RFC 9110, section 14.2).
///
///     ByteRanges("bytes=0-99", sizeBytes: 1000)       // .ranges([0..<100])
///     ByteRanges("bytes=-100", sizeBytes: 1000)       // .ranges([900..<1000])
///     ByteRanges("bytes=1000-", sizeBytes: 1000)      // .unsatisfiable: 416
///     ByteRanges("lines=1-2", sizeBytes: 1000)        // .whole: 200
///
/// Where the RFC leaves a choice it is mostly nginx's: a malformed or reversed range is
/// unsatisfiable, not ignored; ranges that together exceed the representation get it whole. Unlike
/// nginx 1.22, overlapping and adjacent ranges are merged, empty list elements are skipped (section
/// 5.6.1), and one reversed range spoils its list.
package enum ByteRanges: Equatable, Sendable {
    case whole
    /// One or more, in the order asked for; none overlaps another or touches it.
    case ranges([Range<Int>])
    case unsatisfiable

    /// Above this a client is not seeking but making work.
    package static let maximumCount = 16

    package init(_ field: String, sizeBytes: Int) {
        guard let equals = field.firstIndex(of: "="),
            field[..<equals].trimmed.lowercased() == "bytes"
        else {
            self = .whole
            return
        }
        let specifiers = field[field.index(after: equals)...].split(separator: ",").map(\.trimmed)
            .filter { !$0.isEmpty }
        guard !specifiers.isEmpty else {
            self = .unsatisfiable
            return
        }
        guard specifiers.count <= Self.maximumCount else {
            self = .whole
            return
        }
        var ranges: [Range<Int>] = []
        for specifier in specifiers {
            switch Self.resolve(specifier, sizeBytes) {
            case .invalid:
                self = .unsatisfiable
                return
            case .beyond: continue
            case .range(let range): ranges.append(range)
            }
        }
        if ranges.isEmpty {
            self = .unsatisfiable
        } else if ranges.reduce(0, { $0 + $1.count }) > sizeBytes {
            self = .whole
        } else {
            self = .ranges(Self.coalesced(ranges))
        }
    }

    private enum Resolved {
        case invalid
        case beyond
        case range(Range<Int>)
    }

    private static func resolve(_ specifier: Substring, _ sizeBytes: Int) -> Resolved {
        let ends = specifier.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2 else { return .invalid }
        if ends[0].isEmpty {
            // The last so many bytes; of a shorter representation all.
            guard let count = number(ends[1]) else { return .invalid }
            return count == 0 || sizeBytes == 0
                ? .beyond : .range(max(0, sizeBytes - count)..<sizeBytes)
        }
        guard let first = number(ends[0]) else { return .invalid }
        guard !ends[1].isEmpty else {
            return first < sizeBytes ? .range(first..<sizeBytes) : .beyond
        }
        guard let last = number(ends[1]), last >= first else { return .invalid }
        return first < sizeBytes ? .range(first..<min(last, sizeBytes - 1) + 1) : .beyond
    }

    /// Digits only; a number that no file reaches is as good as the largest.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text) ?? Int.max
    }

    /// Merges ranges that overlap or touch (section 15.3.7.2); without any the order stays.
    private static func coalesced(_ ranges: [Range<Int>]) -> [Range<Int>] {
        let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
        var merged = [sorted[0]]
        for range in sorted.dropFirst() {
            let last = merged[merged.count - 1]
            if range.lowerBound <= last.upperBound {
                merged[merged.count - 1] =
                    last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged.count == ranges.count ? ranges : merged
    }
}

extension Substring {
    /// Without the optional white space of RFC 9110, section 5.6.3.
    var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
