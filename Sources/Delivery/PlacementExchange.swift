/// The last hundredths of a per cent: songs whose choice is close change places with one another.
///
/// Where songs are few, what whole songs leave free at the end of each limit weighs. Of every song
/// those sets are looked at that cost hardly more than its best at the limits' prices; a song that
/// would gain by one for which there is no room asks others, cheapest first, to make it, as far as
/// that costs less than the gain.
struct PlacementExchange {
    /// A set that a song may well be in.
    private struct Alternative {
        var song: UInt32
        var place: UInt16
        /// Without the limits' prices.
        var costUSD: Double
        /// What it costs more than where the song is now.
        var changeUSD = 0.0
    }

    /// What a change frees: regions' room, and part of what they take in tonight.
    private struct Leaving {
        var regions: UInt32
        var moves: UInt32

        /// Whether that may be of use where limits are exceeded.
        func helps(_ room: PlacementState.Room) -> Bool {
            if !room.overCapacity.isEmpty { return regions & room.overCapacity.bits != 0 }
            if !room.overIn.isEmpty { return moves & room.overIn.bits != 0 }
            // What is sent, and majorities, depend on more: those are asked.
            return true
        }
    }

    private var alternatives: [Alternative] = []
    /// For each song, the cost of its current set.
    private var costUSD: [Double]
    private let tolerance: Double

    /// Alternatives looked at, and songs up to which that is worth its time.
    static let songsMax = 50_000
    private static let alternativesMax = 40_000
    private static let alternativesPerSong = 24
    private static let roundsMax = 40
    /// Songs that make room for one, at most, and that are asked.
    private static let depthMax = 3
    private static let askedMax = 1000
    /// Songs that are asked in all, so that a placement far from settled does not take forever.
    private static let askedInAllMax = 4_000_000
    private var askedInAll = 0

    /// - Parameter prices: Of the limits; those of the pricing are not kept.
    init(_ state: PlacementState, prices: PlacementPrices) {
        let pricing = state.pricing
        let count = state.choice.count
        var buffer = Array(repeating: Float(0), count: pricing.table.stride)
        pricing.setPrices(prices, keepingSources: true)
        // The regret that leaves as many alternatives as are wanted: from a histogram by powers of
        // two in eighths, so that none need be kept before.
        var histogram = Array(repeating: 0, count: 1024)
        func bucket(_ regretUSD: Double) -> Int {
            regretUSD <= 0 ? 0 : max(0, min(1023, 640 + Int(regretUSD.logarithm2 * 8)))
        }
        func forEach(_ body: (Int, Int, Double) -> Void) {
            for song in 0..<count {
                pricing.price(song, into: &buffer)
                let least = buffer.reduce(.infinity, min)
                let gigabytes = state.gigabytes(song)
                for place in buffer.indices where buffer[place] < .infinity {
                    body(song, place, Double(buffer[place] - least) * gigabytes)
                }
            }
        }
        forEach { histogram[bucket($2)] += 1 }
        var (limit, sum) = (0, 0)
        let wanted = min(Self.alternativesMax, count * Self.alternativesPerSong)
        while limit < 1024, sum + histogram[limit] <= wanted {
            sum += histogram[limit]
            limit += 1
        }
        var found: [Alternative] = []
        forEach { song, place, regret in
            if bucket(regret) < limit || Int(state.choice[song]) == place {
                found.append(
                    Alternative(song: UInt32(song), place: UInt16(place), costUSD: 0))
            }
        }
        pricing.setPrices(PlacementPrices(pricing.topology), keepingSources: true)
        costUSD = Array(repeating: 0, count: count)
        var total = 0.0
        var known = -1
        for index in found.indices {
            let song = Int(found[index].song)
            if song != known {
                pricing.price(song, into: &buffer)
                known = song
                costUSD[song] =
                    Double(buffer[Int(state.choice[song])]) * state.gigabytes(song)
                total += costUSD[song]
            }
            found[index].costUSD =
                Double(buffer[Int(found[index].place)]) * state.gigabytes(song)
        }
        // Changes below this are rounding.
        tolerance = total * 1e-9 + 1e-15
        alternatives = found
    }

