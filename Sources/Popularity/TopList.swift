/// Keeps the first few of many candidates.
struct TopList<Element> {
    private(set) var elements: [Element] = []
    private let limit: Int
    private let precedes: (Element, Element) -> Bool

    /// - Parameter precedes: A strict order without ties, so that the result is always the same.
    init(_ limit: Int, by precedes: @escaping (Element, Element) -> Bool) {
        self.limit = limit
        self.precedes = precedes
    }

    /// Whether an element may find a place, when the last one of a full list is to pass `isNotBetter`.
    @inline(__always)
    func mayTake(where isNotBetter: (Element) -> Bool) -> Bool {
        elements.count < limit || isNotBetter(elements[limit - 1])
    }

    /// - Complexity: O(1) for most of many candidates, O(limit) for those that stay.
    mutating func offer(_ element: Element) {
        if elements.count == limit {
            guard precedes(element, elements[limit - 1]) else { return }
            elements.removeLast()
        }
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if precedes(elements[middle], element) { low = middle + 1 } else { high = middle }
        }
        elements.insert(element, at: low)
    }
}
