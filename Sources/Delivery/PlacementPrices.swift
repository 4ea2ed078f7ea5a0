/// What a unit of each limit of a placement is worth: the multipliers of the Lagrangian dual.
///
/// One number a limit, in this order: a GB of each region's capacity, of its moves in, of its moves
/// out (USD a GB), then a song that loses its majority with each failure domain (USD a song).
struct PlacementPrices: Equatable, Sendable {
    var values: [Double]
    let regionCount: Int

    init(_ topology: Topology) {
        regionCount = topology.regions.count
        values = Array(repeating: 0, count: 3 * regionCount + topology.domains.count)
    }

    func capacity(_ region: Int) -> Double { values[region] }
    func moveIn(_ region: Int) -> Double { values[regionCount + region] }
    func moveOut(_ region: Int) -> Double { values[2 * regionCount + region] }
    func majority(_ domain: Int) -> Double { values[3 * regionCount + domain] }

    var count: Int { values.count }

    static func capacityIndex(_ region: Int) -> Int { region }
    func moveInIndex(_ region: Int) -> Int { regionCount + region }
    func moveOutIndex(_ region: Int) -> Int { 2 * regionCount + region }
    func majorityIndex(_ domain: Int) -> Int { 3 * regionCount + domain }
}

/// The limits themselves, in bytes and songs; nil where there is none.
struct PlacementLimits: Equatable, Sendable {
    var capacityBytes: [Int]
    var moveInBytes: [Int?]
    var moveOutBytes: [Int?]
    /// Songs, by failure domain.
    var majorityLosses: [Int?]

    init(_ topology: Topology) {
        capacityBytes = topology.regions.map(\.capacityBytes)
        moveInBytes = topology.regions.map(\.moveInBudgetBytes)
        moveOutBytes = topology.regions.map(\.moveOutBudgetBytes)
        majorityLosses = topology.domains.map { _ in topology.majorityLossSongsMax }
    }

    /// In GB and songs, in the order of `PlacementPrices`; infinite where there is none.
    var amounts: [Double] {
        let bytes = capacityBytes.map(Optional.some) + moveInBytes + moveOutBytes
        return bytes.map { $0.map { Double($0) / 1e9 } ?? .infinity }
            + majorityLosses.map { $0.map(Double.init) ?? .infinity }
    }
}
