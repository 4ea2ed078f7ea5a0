internal import Storage

/// What a demand file says about things that the plan does not know; counted, not fatal.
package struct DemandStrays: Equatable, Sendable {
    /// Songs that the catalogue does not have.
    package var unknownSongs = 0
    package var unknownSongStreams = 0.0
    /// Streams in regions that the topology does not have.
    package var unknownRegionStreams = 0.0
    /// Those regions, sorted.
    package var unknownRegions: [String] = []

    package init() {}
}

extension RegionDemand {
    /// Reads `demand.tsv.zst`: `song_id`, `region`, `expected_streams`, sorted by song and region.
    /// A fourth column, `expected_bytes`, is not gone by: the catalogue has the sizes.
    ///
    /// - Parameter songs: Sorted by id, as the file is, so that one pass joins them.
    /// - Throws: `FileError`, `CompressionError`, or `DeliveryError` with file and line.
    package init(
        contentsOf path: String, songs: SongList, topology: Topology, strays: inout DemandStrays
    ) throws {
        self.init()
        let regionOf = Dictionary(
            uniqueKeysWithValues: topology.regions.enumerated().map { ($0.element.id, $0.offset) })
        var entries: [(region: Int, streams: Float)] = []
        var next = 0  // the song that `entries` are for
        var lastID: [UInt8] = []
        var lastRegion = ""
        var strangers: Set<String> = []
        var isStranger = false
        var columnCount = 0

        let damage = try LineReader(path, maximumLineBytes: 4096).forEach { line in
            func bad(_ detail: String) -> DeliveryError {
                DeliveryError(
                    .badInput, at: "\(path):\(line.number)", detail,
                    hint: "run spindle popularity for that night again")
            }
            if line.number == 1 {
                let names = String(decoding: line.bytes, as: UTF8.self).split(separator: "\t").map(
                    String.init)
                guard names.elementsEqual(Self.columns.prefix(names.count)), names.count >= 3 else {
                    throw bad(
                        "not a demand file: its columns must be \(Self.columns.joined(separator: ", "))"
                    )
                }
                columnCount = names.count
                return
            }
            let fields = line.bytes.split(
                separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            guard fields.count == columnCount, !line.isOverlong else {
                throw bad("not \(columnCount) columns")
            }
            let region = String(decoding: fields[1], as: UTF8.self)
            let number = String(decoding: fields[2], as: UTF8.self)
            guard let streams = Double(number), streams >= 0, streams <= 1e12 else {
                throw bad("'\(number)' is no count of streams")
            }
            if lastID.elementsEqual(fields[0]) {
                guard lastRegion.utf8.lexicographicallyPrecedes(region.utf8) else {
                    throw bad("regions are not sorted")
                }
            } else {
                guard lastID.lexicographicallyPrecedes(fields[0]) else {
                    throw bad("songs are not sorted")
                }
                lastID = Array(fields[0])
                let id = lastID.withUnsafeBytes { Digest(hexBytes: $0) }
                while let id, next < songs.count, songs.ids[next] < id {
                    appendSong(entries)
                    entries.removeAll(keepingCapacity: true)
                    next += 1
                }
                isStranger = id == nil || next == songs.count || songs.ids[next] != id
                if isStranger { strays.unknownSongs += 1 }
            }
            lastRegion = region
            if isStranger {
                strays.unknownSongStreams += streams
            } else if let region = regionOf[region] {
                entries.append((region, Float(streams)))
            } else {
                strays.unknownRegionStreams += streams
                strangers.insert(region)
            }
        }
        if let damage { throw damage }
        while next < songs.count {
            appendSong(entries)
            entries.removeAll(keepingCapacity: true)
            next += 1
        }
        strays.unknownRegions = strangers.sorted()
    }

    private static let columns = [
        "song_id", "region", "expected_streams", "expected_bytes",
    ]
}
