package import Storage

extension CapacityPlan {
    package static let format = "spindle-capacity"
    package static let version = 1

    /// As `spindle capacity --json` prints it; docs/schemas/capacity.schema.json.
    package var json: JSONWriter {
        var json = JSONWriter()
        json.object {
            $0.field("format", Self.format)
            $0.field("version", Self.version)
            $0.array("figures") {
                for (input, figure) in zip(CapacityInput.allCases, figures) {
                    $0.object {
                        $0.field("name", input.rawValue)
                        $0.field("value", figure.value, decimals: 6)
                        $0.field("unit", input.description.unit)
                        $0.field("source", figure.source.rawValue)
                        $0.field("from", figure.from)
                    }
                }
            }
            $0.array("years") { for year in years { $0.object { write(year, into: &$0) } } }
        }
        return json
    }

    private func write(_ year: Year, into json: inout JSONWriter) {
        json.field("year", year.number)
        for (name, value, decimals) in [
            ("users", year.users, 0), ("songs", year.songs, 0),
            ("audio_bytes", year.audioBytes, 0), ("replica_bytes", year.replicaBytes, 0),
            ("edge_bytes", year.edgeBytes, 0), ("metadata_bytes", year.metadataBytes, 0),
            ("search_bytes", year.searchBytes, 0), ("plays_per_day", year.playsPerDay, 0),
            ("traffic_bytes_per_day", year.trafficBytesPerDay, 0),
            ("origin_bytes_per_day", year.originBytesPerDay, 0),
            ("peak_plays_per_second", year.peakPlaysPerSecond, 3),
            ("peak_requests_per_second", year.peakRequestsPerSecond, 3),
            ("peak_concurrent_streams", year.peakConcurrentStreams, 1),
            ("peak_bits_per_second", year.peakBitsPerSecond, 0),
            ("origin_peak_bits_per_second", year.originPeakBitsPerSecond, 0),
            ("edges", year.edges, 0), ("servers", year.servers, 0),
            ("storage_usd_per_month", year.storageUSDPerMonth, 2),
            ("traffic_usd_per_month", year.trafficUSDPerMonth, 2),
            ("machines_usd_per_month", year.machinesUSDPerMonth, 2),
            ("usd_per_month", year.totalUSDPerMonth, 2),
        ] {
            json.field(name, value, decimals: decimals)
        }
    }
}
