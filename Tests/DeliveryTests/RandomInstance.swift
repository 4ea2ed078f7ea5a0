import Delivery
import Storage
import TestSupport

/// Placement problems of every shape that still have a solution, or nearly.
struct RandomInstance {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// - Parameter tightness: Capacity over need, least and most; near 1 leaves no choice.
    mutating func topology(
        regions count: Int, replicas: Int, catalogBytes: Int, tightness: ClosedRange<Double>
    ) -> Topology {
        let factor = Double.random(in: tightness, using: &generator)
        let domains = max(replicas, Int.random(in: replicas...count, using: &generator))
        let regions = (0..<count).map { index in
            let fair = Double(catalogBytes * replicas) / Double(count)
            return Topology.Region(
                id: "region-\(index)", name: "Region \(index)",
                // Each domain has a region, and the rest fall anywhere.
                failureDomain:
                    "domain-\(index < domains ? index : Int.random(in: 0..<domains, using: &generator))",
                latitude: 0, longitude: 0,
                capacityBytes: Int(
                    fair * factor * Double.random(in: 0.8...1.4, using: &generator)),
                storageUSDPerGBMonth: Double.random(in: 0.01...0.03, using: &generator))
        }
        let links = (0..<count * count).map { cell in
            cell / count == cell % count
                ? Topology.Link.local
                : Topology.Link(
                    latencyMs: Double.random(in: 15...320, using: &generator),
                    transferUSDPerGB: Double.random(in: 0.01...0.12, using: &generator))
        }
        return Topology(
            replicas: replicas,
            prices: Topology.Prices(
                moveUSDPerGB: [0, 0.005, 0.02].randomElement(using: &generator)!,
                latencyUSDPerGBMs: 0.0001),
            regions: regions, edges: [], links: links)
    }

    mutating func songs(_ count: Int) -> SongList {
        let ids = (0..<count).map { _ in digest() }.sorted()
        return SongList(
            ids: ids,
            sizesBytes: ids.map { _ in Int.random(in: 500_000...12_000_000, using: &generator) },
            ranks: (1...UInt32(max(1, count))).prefix(count).shuffled(using: &generator))
    }

    /// A few hits and a long tail, each song at home in some region.
    mutating func demand(songs: Int, regions: Int) -> RegionDemand {
        var demand = RegionDemand()
        for _ in 0..<songs {
            let home = Int.random(in: 0..<regions, using: &generator)
            let draw = Double.random(in: 0.0001...1, using: &generator)
            let streams = Float(min(20_000, 0.5 / (draw * draw)))
            demand.appendSong(
                (0..<regions).compactMap { region in
                    guard region == home || Int.random(in: 0..<3, using: &generator) == 0 else {
                        return nil
                    }
                    return (region, region == home ? streams : streams / 8)
                })
        }
        return demand
    }

    mutating func problem(
        songs count: Int, regions: Int, replicas: Int, tightness: ClosedRange<Double>
    ) -> PlacementProblem {
        let songs = songs(count)
        let topology = topology(
            regions: regions, replicas: replicas,
            catalogBytes: songs.sizesBytes.reduce(0, +), tightness: tightness)
        return PlacementProblem(
            topology: topology, songs: songs, demand: demand(songs: count, regions: regions),
            previous: Array(repeating: RegionSet(), count: count))
    }

    mutating func digest() -> Digest {
        Digest(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })!
    }
}
