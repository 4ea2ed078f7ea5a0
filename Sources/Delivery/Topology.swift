/// Regions that keep songs, the links between them, and the edges near the listeners.
///
/// Read from a file by `Topology(contentsOf:)`, which checks it; a value of this type is sound:
/// ids are unique and safe as file names, every ordered pair of regions has a link, and there are
/// at least as many failure domains as replicas.
package struct Topology: Equatable, Sendable {
    package struct Prices: Equatable, Sendable {
        /// For each byte that is newly copied to a region.
        package var moveUSDPerGB: Double
        /// What a millisecond on the way to the listener is worth, for each GB served.
        package var latencyUSDPerGBMs: Double

        package init(
            moveUSDPerGB: Double, latencyUSDPerGBMs: Double
        ) {
            self.moveUSDPerGB = moveUSDPerGB
            self.latencyUSDPerGBMs = latencyUSDPerGBMs
        }
    }

    package struct Region: Equatable, Sendable {
        package var id: String
        package var name: String
        /// What fails together: replicas that count for safety are in distinct domains.
        package var failureDomain: String
        package var latitude: Double
        package var longitude: Double
        package var capacityBytes: Int
        package var storageUSDPerGBMonth: Double
        /// Bytes that may be newly copied here in a night; nil: any.
        package var moveInBudgetBytes: Int?
        /// Bytes that other regions may copy from here in a night; nil: any.
        package var moveOutBudgetBytes: Int?
        /// The share of days on which the region is not there.
        package var outageProbability: Double

        package init(
            id: String, name: String, failureDomain: String, latitude: Double, longitude: Double,
            capacityBytes: Int, storageUSDPerGBMonth: Double, moveInBudgetBytes: Int? = nil,
            moveOutBudgetBytes: Int? = nil, outageProbability: Double = 0
        ) {
            self.id = id
            self.name = name
            self.failureDomain = failureDomain
            self.latitude = latitude
            self.longitude = longitude
            self.capacityBytes = capacityBytes
            self.storageUSDPerGBMonth = storageUSDPerGBMonth
            self.moveInBudgetBytes = moveInBudgetBytes
            self.moveOutBudgetBytes = moveOutBudgetBytes
            self.outageProbability = outageProbability
        }
    }

    package struct Edge: Equatable, Sendable {
        package var id: String
        /// Index into `regions`.
        package var region: Int
        package var url: String
        package var capacityBytes: Int
        /// Bytes that may be newly fetched in a night.
        package var fillBudgetBytes: Int
        /// Share of the capacity that holds planned songs; the rest is an ordinary cache.
        package var pinnedShare: Double

        package init(
            id: String, region: Int, url: String, capacityBytes: Int, fillBudgetBytes: Int,
            pinnedShare: Double
        ) {
            self.id = id
            self.region = region
            self.url = url
            self.capacityBytes = capacityBytes
            self.fillBudgetBytes = fillBudgetBytes
            self.pinnedShare = pinnedShare
        }

        package var pinnedBytes: Int {
            min(capacityBytes, Int((Double(capacityBytes) * pinnedShare).rounded(.down)))
        }
    }

    package struct Link: Equatable, Sendable {
        package var latencyMs: Double
        package var transferUSDPerGB: Double

        package init(
            latencyMs: Double, transferUSDPerGB: Double
        ) {
            self.latencyMs = latencyMs
            self.transferUSDPerGB = transferUSDPerGB
        }

        /// Within a region, unless the file lists the link.
        package static let local = Link(latencyMs: 2, transferUSDPerGB: 0)
    }

    /// Copies of each song, unless a rule asks for more.
    package var replicas: Int
    /// Failure domains that a song's copies cover at least; nil: as many as it has copies.
    package var failureDomainsMin: Int?
    /// Songs that may lose more than half of their copies with any one failure domain; nil: any.
    package var majorityLossSongsMax: Int?
    /// What holds for some songs only.
    package var rules: [PlacementRule]
    package var prices: Prices
    /// Sorted by id; a region's index here is its bit in a `RegionSet`.
    package var regions: [Region]
    /// Sorted by id.
    package var edges: [Edge]
    /// Row by row, from the holding region to the listener's: `links[from * regions.count + to]`.
    package var links: [Link]
    /// Index of each region's failure domain in `domains`.
    package let domainOfRegion: [Int]
    /// Failure domains, sorted.
    package let domains: [String]

    /// - Precondition: `regions` and `edges` are sorted by id, and `links` has a row for each region.
    package init(
        replicas: Int, prices: Prices, regions: [Region], edges: [Edge], links: [Link],
        failureDomainsMin: Int? = nil, majorityLossSongsMax: Int? = nil, rules: [PlacementRule] = []
    ) {
        precondition(links.count == regions.count * regions.count)
        self.replicas = replicas
        self.prices = prices
        self.regions = regions
        self.edges = edges
        self.links = links
        self.failureDomainsMin = failureDomainsMin
        self.majorityLossSongsMax = majorityLossSongsMax
        self.rules = rules
        let domains = Set(regions.map(\.failureDomain)).sorted()
        self.domains = domains
        domainOfRegion = regions.map { domains.firstIndex(of: $0.failureDomain)! }
    }

    package func link(from: Int, to: Int) -> Link {
        links[from * regions.count + to]
    }

    /// What it costs to serve a GB from one region to a listener in another, latency included.
    package func servingUSDPerGB(from: Int, to: Int) -> Double {
        let link = link(from: from, to: to)
        return link.transferUSDPerGB + link.latencyMs * prices.latencyUSDPerGBMs
    }

    /// The cheapest region of a set for listeners in `region`; on a tie the first by id.
    package func cheapest(of holders: RegionSet, for region: Int) -> Int? {
        var best: Int?
        var bestPrice = Double.infinity
        for holder in holders {
            let price = servingUSDPerGB(from: holder, to: region)
            if price < bestPrice {
                best = holder
                bestPrice = price
            }
        }
        return best
    }

    /// Distinct failure domains that a set of regions covers.
    package func domainCount(of set: RegionSet) -> Int {
        var seen: UInt32 = 0
        for region in set { seen |= 1 << UInt32(domainOfRegion[region]) }
        return seen.nonzeroBitCount
    }

    /// Whether the loss of one failure domain can take more than half of a set's copies.
    package func losesMajority(_ set: RegionSet) -> Bool { majorityDomain(of: set) != nil }

    /// The failure domain that has more than half of a set's copies.
    package func majorityDomain(of set: RegionSet) -> Int? {
        domains.indices.first { domain in
            2 * set.count(where: { domainOfRegion[$0] == domain }) > set.count
        }
    }

    package func index(ofRegion id: String) -> Int? {
        regions.firstIndex { $0.id == id }
    }

    package func edgeCount(inRegion region: Int) -> Int {
        edges.count { $0.region == region }
    }
}
