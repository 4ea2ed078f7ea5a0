package import Storage

/// `<edge>.ndjson.zst`: what an edge holds, fetches and evicts before the plan's day starts.
///
/// Records are in rank order: an edge may carry out any first part of them and is within its
/// limits. See docs/formats/delivery.md and docs/schemas/prefetch-header and prefetch-record.
package enum PrefetchManifest {
    package static let format = "spindle-prefetch"
    package static let version = 1

    package struct Header: Equatable, Sendable {
        /// nil until the manifest is published.
        package var snapshot: String?
        /// The night: the day that had just ended.
        package var date: String
        package var planDate: String
        package var edge: String
        package var region: String
        package var url: String
        package var capacityBytes: Int
        /// The part of the capacity that is planned here.
        package var pinnedBytes: Int
        package var fillBudgetBytes: Int
        /// Bytes of all fetches, at most the budget.
        package var fillBytes: Int
        package var holdSongs: Int
        package var fetchSongs: Int
        package var evictSongs: Int
        /// Streams of the plan's day that held and fetched songs answer.
        package var expectedHits: Double
        /// Streams of the plan's day that reach this edge.
        package var expectedRequests: Double
        package var catalogSHA256: Digest

        package init(
            snapshot: String? = nil, date: String, planDate: String, edge: String,
            region: String, url: String, capacityBytes: Int, pinnedBytes: Int,
            fillBudgetBytes: Int, fillBytes: Int, holdSongs: Int, fetchSongs: Int,
            evictSongs: Int, expectedHits: Double, expectedRequests: Double,
            catalogSHA256: Digest
        ) {
            self.snapshot = snapshot
            self.date = date
            self.planDate = planDate
            self.edge = edge
            self.region = region
            self.url = url
            self.capacityBytes = capacityBytes
            self.pinnedBytes = pinnedBytes
            self.fillBudgetBytes = fillBudgetBytes
            self.fillBytes = fillBytes
            self.holdSongs = holdSongs
            self.fetchSongs = fetchSongs
            self.evictSongs = evictSongs
            self.expectedHits = expectedHits
            self.expectedRequests = expectedRequests
            self.catalogSHA256 = catalogSHA256
        }
    }

    package struct Record: Equatable, Sendable {
        /// From 1.
        package var rank: Int
        package var action: PrefetchPlanner.Action
        /// Also the SHA-256 of the object's bytes, against which a fetch is checked.
        package var song: Digest
        package var sizeBytes: Int
        /// The cheapest region that holds the song; nil for an eviction.
        package var sourceRegion: String?
        package var expectedHits: Double

        package init(
            rank: Int, action: PrefetchPlanner.Action, song: Digest, sizeBytes: Int,
            sourceRegion: String?, expectedHits: Double
        ) {
            self.rank = rank
            self.action = action
            self.song = song
            self.sizeBytes = sizeBytes
            self.sourceRegion = sourceRegion
            self.expectedHits = expectedHits
        }

        /// Where the edge serves the song, below its own base.
        package var path: String { PrefetchManifest.path(of: song) }
    }

    /// Where every edge serves a song, below the edge's `url`.
    package static func path(of song: Digest) -> String { "/audio/\(song.hex).mp3" }

    // MARK: Writing

    package static func write(_ header: Header, into json: inout JSONWriter) {
        json.object {
            $0.field("format", format)
            $0.field("version", version)
            $0.field("snapshot", header.snapshot)
            $0.field("date", header.date)
            $0.field("plan_date", header.planDate)
            $0.field("edge", header.edge)
            $0.field("region", header.region)
            $0.field("url", header.url)
            $0.field("capacity_bytes", header.capacityBytes)
            $0.field("pinned_bytes", header.pinnedBytes)
            $0.field("fill_budget_bytes", header.fillBudgetBytes)
            $0.field("fill_bytes", header.fillBytes)
            $0.field("hold_songs", header.holdSongs)
            $0.field("fetch_songs", header.fetchSongs)
            $0.field("evict_songs", header.evictSongs)
            $0.field("expected_hits", header.expectedHits, decimals: 4)
            $0.field("expected_requests", header.expectedRequests, decimals: 4)
            $0.field("catalog_sha256", header.catalogSHA256.hex)
        }
        json.newline()
    }

    package static func write(_ record: Record, into json: inout JSONWriter) {
        let song = record.song.hex
        json.object {
            $0.field("rank", record.rank)
            $0.field("action", record.action.rawValue)
            $0.field("song_id", song)
            $0.field("size_bytes", record.sizeBytes)
            $0.field("sha256", song)
            $0.field("url", record.path)
            $0.field("source_region", record.sourceRegion)
            $0.field("expected_hits", record.expectedHits, decimals: 4)
        }
        json.newline()
    }

    // MARK: Reading

    /// - Throws: `FileError`, `CompressionError`, or `FormatError` naming file and line.
    package static func readHeader(_ path: String) throws -> Header {
        var found: Header?
        try DeliveryManifest.forEachLine(path, headerOnly: true) { line, _ in
            found = try header(&line)
        }
        return found!
    }

    /// Calls `body` with each record in rank order.
    ///
    /// - Throws: As `readHeader`; also when the file holds fewer or more records than its header says.
    @discardableResult
    package static func read(_ path: String, _ body: (Record) throws -> Void) throws -> Header {
        var found: Header?
        var count = 0
        try DeliveryManifest.forEachLine(path) { line, isHeader in
            guard !isHeader else { return found = try header(&line) }
            count += 1
            try body(try record(&line))
        }
        let expected = found.map { $0.holdSongs + $0.fetchSongs + $0.evictSongs }
        guard let found, expected == count else {
            throw FormatError(
                path, "\(count) records where the header says \(expected ?? 0)",
                hint: "the file was cut: run spindle prefetch for that night again")
        }
        return found
    }

    private static func header(_ line: inout JSONLine) throws -> Header {
        var header = Header(
            date: "", planDate: "", edge: "", region: "", url: "", capacityBytes: 0,
            pinnedBytes: 0, fillBudgetBytes: 0, fillBytes: 0, holdSongs: 0, fetchSongs: 0,
            evictSongs: 0, expectedHits: 0, expectedRequests: 0,
            catalogSHA256: Digest(bytes: Array(repeating: 0, count: 32))!)
        var isOurs = false
        try line.fields { key, value in
            switch key {
            case "format":
                guard try value.string() == format else { throw value.error("not a prefetch") }
                isOurs = true
            case "version":
                guard try value.integer() == version else {
                    throw value.error("another version than \(version)")
                }
            case "snapshot": header.snapshot = try value.optionalString()
            case "date": header.date = try value.string()
            case "plan_date": header.planDate = try value.string()
            case "edge": header.edge = try value.string()
            case "region": header.region = try value.string()
            case "url": header.url = try value.string()
            case "capacity_bytes": header.capacityBytes = try value.integer()
            case "pinned_bytes": header.pinnedBytes = try value.integer()
            case "fill_budget_bytes": header.fillBudgetBytes = try value.integer()
            case "fill_bytes": header.fillBytes = try value.integer()
            case "hold_songs": header.holdSongs = try value.integer()
            case "fetch_songs": header.fetchSongs = try value.integer()
            case "evict_songs": header.evictSongs = try value.integer()
            case "expected_hits": header.expectedHits = try value.number()
            case "expected_requests": header.expectedRequests = try value.number()
            case "catalog_sha256": header.catalogSHA256 = try value.digest()
            default: throw value.error("unknown key '\(key)'")
            }
        }
        guard isOurs, !header.edge.isEmpty else { throw line.error("not a prefetch's header") }
        return header
    }

    private static func record(_ line: inout JSONLine) throws -> Record {
        var song: Digest?
        var action: PrefetchPlanner.Action?
        var rank = 0
        var sizeBytes = -1
        var source: String?
        var hits = 0.0
        try line.fields { key, value in
            switch key {
            case "rank": rank = try value.integer()
            case "action": action = PrefetchPlanner.Action(rawValue: try value.string())
            case "song_id": song = try value.digest()
            case "size_bytes": sizeBytes = try value.integer()
            case "sha256": _ = try value.digest()
            case "url": _ = try value.string()
            case "source_region": source = try value.optionalString()
            case "expected_hits": hits = try value.number()
            default: throw value.error("unknown key '\(key)'")
            }
        }
        guard let song, let action, sizeBytes >= 0 else {
            throw line.error("a record without song_id, action or size_bytes")
        }
        return Record(
            rank: rank, action: action, song: song, sizeBytes: sizeBytes, sourceRegion: source,
            expectedHits: hits)
    }
}
