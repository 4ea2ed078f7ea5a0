internal import Storage

/// Holds a written placement manifest against the catalogue, the topology and its rules.
enum PlacementProof {
    /// - Throws: `DeliveryError` with `badInput`, naming the record and what is wrong with it; `FormatError` when the file is damaged.
    static func check(
        _ path: String, _ problem: PlacementProblem, catalogSHA256: Digest
    ) throws {
        let topology = problem.topology
        let regionOf = Dictionary(
            uniqueKeysWithValues: topology.regions.enumerated().map { ($0.element.id, $0.offset) })
        func fault(_ what: String) -> DeliveryError {
            DeliveryError(
                .badInput, at: path, "the manifest that was just written is wrong: \(what)",
                hint: "run spindle place again; if it happens again, check memory and disk, and "
                    + "report it with the topology")
        }
        var usedBytes = Array(repeating: 0, count: topology.regions.count)
        var seen = Array(repeating: false, count: problem.songs.count)
        let header = try PlacementManifest.read(path) { record in
            guard let song = problem.songs.index(of: record.song), !seen[song] else {
                throw fault("song \(record.song) is not in the catalogue, or there twice")
            }
            seen[song] = true
            guard record.sizeBytes == problem.songs.sizesBytes[song] else {
                throw fault("song \(record.song) has another size in the catalogue")
            }
            let set = RegionSet(record.regions.compactMap { regionOf[$0] })
            guard set.count == record.regions.count,
                problem.placementClass(song).allows(set, topology)
            else { throw fault("song \(record.song) is in \(record.regions)") }
            for region in set { usedBytes[region] += record.sizeBytes }
        }
        guard seen.allSatisfy({ $0 }), header.catalogSHA256 == catalogSHA256 else {
            throw fault("songs of the catalogue are missing")
        }
        for (region, used) in zip(topology.regions, usedBytes) where used > region.capacityBytes {
            throw fault("\(region.id) is to hold \(used) of \(region.capacityBytes) bytes")
        }
    }
}
