internal import Catalog
internal import Delivery
internal import Storage

/// Where songs went, for the report: from the summaries and the placement manifest.
extension ReportAssembler {
    /// - Parameter expected: Streams on the plan's day, by region.
    func addPlacement(expected: [String: Double], to report: inout NightReport) throws {
        let directory = warehouse.artefact("placement", date)
        let summary = try JSONValue.read(directory + "/" + Placement.summaryName)
        let topology = try Topology(contentsOf: directory + "/topology.json")
        for (region, use) in zip(topology.regions, summary["regions"]?.array ?? []) {
            func count(_ name: String) -> Int { use[name]?.int ?? 0 }
            report.regions.append(
                NightReport.Region(
                    id: region.id, name: region.name, failureDomain: region.failureDomain,
                    latitude: region.latitude, longitude: region.longitude,
                    capacityBytes: region.capacityBytes, usedBytes: count("used_bytes"),
                    songs: count("songs"), addedSongs: count("added_songs"),
                    addedBytes: count("added_bytes"), removedSongs: count("removed_songs"),
                    removedBytes: count("removed_bytes"), wantedSongs: count("wanted_songs"),
                    expectedStreams: expected[region.id] ?? 0))
            for (listeners, streams) in (use["streams_served_to"]?.object ?? [:]).sorted(by: {
                $0.key < $1.key
            }) {
                report.placement.servings.append(
                    .init(
                        holder: region.id, listeners: listeners,
                        expectedStreams: streams.double ?? 0))
            }
        }
        report.placement.replicas = topology.replicas
        for part in ["transfer", "latency", "storage", "move", "outages"] {
            let usd = summary["expected_cost_usd"]?[part]?.double ?? 0
            // Few topologies say how often regions fail.
            guard part != "outages" || usd > 0 else { continue }
            report.placement.costs.append(.init(name: part, usd: usd))
        }
        report.placement.gapPercent = summary["certificate"]?["gap_percent"]?.double
        for limit in summary["limits"]?.array ?? [] {
            guard let kind = limit["kind"]?.string, let of = limit["of"]?.string else { continue }
            for (key, unit) in [("saving_usd_per_tb", "TB"), ("saving_usd_per_song", "song")] {
                guard let usd = limit[key]?.double, usd > 0 else { continue }
                report.placement.savings.append(
                    .init(
                        limit: "\(kind.replacing("_", with: " ")) of \(of)", unit: unit, usd: usd))
            }
        }
        try addManifest(directory + "/" + Placement.manifestName, to: &report)
    }

    /// One pass over the manifest, beside the catalogue in the same order.
    private func addManifest(_ path: String, to report: inout NightReport) throws {
        let genres = try SongGenres(directory: warehouse.artefact("catalog", date))
        var replicaCounts: [Int: Int] = [:]
        var moves: [String: NightReport.Placement.Move] = [:]
        var byGenre: [String: NightReport.Placement.Genre] = [:]
        _ = try PlacementManifest.read(path) { record in
            replicaCounts[record.regions.count, default: 0] += 1
            let holder = record.regions.first { !record.added.contains($0) }
            for region in record.added {
                let key = "\(holder ?? "")\0\(region)"
                moves[key, default: .init(from: holder, to: region, songs: 0, bytes: 0)].songs += 1
                moves[key]!.bytes += record.sizeBytes
            }
            let named = try genres.next()?.genres ?? []
            for genre in named.isEmpty ? ["[none]"] : named {
                byGenre[genre, default: .init(genre: genre, songs: 0, songsByRegion: [:])].songs +=
                    1
                for region in record.regions {
                    byGenre[genre]!.songsByRegion[region, default: 0] += 1
                }
            }
        }
        report.placement.replicaCounts = replicaCounts.sorted { $0.key < $1.key }
            .map { .init(replicas: $0.key, songs: $0.value) }
        report.placement.moves = moves.sorted { $0.key < $1.key }.map(\.value)
        report.placement.genres = byGenre.values.sorted {
            ($1.songs, $0.genre) < ($0.songs, $1.genre)
        }
    }

    func addEdges(to report: inout NightReport) throws {
        let path = warehouse.artefact("prefetch", date) + "/" + Prefetch.summaryName
        for edge in try JSONValue.read(path)["edges"]?.array ?? [] {
            func count(_ name: String) -> Int { edge[name]?.int ?? 0 }
            report.edges.append(
                NightReport.Edge(
                    id: edge["id"]?.string ?? "", region: edge["region"]?.string ?? "",
                    capacityBytes: count("capacity_bytes"), pinnedBytes: count("pinned_bytes"),
                    heldBytes: count("used_bytes"),
                    heldSongs: count("hold_songs") + count("fetch_songs"),
                    fetchedBytes: count("fill_bytes"), fetchedSongs: count("fetch_songs"),
                    evictedSongs: count("evict_songs"),
                    fillBudgetBytes: count("fill_budget_bytes"),
                    expectedHitShare: edge["expected_hit_ratio"]?.double))
        }
    }
}
