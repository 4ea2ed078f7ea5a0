/// The state of a placement in the making: where each song is, and what room is left.
///
/// Songs go in the order of expected streams, most first: a copy costs and saves in proportion to
/// the song's size, so streams are what a byte of room is worth. See `PlacementPlanner`.
struct PlacementSearch {
    let problem: PlacementProblem
    let table: RegionSetTable
    /// Songs by expected streams, most first; ties by id.
    let order: [UInt32]
    var sets: [RegionSet]
    var freeBytes: [Int]
    /// Prices of the song at hand for each set of the table; kept to spare an allocation a song.
    var prices: [Double]
    /// The same for songs that are asked to make room.
    var ejectionPrices: [Double]

    init(_ problem: PlacementProblem) throws(DeliveryError) {
        self.problem = problem
        table = try RegionSetTable(problem.topology)
        let streams = (0..<problem.songs.count).map { problem.demand.total($0) }
        order = (0..<UInt32(problem.songs.count)).sorted { a, b in
            let (streamsA, streamsB) = (streams[Int(a)], streams[Int(b)])
            return streamsA == streamsB ? a < b : streamsA > streamsB
        }
        sets = Array(repeating: RegionSet(), count: problem.songs.count)
        freeBytes = problem.topology.regions.map(\.capacityBytes)
        prices = Array(repeating: 0, count: table.sets.count)
        ejectionPrices = prices
    }

    var topology: Topology { problem.topology }
    var replicas: Int { problem.topology.replicas }

    // MARK: Changing one song

    mutating func assign(_ song: Int, _ set: RegionSet) {
        let size = problem.songs.sizesBytes[song]
        for region in sets[song].subtracting(set) { freeBytes[region] += size }
        for region in set.subtracting(sets[song]) { freeBytes[region] -= size }
        sets[song] = set
    }

    /// Regions where a song of this size fits in.
    func regionsWithRoom(for sizeBytes: Int) -> RegionSet {
        var room = RegionSet()
        for region in freeBytes.indices where freeBytes[region] >= sizeBytes { room.insert(region) }
        return room
    }

    /// What bringing a GB of the song to the regions of `set` costs beyond where it was yesterday.
    func moveUSDPerGB(_ song: Int, to set: RegionSet) -> Double {
        topology.prices.moveUSDPerGB
            * Double(set.subtracting(problem.previous[song]).count)
    }

    /// Storage, serving and moving a GB of the song, priced set by set and not from the table.
    func costUSDPerGB(_ song: Int, in set: RegionSet) -> Double {
        var cost = moveUSDPerGB(song, to: set)
        for region in set { cost += topology.regions[region].storageUSDPerGBMonth / 30 }
        for entry in problem.demand.entries(song) {
            let listeners = Int(problem.demand.regions[entry])
            let holder = topology.cheapest(of: set, for: listeners)!
            cost +=
                Double(problem.demand.streams[entry])
                * topology.servingUSDPerGB(from: holder, to: listeners)
        }
        return cost
    }

    // MARK: Whole placements

    /// Leaves every song where it was, as far as that is still a valid place with room.
    ///
    /// - Returns: Songs that need a new place, in order; nil when the kept songs do not fit.
    mutating func keepPrevious() -> [UInt32]? {
        var homeless: [UInt32] = []
        for song in order {
            let set = problem.previous[Int(song)]
            if topology.domainCount(of: set) >= replicas {
                assign(Int(song), set)
            } else {
                homeless.append(song)
            }
        }
        // A region that has shrunk gives away what is asked for least.
        for region in freeBytes.indices where freeBytes[region] < 0 {
            for song in order.reversed() where freeBytes[region] < 0 {
                guard sets[Int(song)].contains(region),
                    let move = cheapestMove(Int(song), outOf: region)
                else { continue }
                assign(Int(song), move.set)
            }
            guard freeBytes[region] >= 0 else { return nil }
        }
        return homeless
    }

