/// First placements, where prices alone do not lead to one: yesterday's, or packed with a reserve.
extension PlacementState {
    /// Leaves every song where it was, as far as that is still allowed.
    mutating func keepPrevious() {
        for song in choice.indices {
            let previous = problem.previous[song]
            guard !previous.isEmpty, let place = pricing.table.index(of: previous),
                problem.placementClass(song).allows(previous, pricing.topology)
            else { continue }
            assign(song, UInt16(place))
        }
    }

    var isWhole: Bool { !choice.contains(Self.none) }

    /// Songs by expected streams, most first; ties by id.
    private func byStreams() -> [UInt32] {
        let streams = choice.indices.map { problem.demand.total($0) }
        return (0..<UInt32(choice.count)).sorted { a, b in
            let (first, second) = (streams[Int(a)], streams[Int(b)])
            return first == second ? a < b : first > second
        }
    }

    /// Gives each song, most streams first, the cheapest smallest set that leaves room for all that
    /// come after it.
    ///
    /// - Parameter slackBytes: Kept free in each region against the waste at its end.
    /// - Returns: false when a song found no place; the state is of no use then.
    mutating func packByStreams(slackBytes: Int) -> Bool {
        let sizes = problem.songs.sizesBytes
        let topology = pricing.topology
        var reserve = PlacementReserve(
            topology: topology, freeBytes: freeBytes, slackBytes: slackBytes)
        for song in sizes.indices {
            reserve.await(sizes[song], copies: problem.placementClass(song).replicas, sign: 1)
        }
        guard reserve.marginBytes >= 0 else { return false }
        var buffer = Array(repeating: Float(0), count: pricing.table.stride)
        for song in byStreams() {
            let song = Int(song)
            let group = problem.placementClass(song)
            let smallest = group.smallestSetCount(topology)
            reserve.await(sizes[song], copies: group.replicas, sign: -1)
            pricing.price(song, into: &buffer)
            let room = room(for: sizes[song])
            var best: (place: Int, price: Float)?
            var widest: (place: Int, marginBytes: Int)?
            for place in buffer.indices where buffer[place] < best?.price ?? .infinity {
                let set = pricing.table.sets[place]
                guard set.count == smallest, fits(song, place, room) else { continue }
                let margin = reserve.marginBytes(afterPlacing: sizes[song], in: set)
                if margin >= 0 {
                    best = (place, buffer[place])
                } else if margin > widest?.marginBytes ?? .min {
                    widest = (place, margin)
                }
            }
            // The reserve counts bytes as if songs could be cut; when none passes by a hair, the
            // set that leaves most room is the likeliest to work out.
            guard let place = best?.place ?? widest?.place else { return false }
            assign(song, UInt16(place))
            reserve.place(sizes[song], in: pricing.table.sets[place])
        }
        return true
    }

    /// Largest songs first, each into the set with most room, whatever it costs.
    ///
    /// - Returns: The song that found no place, or nil when all did.
    mutating func packBySize() -> Int? {
        let sizes = problem.songs.sizesBytes
        let topology = pricing.topology
        let largestFirst = sizes.indices.sorted { a, b in
            sizes[a] == sizes[b] ? a < b : sizes[a] > sizes[b]
        }
        for song in largestFirst {
            let group = problem.placementClass(song)
            let smallest = group.smallestSetCount(topology)
            let room = room(for: sizes[song])
            // What a domain has left counts first: two regions of one domain seldom serve one song.
            var freeOfDomain = Array(repeating: 0.0, count: topology.domains.count)
            for region in freeBytes.indices {
                freeOfDomain[topology.domainOfRegion[region]] += Double(freeBytes[region])
            }
            var best: (place: Int, free: Double)?
            for (place, set) in pricing.table.sets.enumerated()
            where set.count == smallest && group.allows(set, topology) && fits(song, place, room) {
                let free = set.reduce(0.0) {
                    $0 + freeOfDomain[topology.domainOfRegion[$1]] + Double(freeBytes[$1]) * 1e-3
                }
                if free > best?.free ?? -.infinity { best = (place, free) }
            }
            guard let best else { return song }
            assign(song, UInt16(best.place))
        }
        return nil
    }
}

/// Whether what is still to be placed can be placed, if songs could be cut like rope.
///
/// With F free bytes in a failure domain and R bytes of songs to come, a domain can take min(F, R):
/// more than R would put two copies of one song into it. Copies of C bytes in all find their place
/// exactly when Σ min(F, R) ≥ C, all songs having as many copies (McNaughton 1959, the wrap-around
/// rule). Where copies may share a domain, regions stand for domains.
struct PlacementReserve {
    private let unitOfRegion: [Int]
    private let slackBytes: Int
    private var freeBytes: [Int]
    private var usableOfUnit: [Int]
    private var songBytes = 0
    private var copyBytes = 0

    init(topology: Topology, freeBytes: [Int], slackBytes: Int) {
        unitOfRegion =
            topology.failureDomainsMin.map { $0 < topology.replicas } == true
            ? Array(topology.regions.indices) : topology.domainOfRegion
        self.slackBytes = slackBytes
        self.freeBytes = freeBytes
        usableOfUnit = Array(repeating: 0, count: (unitOfRegion.max() ?? -1) + 1)
        for region in freeBytes.indices {
            usableOfUnit[unitOfRegion[region]] += usable(freeBytes[region])
        }
    }

    /// Counts a song among those to come, or no more.
    mutating func await(_ sizeBytes: Int, copies: Int, sign: Int) {
        songBytes += sign * sizeBytes
        copyBytes += sign * copies * sizeBytes
    }

    /// Bytes to spare; negative when something would be left without a place.
    var marginBytes: Int { usableOfUnit.reduce(0) { $0 + min($1, songBytes) } - copyBytes }

    /// The margin if a song went into `set`.
    func marginBytes(afterPlacing sizeBytes: Int, in set: RegionSet) -> Int {
        var after = self
        after.place(sizeBytes, in: set)
        return after.marginBytes
    }

    mutating func place(_ sizeBytes: Int, in set: RegionSet) {
        for region in set {
            usableOfUnit[unitOfRegion[region]] +=
                usable(freeBytes[region] - sizeBytes) - usable(freeBytes[region])
            freeBytes[region] -= sizeBytes
        }
    }

    private func usable(_ free: Int) -> Int { max(0, free - slackBytes) }
}
