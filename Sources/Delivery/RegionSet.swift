/// A set of regions, one bit each, numbered as in `Topology.regions`.
///
/// Four bytes, so that yesterday's and tonight's placement of millions of songs fit in memory.
package struct RegionSet: Hashable, Sendable {
    package var bits: UInt32

    /// Regions a topology may have.
    package static let countMax = 32

    package init(bits: UInt32 = 0) {
        self.bits = bits
    }

    package init(_ regions: some Sequence<Int>) {
        bits = regions.reduce(0) { $0 | 1 << UInt32($1) }
    }

    package var isEmpty: Bool { bits == 0 }
    package var count: Int { bits.nonzeroBitCount }

    package func contains(_ region: Int) -> Bool { bits & (1 << UInt32(region)) != 0 }

    package mutating func insert(_ region: Int) { bits |= 1 << UInt32(region) }

    package func subtracting(_ other: RegionSet) -> RegionSet {
        RegionSet(bits: bits & ~other.bits)
    }
}

extension RegionSet: Sequence {
    /// The regions' numbers in rising order, which is the order of their ids.
    package func makeIterator() -> Iterator { Iterator(bits: bits) }

    package struct Iterator: IteratorProtocol {
        fileprivate var bits: UInt32

        package mutating func next() -> Int? {
            guard bits != 0 else { return nil }
            defer { bits &= bits &- 1 }
            return bits.trailingZeroBitCount
        }
    }
}
