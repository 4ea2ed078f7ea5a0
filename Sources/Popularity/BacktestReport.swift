package import Storage

/// What a backtest found, by forecaster.
package struct BacktestReport: Sendable {
    package struct Day: Sendable {
        package let date: CalendarDate
        package let streams: Int
        /// By `Forecaster`.
        package let weightedPercentageErrors: [Double]
    }

    /// In the order in which they appear in the partitions.
    package let regions: [String]
    /// Without a ledger all songs are of one size.
    package let hasLedger: Bool
    package let catalogSongs: Int
    package let catalogBytes: Int
    package internal(set) var days: [Day] = []
    /// By `Forecaster`.
    package internal(set) var errors: [ForecastErrors]
    /// By `Forecaster`.
    package internal(set) var hits: [EdgeHits]

    init(regions: [String], hasLedger: Bool, catalogSongs: Int, catalogBytes: Int) {
        self.regions = regions
        self.hasLedger = hasLedger
        self.catalogSongs = catalogSongs
        self.catalogBytes = catalogBytes
        errors = Forecaster.allCases.map { _ in ForecastErrors(regions: regions.count) }
        hits = Forecaster.allCases.map { _ in EdgeHits() }
    }

    package subscript(_ forecaster: Forecaster) -> (errors: ForecastErrors, hits: EdgeHits) {
        (errors[forecaster.rawValue], hits[forecaster.rawValue])
    }

    /// Regions in byte order, as places in `regions`.
    package var sortedRegions: [Int] {
        regions.indices.sorted {
            regions[$0].utf8.lexicographicallyPrecedes(regions[$1].utf8)
        }
    }

    package var json: JSONWriter {
        var json = JSONWriter()
        json.object { json in
            json.field("format", "spindle-backtest")
            json.field("version", 1)
            json.array("days") { json in
                for day in days { json.object { write(day, &$0) } }
            }
            json.field("has_sizes", hasLedger)
            json.field("catalog_songs", catalogSongs)
            json.field("catalog_bytes", hasLedger ? catalogBytes : nil)
            json.array("forecasts") { json in
                for forecaster in Forecaster.allCases {
                    json.object { write(forecaster, &$0) }
                }
            }
        }
        return json
    }

    private func write(_ day: Day, _ json: inout JSONWriter) {
        json.field("date", "\(day.date)")
        json.field("streams", day.streams)
        json.object("weighted_percentage_error") { json in
            for forecaster in Forecaster.allCases {
                json.field(
                    forecaster.name, day.weightedPercentageErrors[forecaster.rawValue], decimals: 6)
            }
        }
    }

    private func write(_ forecaster: Forecaster, _ json: inout JSONWriter) {
        let (errors, hits) = self[forecaster]
        json.field("forecast", forecaster.name)
        json.field("cells", errors.cells)
        json.field("mean_absolute_error", errors.meanAbsoluteError, decimals: 6)
        json.field("weighted_percentage_error", errors.weightedPercentageError, decimals: 6)
        json.field("poisson_deviance", errors.meanDeviance, decimals: 6)
        json.field("head_rank_correlation", errors.headCorrelation, decimals: 6)
        json.field("bias", errors.bias, decimals: 6)
        json.object("bias_by_region") { json in
            for region in sortedRegions {
                json.field(regions[region], errors.biasByRegion[region], decimals: 6)
            }
        }
        json.array("edges") { json in
            for (place, share) in EdgeHits.shares.enumerated() {
                json.object { json in
                    json.field("catalog_share", share, decimals: 3)
                    json.field("request_hit_ratio", hits.requestRatios[place], decimals: 6)
                    json.field("byte_hit_ratio", hits.byteRatios[place], decimals: 6)
                }
            }
        }
    }
}
