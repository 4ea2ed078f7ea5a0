package import Storage

/// The figures of a night's prefetch, for people and for the night's report.
///
/// `prefetch.summary.json`, format "spindle-prefetch-summary".
package struct PrefetchSummary: Sendable {
    package struct Edge: Sendable {
        package var header: PrefetchManifest.Header
        /// No manifest of yesterday: the edge is taken to be empty.
        package var isFirstNight: Bool
        /// The same, although there is a yesterday.
        package var isNew: Bool
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

        /// The same of bytes.
        package var expectedByteHitRatio: Double {
            header.expectedRequestBytes > 0
                ? header.expectedHitBytes / header.expectedRequestBytes : 0
        }
    }

    package var date: CalendarDate
    package var strays: DemandStrays
    /// Sorted by id.
    package var edges: [Edge]
    /// Regions with listeners and no edge, sorted by id.
    package var unservedRegions: [RegionWithoutEdge] = []

    /// The widest gap of all edges.
    package var gapPercentMax: Double {
        edges.reduce(0) { max($0, $1.header.certificate?.gapPercent ?? 0) }
    }

    package var json: [UInt8] {
        var json = JSONWriter(indented: true)
        json.object {
            $0.field("format", "spindle-prefetch-summary")
            $0.field("version", 2)
            $0.field("date", date.description)
            $0.field("plan_date", date.next.description)
            $0.field("unknown_songs", strays.unknownSongs)
            $0.field("unknown_song_streams", strays.unknownSongStreams, decimals: 4)
            $0.field("unknown_region_streams", strays.unknownRegionStreams, decimals: 4)
            $0.field("gap_percent_max", gapPercentMax, decimals: 6)
            $0.array("edges") { for edge in edges { $0.object { write(edge, into: &$0) } } }
            $0.array("regions_without_edge") {
                for region in unservedRegions {
                    $0.object {
                        $0.field("id", region.region)
                        $0.field("expected_streams", region.expectedStreams, decimals: 4)
                        $0.object("served_from") {
                            for (id, streams) in region.servedFrom {
                                $0.field(id, streams, decimals: 4)
                            }
                        }
                    }
                }
            }
        }
        json.newline()
        return json.bytes
    }

    private func write(_ edge: Edge, into json: inout JSONWriter) {
        json.field("id", edge.header.edge)
        json.field("region", edge.header.region)
        json.field("first_night", edge.isFirstNight)
        PrefetchManifest.writeFigures(edge.header, into: &json)
        json.field("used_bytes", edge.usedBytes)
        json.field("vanished_songs", edge.vanishedSongs)
        json.field("expected_hit_ratio", edge.expectedHitRatio, decimals: 6)
        json.field("expected_byte_hit_ratio", edge.expectedByteHitRatio, decimals: 6)
        guard let certificate = edge.header.certificate else { return }
        json.object("certificate") {
            PrefetchManifest.write(certificate, into: &$0)
            $0.field("room_binds", certificate.roomBinds)
            $0.field("fill_binds", certificate.fillBinds)
        }
    }
}
