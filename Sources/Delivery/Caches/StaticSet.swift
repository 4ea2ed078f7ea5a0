/// A set that does not change in the day: yesterday's top, by density.
///
/// 1. Objects are taken by yesterday's requests per byte, most first, while they fit.
/// 2. What is in the set is a hit, nothing enters, nothing leaves.
///
/// What a prefetch without a forecast does; it shows what the forecast is worth.
package struct StaticSet: CachePolicy {
    package let capacityBytes: Int
    package let usedBytes: Int
    private let isHeld: [Bool]

    /// - Parameter weights: Of each object, requests for example; what has none is not taken.
    package init(capacityBytes: Int, sizes: [Int], weights: [Double]) {
        self.capacityBytes = capacityBytes
        var (held, used) = (Array(repeating: false, count: sizes.count), 0)
        for object in Self.byDensity(weights, sizes) where used + sizes[object] <= capacityBytes {
            held[object] = true
            used += sizes[object]
        }
        isHeld = held
        usedBytes = used
    }

    /// Objects with a weight, most per byte first, then by number.
    static func byDensity(_ weights: [Double], _ sizes: [Int]) -> [Int] {
        func density(_ object: Int) -> Double { weights[object] / Double(max(1, sizes[object])) }
        return weights.indices.filter { weights[$0] > 0 }.sorted {
            let (a, b) = (density($0), density($1))
            return a == b ? $0 < $1 : a > b
        }
    }

    package func holds(_ object: Int) -> Bool { isHeld[object] }

    package mutating func request(_ object: Int) -> Bool { isHeld[object] }
}
