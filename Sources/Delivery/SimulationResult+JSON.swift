package import Storage

/// `simulation.json`, format "spindle-simulation"; see docs/formats/simulation.md.
extension SimulationResult {
    package static let fileName = "simulation.json"
    package static let format = "spindle-simulation"
    package static let version = 1

    package var json: JSONWriter {
        var json = JSONWriter()
        json.object {
            $0.field("format", Self.format)
            $0.field("version", Self.version)
            $0.field("date", date.description)
            $0.field("replayed_date", date.next.description)
            $0.field("songs", songs)
            $0.field("catalog_bytes", catalogBytes)
            $0.field("warming_requests", warmingRequests)
            $0.field("requests", requests)
            $0.object("left_out") {
                $0.field("duplicates", strays.duplicates)
                $0.field("unknown_songs", strays.unknownSongs)
                $0.field("unknown_song_requests", strays.unknownSongRequests)
                $0.field("unknown_region_requests", strays.unknownRegionRequests)
                $0.field("unknown_regions", strays.unknownRegions)
            }
            $0.array("scenarios") {
                for scenario in scenarios { $0.object { write(scenario, into: &$0) } }
            }
            $0.array("capacities") {
                for point in capacities {
                    $0.object {
                        $0.field("percent", point.value, decimals: 4)
                        write(point, into: &$0)
                    }
                }
            }
            $0.array("pinned_shares") {
                for point in pinnedShares {
                    $0.object {
                        $0.field("share", point.value, decimals: 4)
                        write(point, into: &$0)
                    }
                }
            }
            $0.array("best_pinned_shares") {
                for (number, edge) in edgeIDs.enumerated() {
                    guard let share = bestPinnedShare(edge: number) else { continue }
                    $0.object {
                        $0.field("edge", edge)
                        $0.field("share", share, decimals: 4)
                    }
                }
            }
        }
        return json
    }

    package var edgeIDs: [String] { scenarios.first?.policies.first?.edges.map(\.id) ?? [] }

    private func write(_ scenario: Scenario, into json: inout JSONWriter) {
        json.field("down", scenario.down)
        json.field("requests_without_edge", scenario.requestsWithoutEdge)
        json.array("policies") {
            for policy in scenario.policies { $0.object { write(policy, into: &$0) } }
        }
    }

    private func write(_ policy: Policy, into json: inout JSONWriter) {
        json.field("policy", policy.name)
        json.field("title", policy.title)
        write(policy.total, into: &json)
        write(policy.latency, into: &json)
        json.object("cost_usd") {
            $0.field("total", policy.cost.totalUSD, decimals: 6)
            $0.field("transfer", policy.cost.transferUSD, decimals: 6)
            $0.field("latency", policy.cost.latencyUSD, decimals: 6)
            $0.field("fill", policy.cost.fillUSD, decimals: 6)
            $0.field("storage", policy.cost.storageUSD, decimals: 6)
            $0.field("move", policy.cost.moveUSD, decimals: 6)
        }
        json.field("fill_bytes", policy.fillBytes)
        json.array("edges") {
            for edge in policy.edges {
                $0.object {
                    $0.field("id", edge.id)
                    $0.field("region", edge.region)
                    $0.field("down", edge.isDown)
                    $0.field("capacity_bytes", edge.capacityBytes)
                    write(edge.hits, into: &$0)
                    write(edge.latency, into: &$0)
                    $0.field("fill_bytes", edge.fillBytes)
                }
            }
        }
        json.array("regions") {
            for region in policy.regions {
                $0.object {
                    $0.field("id", region.id)
                    $0.field("down", region.isDown)
                    // The bound is of edges; listeners of a region may come to several.
                    write(region.hits, into: &$0, withBound: false)
                    write(region.latency, into: &$0)
                }
            }
        }
        json.array("transfers") {
            for transfer in policy.transfers {
                $0.object {
                    $0.field("from", transfer.from)
                    $0.field("to", transfer.to)
                    $0.field("requests", transfer.requests)
                    $0.field("bytes", transfer.bytes)
                }
            }
        }
        json.array("sources") {
            for source in policy.sources {
                $0.object {
                    $0.field("region", source.region)
                    $0.field("requests", source.requests)
                    $0.field("bytes", source.bytes)
                    $0.field("peak_requests_per_second", source.peak.requestsPerSecond, decimals: 4)
                    $0.field("peak_bits_per_second", source.peak.bitsPerSecond, decimals: 1)
                }
            }
        }
    }

    private func write(_ hits: Hits, into json: inout JSONWriter, withBound: Bool = true) {
        json.field("requests", hits.requests)
        json.field("hits", hits.hits)
        json.field("hit_ratio", hits.hitRatio, decimals: 6)
        json.field("bytes", hits.bytes)
        json.field("hit_bytes", hits.hitBytes)
        json.field("byte_hit_ratio", hits.byteHitRatio, decimals: 6)
        guard withBound else { return }
        json.field("bound_hits", hits.bound.requests)
        json.field("bound_hit_bytes", hits.bound.bytes)
    }

    private func write(_ latency: Latency, into json: inout JSONWriter) {
        json.object("latency_ms") {
            $0.field("mean", latency.mean, decimals: 3)
            $0.field("p50", latency.p50, decimals: 3)
            $0.field("p95", latency.p95, decimals: 3)
            $0.field("p99", latency.p99, decimals: 3)
        }
    }

    private func write(_ point: Point, into json: inout JSONWriter) {
        json.array("policies") {
            for (name, total, edges) in point.policies {
                $0.object {
                    $0.field("policy", name)
                    write(total, into: &$0)
                    $0.array("edges") {
                        for (id, hits) in zip(edgeIDs, edges) {
                            $0.object {
                                $0.field("id", id)
                                write(hits, into: &$0)
                            }
                        }
                    }
                }
            }
        }
    }
}
