package import Storage

/// The *prefetch* stage: for each edge, what to hold, fetch and evict before the plan's day.
///
/// Writes one `<edge id>.ndjson.zst` an edge (`PrefetchManifest`), the same in forms that other
/// programs take (`EdgeForms`), and `prefetch.summary.json` (`PrefetchSummary`). A region's demand is
/// split evenly over its edges, so each edge plans on an equal share of every song. What was written
/// is read again and recounted (`PrefetchAudit`). The same inputs give the same bytes.
package enum Prefetch {
    package static let summaryName = "prefetch.summary.json"

    package static func manifestName(edge id: String) -> String { "\(id).ndjson.zst" }

    /// Whether a file of the stage has a header line that *publish* stamps with the snapshot's id.
    package static func isStamped(_ name: String) -> Bool {
        name.hasSuffix(".ndjson.zst") && (!name.contains("/") || name.hasPrefix("changes/"))
    }

    /// Plans the night `date`, for the day after it.
    ///
    /// - Parameters:
    ///   - catalog: The folder of `catalog.sqlite` and `search.sqlite`.
    ///   - demand: `demand.tsv.zst`, the streams expected on the plan's day.
    ///   - placement: Tonight's placement manifest, made from the same catalogue.
    ///   - previous: The folder of yesterday's prefetch manifests, whose fills are taken as done; nil on the first night.
    /// - Throws: `DeliveryError` when the placement is of another catalogue, or yesterday's manifest is damaged; what the readers throw.
    package static func plan(
        catalog: String, demand: String, topology: Topology, placement: String,
        previous: String?, date: CalendarDate, options: PrefetchOptions = PrefetchOptions(),
        into directory: StagedDirectory
    ) throws -> PrefetchSummary {
        let songs = try SongList(catalog: catalog)
        let catalogSHA256 = try SHA256.hash(fileAt: catalog + "/catalog.sqlite")
        var strays = DemandStrays()
        let regionDemand = try RegionDemand(
            contentsOf: demand, songs: songs, topology: topology, strays: &strays)
        let holders = try holders(
            placement, catalogSHA256: catalogSHA256, songs: songs, topology: topology)
        let embargoes = try PrefetchEmbargoes(
            contentsOf: options.releases, planDate: date.next, leadDays: options.releaseLeadDays,
            songs: songs)

        var summary = PrefetchSummary(date: date, strays: strays, edges: [])
        summary.unservedRegions = RegionWithoutEdge.all(
            topology: topology, demand: regionDemand, holders: holders)
        for edge in topology.edges {
            let path = previous.map { "\($0)/\(manifestName(edge: edge.id))" }
            let isKnown = path.map(FileSystem.exists) ?? false
            let holdings =
                isKnown
                ? try PrefetchHoldings(path!, edge: edge.id, songs: songs)
                : PrefetchHoldings(songs: songs)
            let view = PrefetchEdgeView(
                edge: edge, share: 1 / Double(topology.edgeCount(inRegion: edge.region)),
                songs: songs, demand: regionDemand, holdings: holdings, embargoes: embargoes)
            let limits = PrefetchPlanner.Limits(
                pinnedBytes: edge.pinnedBytes, fillBudgetBytes: edge.fillBudgetBytes,
                objective: options.objective, fillPrice: options.fillPrice)
            let plan = PrefetchEdgePlan(
                view, PrefetchPlanner.plan(view.candidates, limits), topology: topology,
                holders: holders, objective: options.objective, date: date,
                catalogSHA256: catalogSHA256)
            try plan.write(triggers: options.triggers, into: directory)
            try PrefetchAudit(
                edge: edge, topology: topology, songs: songs, holders: holders, holdings: holdings,
                planDate: date.next
            ).check(directory.path)
            summary.edges.append(
                PrefetchSummary.Edge(
                    header: plan.header, isFirstNight: !isKnown,
                    isNew: previous != nil && !isKnown, vanishedSongs: holdings.gone.count,
                    heldBytes: plan.heldBytes))
        }
        try directory.write(summaryName) { try $0.write(summary.json) }
        return summary
    }

    /// The regions that will hold each song by tonight's placement.
    private static func holders(
        _ path: String, catalogSHA256: Digest, songs: SongList, topology: Topology
    ) throws -> [RegionSet] {
        let regionOf = Dictionary(
            uniqueKeysWithValues: topology.regions.enumerated().map { ($0.element.id, $0.offset) })
        var holders = Array(repeating: RegionSet(), count: songs.count)
        let header = try PlacementManifest.read(path) { record in
            guard let song = songs.index(of: record.song) else { return }
            holders[song] = RegionSet(record.regions.compactMap { regionOf[$0] })
        }
        guard header.catalogSHA256 == catalogSHA256, holders.allSatisfy({ !$0.isEmpty }) else {
            throw DeliveryError(
                .badInput, at: path, "the placement is of another catalogue or topology",
                hint: "run spindle place first, then spindle prefetch")
        }
        return holders
    }
}
