internal import Storage

/// What an edge holds when yesterday's manifest has been carried out.
struct PrefetchHoldings {
    /// By place among the catalogue's songs.
    private(set) var isHeld: [Bool]
    /// Songs that left the catalogue, sorted.
    private(set) var gone: [(song: Digest, sizeBytes: Int)] = []

    /// Nothing yet.
    init(songs: SongList) { isHeld = Array(repeating: false, count: songs.count) }

    /// - Parameter path: Yesterday's manifest.
    /// - Throws: What `PrefetchManifest.read` throws; `DeliveryError` when it is of another edge, or says of a song what the catalogue contradicts.
    init(_ path: String, edge: String, songs: SongList) throws {
        self.init(songs: songs)
        func bad(_ detail: String) -> DeliveryError {
            DeliveryError(.badInput, at: path, detail, hint: Self.hint)
        }
        let header: PrefetchManifest.Header
        var gone: [(song: Digest, sizeBytes: Int)] = []
        var isHeld = isHeld
        do {
            header = try PrefetchManifest.read(path) { record in
                guard record.action != .evict else { return }
                guard let song = songs.index(of: record.song) else {
                    return gone.append((record.song, record.sizeBytes))
                }
                guard songs.sizesBytes[song] == record.sizeBytes else {
                    throw bad(
                        """
                        yesterday's manifest says \(record.sizeBytes) bytes of \(record.song), the \
                        catalogue \(songs.sizesBytes[song])
                        """)
                }
                isHeld[song] = true
            }
        } catch let error as FormatError {
            throw DeliveryError(
                .badInput, at: error.path, "yesterday's manifest is damaged: \(error.detail)",
                hint: Self.hint)
        } catch let error as CompressionError {
            throw bad("yesterday's manifest is damaged: \(error.description)")
        }
        guard header.edge == edge else {
            throw bad("yesterday's manifest is of the edge \(header.edge), not of \(edge)")
        }
        self.isHeld = isHeld
        self.gone = gone.sorted { $0.song < $1.song }
    }

    /// Planned without it, an edge would be told to fetch into room that it does not have.
    private static let hint =
        "publish that night again with --force, or let an earlier one be yesterday's with spindle snapshots rollback"
}
