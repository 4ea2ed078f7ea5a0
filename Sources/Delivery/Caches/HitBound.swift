/// A bound that no cache exceeds, whatever it knows and whatever it starts the day with (PFOO-L).
///
/// 1. To answer a request an object must lie in the cache from its request before, or from the
///    day's beginning if there was none.
/// 2. That takes its size times the requests that pass meanwhile out of the space-time that there
///    is: capacity × requests.
/// 3. Whatever a cache does, its hits are a set of such stays that fits into all the space-time. The
///    most hits that could fit, cheapest stays first, are a bound; for bytes, shortest stays first.
///
/// That space is short at one moment and free at another is forgotten, so the bound is rarely
/// reached. D. S. Berger, N. Beckmann, M. Harchol-Balter: Practical bounds on optimal caching with
/// variable object sizes, Proc. ACM Meas. Anal. Comput. Syst. 2(2), 2018, section 4.
package struct HitBound {
    /// Most hits and most bytes of hits.
    package struct Bound: Equatable, Sendable {
        package var requests = 0
        package var bytes = 0

        package init(requests: Int = 0, bytes: Int = 0) {
            self.requests = requests
            self.bytes = bytes
        }
    }

    private struct Stay {
        let sizeBytes: Int
        let requests: Int
        var cost: UInt128 { UInt128(sizeBytes) * UInt128(requests) }
    }

    private let requestCount: Int
    private let byCost: [Stay]
    private let byLength: [Stay]

    /// - Parameters:
    ///   - trace: The day's requests.
    ///   - sizes: Bytes of each object.
    /// - Complexity: O(n log n) in the requests.
    package init(_ trace: some RandomAccessCollection<UInt32>, sizes: [Int]) {
        var last = Array(repeating: -1, count: sizes.count)
        var stays: [Stay] = []
        stays.reserveCapacity(trace.count)
        for (place, object) in trace.enumerated() {
            let object = Int(object)
            stays.append(Stay(sizeBytes: sizes[object], requests: place - last[object]))
            last[object] = place
        }
        requestCount = stays.count
        byCost = stays.sorted { $0.cost < $1.cost }
        byLength = stays.sorted { $0.requests < $1.requests }
    }

    /// The bound for a capacity.
    ///
    /// - Complexity: O(n).
    package func bound(capacityBytes: Int) -> Bound {
        let room = UInt128(max(0, capacityBytes)) * UInt128(requestCount)
        var bound = Bound()
        var used: UInt128 = 0
        for stay in byCost where stay.sizeBytes <= capacityBytes {
            used += stay.cost
            // A part of a hit is none.
            guard used <= room else { break }
            bound.requests += 1
        }
        used = 0
        for stay in byLength where stay.sizeBytes <= capacityBytes {
            guard used + stay.cost <= room else {
                // Of the last stay a part still fits.
                bound.bytes += Int((room - used) / UInt128(stay.requests))
                break
            }
            used += stay.cost
            bound.bytes += stay.sizeBytes
        }
        return bound
    }
}
