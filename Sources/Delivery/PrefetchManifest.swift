package import Storage

/// `<edge>.ndjson.zst`: what an edge holds, fetches and evicts before the plan's day starts.
///
/// Records are in rank order: an edge may carry out any first part of them and is within its
/// limits. See docs/formats/delivery.md and docs/schemas/prefetch-header and prefetch-record.
package enum PrefetchManifest {
    package static let format = "spindle-prefetch"
    package static let version = 2

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
        package var fillBytes = 0
        package var holdSongs = 0
        package var fetchSongs = 0
        package var evictSongs = 0
        /// Held or fetched, and not to be served on the plan's day.
        package var embargoedSongs = 0
        /// Streams of the plan's day that held and fetched songs answer.
        package var expectedHits = 0.0
        /// Streams of the plan's day that reach this edge.
        package var expectedRequests = 0.0
        /// The same two in bytes.
        package var expectedHitBytes = 0.0
        package var expectedRequestBytes = 0.0
        package var certificate: Certificate?
        package var catalogSHA256: Digest

        package init(
            snapshot: String? = nil, date: String, planDate: String, edge: String,
            region: String, url: String, capacityBytes: Int, pinnedBytes: Int,
            fillBudgetBytes: Int, fillBytes: Int = 0, holdSongs: Int = 0, fetchSongs: Int = 0,
            evictSongs: Int = 0, expectedHits: Double = 0, expectedRequests: Double = 0,
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

    /// What is proved of the plan, as it is written: in the objective's unit, prices for each GB.
    package struct Certificate: Equatable, Sendable {
        package var objective: PrefetchPlanner.Objective
        package var fillPricePerGB = 0.0
        package var value = 0.0
        package var bound = 0.0
        package var gapPercent = 0.0
        package var roomWorthPerGB = 0.0
        package var fillWorthPerGB = 0.0

        package init(objective: PrefetchPlanner.Objective) { self.objective = objective }

        init(_ certificate: PrefetchCertificate, objective: PrefetchPlanner.Objective) {
            self.objective = objective
            fillPricePerGB = certificate.prices.charge * 1e9
            value = Self.rounded(certificate.value, .down)
            // The plan itself is a plan: no bound is below what it reaches.
            bound = max(value, Self.rounded(certificate.bound, .up))
            gapPercent = bound > 0 ? Self.rounded(100 * (bound - value) / bound, .up) : 0
            roomWorthPerGB = certificate.prices.room * 1e9
            fillWorthPerGB = certificate.prices.fill * 1e9
        }

        /// As many decimals as are written, so that what is read is no better than what was proved.
        private static func rounded(_ number: Double, _ rule: FloatingPointRoundingRule) -> Double {
            (number * 1e6).rounded(rule) / 1e6
        }

        package var roomBinds: Bool { roomWorthPerGB > 0 }
        package var fillBinds: Bool { fillWorthPerGB > 0 }
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
        /// The day on which the song comes out, where that is after the plan's day.
        package var notBefore: CalendarDate?

        package init(
            rank: Int, action: PrefetchPlanner.Action, song: Digest, sizeBytes: Int,
            sourceRegion: String?, expectedHits: Double, notBefore: CalendarDate? = nil
        ) {
            self.rank = rank
            self.action = action
            self.song = song
            self.sizeBytes = sizeBytes
            self.sourceRegion = sourceRegion
            self.expectedHits = expectedHits
            self.notBefore = notBefore
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
            writeFigures(header, into: &$0)
            if let certificate = header.certificate { write(certificate, into: &$0) }
            $0.field("catalog_sha256", header.catalogSHA256.hex)
        }
        json.newline()
    }

    /// What the header and the night's summary have in common.
    static func writeFigures(_ header: Header, into json: inout JSONWriter) {
        json.field("capacity_bytes", header.capacityBytes)
        json.field("pinned_bytes", header.pinnedBytes)
        json.field("fill_budget_bytes", header.fillBudgetBytes)
        json.field("fill_bytes", header.fillBytes)
        json.field("hold_songs", header.holdSongs)
        json.field("fetch_songs", header.fetchSongs)
        json.field("evict_songs", header.evictSongs)
        json.field("embargoed_songs", header.embargoedSongs)
        json.field("expected_hits", header.expectedHits, decimals: 4)
        json.field("expected_requests", header.expectedRequests, decimals: 4)
        json.field("expected_hit_bytes", header.expectedHitBytes, decimals: 0)
        json.field("expected_request_bytes", header.expectedRequestBytes, decimals: 0)
    }

    /// Prices and worths are for each GB, amounts in the objective's unit.
    static func write(_ certificate: Certificate, into json: inout JSONWriter) {
        json.field("objective", certificate.objective.rawValue)
        json.field("fill_price_per_gb", certificate.fillPricePerGB, decimals: 6)
        json.field("value", certificate.value, decimals: 6)
        json.field("bound", certificate.bound, decimals: 6)
        json.field("gap_percent", certificate.gapPercent, decimals: 6)
        json.field("room_worth_per_gb", certificate.roomWorthPerGB, decimals: 6)
        json.field("fill_worth_per_gb", certificate.fillWorthPerGB, decimals: 6)
    }

    /// - Parameter base: The edge's `url`.
    package static func write(_ record: Record, base: String, into json: inout JSONWriter) {
        let song = record.song.hex
        let path = record.path
        json.object {
            $0.field("rank", record.rank)
            $0.field("action", record.action.rawValue)
            $0.field("song_id", song)
            $0.field("size_bytes", record.sizeBytes)
            $0.field("sha256", song)
            $0.field("url", path)
            $0.field("absolute_url", base + path)
            $0.field("source_region", record.sourceRegion)
            $0.field("expected_hits", record.expectedHits, decimals: 4)
            if let notBefore = record.notBefore {
                $0.field("not_before", notBefore.description)
            }
        }
        json.newline()
    }
}
