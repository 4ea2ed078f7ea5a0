internal import CRegionPricing
internal import Storage

/// Prices every song for every set of regions: one streaming pass over the songs for each evaluation
/// of the dual.
///
/// A song's price for a set, in USD per GB of its size: keeping it there for a day, moving what was
/// not there yesterday, serving tomorrow's demand from the nearest holder, and what it takes of the
/// limits at their prices. Songs of one class that were in the same regions yesterday share the part
/// that does not depend on demand: a row.
///
/// Memory: 4 bytes a song beside the problem, and a number for each row and set.
final class PlacementPricing {
    /// What songs of one class share that yesterday were in the same regions.
    struct Row: Hashable {
        var group: UInt16
        var previous: RegionSet
        /// One of 256 for songs that were nowhere, one of 16 for others; see `setPrices`.
        var leaning: UInt8
    }

    /// Songs that are alike take the same set, and with it all or nothing of a region. So that they
    /// spread as the limits ask, each leans a little towards some regions, by its id: by this share of
    /// the mean price of storage at most.
    static let leaningShares = [2, 0.2, 0.02, 0.002]

    let problem: PlacementProblem
    let table: RegionSetTable
    private(set) var rows: [Row] = []
    private(set) var rowOfSong: [UInt32] = []
    /// Row by row, `table.stride` prices, at the prices of the last `setPrices`.
    private(set) var bases: [Float] = []
    private(set) var prices: PlacementPrices
    /// For each row and region, which of yesterday's regions sends the copy; 255 for the origin.
    private(set) var sources: [UInt8] = []
    /// By row, where the table is not complete: what sets beyond it cost at least, serving apart.
    private var looseBases: [Double] = []
    private let looseServing: [Double]
    /// By class and set: 0, or infinite for a set that is not allowed.
    private let penalties: [[Float]]
    private let bitsOfSet: [UInt32]
    /// By leaning and region, 0 to 1.
    private let leans: [Double]
    private let workers: Int
    private let hasOutLimits: Bool

    static let origin: UInt8 = 255

    init(_ problem: PlacementProblem, workers: Int) throws(DeliveryError) {
        self.problem = problem
        self.workers = workers
        let topology = problem.topology
        hasOutLimits = topology.regions.contains { $0.moveOutBudgetBytes != nil }
        table = try RegionSetTable(
            topology, classes: problem.classes, previous: Set(problem.previous))
        prices = PlacementPrices(topology)
        let sets = table.sets
        bitsOfSet = sets.map(\.bits)
        penalties = problem.classes.map { group in
            sets.map { !$0.isEmpty && group.allows($0, topology) ? 0 : .infinity }
        }
        leans = (0..<256 * topology.regions.count).map(Self.draw)
        looseServing = topology.regions.indices.map { listeners in
            topology.regions.indices.reduce(.infinity) {
                min($0, topology.servingUSDPerGB(from: $1, to: listeners))
            }
        }
        var known: [Row: UInt32] = [:]
        rowOfSong.reserveCapacity(problem.songs.count)
        for song in 0..<problem.songs.count {
            let previous = problem.previous[song]
            let scattered = problem.songs.ids[song].scatteredByte
            let row = Row(
                group: problem.groupOf(song), previous: previous,
                leaning: previous.isEmpty ? scattered : scattered & 15)
            if let index = known[row] {
                rowOfSong.append(index)
            } else {
                known[row] = UInt32(rows.count)
                rowOfSong.append(UInt32(rows.count))
                rows.append(row)
            }
        }
        setPrices(prices)
    }

    var topology: Topology { problem.topology }

    /// Relative to a price, how far it is above what exact arithmetic gives, at most: each of its
    /// terms is not negative, is rounded twice and added once (Higham, Accuracy and Stability, 3.1).
    var roundingError: Double {
        Double(topology.regions.count + 4) * Double(Float.ulpOfOne)
    }