    /// Exchanges until nothing pays any more.
    mutating func run(_ state: inout PlacementState) {
        for _ in 0..<Self.roundsMax {
            guard runOnce(&state) else { return }
        }
    }

    private mutating func runOnce(_ state: inout PlacementState) -> Bool {
        for index in alternatives.indices {
            alternatives[index].changeUSD =
                alternatives[index].costUSD - costUSD[Int(alternatives[index].song)]
        }
        let moves = alternatives.filter { state.choice[Int($0.song)] != $0.place }
            .sorted { a, b in
                if a.changeUSD != b.changeUSD { return a.changeUSD < b.changeUSD }
                return (a.song, a.place) < (b.song, b.place)
            }
        let sets = state.sets
        // What each would leave, so that a look tells whether it can help.
        let leaves = moves.map { move in
            let left = state.set(Int(move.song)).subtracting(sets[Int(move.place)])
            return Leaving(
                regions: left.bits,
                moves: left.subtracting(state.previous[Int(move.song)]).bits)
        }
        var isMoved = Array(repeating: false, count: state.choice.count)
        var changed = false
        for move in moves {
            guard move.changeUSD < -tolerance, askedInAll < Self.askedInAllMax else { break }
            let song = Int(move.song)
            guard !isMoved[song] else { continue }
            let before = state.choice[song]
            state.assign(song, move.place)
            if let helpers = makeRoom(
                &state, for: song, below: -move.changeUSD - tolerance, moves, leaves, isMoved)
            {
                changed = true
                isMoved[song] = true
                costUSD[song] = move.costUSD
                for helper in helpers {
                    isMoved[Int(helper.song)] = true
                    costUSD[Int(helper.song)] = helper.costUSD
                }
            } else {
                state.assign(song, before)
            }
        }
        return changed
    }

    /// Moves other songs until no limit is exceeded, for less than `gainUSD` in all.
    ///
    /// - Returns: nil, and all as it was, when that is not possible.
    private mutating func makeRoom(
        _ state: inout PlacementState, for song: Int, below gainUSD: Double,
        _ moves: [Alternative], _ leaves: [Leaving], _ isMoved: [Bool]
    ) -> [Alternative]? {
        guard state.isOver else { return [] }
        var helpers: [Alternative] = []
        var undo: [(song: Int, place: UInt16)] = []
        var spent = 0.0
        var asked = 0
        var full = state.room(for: 0)
        askedInAll += moves.count / 64
        for (index, move) in moves.enumerated() {
            guard spent + move.changeUSD < gainUSD, asked < Self.askedMax,
                helpers.count < Self.depthMax
            else { break }
            guard leaves[index].helps(full) else { continue }
            let other = Int(move.song)
            guard other != song, !isMoved[other],
                !undo.contains(where: { $0.song == other })
            else { continue }
            asked += 1
            askedInAll += 1
            let added = state.sets[Int(move.place)].subtracting(state.set(other))
            let size = state.sizesBytes[other]
            guard added.allSatisfy({ state.freeBytes[$0] >= size }) else { continue }
            let before = state.choice[other]
            let excess = self.excess(state)
            state.assign(other, move.place)
            guard self.excess(state) < excess else {
                state.assign(other, before)
                continue
            }
            undo.append((other, before))
            helpers.append(move)
            spent += move.changeUSD
            if !state.isOver { return helpers }
            full = state.room(for: 0)
        }
        for (other, place) in undo.reversed() { state.assign(other, place) }
        return nil
    }

    /// By how much limits are exceeded, all together.
    private func excess(_ state: PlacementState) -> Int {
        var sum = 0
        for free in state.freeBytes where free < 0 { sum -= free }
        for free in state.freeIn where free < 0 { sum -= free }
        for free in state.freeOut where free < 0 { sum -= free }
        for free in state.freeMajority where free < 0 { sum -= free }
        return sum
    }
}

extension Double {
    /// Accurate enough to sort by size: the exponent and the place within it.
    fileprivate var logarithm2: Double { Double(exponent) + significand - 1 }
}
