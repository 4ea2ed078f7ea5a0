internal import Delivery
internal import Storage

/// Which songs an edge holds today, from its prefetch manifest.
struct EdgeHoldings: Sendable {
    let edge: String
    let region: String
    /// Base of the edge's URLs, without a slash at the end.
    let url: String
    /// Sorted: 32 bytes a song, where a hash table takes twice that.
    private let songs: [Digest]

    var songCount: Int { songs.count }

    init(edge: String, region: String, url: String, songs: [Digest]) {
        self.edge = edge
        self.region = region
        self.url = url
        self.songs = songs.sorted()
    }

    /// Reads a prefetch manifest.
    ///
    /// - Throws: As `PrefetchManifest.read`; `FormatError` also when it belongs to another snapshot
    ///   or its URL cannot stand in a redirect.
    init(manifest path: String, snapshot: String) throws {
        var songs: [Digest] = []
        let header = try PrefetchManifest.read(path) { record in
            // A song under embargo may be there, and nobody is sent to it.
            if record.action != .evict, record.notBefore == nil { songs.append(record.song) }
        }
        guard header.snapshot == snapshot else {
            throw FormatError(
                path, "belongs to the snapshot \(header.snapshot ?? "null"), not to \(snapshot)")
        }
        guard Topology.isEdgeURL(header.url) else {
            throw FormatError(path, "the edge's url cannot stand in a redirect: '\(header.url)'")
        }
        self.init(edge: header.edge, region: header.region, url: header.url, songs: songs)
    }

    /// - Complexity: O(log n).
    func holds(_ song: Digest) -> Bool {
        var low = 0
        var high = songs.count
        while low < high {
            let middle = (low + high) / 2
            if songs[middle] < song { low = middle + 1 } else { high = middle }
        }
        return low < songs.count && songs[low] == song
    }
}

extension [EdgeHoldings] {
    /// The edge that is to serve a listener, of those in the region that hold the song.
    func edge(for song: Digest, region: String, listener: String) -> EdgeHoldings? {
        var best: (edge: EdgeHoldings, weight: UInt64)?
        for edge in self where edge.region == region && edge.holds(song) {
            let weight = EdgeChoice.weight(edge: edge.edge, listener: listener, song: song)
            if weight > best?.weight ?? 0 || best == nil { best = (edge, weight) }
        }
        return best?.edge
    }
}
