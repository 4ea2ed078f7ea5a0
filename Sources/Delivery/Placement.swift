package import Storage

/// The *place* stage: catalogue, demand, topology and yesterday's placement → tonight's.
///
/// Writes `placement.ndjson.zst` (`PlacementManifest`), `placement.changes.ndjson.zst` and the lists
/// of `PlacementChanges`, and `placement.summary.json` (`PlacementSummary`). The same inputs give the
/// same bytes.
package enum Placement {
    package static let manifestName = "placement.ndjson.zst"
    package static let summaryName = "placement.summary.json"

    /// Plans the night `date`, for the day after it.
    ///
    /// - Parameters:
    ///   - catalog: The folder of `catalog.sqlite` and `search.sqlite`.
    ///   - demand: `demand.tsv.zst`, the streams expected on the plan's day.
    ///   - previous: Yesterday's placement manifest; nil, or a path where nothing is, on the first night.
    /// - Throws: `DeliveryError` with `impossiblePlacement` when no placement satisfies the topology; what the readers throw. Nothing is written then.
    package static func plan(
        catalog: String, demand: String, topology: Topology, previous: String?,
        date: CalendarDate, into directory: StagedDirectory
    ) throws -> PlacementSummary {
        let songs = try SongList(catalog: catalog)
        let catalogSHA256 = try SHA256.hash(fileAt: catalog + "/catalog.sqlite")
        let classes = try SongClasses(catalog: catalog, songs: songs, topology: topology)
        var strays = DemandStrays()
        let regionDemand = try RegionDemand(
            contentsOf: demand, songs: songs, topology: topology, strays: &strays)
        let yesterday = try PreviousPlacement(previous, songs: songs, topology: topology)
        let problem = PlacementProblem(
            topology: topology, songs: songs, demand: regionDemand, previous: yesterday.sets,
            classes: classes.classes, classOfSong: classes.classOfSong)
        let plan = try PlacementPlanner.plan(problem)

        try directory.write(manifestName) { writer in
            var json = JSONWriter()
            PlacementManifest.write(
                PlacementManifest.Header(
                    date: date.description, planDate: date.next.description,
                    catalogSHA256: catalogSHA256, replicas: topology.replicas,
                    regions: topology.regions.map(\.id), songs: songs.count,
                    expectedCostUSD: plan.cost.totalUSD, boundUSD: plan.boundUSD),
                into: &json)
            try writer.write(json.bytes)
            json.removeAll()
            func names(_ set: RegionSet) -> [String] { set.map { topology.regions[$0].id } }
            for song in songs.byRank {
                let song = Int(song)
                PlacementManifest.write(
                    PlacementManifest.Record(
                        song: songs.ids[song], sizeBytes: songs.sizesBytes[song],
                        regions: names(plan.sets[song]),
                        added: names(plan.sets[song].subtracting(yesterday.sets[song])),
                        removed: names(yesterday.sets[song].subtracting(plan.sets[song])),
                        expectedStreams: regionDemand.total(song)),
                    into: &json)
                try writer.write(json.bytes)
                json.removeAll()
            }
        }
        // What people will act on is proved as it was written, not as it was meant.
        try PlacementProof.check(
            directory.path + "/" + manifestName, problem, catalogSHA256: catalogSHA256)
        try PlacementChanges.write(plan, problem, yesterday, date: date, into: directory)
        let summary = PlacementSummary(
            date: date, topology: topology, songs: songs, plan: plan, strays: strays,
            yesterday: yesterday, classes: classes)
        try directory.write(summaryName) { try $0.write(summary.json) }
        return summary
    }
}

/// Where the copies are tonight, as far as the catalogue and the topology still know them.
struct PreviousPlacement {
    var sets: [RegionSet]
    var isFirstNight = false
    /// Songs that left the catalogue since; their copies are to be deleted everywhere.
    var vanished: [(song: Digest, sizeBytes: Int, regions: RegionSet)] = []
    /// Songs that are still there.
    var knownSongs = 0
    /// Regions that left the topology, with whatever they held; sorted.
    var lostRegions: [String] = []

    init(_ path: String?, songs: SongList, topology: Topology) throws {
        sets = Array(repeating: RegionSet(), count: songs.count)
        guard let path, FileSystem.exists(path) else {
            isFirstNight = true
            return
        }
        let regionOf = Dictionary(
            uniqueKeysWithValues: topology.regions.enumerated().map { ($0.element.id, $0.offset) })
        var sets = sets
        var lost: Set<String> = []
        var vanished: [(song: Digest, sizeBytes: Int, regions: RegionSet)] = []
        var known = 0
        try PlacementManifest.read(path) { record in
            lost.formUnion(record.regions.lazy.filter { regionOf[$0] == nil })
            let regions = RegionSet(record.regions.compactMap { regionOf[$0] })
            guard let song = songs.index(of: record.song) else {
                return vanished.append((record.song, record.sizeBytes, regions))
            }
            known += 1
            sets[song] = regions
        }
        self.sets = sets
        self.vanished = vanished
        knownSongs = known
        lostRegions = lost.sorted()
    }

    /// Bytes of all copies of the songs that left.
    var vanishedBytes: Int {
        vanished.reduce(0) { $0 + $1.sizeBytes * $1.regions.count }
    }

    /// A placement of songs none of which the catalogue has: most likely of another catalogue.
    var isForeign: Bool { !isFirstNight && knownSongs == 0 && !vanished.isEmpty }
}
