internal import Catalog
internal import Storage

extension SongList {
    /// Reads all songs of a catalogue.
    ///
    /// - Parameter directory: Holds `catalog.sqlite` and `search.sqlite`.
    /// - Throws: `FileError` when one is missing, `FormatError` when it is no catalogue.
    package init(catalog directory: String) throws {
        var ids: [Digest] = []
        var sizes: [Int] = []
        var ranks: [UInt32] = []
        let (songBytesMax, catalogBytesMax) = (1_000_000_000_000_000, 1_000_000_000_000_000_000)
        var totalBytes = 0
        try CatalogReader(directory: directory).forEachSong { rank, id, sizeBytes in
            // Copies of all songs are summed up in Int.
            totalBytes += min(sizeBytes, songBytesMax)
            guard (0...songBytesMax).contains(sizeBytes), totalBytes <= catalogBytesMax,
                let rank = UInt32(exactly: rank)
            else {
                throw FormatError(
                    directory + "/catalog.sqlite",
                    "song \(id) has rank \(rank) and \(sizeBytes) bytes",
                    hint: "run spindle index again")
            }
            ids.append(id)
            sizes.append(sizeBytes)
            ranks.append(rank)
        }
        let byID = (0..<UInt32(ids.count)).sorted { ids[Int($0)] < ids[Int($1)] }
        self.init(
            ids: byID.map { ids[Int($0)] }, sizesBytes: byID.map { sizes[Int($0)] },
            ranks: byID.map { ranks[Int($0)] })
    }

    /// Songs as the catalogue orders them, most popular first.
    var byRank: [UInt32] {
        (0..<UInt32(count)).sorted { ranks[Int($0)] < ranks[Int($1)] }
    }
}
