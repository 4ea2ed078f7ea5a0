/// Local improvement: one song at a time into a cheaper set, colder songs giving way if that pays.
extension PlacementSearch {
    /// What it takes to move one song out of a full region.
    struct Ejection {
        var song: Int
        /// Where the song goes instead.
        var set: RegionSet
        /// What that costs beyond where it is; negative when the song is better off.
        var regretUSDPerGB: Double
    }

    /// A region's songs, offered coldest first to make room for hotter ones.
    struct Giver {
        /// Place in `order` of the next song to offer; those behind it have been passed over.
        var cursor: Int
        var offer: Ejection?
    }

    /// Repeats passes over all songs until none changes anything.
    ///
    /// A night that ends so is one that the next, with the same demand, leaves alone: what did not
    /// pay tonight pays still less when each change starts from tonight's placement.
    ///
    /// - Returns: Whether it came to rest within `passesMax`.
    mutating func improve(passesMax: Int) -> Bool {
        for _ in 0..<passesMax {
            guard improveOnce() else { return true }
        }
        return false
    }

    private mutating func improveOnce() -> Bool {
        var changed = false
        var givers = Array(repeating: Giver(cursor: order.count - 1), count: freeBytes.count)
        for position in order.indices {
            let song = Int(order[position])
            let size = problem.songs.sizesBytes[song]
            let current = sets[song]
            let currentCost = costUSDPerGB(song, in: current)
            let tolerance = currentCost * 1e-9 + 1e-12  // below it a gain is rounding
            table.price(song, problem.demand, into: &prices)

            let room = regionsWithRoom(for: size)
            let offers = freeBytes.indices.map { region in
                room.contains(region) || current.contains(region)
                    ? 0 : offer(of: region, after: position, &givers)?.regretUSDPerGB ?? .infinity
            }
            // Full regions at the price of making room; then those with room; then, where even the
            // coldest songs seem to have nowhere to go, by trading places with one.
            let trades = freeBytes.map { _ in 0.0 }
            for (offers, scanMax) in [
                (offers, Self.offerScanMax), (nil, 0), (trades, Self.tradeScanMax),
            ] {
                guard let best = cheapestSet(song, from: current, room: room, offers: offers),
                    best.cost < currentCost - tolerance
                else { continue }
                let gainUSD =
                    (currentCost - tolerance - costUSDPerGB(song, in: best.set))
                    * problem.gigabytes(song)
                if enter(song, best.set, position, below: gainUSD, scanMax: scanMax, &givers) {
                    changed = true
                    break
                }
            }
        }
        return changed
    }

    /// The cheapest set for the song that `prices` was filled for.
    ///
    /// - Parameters:
    ///   - room: Regions with room for it.
    ///   - offers: What a GB of room costs in each full region; nil when those are out of reach.
    private func cheapestSet(
        _ song: Int, from current: RegionSet, room: RegionSet, offers: [Double]?
    ) -> (set: RegionSet, cost: Double)? {
        let previous = problem.previous[song]
        let moveUSDPerGB = topology.prices.moveUSDPerGB
        var best: (set: RegionSet, cost: Double)?
        for index in table.sets.indices {
            let set = table.sets[index]
            var cost = prices[index] + moveUSDPerGB * Double(set.subtracting(previous).count)
            if let best, cost >= best.cost { continue }
            let full = set.subtracting(current).subtracting(room)
            if !full.isEmpty {
                guard let offers else { continue }
                // An offer may be a gain; the song that makes it takes that gain on its own turn.
                for region in full { cost += max(0, offers[region]) }
                if cost >= best?.cost ?? .infinity { continue }
            }
            best = (set, cost)
        }
        return best
    }

    /// The coldest song behind `position` that could leave the region, and what that would cost.
    private mutating func offer(
        of region: Int, after position: Int, scanMax: Int = .max, _ givers: inout [Giver]
    ) -> Ejection? {
        if let known = givers[region].offer, givers[region].cursor > position { return known }
        givers[region].offer = nil
        var scanned = 0
        while givers[region].cursor > position, scanned < scanMax {
            let song = Int(order[givers[region].cursor])
            if sets[song].contains(region), let ejection = cheapestMove(song, outOf: region) {
                givers[region].offer = ejection
                return ejection
            }
            givers[region].cursor -= 1
            scanned += 1
        }
        return nil
    }

    /// The cheapest set without `region` that has room for a song which is there now.
    mutating func cheapestMove(_ song: Int, outOf region: Int) -> Ejection? {
        let current = sets[song]
        let size = problem.songs.sizesBytes[song]
        let room = regionsWithRoom(for: size)
        table.price(song, problem.demand, into: &ejectionPrices)
        var best: (set: RegionSet, cost: Double)?
        for index in table.sets.indices {
            let set = table.sets[index]
            guard !set.contains(region), set.subtracting(current).subtracting(room).isEmpty
            else { continue }
            let cost = ejectionPrices[index] + moveUSDPerGB(song, to: set)
            if cost < best?.cost ?? .infinity { best = (set, cost) }
        }
        return best.map {
            Ejection(
                song: song, set: $0.set,
                regretUSDPerGB: $0.cost - costUSDPerGB(song, in: current))
        }
    }

    /// Puts the song into `set`, and moves colder songs out of regions that are too full then.
    ///
    /// The song leaves its old regions first, so that one that gives way may take its place there.
    ///
    /// - Returns: false, and all as it was, when making room costs `gainUSD` or more.
    private mutating func enter(
        _ song: Int, _ set: RegionSet, _ position: Int, below gainUSD: Double,
        scanMax: Int, _ givers: inout [Giver]
    ) -> Bool {
        let added = set.subtracting(sets[song])
        var undo = [(song: song, set: sets[song])]
        assign(song, set)
        guard added.contains(where: { freeBytes[$0] < 0 }) else { return true }
        let saved = givers
        var spentUSD = 0.0
        for region in added {
            while freeBytes[region] < 0, undo.count <= Self.ejectionsMax, spentUSD < gainUSD {
                // Asked anew: the last one may have taken the room that the known offer is for.
                givers[region].offer = nil
                guard
                    let ejection = offer(
                        of: region, after: position, scanMax: scanMax, &givers)
                else { break }
                spentUSD += ejection.regretUSDPerGB * problem.gigabytes(ejection.song)
                undo.append((ejection.song, sets[ejection.song]))
                assign(ejection.song, ejection.set)
                givers[region].cursor -= 1
                givers[region].offer = nil
            }
        }
        if spentUSD < gainUSD, added.allSatisfy({ freeBytes[$0] >= 0 }) { return true }
        for (song, set) in undo.reversed() { assign(song, set) }
        givers = saved
        return false
    }

    /// Songs that may be asked to make room for one.
    private static let ejectionsMax = 64
    /// Songs that are looked at for one that can, where one is known to exist.
    private static let offerScanMax = 1024
    /// The same where it is a guess.
    private static let tradeScanMax = 32
}
