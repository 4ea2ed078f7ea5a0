/// Searches the few songs that decide between a plan and its bound, and brings both together.
///
/// Where an edge holds few songs, or may fetch few, whole songs cannot use room and budget as well as
/// songs that are cut, and the relaxation's bound is far above any plan. But by the same prices all
/// is decided about songs whose reduced worth is more than the gap: to leave out one that pays, or to
/// take one that does not, loses more than is between plan and bound (fixing by reduced costs, Dantzig,
/// Fulkerson and Johnson 1954). The others are enumerated, depth first, as long as what was lost on
/// the way leaves something to gain.
///
/// Where held songs near the margin are too many for that, only songs to fetch are enumerated, and
/// held ones stay cut; they are many, so that little is lost.
struct PrefetchProof {
    /// No plan is worth more; the relaxation's bound where the search was too long.
    private(set) var bound: Double
    /// Open songs of the best plan that was found; nil where none is better than the one at hand.
    private(set) var open: [UInt32]?
    /// The same of held songs; nil also where they were not enumerated.
    private(set) var held: [UInt32]?

    private static let songsMax = 40
    private static let nodesMax = 200_000
    /// More than sums over all songs of an edge can be off by.
    private static let rounding = 1e-10

    private struct Song {
        let index: UInt32
        let isOpen: Bool
        let sizeBytes: Int
        let net: Double
        /// What taking it gains at the prices, below zero where it loses.
        let reduced: Double
    }

    /// - Parameters:
    ///   - value: Of the plan at hand.
    ///   - bound: That of the relaxation, at the same prices.
    init(
        _ order: PrefetchOrder, _ limits: PrefetchPlanner.Limits, _ prices: PrefetchPrices,
        value: Double, bound: Double
    ) {
        self.bound = bound
        let gap = bound - value
        // Some room for rounding: a song too many in the search does no harm.
        let margin = gap * (1 + 1e-9) + bound * Self.rounding
        var core: [Song] = []
        var fixed: [Song] = []
        for (list, isOpen) in [(order.held, false), (order.open, true)] {
            let price = prices.room + (isOpen ? prices.charge + prices.fill : 0)
            for index in list {
                let size = Double(order.sizeBytes(index))
                let worth = order.worth(index)
                let song = Song(
                    index: index, isOpen: isOpen, sizeBytes: order.sizeBytes(index),
                    net: worth - (isOpen ? prices.charge * size : 0), reduced: worth - price * size)
                if song.reduced >= margin {
                    fixed.append(song)
                } else if song.reduced > -margin, song.net > 0 {
                    core.append(song)
                }
            }
        }
        let isWhole = core.count <= Self.songsMax
        let songs = core.filter { isWhole || $0.isOpen }
        guard songs.count <= Self.songsMax else { return }
        var search = Search(
            songs: songs.sorted {
                $0.reduced.magnitude != $1.reduced.magnitude
                    ? $0.reduced.magnitude > $1.reduced.magnitude : $0.index < $1.index
            },
            heldSongs: isWhole ? nil : HeldSongs(order), best: value, slack: gap,
            nodesLeft: Self.nodesMax)
        var room = limits.pinnedBytes
        var budget = limits.fillBudgetBytes
        var net = CompensatedSum()
        for song in fixed where isWhole || song.isOpen {
            room -= song.sizeBytes
            if song.isOpen { budget -= song.sizeBytes }
            net.add(song.net)
        }
        guard room >= 0, budget >= 0 else { return }
        search.visit(0, room: room, budget: budget, net: net.total, lost: 0)
        guard search.nodesLeft > 0 else { return }
        self.bound = min(bound, search.best + bound * Self.rounding)
        guard let found = search.found else { return }
        open = (fixed + found).filter(\.isOpen).map(\.index)
        if isWhole { held = (fixed + found).filter { !$0.isOpen }.map(\.index) }
    }

    /// Sums over the held songs, worth the most per byte first.
    private struct HeldSongs {
        let order: PrefetchOrder
        private var bytes: [Int] = [0]
        private var worths: [Double] = [0]

        init(_ order: PrefetchOrder) {
            self.order = order
            for index in order.held {
                bytes.append(bytes.last! + order.sizeBytes(index))
                worths.append(worths.last! + order.worth(index))
            }
        }

        /// The most that held songs can be worth in some room, one of them cut.
        func worth(room: Int) -> Double {
            var low = 0
            var high = bytes.count
            while low + 1 < high {
                let middle = (low + high) / 2
                if bytes[middle] <= room { low = middle } else { high = middle }
            }
            guard low < order.held.count else { return worths[low] }
            return worths[low] + order.density[Int(order.held[low])] * Double(room - bytes[low])
        }
    }

    private struct Search {
        /// The dearest to decide against their sign first.
        let songs: [Song]
        let heldSongs: HeldSongs?
        /// The greatest value so far.
        var best: Double
        /// What may be lost on the way, for there to be something to gain.
        var slack: Double
        var nodesLeft: Int
        var found: [Song]?
        private var taken: [Song] = []

        init(
            songs: [Song], heldSongs: HeldSongs?, best: Double, slack: Double, nodesLeft: Int
        ) {
            self.songs = songs
            self.heldSongs = heldSongs
            self.best = best
            self.slack = slack
            self.nodesLeft = nodesLeft
        }

        mutating func visit(_ next: Int, room: Int, budget: Int, net: Double, lost: Double) {
            guard nodesLeft > 0, lost < slack, room >= 0, budget >= 0 else { return }
            nodesLeft -= 1
            guard next < songs.count else {
                let value = net + (heldSongs?.worth(room: room) ?? 0)
                if value > best {
                    slack -= value - best
                    best = value
                    found = taken
                }
                return
            }
            let song = songs[next]
            let isSmall = song.sizeBytes <= room && (!song.isOpen || song.sizeBytes <= budget)
            func take(_ search: inout Search) {
                guard isSmall else { return }
                search.taken.append(song)
                search.visit(
                    next + 1, room: room - song.sizeBytes,
                    budget: budget - (song.isOpen ? song.sizeBytes : 0), net: net + song.net,
                    lost: lost + max(0, -song.reduced))
                search.taken.removeLast()
            }
            func leave(_ search: inout Search) {
                search.visit(
                    next + 1, room: room, budget: budget, net: net,
                    lost: lost + max(0, song.reduced))
            }
            if song.reduced > 0 {
                take(&self)
                leave(&self)
            } else {
                leave(&self)
                take(&self)
            }
        }
    }
}
