package import Storage

/// The songs of a catalogue in the order of their ids, as columns.
package struct SongList: Sendable {
    package var ids: [Digest]
    package var sizesBytes: [Int]
    /// Popularity, 1 first.
    package var ranks: [UInt32]

    package init(ids: [Digest] = [], sizesBytes: [Int] = [], ranks: [UInt32] = []) {
        self.ids = ids
        self.sizesBytes = sizesBytes
        self.ranks = ranks
    }

    package var count: Int { ids.count }

    /// Where a song stands; nil for a stranger.
    ///
    /// - Complexity: O(log n), the ids being sorted.
    package func index(of id: Digest) -> Int? {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id ? low : nil
    }
}

/// Streams expected on the plan's day by song and region; nothing is kept for a zero.
///
/// Rows of a sparse matrix: most songs are heard in a few regions only.
package struct RegionDemand: Sendable {
    /// `offsets[song]..<offsets[song + 1]` are a song's entries.
    private(set) var offsets: [UInt32] = [0]
    private(set) var regions: [UInt8] = []
    private(set) var streams: [Float] = []

    package init() {}

    /// Adds the next song, with its streams in each region in turn or as a sparse list.
    package mutating func appendSong(_ entries: some Sequence<(region: Int, streams: Float)>) {
        for entry in entries where entry.streams > 0 {
            regions.append(UInt8(entry.region))
            streams.append(entry.streams)
        }
        offsets.append(UInt32(regions.count))
    }

    package var songCount: Int { offsets.count - 1 }

    package func entries(_ song: Int) -> Range<Int> {
        Int(offsets[song])..<Int(offsets[song + 1])
    }

    /// Streams of a song in all regions.
    package func total(_ song: Int) -> Double {
        entries(song).reduce(0) { $0 + Double(streams[$1]) }
    }

    func withPointers<Result>(
        _ body: (
            _ offsets: UnsafeBufferPointer<UInt32>, _ regions: UnsafeBufferPointer<UInt8>,
            _ streams: UnsafeBufferPointer<Float>
        ) -> Result
    ) -> Result {
        offsets.withUnsafeBufferPointer { offsets in
            regions.withUnsafeBufferPointer { regions in
                streams.withUnsafeBufferPointer { body(offsets, regions, $0) }
            }
        }
    }

    package func streams(_ song: Int, in region: Int) -> Double {
        for entry in entries(song) where Int(regions[entry]) == region {
            return Double(streams[entry])
        }
        return 0
    }
}

/// All that a placement depends on.
package struct PlacementProblem: Sendable {
    package var topology: Topology
    package var songs: SongList
    package var demand: RegionDemand
    /// Where each song's copies are tonight; empty for a new song.
    package var previous: [RegionSet]
    /// What is asked of songs that follow the same rules; the first of those without one.
    package var classes: [PlacementClass]
    /// For each song its place in `classes`; empty when all are of the first.
    package var classOfSong: [UInt16]

    /// - Precondition: the columns are of one length, and sizes are not negative.
    package init(
        topology: Topology, songs: SongList, demand: RegionDemand, previous: [RegionSet],
        classes: [PlacementClass]? = nil, classOfSong: [UInt16] = []
    ) {
        precondition(demand.songCount == songs.count && previous.count == songs.count)
        precondition(classOfSong.isEmpty || classOfSong.count == songs.count)
        self.topology = topology
        self.songs = songs
        self.demand = demand
        self.previous = previous
        self.classes = classes ?? [PlacementClass(topology)]
        self.classOfSong = classOfSong
    }

    func gigabytes(_ song: Int) -> Double { Double(songs.sizesBytes[song]) / 1e9 }

    func groupOf(_ song: Int) -> UInt16 { classOfSong.isEmpty ? 0 : classOfSong[song] }

    package func placementClass(_ song: Int) -> PlacementClass { classes[Int(groupOf(song))] }
}
