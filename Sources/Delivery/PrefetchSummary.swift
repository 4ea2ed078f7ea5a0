package import Storage

/// The figures of a night's prefetch, for people and for the night's report.
///
/// `prefetch.summary.json`, format "spindle-prefetch-summary".
package struct PrefetchSummary: Sendable {
    package struct Edge: Sendable {
        package var header: PrefetchManifest.Header
        /// No manifest of yesterday: the edge is taken to be empty.
        package var isFirstNight: Bool
        /// Held songs that left the catalogue.
        package var vanishedSongs: Int
        /// Bytes of the songs that stay.
        package var heldBytes: Int

        /// Bytes pinned when the plan's day starts.
        package var usedBytes: Int { heldBytes + header.fillBytes }

        /// Share of the edge's streams that pinned songs answer; 0 where none are expected.
        package var expectedHitRatio: Double {
            header.expectedRequests > 0 ? header.expectedHits / header.expectedRequests : 0
        }
    }

    package var date: CalendarDate
    package var strays: DemandStrays
    /// Sorted by id.
    package var edges: [Edge]

    package var json: [UInt8] {
        var json = JSONWriter(indented: true)
        json.object {
            $0.field("format", "spindle-prefetch-summary")
            $0.field("version", 1)
            $0.field("date", date.description)
            $0.field("plan_date", date.next.description)
            $0.field("unknown_songs", strays.unknownSongs)
            $0.field("unknown_song_streams", strays.unknownSongStreams, decimals: 4)
            $0.array("edges") { for edge in edges { $0.object { write(edge, into: &$0) } } }
        }
        json.newline()
        return json.bytes
    }

    private func write(_ edge: Edge, into json: inout JSONWriter) {
        json.field("id", edge.header.edge)
        json.field("region", edge.header.region)
        json.field("first_night", edge.isFirstNight)
        json.field("capacity_bytes", edge.header.capacityBytes)
        json.field("pinned_bytes", edge.header.pinnedBytes)
        json.field("used_bytes", edge.usedBytes)
        json.field("fill_budget_bytes", edge.header.fillBudgetBytes)
        json.field("fill_bytes", edge.header.fillBytes)
        json.field("hold_songs", edge.header.holdSongs)
        json.field("fetch_songs", edge.header.fetchSongs)
        json.field("evict_songs", edge.header.evictSongs)
        json.field("vanished_songs", edge.vanishedSongs)
        json.field("expected_hits", edge.header.expectedHits, decimals: 4)
        json.field("expected_requests", edge.header.expectedRequests, decimals: 4)
        json.field("expected_hit_ratio", edge.expectedHitRatio, decimals: 6)
    }
}
