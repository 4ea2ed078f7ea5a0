internal import Storage

/// What is to be done about replicas tonight: `placement.changes.ndjson.zst`, and lists for rclone.
///
/// Copies come first, in the order in which they are of use: songs with the fewest copies before all
/// others, then by expected streams, which are what a byte of copying is worth. Whoever stops after
/// any part has done the most useful part; deletes stand behind the copies, so that no song is ever
/// in fewer places than the plan asks for.
///
/// See docs/formats/delivery.md and docs/schemas/placement-change.
package enum PlacementChanges {
    package static let format = "spindle-placement-changes"
    package static let version = 1
    package static let manifestName = "placement.changes.ndjson.zst"
    /// Stands for the origin in the names of lists.
    package static let originName = "origin"

    /// For `rclone copy SOURCE: DESTINATION: --files-from -`.
    package static func copyListName(from source: String?, to destination: String) -> String {
        // Ids hold no `+`, and none begins with it.
        "copies/\(source ?? "+\(originName)")+\(destination).txt.zst"
    }

    /// For `rclone delete REGION: --files-from -`.
    package static func deleteListName(_ region: String) -> String { "deletes/\(region).txt.zst" }

    /// Where an audio object lies below a region's root, as below an edge's URL.
    static func objectPath(_ song: Digest) -> String {
        String(PrefetchManifest.path(of: song).dropFirst())
    }

    static func write(
        _ plan: PlacementPlan, _ problem: PlacementProblem, _ yesterday: PreviousPlacement,
        date: CalendarDate, into directory: StagedDirectory
    ) throws {
        let lists = CopyLists(directory.path, problem.topology)
        let use = plan.regions
        try directory.write(manifestName) { writer in
            var json = JSONWriter()
            json.object {
                $0.field("format", format)
                $0.field("version", version)
                $0.field("snapshot", String?.none)
                $0.field("date", date.description)
                $0.field("plan_date", date.next.description)
                $0.field("first_night", yesterday.isFirstNight)
                $0.field("copies", use.reduce(0) { $0 + $1.addedSongs })
                $0.field("copy_bytes", use.reduce(0) { $0 + $1.addedBytes })
                $0.field(
                    "deletes",
                    use.reduce(0) { $0 + $1.removedSongs }
                        + yesterday.vanished.reduce(0) { $0 + $1.regions.count })
                $0.field(
                    "delete_bytes",
                    use.reduce(0) { $0 + $1.removedBytes } + yesterday.vanishedBytes)
            }
            json.newline()
            try writer.write(json.bytes)
            json.removeAll()
            var rank = 0
            func step(
                _ action: String, _ song: Digest, _ sizeBytes: Int, source: Int?, region: Int,
                streams: Double
            ) throws {
                rank += 1
                let regions = problem.topology.regions
                json.object {
                    $0.field("rank", rank)
                    $0.field("action", action)
                    $0.field("song_id", song.hex)
                    $0.field("size_bytes", sizeBytes)
                    $0.field("sha256", song.hex)
                    $0.field("path", objectPath(song))
                    $0.field("source_region", source.map { regions[$0].id })
                    $0.field("region", regions[region].id)
                    $0.field("expected_streams", streams, decimals: 4)
                }
                json.newline()
                try writer.write(json.bytes)
                json.removeAll()
            }
            for song in copyOrder(plan, problem) {
                let song = Int(song)
                let id = problem.songs.ids[song]
                for region in plan.sets[song].subtracting(problem.previous[song]) {
                    let source = plan.sources.source(song, to: region)
                    try step(
                        "copy", id, problem.songs.sizesBytes[song], source: source, region: region,
                        streams: problem.demand.total(song))
                    try lists.append(id, from: source, to: region)
                }
            }
            for gone in yesterday.vanished {
                for region in gone.regions {
                    try step(
                        "delete", gone.song, gone.sizeBytes, source: nil, region: region, streams: 0
                    )
                    try lists.append(gone.song, deletedFrom: region)
                }
            }
            for song in plan.sets.indices {
                for region in problem.previous[song].subtracting(plan.sets[song]) {
                    try step(
                        "delete", problem.songs.ids[song], problem.songs.sizesBytes[song],
                        source: nil, region: region, streams: problem.demand.total(song))
                    try lists.append(problem.songs.ids[song], deletedFrom: region)
                }
            }
        }
        try lists.finish(into: directory)
    }

    /// Songs that get copies, the most useful first.
    private static func copyOrder(_ plan: PlacementPlan, _ problem: PlacementProblem) -> [UInt32] {
        let copied = plan.sets.indices.filter {
            !plan.sets[$0].subtracting(problem.previous[$0]).isEmpty
        }
        struct Key {
            var song: UInt32
            var copies: UInt8
            var streams: Float
        }
        let keys = copied.map { song in
            // Copies beyond what is asked for are all alike.
            let copies = min(problem.previous[song].count, problem.placementClass(song).replicas)
            return Key(
                song: UInt32(song), copies: UInt8(copies),
                streams: Float(problem.demand.total(song)))
        }
        return keys.sorted { a, b in
            if a.copies != b.copies { return a.copies < b.copies }
            return a.streams == b.streams ? a.song < b.song : a.streams > b.streams
        }.map(\.song)
    }
}

/// The lists of paths, one a pair of source and destination and one a region to delete from; a list
/// that has nothing in it is not written.
private final class CopyLists {
    private let folder: String
    private let topology: Topology
    private var writers: [String: FileWriter] = [:]

    init(_ folder: String, _ topology: Topology) {
        self.folder = folder
        self.topology = topology
    }

    func append(_ song: Digest, from source: Int?, to region: Int) throws {
        try append(
            song,
            PlacementChanges.copyListName(
                from: source.map { topology.regions[$0].id }, to: topology.regions[region].id))
    }

    func append(_ song: Digest, deletedFrom region: Int) throws {
        try append(song, PlacementChanges.deleteListName(topology.regions[region].id))
    }

    private func append(_ song: Digest, _ name: String) throws {
        if writers[name] == nil {
            try FileSystem.makeDirectories(FileSystem.parent(of: folder + "/" + name))
            writers[name] = try FileWriter(folder + "/" + name)
        }
        try writers[name]!.write(PlacementChanges.objectPath(song) + "\n")
    }

    func finish(into directory: StagedDirectory) throws {
        for (name, writer) in writers.sorted(by: { $0.key < $1.key }) {
            directory.adopt(name, try writer.finish())
        }
    }
}