    /// Gives each song the cheapest set that leaves room for all that come after it.
    ///
    /// - Parameter slackBytes: Kept free in each region against the waste at its end.
    /// - Returns: false when a song found no place; the state is of no use then.
    mutating func placeGreedily(_ songs: [UInt32], slackBytes: Int) -> Bool {
        var reserve = PlacementReserve(
            topology: topology, freeBytes: freeBytes, slackBytes: slackBytes,
            remainingBytes: songs.reduce(0) { $0 + problem.songs.sizesBytes[Int($1)] })
        guard reserve.marginBytes >= 0 else { return false }
        for song in songs {
            let song = Int(song)
            let size = problem.songs.sizesBytes[song]
            let room = regionsWithRoom(for: size)
            table.price(song, problem.demand, into: &prices)
            reserve.remainingBytes -= size
            var best: (set: RegionSet, cost: Double)?
            var widest: (set: RegionSet, marginBytes: Int)?
            for index in 0..<table.minimalCount {
                let set = table.sets[index]
                guard set.subtracting(room).isEmpty else { continue }
                let cost = prices[index] + moveUSDPerGB(song, to: set)
                if let best, cost >= best.cost { continue }
                let margin = reserve.marginBytes(afterPlacing: size, in: set)
                if margin >= 0 {
                    best = (set, cost)
                } else if margin > widest?.marginBytes ?? .min {
                    widest = (set, margin)
                }
            }
            // The reserve counts bytes as if songs could be cut; when none passes by a hair, the
            // set that leaves most room is the likeliest to work out.
            guard let set = best?.set ?? widest?.set else { return false }
            assign(song, set)
            reserve.place(size, in: set)
        }
        return true
    }

    /// Largest songs first, each into the emptiest domains, whatever it costs.
    ///
    /// - Returns: The song that found no place, or nil when all did.
    mutating func placeBalanced() -> Int? {
        let sizes = problem.songs.sizesBytes
        let largestFirst = sizes.indices.sorted { a, b in
            sizes[a] == sizes[b] ? a < b : sizes[a] > sizes[b]
        }
        for song in largestFirst {
            var freeOfDomain = Array(repeating: 0, count: topology.domains.count)
            var roomiest: [Int?] = Array(repeating: nil, count: topology.domains.count)
            for region in freeBytes.indices {
                let domain = topology.domainOfRegion[region]
                freeOfDomain[domain] += freeBytes[region]
                guard freeBytes[region] >= sizes[song] else { continue }
                if let known = roomiest[domain], freeBytes[known] >= freeBytes[region] { continue }
                roomiest[domain] = region
            }
            let domains = topology.domains.indices.filter { roomiest[$0] != nil }.sorted { a, b in
                freeOfDomain[a] == freeOfDomain[b] ? a < b : freeOfDomain[a] > freeOfDomain[b]
            }
            guard domains.count >= replicas else { return song }
            assign(song, RegionSet(domains.prefix(replicas).map { roomiest[$0]! }))
        }
        return nil
    }
}

/// Whether what is still to be placed can be placed, if songs could be cut like rope.
///
/// With F free bytes in a failure domain and R bytes to come, a domain can take min(F, R): more
/// than R would put two copies of one song into it. All R bytes find their k copies exactly when
/// Σ min(F, R) ≥ k × R (McNaughton 1959, the wrap-around rule).
struct PlacementReserve {
    private let topology: Topology
    private let slackBytes: Int
    private var freeBytes: [Int]
    private var usableOfDomain: [Int]
    var remainingBytes: Int

    init(topology: Topology, freeBytes: [Int], slackBytes: Int, remainingBytes: Int) {
        self.topology = topology
        self.slackBytes = slackBytes
        self.freeBytes = freeBytes
        self.remainingBytes = remainingBytes
        usableOfDomain = Array(repeating: 0, count: topology.domains.count)
        for region in freeBytes.indices {
            usableOfDomain[topology.domainOfRegion[region]] += usable(freeBytes[region])
        }
    }

    /// Bytes to spare; negative when something would be left without a place.
    var marginBytes: Int {
        usableOfDomain.reduce(0) { $0 + min($1, remainingBytes) }
            - topology.replicas * remainingBytes
    }

    /// The margin if a song went into `set`, with `remainingBytes` counting what follows it.
    func marginBytes(afterPlacing sizeBytes: Int, in set: RegionSet) -> Int {
        var margin = -topology.replicas * remainingBytes
        for domain in usableOfDomain.indices {
            margin += min(usableOfDomain[domain], remainingBytes)
        }
        // A minimal set has one region a domain, so each domain changes once.
        for region in set {
            let before = usableOfDomain[topology.domainOfRegion[region]]
            let after =
                before - usable(freeBytes[region]) + usable(freeBytes[region] - sizeBytes)
            margin += min(after, remainingBytes) - min(before, remainingBytes)
        }
        return margin
    }

    mutating func place(_ sizeBytes: Int, in set: RegionSet) {
        for region in set {
            let domain = topology.domainOfRegion[region]
            usableOfDomain[domain] +=
                usable(freeBytes[region] - sizeBytes) - usable(freeBytes[region])
            freeBytes[region] -= sizeBytes
        }
    }

    private func usable(_ free: Int) -> Int { max(0, free - slackBytes) }
}
