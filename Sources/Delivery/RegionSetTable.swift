/// The sets of regions that may hold a song, each with its prices.
///
/// Every cost of a song grows with its size, so prices are per GB and day, and one table serves
/// all songs. Sets come in the order of their size, except that, where songs that would lose their
/// majority are limited, those sets stand behind the others, by failure domain (`groups`). With
/// many regions the largest sets are left out.
struct RegionSetTable {
    /// Sets with a like place in the limits; padded to whole blocks.
    struct Group {
        /// Places in `sets`, multiples of `blockSets`.
        var range: Range<Int>
        /// What takes the majority of these sets' copies with it; nil for the first group.
        var majorityDomain: Int?
    }

    /// Empty where the table is padded.
    let sets: [RegionSet]
    let groups: [Group]
    /// Whether every valid set is in the table.
    let isComplete: Bool
    /// For each listeners' region in turn, each set's price for a GB served there, the expected
    /// outages included; 0 where the table is padded.
    let serving: [Float]
    private let indexes: [UInt32: UInt16]

    /// All sets of eleven regions; beyond, as many sizes as stay under it.
    static let setsMax = 2048
    private static let regionsOfAllSets = 11
    private static let previousSetsMax = 4096
    private static let minimalSetsMax = 20_000

    /// `SPINDLE_PRICING_BLOCK`.
    static let blockSets = 32

    /// - Parameters:
    ///   - classes: A set that none of them allows is left out.
    ///   - previous: Sets that songs are in; those that are allowed are in the table, so that what
    ///     is there can stay.
    init(
        _ topology: Topology, classes: [PlacementClass], previous: Set<RegionSet> = []
    ) throws(DeliveryError) {
        let count = topology.regions.count
        // The smallest sets of each class must be there, however many there are.
        let smallest = Set(classes.map { $0.smallestSetCount(topology) })
        var valid: [RegionSet] = []
        var complete = true
        for size in (smallest.min() ?? count)...count {
            var more: [RegionSet] = []
            let isNeeded = smallest.contains(size)
            let room = (isNeeded ? Self.minimalSetsMax : Self.setsMax) - valid.count
            Self.forEachSet(of: size, among: count) { set in
                if classes.contains(where: { $0.allows(set, topology) }) { more.append(set) }
                return more.count <= room
            }
            guard more.count <= room else {
                guard !isNeeded else {
                    throw DeliveryError(
                        .impossiblePlacement, at: "",
                        "\(count) regions and \(size) replicas make more than "
                            + "\(Self.minimalSetsMax) sets of regions to compare",
                        hint: "group regions, or ask for fewer replicas")
                }
                complete = false
                continue
            }
            valid += more
        }
        if !complete {
            let known = Set(valid)
            // Beyond some thousand, which no plan of ours makes, the rest is placed anew.
            valid += previous.filter { set in
                !known.contains(set) && classes.contains { $0.allows(set, topology) }
            }.sorted { $0.bits < $1.bits }.prefix(Self.previousSetsMax)
        }
        isComplete = complete && count <= Self.regionsOfAllSets

        var sets: [RegionSet] = []
        var groups: [Group] = []
        func append(_ members: [RegionSet], majorityDomain: Int?) {
            let start = sets.count
            sets += members
            while sets.count == start || sets.count % Self.blockSets != 0 {
                sets.append(RegionSet())
            }
            groups.append(Group(range: start..<sets.count, majorityDomain: majorityDomain))
        }
        if topology.majorityLossSongsMax == nil {
            append(valid, majorityDomain: nil)
        } else {
            let domains = valid.map { topology.majorityDomain(of: $0) }
            append(zip(valid, domains).filter { $0.1 == nil }.map(\.0), majorityDomain: nil)
            for domain in topology.domains.indices where domains.contains(domain) {
                append(
                    zip(valid, domains).filter { $0.1 == domain }.map(\.0), majorityDomain: domain)
            }
        }
        self.sets = sets
        self.groups = groups
        var indexes: [UInt32: UInt16] = [:]
        for (index, set) in sets.enumerated() where !set.isEmpty {
            indexes[set.bits] = UInt16(index)
        }
        self.indexes = indexes
        serving = topology.regions.indices.flatMap { listeners in
            sets.map { set in
                set.isEmpty
                    ? 0 : Float(topology.expectedServingUSDPerGB(from: set, to: listeners))
            }
        }
    }

    /// Sets in a row, padding among them.
    var stride: Int { sets.count }

    func index(of set: RegionSet) -> Int? { indexes[set.bits].map(Int.init) }

    /// Calls `body` for each set of `size` among the first `count` regions until it returns false.
    private static func forEachSet(of size: Int, among count: Int, _ body: (RegionSet) -> Bool) {
        guard size <= count, size > 0 else { return }
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

extension Topology {
    /// What a GB costs that one of `holders` serves, when each region is down as often as it says.
    ///
    /// Regions fail one at a time. Where none is left, the song comes as from the farthest one.
    package func expectedServingUSDPerGB(from holders: RegionSet, to listeners: Int) -> Double {
        let normal = servingUSDPerGB(from: cheapest(of: holders, for: listeners)!, to: listeners)
        var expected = normal
        for region in holders where regions[region].outageProbability > 0 {
            let without = servingUSDPerGB(
                from: holders.subtracting(RegionSet([region])), to: listeners)
            expected += regions[region].outageProbability * (without - normal)
        }
        return expected
    }

    /// The same without outages; of an empty set the price of the dearest link.
    func servingUSDPerGB(from holders: RegionSet, to listeners: Int) -> Double {
        guard let holder = cheapest(of: holders, for: listeners) else {
            return regions.indices.reduce(0) { max($0, servingUSDPerGB(from: $1, to: listeners)) }
        }
        return servingUSDPerGB(from: holder, to: listeners)
    }
}
