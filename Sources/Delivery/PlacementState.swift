internal import CRegionPricing

/// A placement in the making: each song's set, and what is left of every limit.
///
/// Memory: 2 bytes a song beside the pricing.
struct PlacementState {
    let pricing: PlacementPricing
    private(set) var limits: PlacementLimits
    /// Each song's set as its place in the table; `none` for a song without one.
    private(set) var choice: [UInt16]
    /// Negative where a limit is exceeded; in bytes, and in songs for the majorities.
    private(set) var freeBytes: [Int]
    private(set) var freeIn: [Int]
    private(set) var freeOut: [Int]
    private(set) var freeMajority: [Int]
    /// Where another of yesterday's regions sends a copy than the row says, as that one is spent.
    private(set) var detours: [UInt64: UInt8] = [:]
    /// For each set, the failure domain with the majority of its copies; −1 where none has it, or
    /// where that does not matter.
    private let losers: [Int8]
    private let hasOutLimits: Bool
    // Columns that every look needs, without the way through the pricing.
    let sizesBytes: [Int]
    let previous: [RegionSet]
    let sets: [RegionSet]
    private let rowOfSong: [UInt32]
    private let sourceOfRow: [UInt8]

    static let none = UInt16.max
    /// Stands for "any": sums stay below it.
    private static let unlimited = Int.max / 4

    init(_ pricing: PlacementPricing, limits: PlacementLimits) {
        self.pricing = pricing
        self.limits = limits
        choice = Array(repeating: Self.none, count: pricing.problem.songs.count)
        freeBytes = limits.capacityBytes
        freeIn = limits.moveInBytes.map { $0 ?? Self.unlimited }
        freeOut = limits.moveOutBytes.map { $0 ?? Self.unlimited }
        freeMajority = limits.majorityLosses.map { $0 ?? Self.unlimited }
        sizesBytes = pricing.problem.songs.sizesBytes
        previous = pricing.problem.previous
        sets = pricing.table.sets
        rowOfSong = pricing.rowOfSong
        sourceOfRow = pricing.sources
        hasOutLimits = limits.moveOutBytes.contains { $0 != nil }
        let topology = pricing.topology
        losers = pricing.table.sets.map { set in
            guard topology.majorityLossSongsMax != nil, !set.isEmpty else { return -1 }
            return Int8(topology.majorityDomain(of: set) ?? -1)
        }
    }

    init(_ pricing: PlacementPricing, limits: PlacementLimits, choice: [UInt16]) {
        self.init(pricing, limits: limits)
        for song in choice.indices { assign(song, choice[song]) }
    }

    /// The same placement under other limits, or with other sources.
    init(_ other: PlacementState, limits: PlacementLimits) {
        self.init(other.pricing, limits: limits, choice: other.choice)
    }

    var problem: PlacementProblem { pricing.problem }

    func gigabytes(_ song: Int) -> Double { Double(sizesBytes[song]) / 1e9 }

    func set(_ song: Int) -> RegionSet {
        choice[song] == Self.none ? RegionSet() : sets[Int(choice[song])]
    }

    /// What all songs cost at the prices that the pricing holds.
    func costUSD() -> Double {
        var buffer = Array(repeating: Float(0), count: pricing.table.stride)
        var sum = 0.0
        for song in choice.indices {
            pricing.price(song, into: &buffer)
            sum += Double(buffer[Int(choice[song])]) * problem.gigabytes(song)
        }
        return sum
    }

    // MARK: One song

    /// Puts a song into a set of the table, or nowhere, whether that keeps to the limits or not.
    mutating func assign(_ song: Int, _ place: UInt16) {
        if choice[song] != Self.none { account(song, Int(choice[song]), sign: -1) }
        choice[song] = place
        if place != Self.none { account(song, Int(place), sign: 1) }
    }

    private mutating func account(_ song: Int, _ place: Int, sign: Int) {
        let size = sign * sizesBytes[song]
        let set = sets[place]
        for region in set { freeBytes[region] -= size }
        for region in set.subtracting(previous[song]) {
            freeIn[region] -= size
            let source = sign > 0 ? take(song, region) : giveBack(song, region)
            if source != PlacementPricing.origin { freeOut[Int(source)] -= size }
        }
        if losers[place] >= 0 { freeMajority[Int(losers[place])] -= sign }
    }

    /// Where a song's new copy comes from; the origin for a song that no region has.
    func source(_ song: Int, _ region: Int) -> UInt8 {
        // Hardly any song takes one.
        guard !detours.isEmpty else { return usualSource(song, region) }
        return detours[Self.key(song, region)] ?? usualSource(song, region)
    }

