import Delivery
import SQLite
import Storage

/// Topologies and catalogues that several suites share.
enum Fixture {
    /// Five regions in four failure domains on three continents, with room for all songs.
    static let world: Topology = {
        // Round trips in ms between places like these (docs: facts of 2017, rounded).
        let latency: [[Double]] = [
            [2, 230, 235, 74, 180], [230, 2, 20, 330, 85], [235, 20, 2, 325, 82],
            [74, 330, 325, 2, 215], [180, 85, 82, 215, 2],
        ]
        let regions = [
            ("ap-east", "asia"), ("eu-north", "eu-a"), ("eu-west", "eu-b"), ("ap-south", "asia"),
            ("us-east", "america"),
        ]
        let listed = regions.enumerated().map { index, region in
            Topology.Region(
                id: region.0, name: region.0, failureDomain: region.1, latitude: 0, longitude: 0,
                capacityBytes: 5_000_000_000, storageUSDPerGBMonth: 0.02)
        }
        // Sorted by id, and the links with them.
        let order = listed.indices.sorted { listed[$0].id < listed[$1].id }
        return Topology(
            replicas: 3, prices: Topology.Prices(moveUSDPerGB: 0.02, latencyUSDPerGBMs: 0.0001),
            regions: order.map { listed[$0] },
            edges: [],
            links: order.flatMap { from in
                order.map { to in
                    Topology.Link(
                        latencyMs: latency[from][to], transferUSDPerGB: from == to ? 0 : 0.02)
                }
            })
    }()

    static let threeDomains = Topology(
        replicas: 3, prices: Topology.Prices(moveUSDPerGB: 0.02, latencyUSDPerGBMs: 0.0001),
        regions: ["a", "b", "c"].map {
            Topology.Region(
                id: $0, name: $0, failureDomain: $0, latitude: 0, longitude: 0, capacityBytes: 0,
                storageUSDPerGBMonth: 0.02)
        },
        edges: [], links: Array(repeating: .local, count: 9))
}