    /// - Parameters:
    ///   - keepingSources: Leave it at the last choice of what sends each copy.
    ///   - leaning: How much songs that are alike differ; what is priced so proves nothing.
    func setPrices(
        _ prices: PlacementPrices, keepingSources: Bool = false, leaning: Double = 0
    ) {
        self.prices = prices
        let lean =
            leaning / 30 * topology.regions.reduce(1e-9) { $0 + $1.storageUSDPerGBMonth }
            / Double(max(1, topology.regions.count))
        let regions = topology.regions
        let count = regions.count
        if bases.isEmpty { bases = Array(repeating: 0, count: rows.count * table.stride) }
        // Without budgets for sending, the nearest sends, at whatever prices.
        let keepingSources = keepingSources || !hasOutLimits && !sources.isEmpty
        if !keepingSources { sources.removeAll(keepingCapacity: true) }
        looseBases.removeAll(keepingCapacity: true)
        var keeping = Array(repeating: 0.0, count: count)
        for (index, row) in rows.enumerated() {
            for region in 0..<count {
                keeping[region] =
                    regions[region].storageUSDPerGBMonth / 30 + prices.capacity(region)
                keeping[region] += lean * leans[Int(row.leaning) * count + region]
                var price = 0.0
                if !keepingSources || hasOutLimits {
                    let source: UInt8
                    (source, price) = self.source(of: row, to: region, prices)
                    if !keepingSources { sources.append(source) }
                }
                guard !row.previous.contains(region) else { continue }
                keeping[region] +=
                    topology.prices.moveUSDPerGB + prices.moveIn(region) + price
            }
            fillBases(keeping, penalties[Int(row.group)], row: index)
            guard !table.isComplete else { continue }
            let replicas = problem.classes[Int(row.group)].replicas
            looseBases.append(keeping.sorted().prefix(replicas).reduce(0, +))
        }
    }

    /// Fills a row: of each set the sum of what keeping a GB in its regions costs.
    private func fillBases(_ keeping: [Double], _ penalties: [Float], row: Int) {
        let start = row * table.stride
        if table.isComplete {
            bases.withUnsafeMutableBufferPointer {
                spindle_fill_bases(
                    keeping, keeping.count, bitsOfSet, penalties, table.stride,
                    $0.baseAddress! + start)
            }
            return
        }
        for (place, set) in table.sets.enumerated() {
            var sum = 0.0
            for region in set { sum += keeping[region] }
            bases[start + place] = Float(sum) + penalties[place]
        }
    }