    private func usualSource(_ song: Int, _ region: Int) -> UInt8 {
        sourceOfRow[Int(rowOfSong[song]) * freeBytes.count + region]
    }

    static func key(_ song: Int, _ region: Int) -> UInt64 { UInt64(song) << 8 | UInt64(region) }

    private mutating func take(_ song: Int, _ region: Int) -> UInt8 {
        let usual = usualSource(song, region)
        let size = sizesBytes[song]
        guard usual != PlacementPricing.origin, freeOut[Int(usual)] < size else { return usual }
        for other in previous[song] where freeOut[other] >= size && other != region {
            detours[Self.key(song, region)] = UInt8(other)
            return UInt8(other)
        }
        return usual
    }

    private mutating func giveBack(_ song: Int, _ region: Int) -> UInt8 {
        guard !detours.isEmpty else { return usualSource(song, region) }
        return detours.removeValue(forKey: Self.key(song, region)) ?? usualSource(song, region)
    }

    // MARK: Limits

    /// Where another song of some size fits, and which limits are exceeded; regions bit by bit.
    struct Room {
        var capacity = RegionSet()
        var moveIn = RegionSet()
        var overCapacity = RegionSet()
        var overIn = RegionSet()
        var overOut = RegionSet()
    }

    func room(for sizeBytes: Int) -> Room {
        var room = Room()
        for region in freeBytes.indices {
            if freeBytes[region] >= sizeBytes { room.capacity.insert(region) }
            if freeIn[region] >= sizeBytes { room.moveIn.insert(region) }
            if freeBytes[region] < 0 { room.overCapacity.insert(region) }
            if freeIn[region] < 0 { room.overIn.insert(region) }
            if freeOut[region] < 0 { room.overOut.insert(region) }
        }
        return room
    }

    /// Whether a song may change from the set that it is in to another of the table.
    func fits(_ song: Int, _ place: Int, _ room: Room) -> Bool {
        let added = sets[place].subtracting(set(song))
        guard added.subtracting(room.capacity).isEmpty else { return false }
        let moved = added.subtracting(previous[song])
        guard moved.subtracting(room.moveIn).isEmpty else { return false }
        if hasOutLimits, !moved.isEmpty, !previous[song].isEmpty {
            // All of the song's copies from one region is the worst case, and the usual one.
            let bytes = sizesBytes[song] * moved.count
            guard previous[song].contains(where: { freeOut[$0] >= bytes }) else { return false }
        }
        let domain = Int(losers[place])
        guard domain >= 0 else { return true }
        if choice[song] != Self.none, Int(losers[Int(choice[song])]) == domain { return true }
        return freeMajority[domain] >= 1
    }

    /// Whether any limit is exceeded.
    var isOver: Bool {
        for region in freeBytes.indices
        where freeBytes[region] < 0 || freeIn[region] < 0 || freeOut[region] < 0 { return true }
        for free in freeMajority where free < 0 { return true }
        return false
    }

    /// How many exceeded limits a song in this set takes part of.
    func burden(_ song: Int, _ place: Int, _ room: Room) -> Int {
        let set = sets[place]
        var count = (set.bits & room.overCapacity.bits).nonzeroBitCount
        let moved = set.subtracting(previous[song])
        count += (moved.bits & room.overIn.bits).nonzeroBitCount
        if !room.overOut.isEmpty {
            for region in moved {
                let source = source(song, region)
                if source != PlacementPricing.origin, freeOut[Int(source)] < 0 { count += 1 }
            }
        }
        if losers[place] >= 0, freeMajority[Int(losers[place])] < 0 { count += 1 }
        return count
    }

    /// Lets go of the budgets that a plan cannot keep to: those that are exceeded become what is used.
    mutating func raiseExceededBudgets() {
        for region in freeBytes.indices {
            if freeIn[region] < 0, let limit = limits.moveInBytes[region] {
                limits.moveInBytes[region] = limit - freeIn[region]
                freeIn[region] = 0
            }
            if freeOut[region] < 0, let limit = limits.moveOutBytes[region] {
                limits.moveOutBytes[region] = limit - freeOut[region]
                freeOut[region] = 0
            }
        }
        for domain in freeMajority.indices where freeMajority[domain] < 0 {
            limits.majorityLosses[domain] = limits.majorityLosses[domain]! - freeMajority[domain]
            freeMajority[domain] = 0
        }
    }
}
