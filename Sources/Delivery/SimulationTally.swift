/// Where the requests that came to one edge were answered, by the region of the listeners.
///
/// All figures of a simulation are worked out from these whole numbers.
struct SimulationTally: Equatable, Sendable {
    let regionCount: Int
    /// By source, and in it by listeners' region: regions, the origin, the edge itself.
    private(set) var requests: [Int]
    private(set) var bytes: [Int]

    init(regionCount: Int) {
        self.regionCount = regionCount
        requests = Array(repeating: 0, count: (regionCount + 2) * regionCount)
        bytes = requests
    }

    var origin: Int { regionCount }
    /// The source of hits.
    var edge: Int { regionCount + 1 }

    @inline(__always)
    mutating func add(from source: Int, to listeners: Int, bytes size: Int) {
        requests[source * regionCount + listeners] += 1
        bytes[source * regionCount + listeners] += size
    }

    func requests(from source: Int, to listeners: Int) -> Int {
        requests[source * regionCount + listeners]
    }

    func bytes(from source: Int, to listeners: Int) -> Int {
        bytes[source * regionCount + listeners]
    }
}

/// What the regions and the origin gave to edges in each five minutes of the day.
struct SimulationLoad: Equatable, Sendable {
    private(set) var requests: [Int]
    private(set) var bytes: [Int]

    init(regionCount: Int) {
        requests = Array(repeating: 0, count: (regionCount + 1) * SimulationTrace.slotCount)
        bytes = requests
    }

    @inline(__always)
    mutating func add(from source: Int, slot: Int, bytes size: Int) {
        requests[source * SimulationTrace.slotCount + slot] += 1
        bytes[source * SimulationTrace.slotCount + slot] += size
    }

    /// The busiest five minutes of a source, by requests and by bytes each for itself.
    func peak(of source: Int) -> SimulationResult.Peak {
        let slots = source * SimulationTrace.slotCount..<(source + 1) * SimulationTrace.slotCount
        let seconds = Double(SimulationTrace.slotSeconds)
        return SimulationResult.Peak(
            requestsPerSecond: Double(requests[slots].max()!) / seconds,
            bitsPerSecond: Double(bytes[slots].max()!) * 8 / seconds)
    }

    static func += (a: inout SimulationLoad, b: SimulationLoad) {
        for place in a.requests.indices {
            a.requests[place] += b.requests[place]
            a.bytes[place] += b.bytes[place]
        }
    }
}