    /// 0 to 1, by a multiplication that scatters neighbours (Knuth, TAOCP 3, 6.4).
    private static func draw(_ number: Int) -> Double {
        let scattered = (UInt64(number) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        let again = (scattered ^ (scattered >> 29)) &* 0xBF58_476D_1CE4_E5B9
        return Double(again >> 40) / 16_777_216
    }

    /// Yesterday's region that sends a copy at the least price, then by the cheapest link.
    private func source(
        of row: Row, to region: Int, _ prices: PlacementPrices
    ) -> (region: UInt8, priceUSDPerGB: Double) {
        var best: (region: UInt8, price: Double, link: Double)?
        for holder in row.previous where holder != region {
            let price = prices.moveOut(holder)
            let link = topology.servingUSDPerGB(from: holder, to: region)
            if let best, (price, link) >= (best.price, best.link) { continue }
            best = (UInt8(holder), price, link)
        }
        return best.map { ($0.region, $0.price) } ?? (Self.origin, 0)
    }

    /// All prices of a song for the sets of the table, at the prices last set.
    func price(_ song: Int, into buffer: inout [Float]) {
        withTable { songs, table in
            buffer.withUnsafeMutableBufferPointer {
                var (songs, table) = (songs, table)
                spindle_set_prices(&songs, &table, song, $0.baseAddress!)
            }
        }
    }

    // MARK: A pass

    /// What the cheapest sets cost together and take of each limit.
    struct Totals {
        /// Σ size × price, USD, at the prices, not above what exact arithmetic gives.
        var pricedUSD = 0.0
        /// In GB and songs, in the order of `PlacementPrices`.
        var use: [Double]
    }

    /// Songs that stand for all: each counts as often as its weight says.
    struct Sample {
        var songs: [UInt32]
        var weights: [Double]
    }

    /// Songs that one worker prices at a time. Sums are made by chunk and then over the chunks in
    /// their order, so that any number of workers gives the same bits.
    private static let chunkSongs = 8192

    /// Lets each song take its cheapest set.
    ///
    /// - Parameters:
    ///   - sample: Only these; nil: all songs.
    ///   - choice: Each song's set as its place in the table; empty: not wanted.
    func evaluate(_ sample: Sample? = nil, choice: inout [UInt16]) -> Totals {
        let count = sample?.songs.count ?? problem.songs.count
        let chunks = (count + Self.chunkSongs - 1) / Self.chunkSongs
        var parts = Array(repeating: Totals(use: []), count: chunks)
        let workers = max(1, min(workers, chunks))
        withTable { songs, table in
            parts.withUnsafeMutableBufferPointer { parts in
                choice.withUnsafeMutableBufferPointer { choice in
                    try! Workers.run(workers) { worker in
                        for chunk in stride(from: worker, to: chunks, by: workers) {
                            let range =
                                chunk * Self.chunkSongs..<min(count, (chunk + 1) * Self.chunkSongs)
                            parts[chunk] = self.evaluate(
                                range, sample, songs, table, choice: choice)
                        }
                    }
                }
            }
        }
        var totals = Totals(use: Array(repeating: 0, count: prices.count))
        for part in parts {
            totals.pricedUSD += part.pricedUSD
            for index in totals.use.indices { totals.use[index] += part.use[index] }
        }
        totals.pricedUSD *= 1 - roundingError
        return totals
    }

    func evaluate(_ sample: Sample? = nil) -> Totals {
        var none: [UInt16] = []
        return evaluate(sample, choice: &none)
    }

    private func evaluate(
        _ range: Range<Int>, _ sample: Sample?, _ songs: spindle_pricing_songs,
        _ table: spindle_pricing_table, choice: UnsafeMutableBufferPointer<UInt16>
    ) -> Totals {
        var totals = Totals(use: Array(repeating: 0, count: prices.count))
        let cheapest = cheapestByGroup(range, sample, songs, table)
        let sets = self.table.sets
        let groups = self.table.groups
        let counts = prices
        for turn in range {
            let song = sample.map { Int($0.songs[turn]) } ?? turn
            let weight = sample.map { $0.weights[turn] } ?? 1
            let gigabytes = problem.gigabytes(song)
            var best = (set: 0, price: Double.infinity, domain: Int?.none)
            for (group, found) in zip(groups, cheapest) {
                let place = turn - range.lowerBound
                var price = Double(found.prices[place])
                if let domain = group.majorityDomain {
                    price += prices.majority(domain) / max(gigabytes, 1e-9)
                }
                if price < best.price {
                    best = (Int(found.sets[place]), price, group.majorityDomain)
                }
            }
            if !choice.isEmpty { choice[song] = UInt16(best.set) }
            var bound = best.price
            if !looseBases.isEmpty { bound = min(bound, looseBound(song)) }
            totals.pricedUSD += weight * gigabytes * bound
            let set = sets[best.set]
            let row = rows[Int(rowOfSong[song])]
            for region in set { totals.use[region] += weight * gigabytes }
            for region in set.subtracting(row.previous) {
                totals.use[counts.moveInIndex(region)] += weight * gigabytes
                let source = sources[Int(rowOfSong[song]) * counts.regionCount + region]
                if source != Self.origin {
                    totals.use[counts.moveOutIndex(Int(source))] += weight * gigabytes
                }
            }
            if let domain = best.domain { totals.use[counts.majorityIndex(domain)] += weight }
        }
        return totals
    }

    private func cheapestByGroup(
        _ range: Range<Int>, _ sample: Sample?, _ songs: spindle_pricing_songs,
        _ table: spindle_pricing_table
    ) -> [(sets: [UInt16], prices: [Float])] {
        self.table.groups.map { group in
            var sets = Array(repeating: UInt16(0), count: range.count)
            var prices = Array(repeating: Float(0), count: range.count)
            var (songs, table) = (songs, table)
            if let sample {
                sample.songs.withUnsafeBufferPointer {
                    spindle_cheapest_sets(
                        &songs, &table, group.range.lowerBound, group.range.upperBound,
                        $0.baseAddress! + range.lowerBound, 0, range.count, &sets, &prices)
                }
            } else {
                spindle_cheapest_sets(
                    &songs, &table, group.range.lowerBound, group.range.upperBound, nil,
                    range.lowerBound, range.count, &sets, &prices)
            }
            return (sets, prices)
        }
    }

    /// Serving from everywhere, yet keeping in the cheapest regions only: what a set that is not in
    /// the table costs at least.
    private func looseBound(_ song: Int) -> Double {
        var cost = looseBases[Int(rowOfSong[song])]
        for entry in problem.demand.entries(song) {
            cost +=
                Double(problem.demand.streams[entry])
                * looseServing[Int(problem.demand.regions[entry])]
        }
        return cost
    }

    private func withTable<Result>(
        _ body: (spindle_pricing_songs, spindle_pricing_table) -> Result
    ) -> Result {
        problem.demand.withPointers { offsets, regions, streams in
            rowOfSong.withUnsafeBufferPointer { rows in
                bases.withUnsafeBufferPointer { bases in
                    table.serving.withUnsafeBufferPointer { serving in
                        body(
                            spindle_pricing_songs(
                                offsets: offsets.baseAddress, regions: regions.baseAddress,
                                streams: streams.baseAddress, rows: rows.baseAddress),
                            spindle_pricing_table(
                                bases: bases.baseAddress, serving: serving.baseAddress,
                                stride: table.stride))
                    }
                }
            }
        }
    }
}
