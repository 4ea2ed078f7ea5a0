internal import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same numbers everywhere.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count + 8)
        while result.count < count {
            withUnsafeBytes(of: next()) { result.append(contentsOf: $0) }
        }
        return Array(result.prefix(count))
    }

    /// The seeds of a property test: a fixed range, or the one in `SPINDLE_TEST_SEED`.
    ///
    /// A failure names its seed, as each is an argument of the test.
    package static func seeds(_ count: UInt64) -> [UInt64] {
        if let text = ProcessInfo.processInfo.environment["SPINDLE_TEST_SEED"],
            let seed = UInt64(text)
        {
            return [seed]
        }
        return Array(1...count)
    }
}
