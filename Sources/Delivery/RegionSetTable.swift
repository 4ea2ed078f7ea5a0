/// The sets of regions that may hold a song, each with its prices.
///
/// Every cost of a song grows with its size, so prices are per GB and day, and one table serves
/// all songs. Sets of exactly `replicas` regions, one a failure domain, come first; then larger
/// ones that cover as many domains. With many regions the largest sets are left out.
struct RegionSetTable {
    let sets: [RegionSet]
    /// The first so many sets have exactly `replicas` regions.
    let minimalCount: Int
    /// Whether every valid set is in the table.
    let isComplete: Bool
    /// For each listeners' region in turn, each set's price for a GB served there.
    private let serving: [Double]
    /// For each set, the price of keeping a GB in all its regions for a day.
    private let storage: [Double]

    /// All sets of eleven regions; beyond, as many sizes as stay under it.
    static let setsMax = 2048

    init(_ topology: Topology) throws(DeliveryError) {
        let replicas = topology.replicas
        var minimal: [RegionSet] = []
        RegionSetTable.forEachSet(of: replicas, among: topology.regions.count) { set in
            if topology.domainCount(of: set) == replicas { minimal.append(set) }
            return minimal.count <= RegionSetTable.minimalSetsMax
        }
        guard minimal.count <= RegionSetTable.minimalSetsMax else {
            throw DeliveryError(
                .impossiblePlacement, at: "",
                "\(topology.regions.count) regions and \(replicas) replicas make more than "
                    + "\(RegionSetTable.minimalSetsMax) sets of regions to compare",
                hint: "group regions, or ask for fewer replicas")
        }
        var sets = minimal
        minimalCount = minimal.count
        var complete = true
        // Sets of `replicas` regions that share a domain are invalid; larger sets may share one.
        if replicas < topology.regions.count {
            for size in (replicas + 1)...topology.regions.count {
                var more: [RegionSet] = []
                let room = RegionSetTable.setsMax - sets.count
                RegionSetTable.forEachSet(of: size, among: topology.regions.count) { set in
                    if topology.domainCount(of: set) >= replicas { more.append(set) }
                    return more.count <= room
                }
                guard more.count <= room else {
                    complete = false
                    break
                }
                sets += more
            }
        }
        isComplete = complete
        storage = sets.map { set in
            // A month is 30 days.
            set.reduce(0) { $0 + topology.regions[$1].storageUSDPerGBMonth / 30 }
        }
        serving = topology.regions.indices.flatMap { listeners in
            sets.map { set in
                topology.servingUSDPerGB(
                    from: topology.cheapest(of: set, for: listeners)!, to: listeners)
            }
        }
        self.sets = sets
    }

    private static let minimalSetsMax = 20_000

    /// Fills `prices` with each set's storage and serving of a song, in USD per GB of its size.
    ///
    /// - Complexity: O(sets × regions in which the song is heard).
    func price(_ song: Int, _ demand: borrowing RegionDemand, into prices: inout [Double]) {
        let count = sets.count
        prices.withUnsafeMutableBufferPointer { prices in
            storage.withUnsafeBufferPointer { storage in
                for set in 0..<count { prices[set] = storage[set] }
            }
            serving.withUnsafeBufferPointer { serving in
                for entry in demand.entries(song) {
                    let streams = Double(demand.streams[entry])
                    let row = Int(demand.regions[entry]) * count
                    for set in 0..<count { prices[set] += streams * serving[row + set] }
                }
            }
        }
    }

    /// Calls `body` for each set of `size` among the first `count` regions until it returns false.
    private static func forEachSet(of size: Int, among count: Int, _ body: (RegionSet) -> Bool) {
        guard size <= count else { return }
        // Gosper's hack (HAKMEM, item 175): the next larger number with as many bits.
        var bits = (UInt64(1) << UInt64(size)) - 1
        let end = UInt64(1) << UInt64(count)
        while bits < end {
            guard body(RegionSet(bits: UInt32(bits))) else { return }
            let low = bits & (~bits &+ 1)
            let ripple = bits + low
            bits = (((ripple ^ bits) >> 2) / low) | ripple
        }
    }
}
