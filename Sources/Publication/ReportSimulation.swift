package import Storage

extension NightReport {
    /// An earlier night's plan on the day after it, beside other caches: `spindle simulate --keep`.
    package struct Simulation: Sendable {
        package struct Policy: Sendable {
            package var title: String
            package var isPlan: Bool
            /// Of all edges, 0…1.
            package var hitRatio: Double
            package var byteHitRatio: Double
            package var latencyMs: Double
            package var usd: Double

            package init(
                title: String, isPlan: Bool, hitRatio: Double, byteHitRatio: Double,
                latencyMs: Double, usd: Double
            ) {
                self.title = title
                self.isPlan = isPlan
                self.hitRatio = hitRatio
                self.byteHitRatio = byteHitRatio
                self.latencyMs = latencyMs
                self.usd = usd
            }
        }

        /// Hit ratios, 0…1, by the size of edges.
        package struct Curve: Sendable {
            package enum Kind: Sendable { case plan, cache, bound }

            package var title: String
            package var kind: Kind
            /// One for each of `percents`.
            package var ratios: [Double]

            package init(title: String, kind: Kind, ratios: [Double]) {
                self.title = title
                self.kind = kind
                self.ratios = ratios
            }
        }

        package struct Edge: Sendable {
            package var id: String
            package var region: String
            package var requests: Int
            /// As they are in size: one for each of `policies`.
            package var hitRatios: [Double]
            package var boundRatio: Double
            /// As in `curves`.
            package var curves: [Curve]
            /// Share of the edge that would best have been pinned on that day; nil where not tried.
            package var bestPinnedShare: Double?

            package init(
                id: String, region: String, requests: Int, hitRatios: [Double], boundRatio: Double,
                curves: [Curve], bestPinnedShare: Double?
            ) {
                self.id = id
                self.region = region
                self.requests = requests
                self.hitRatios = hitRatios
                self.boundRatio = boundRatio
                self.curves = curves
                self.bestPinnedShare = bestPinnedShare
            }
        }

        /// The night whose plan it was; it was replayed on the next day.
        package var night: CalendarDate
        package var requests: Int
        /// The plan first.
        package var policies: [Policy] = []
        /// What no cache of the edges' size exceeds.
        package var boundRatio = 0.0
        package var edges: [Edge] = []
        /// Sizes of edges in percent of the catalogue's bytes, rising.
        package var percents: [Double] = []
        /// All edges together.
        package var curves: [Curve] = []

        package init(night: CalendarDate, requests: Int) {
            self.night = night
            self.requests = requests
        }
    }
}
