package import Storage

/// The *prefetch* stage: for each edge, what to hold, fetch and evict before the plan's day.
///
/// Writes one `<edge id>.ndjson.zst` an edge (`PrefetchManifest`) and `prefetch.summary.json`
/// (`PrefetchSummary`). A region's demand is split evenly over its edges, so each edge plans on an
/// equal share of every song. The same inputs give the same bytes.
package enum Prefetch {
    package static let summaryName = "prefetch.summary.json"

    package static func manifestName(edge id: String) -> String { "\(id).ndjson.zst" }

    /// Plans the night `date`, for the day after it.
    ///
    /// - Parameters:
    ///   - catalog: The folder of `catalog.sqlite` and `search.sqlite`.
    ///   - demand: `demand.tsv.zst`, the streams expected on the plan's day.
    ///   - placement: Tonight's placement manifest, made from the same catalogue.
    ///   - previous: The folder of yesterday's prefetch manifests, whose fills are taken as done; nil, or a path where nothing is, on the first night.
    /// - Throws: `DeliveryError` when the placement is of another catalogue; what the readers throw.
    package static func plan(
        catalog: String, demand: String, topology: Topology, placement: String,
        previous: String?, date: CalendarDate, into directory: StagedDirectory
    ) throws -> PrefetchSummary {
        let songs = try SongList(catalog: catalog)
        let catalogSHA256 = try SHA256.hash(fileAt: catalog + "/catalog.sqlite")
        var strays = DemandStrays()
        let regionDemand = try RegionDemand(
            contentsOf: demand, songs: songs, topology: topology, strays: &strays)
        let holders = try holders(
            placement, catalogSHA256: catalogSHA256, songs: songs, topology: topology)

        var summary = PrefetchSummary(date: date, strays: strays, edges: [])
        for edge in topology.edges {
            let held = try previous.flatMap {
                try HeldSongs("\($0)/\(manifestName(edge: edge.id))")
            }
            let view = EdgeView(
                edge: edge, share: 1 / Double(topology.edgeCount(inRegion: edge.region)),
                songs: songs, demand: regionDemand, held: held)
            let steps = PrefetchPlanner.plan(
                view.candidates,
                PrefetchPlanner.Limits(
                    pinnedBytes: edge.pinnedBytes, fillBudgetBytes: edge.fillBudgetBytes))
            let header = header(
                view, steps, topology: topology, date: date, catalogSHA256: catalogSHA256)
            try directory.write(manifestName(edge: edge.id)) { writer in
                var json = JSONWriter()
                PrefetchManifest.write(header, into: &json)
                try writer.write(json.bytes)
                json.removeAll()
                for (index, step) in steps.enumerated() {
                    let candidate = view.candidates[step.candidate]
                    let source = view.songIndexes[step.candidate].flatMap {
                        topology.cheapest(of: holders[$0], for: edge.region)
                    }
                    PrefetchManifest.write(
                        PrefetchManifest.Record(
                            rank: index + 1, action: step.action, song: candidate.song,
                            sizeBytes: candidate.sizeBytes,
                            sourceRegion: step.action == .evict
                                ? nil : source.map { topology.regions[$0].id },
                            expectedHits: candidate.expectedHits),
                        into: &json)
                    try writer.write(json.bytes)
                    json.removeAll()
                }
            }
            summary.edges.append(
                PrefetchSummary.Edge(
                    header: header, isFirstNight: held == nil,
                    vanishedSongs: view.candidates.count { $0.isGone },
                    heldBytes: steps.reduce(0) {
                        $0 + ($1.action == .hold ? view.candidates[$1.candidate].sizeBytes : 0)
                    }))
        }
        try directory.write(summaryName) { try $0.write(summary.json) }
        return summary
    }

    private static func header(
        _ view: EdgeView, _ steps: [PrefetchPlanner.Step], topology: Topology, date: CalendarDate,
        catalogSHA256: Digest
    ) -> PrefetchManifest.Header {
        var header = PrefetchManifest.Header(
            date: date.description, planDate: date.next.description, edge: view.edge.id,
            region: topology.regions[view.edge.region].id, url: view.edge.url,
            capacityBytes: view.edge.capacityBytes, pinnedBytes: view.edge.pinnedBytes,
            fillBudgetBytes: view.edge.fillBudgetBytes, fillBytes: 0, holdSongs: 0, fetchSongs: 0,
            evictSongs: 0, expectedHits: 0, expectedRequests: view.expectedRequests,
            catalogSHA256: catalogSHA256)
        for step in steps {
            let candidate = view.candidates[step.candidate]
            switch step.action {
            case .hold:
                header.holdSongs += 1
                header.expectedHits += candidate.expectedHits
            case .fetch:
                header.fetchSongs += 1
                header.fillBytes += candidate.sizeBytes
                header.expectedHits += candidate.expectedHits
            case .evict: header.evictSongs += 1
            }
        }
        return header
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

/// What an edge holds when yesterday's manifest has been carried out.
struct HeldSongs {
    var sizesBytes: [Digest: Int] = [:]

    /// - Returns: nil where there is no manifest.
    init?(_ path: String) throws {
        guard FileSystem.exists(path) else { return nil }
        var sizes: [Digest: Int] = [:]
        try PrefetchManifest.read(path) { record in
            if record.action != .evict { sizes[record.song] = record.sizeBytes }
        }
        sizesBytes = sizes
    }
}

/// The songs that matter at one edge: held there, or asked for.
struct EdgeView {
    let edge: Topology.Edge
    private(set) var candidates: [PrefetchPlanner.Candidate] = []
    /// For each candidate its place among the catalogue's songs; nil when it left.
    private(set) var songIndexes: [Int?] = []
    private(set) var expectedRequests = 0.0

    /// - Parameter share: Of the region's demand.
    init(
        edge: Topology.Edge, share: Double, songs: SongList, demand: RegionDemand,
        held: HeldSongs?
    ) {
        self.edge = edge
        var strangers = held?.sizesBytes ?? [:]
        for song in 0..<songs.count {
            let hits = demand.streams(song, in: edge.region) * share
            let isHeld =
                !strangers.isEmpty && strangers.removeValue(forKey: songs.ids[song]) != nil
            guard hits > 0 || isHeld else { continue }
            expectedRequests += hits
            candidates.append(
                PrefetchPlanner.Candidate(
                    song: songs.ids[song], sizeBytes: songs.sizesBytes[song], expectedHits: hits,
                    isHeld: isHeld))
            songIndexes.append(song)
        }
        for (id, sizeBytes) in strangers.sorted(by: { $0.key < $1.key }) {
            candidates.append(
                PrefetchPlanner.Candidate(
                    song: id, sizeBytes: sizeBytes, expectedHits: 0, isHeld: true, isGone: true))
            songIndexes.append(nil)
        }
    }
}
