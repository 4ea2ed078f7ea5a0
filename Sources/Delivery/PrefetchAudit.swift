internal import Storage

/// Reads an edge's written manifest and forms again, and recounts every promise from them.
///
/// By what was written alone, beside the catalogue, the placement and yesterday's holdings: a plan
/// that does not keep its promises is not put in place.
struct PrefetchAudit {
    let edge: Topology.Edge
    let topology: Topology
    let songs: SongList
    let holders: [RegionSet]
    let holdings: PrefetchHoldings
    let planDate: CalendarDate

    /// - Parameter folder: Where the stage writes.
    /// - Throws: `DeliveryError` with `faultyPlan`, naming the file and the record.
    func check(_ folder: String) throws {
        let path = folder + "/" + Prefetch.manifestName(edge: edge.id)
        func fault(_ rank: Int, _ detail: String) -> DeliveryError {
            DeliveryError(
                .faultyPlan, at: rank > 0 ? "\(path):\(rank + 1)" : path, detail,
                hint: "the plan was not put in place; this is a defect of Spindle: report it")
        }
        var isDecided = Array(repeating: false, count: songs.count)
        var undecidedGone = holdings.gone[...].map(\.song)
        var heldCount = holdings.gone.count
        var presentBytes = holdings.gone.reduce(0) { $0 + $1.sizeBytes }
        for song in 0..<songs.count where holdings.isHeld[song] {
            heldCount += 1
            presentBytes += songs.sizesBytes[song]
        }
        var counts: [PrefetchPlanner.Action: Int] = [:]
        var fillBytes = 0
        var hits = 0.0
        var hasFetched = false
        var rank = 0
        let header = try PrefetchManifest.read(path) { record in
            rank += 1
            guard record.rank == rank else { throw fault(rank, "rank \(record.rank)") }
            counts[record.action, default: 0] += 1
            let place = songs.index(of: record.song)
            if let place {
                guard !isDecided[place] else { throw fault(rank, "a song twice") }
                isDecided[place] = true
                guard record.sizeBytes == songs.sizesBytes[place] else {
                    throw fault(rank, "\(record.sizeBytes) bytes; the catalogue says otherwise")
                }
                guard holdings.isHeld[place] == (record.action != .fetch) else {
                    throw fault(rank, "\(record.action) of a song that is, or is not, there")
                }
                if let day = record.notBefore, day <= planDate || record.expectedHits > 0 {
                    throw fault(rank, "an embargo that is over, or expected hits before it is")
                }
            } else {
                guard record.action == .evict, undecidedGone.first == record.song else {
                    throw fault(rank, "a song that the catalogue does not have")
                }
                undecidedGone.removeFirst()
            }
            switch record.action {
            case .evict: presentBytes -= record.sizeBytes
            case .fetch:
                presentBytes += record.sizeBytes
                fillBytes += record.sizeBytes
                hasFetched = true
            case .hold: break
            }
            // An edge that has shrunk is over its room until its evictions, which come first.
            guard presentBytes <= edge.pinnedBytes || !hasFetched else {
                throw fault(rank, "\(presentBytes) bytes where \(edge.pinnedBytes) may be pinned")
            }
            guard record.action != .evict, let place else { return }
            hits += record.expectedHits
            guard let source = record.sourceRegion.flatMap({ topology.index(ofRegion: $0) }),
                holders[place].contains(source)
            else { throw fault(rank, "its source does not hold it") }
        }
        let stays = counts[.hold, default: 0] + counts[.evict, default: 0]
        guard presentBytes <= edge.pinnedBytes, stays == heldCount else {
            throw fault(0, "held songs without a word, or more than may be pinned")
        }
        guard fillBytes <= edge.fillBudgetBytes, fillBytes == header.fillBytes,
            counts[.hold, default: 0] == header.holdSongs,
            counts[.fetch, default: 0] == header.fetchSongs,
            // Each record's hits are rounded to four decimals.
            abs(hits - header.expectedHits) <= 1e-3 + Double(rank) * 1e-4
        else { throw fault(0, "the header's sums are not those of the records") }
        try checkForms(folder, header)
    }

    /// Forms hold as many entries as the manifest has fetches and evictions.
    private func checkForms(_ folder: String, _ header: PrefetchManifest.Header) throws {
        func lines(_ name: String, _ body: (LineReader.Line) throws -> Void = { _ in }) throws
            -> Int
        {
            var count = 0
            let damage = try LineReader(folder + "/" + name, maximumLineBytes: 64 << 20).forEach {
                count += 1
                try body($0)
            }
            if let damage { throw damage }
            return count
        }
        var triggerURLs = 0
        _ = try lines(EdgeForms.triggers(edge: edge.id)) { line in
            let command = try JSONValue.parse(Array(line.bytes), path: edge.id)
            triggerURLs += command["trigger"]?["content.urls"]?.array?.count ?? 0
        }
        let changes = header.fetchSongs + header.evictSongs
        guard try lines(EdgeForms.urls(edge: edge.id)) == header.fetchSongs,
            try lines(EdgeForms.curl(edge: edge.id)) == 2 * header.fetchSongs,
            try lines(EdgeForms.changes(edge: edge.id)) == changes + 1, triggerURLs == changes
        else {
            throw DeliveryError(
                .faultyPlan, at: folder, "the forms of \(edge.id) are not the manifest's",
                hint: "the plan was not put in place; this is a defect of Spindle: report it")
        }
    }
}
