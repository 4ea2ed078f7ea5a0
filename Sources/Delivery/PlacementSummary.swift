package import Storage

/// The figures of a placement, for people and for the night's report.
///
/// `placement.summary.json`, format "spindle-placement-summary".
package struct PlacementSummary: Sendable {
    package var date: CalendarDate
    package var topology: Topology
    package var songCount: Int
    package var catalogBytes: Int
    /// Copies of all songs.
    package var replicaCount: Int
    package var plan: PlacementPlan
    package var strays: DemandStrays
    package var isFirstNight: Bool
    /// Yesterday's placement names none of the catalogue's songs.
    package var isForeign: Bool
    /// Songs of yesterday's placement that left the catalogue, and the bytes of their copies.
    package var vanishedSongs: Int
    package var vanishedBytes: Int
    /// Regions of yesterday's placement that left the topology.
    package var lostRegions: [String]
    /// Rules that no song matches.
    package var idleRules: [String]

    init(
        date: CalendarDate, topology: Topology, songs: SongList, plan: PlacementPlan,
        strays: DemandStrays, yesterday: PreviousPlacement, classes: SongClasses
    ) {
        self.date = date
        self.topology = topology
        songCount = songs.count
        catalogBytes = songs.sizesBytes.reduce(0, +)
        replicaCount = plan.regions.reduce(0) { $0 + $1.songs }
        self.strays = strays
        isFirstNight = yesterday.isFirstNight
        isForeign = yesterday.isForeign
        vanishedSongs = yesterday.vanished.count
        vanishedBytes = yesterday.vanishedBytes
        lostRegions = yesterday.lostRegions
        idleRules = classes.idleRules
        self.plan = plan
        // A hundred million songs' sets are in the manifest; the figures can do without.
        self.plan.sets = []
        self.plan.sources = PlacementSources()
    }

    /// Copies that were not there yesterday.
    package var addedCopies: Int { plan.regions.reduce(0) { $0 + $1.addedSongs } }
    package var addedBytes: Int { plan.regions.reduce(0) { $0 + $1.addedBytes } }
    package var removedCopies: Int { plan.regions.reduce(0) { $0 + $1.removedSongs } }
    package var removedBytes: Int { plan.regions.reduce(0) { $0 + $1.removedBytes } }

    package var json: [UInt8] {
        var json = JSONWriter(indented: true)
        json.object {
            $0.field("format", "spindle-placement-summary")
            $0.field("version", 1)
            $0.field("date", date.description)
            $0.field("plan_date", date.next.description)
            $0.field("first_night", isFirstNight)
            $0.field("method", plan.method.rawValue)
            $0.field("settled", plan.isSettled)
            $0.field("replicas", topology.replicas)
            $0.field("songs", songCount)
            $0.field("catalog_bytes", catalogBytes)
            $0.field("copies", replicaCount)
            $0.field("expected_streams", plan.expectedStreams, decimals: 4)
            $0.object("expected_cost_usd") {
                $0.field("total", plan.cost.totalUSD, decimals: 6)
                $0.field("transfer", plan.cost.transferUSD, decimals: 6)
                $0.field("latency", plan.cost.latencyUSD, decimals: 6)
                $0.field("storage", plan.cost.storageUSD, decimals: 6)
                $0.field("move", plan.cost.moveUSD, decimals: 6)
                $0.field("outages", plan.cost.outageUSD, decimals: 6)
            }
            $0.object("certificate") {
                $0.field("bound_usd", plan.boundUSD, decimals: 6)
                $0.field("gap_percent", plan.gapPercent, decimals: 4)
                $0.field("tight", plan.isBoundTight)
            }
            $0.array("limits") {
                for limit in plan.limits { $0.object { write(limit, into: &$0) } }
            }
            $0.field("idle_rules", idleRules)
            $0.object("moves") {
                $0.field("added_copies", addedCopies)
                $0.field("added_bytes", addedBytes)
                $0.field("removed_copies", removedCopies)
                $0.field("removed_bytes", removedBytes)
            }
            $0.object("strays") {
                $0.field("unknown_songs", strays.unknownSongs)
                $0.field("unknown_song_streams", strays.unknownSongStreams, decimals: 4)
                $0.field("unknown_regions", strays.unknownRegions)
                $0.field("unknown_region_streams", strays.unknownRegionStreams, decimals: 4)
                $0.field("vanished_songs", vanishedSongs)
                $0.field("vanished_bytes", vanishedBytes)
                $0.field("lost_regions", lostRegions)
            }
            $0.array("regions") {
                for (region, use) in zip(topology.regions, plan.regions) {
                    $0.object { write(use, of: region, into: &$0) }
                }
            }
        }
        json.newline()
        return json.bytes
    }

    private func write(_ limit: PlacementPlan.Limit, into json: inout JSONWriter) {
        json.field("kind", limit.kind.rawValue)
        json.field("of", limit.place)
        let unit = limit.kind == .majorityLoss ? "songs" : "bytes"
        json.field("limit_\(unit)", limit.givenUp ?? limit.limit)
        json.field("used_\(unit)", limit.used)
        json.field("given_up", limit.givenUp != nil)
        // What the bound says that more of it would save on the plan's day.
        json.field(
            limit.kind == .majorityLoss ? "saving_usd_per_song" : "saving_usd_per_tb",
            limit.savingUSD, decimals: 6)
    }

    private func write(
        _ use: PlacementPlan.RegionUse, of region: Topology.Region, into json: inout JSONWriter
    ) {
        json.field("id", region.id)
        json.field("name", region.name)
        json.field("failure_domain", region.failureDomain)
        json.field("capacity_bytes", region.capacityBytes)
        json.field("used_bytes", use.bytes)
        json.field("songs", use.songs)
        json.field("added_songs", use.addedSongs)
        json.field("added_bytes", use.addedBytes)
        json.field("removed_songs", use.removedSongs)
        json.field("removed_bytes", use.removedBytes)
        // What could not be satisfied: with room here, so much would have been nearer.
        json.field("wanted_songs", use.wantedSongs)
        json.field("wanted_streams", use.wantedStreams, decimals: 4)
        json.field("sent_bytes", use.sentBytes)
        json.object("outage") {
            $0.field("extra_usd", use.outageExtraUSD, decimals: 6)
            $0.field("lost_streams", use.outageLostStreams, decimals: 4)
        }
        json.object("streams_served_to") {
            for (listeners, streams) in zip(topology.regions, use.streamsServed) {
                $0.field(listeners.id, streams, decimals: 4)
            }
        }
    }
}
