package import Storage

/// A night's plan as the simulation goes by it: who holds what, and what it costs to be so.
package struct SimulationPlan: Sendable {
    package var date: CalendarDate
    package var topology: Topology
    package var songs: SongList
    /// The regions that hold each song.
    var holders: [RegionSet]
    /// What each edge has pinned, by its place in `topology.edges`.
    var pins: [EdgePins]
    /// Streams expected on the plan's day, from which plans of other sizes are made.
    var demand: RegionDemand
    /// Of the placement, for the plan's day: the same whatever edges do.
    package internal(set) var storageUSD = 0.0
    package internal(set) var moveUSD = 0.0

    var catalogBytes: Int { songs.sizesBytes.reduce(0, +) }

    /// What one edge has pinned when the day starts.
    struct EdgePins: Equatable, Sendable {
        /// Places in `songs`, rising.
        var songs: [UInt32] = []
        var capacityBytes: Int
        /// What of the capacity is for pinning.
        var pinnedBytes: Int
        /// Bytes to fetch tonight by the region they come from; nil where nothing was filled.
        var fillBytes: [Int]?
    }

    /// Reads a night's plan and checks that its parts belong together.
    ///
    /// - Parameters:
    ///   - catalog: The folder of `catalog.sqlite` and `search.sqlite`.
    ///   - demand: `demand.tsv.zst`.
    ///   - placement: The folder with the placement manifest.
    ///   - prefetch: The folder with a manifest for each edge.
    /// - Throws: `DeliveryError` when they are of different topologies or catalogues; what the readers throw.
    package init(
        date: CalendarDate, topology: Topology, catalog: String, demand: String,
        placement: String, prefetch: String
    ) throws {
        self.date = date
        self.topology = topology
        songs = try SongList(catalog: catalog)
        let catalogSHA256 = try SHA256.hash(fileAt: catalog + "/catalog.sqlite")
        var strays = DemandStrays()
        self.demand = try RegionDemand(
            contentsOf: demand, songs: songs, topology: topology, strays: &strays)
        holders = Array(repeating: RegionSet(), count: songs.count)
        pins = []
        try readPlacement(placement + "/" + Placement.manifestName, catalogSHA256)
        try refuseOtherEdges(prefetch)
        pins = try topology.edges.map { edge in
            try readPins(edge, "\(prefetch)/\(Prefetch.manifestName(edge: edge.id))", catalogSHA256)
        }
    }

    private mutating func readPlacement(_ path: String, _ catalogSHA256: Digest) throws {
        let topology = topology
        let songs = songs
        let regionOf = Dictionary(
            uniqueKeysWithValues: topology.regions.enumerated().map { ($0.element.id, $0.offset) })
        // Before the records, as their regions would be unknown.
        let header = try PlacementManifest.readHeader(path)
        guard header.regions == topology.regions.map(\.id) else {
            throw DeliveryError(
                .badInput, at: path,
                "the placement is for the regions \(header.regions.joined(separator: ", ")), the "
                    + "topology has \(topology.regions.map(\.id).joined(separator: ", "))",
                hint:
                    "leave --topology away, which takes the placement's own, or run spindle place "
                    + "and spindle prefetch again with the new one")
        }
        guard header.catalogSHA256 == catalogSHA256, header.date == date.description else {
            throw Self.foreign(path, "catalogue or night", stage: "place")
        }
        var (holders, storage, moved) = (holders, 0.0, 0)
        _ = try PlacementManifest.read(path) { record in
            guard let song = songs.index(of: record.song) else {
                throw Self.foreign(path, "catalogue", stage: "place")
            }
            holders[song] = RegionSet(record.regions.compactMap { regionOf[$0] })
            for region in holders[song] {
                storage +=
                    Double(record.sizeBytes) / 1e9
                    * topology.regions[region].storageUSDPerGBMonth / 30
            }
            moved += record.sizeBytes * record.added.count
        }
        self.holders = holders
        storageUSD = storage
        moveUSD = Double(moved) / 1e9 * topology.prices.moveUSDPerGB
    }

    /// A manifest of an edge that the topology does not have tells that it is not the plan's.
    private func refuseOtherEdges(_ directory: String) throws {
        let suffix = ".ndjson.zst"
        let known = Set(topology.edges.map { Prefetch.manifestName(edge: $0.id) })
        let strange = try FileSystem.list(directory).filter {
            $0.hasSuffix(suffix) && !known.contains($0)
        }.min()
        guard let strange else { return }
        throw Self.otherTopology(
            directory + "/" + strange,
            "there is a plan for the edge \(strange.dropLast(suffix.count)), which the topology "
                + "does not have")
    }

    private func readPins(
        _ edge: Topology.Edge, _ path: String, _ catalogSHA256: Digest
    ) throws -> EdgePins {
        guard FileSystem.exists(path) else {
            throw Self.otherTopology(path, "there is no plan for the edge \(edge.id)")
        }
        var pins = EdgePins(
            capacityBytes: edge.capacityBytes, pinnedBytes: edge.pinnedBytes,
            fillBytes: Array(repeating: 0, count: topology.regions.count))
        let header = try PrefetchManifest.read(path) { record in
            guard record.action != .evict else { return }
            guard let song = songs.index(of: record.song) else {
                throw Self.foreign(path, "catalogue", stage: "prefetch")
            }
            // Held, yet not to be served on this day.
            if record.notBefore == nil { pins.songs.append(UInt32(song)) }
            if record.action == .fetch {
                let source = record.sourceRegion.flatMap { topology.index(ofRegion: $0) }
                pins.fillBytes![source ?? edge.region] += record.sizeBytes
            }
        }
        guard header.catalogSHA256 == catalogSHA256, header.date == date.description else {
            throw Self.foreign(path, "catalogue or night", stage: "prefetch")
        }
        guard header.edge == edge.id, header.region == topology.regions[edge.region].id,
            header.capacityBytes == edge.capacityBytes, header.pinnedBytes <= edge.capacityBytes
        else {
            throw Self.otherTopology(
                path,
                "the plan is for an edge of \(header.capacityBytes) bytes in \(header.region), the "
                    + "topology has \(edge.capacityBytes) bytes in "
                    + "\(topology.regions[edge.region].id)")
        }
        // What the plan has pinned, whatever share the topology names now.
        pins.pinnedBytes = header.pinnedBytes
        let used = pins.songs.reduce(0) { $0 + songs.sizesBytes[Int($1)] }
        guard used <= pins.pinnedBytes else {
            throw DeliveryError(
                .badInput, at: path,
                "\(used) bytes are pinned where \(pins.pinnedBytes) are for pinning",
                hint: "run spindle prefetch for that night again")
        }
        pins.songs.sort()
        return pins
    }

    private static func foreign(_ path: String, _ what: String, stage: String) -> DeliveryError {
        DeliveryError(
            .badInput, at: path, "the plan is of another \(what)",
            hint: "run spindle \(stage) for that night again")
    }

    private static func otherTopology(_ path: String, _ detail: String) -> DeliveryError {
        DeliveryError(
            .badInput, at: path, "the plan is of another topology: \(detail)",
            hint: "run spindle place and spindle prefetch for that night with one --topology")
    }
}
