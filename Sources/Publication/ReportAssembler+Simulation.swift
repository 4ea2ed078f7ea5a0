internal import Delivery
internal import Storage

/// The newest simulation that was kept, for the report.
extension ReportAssembler {
    /// How old the night may be whose plan is shown.
    private static let simulationDaysMax = 7

    /// - Throws: `FormatError` when what was kept is no simulation.
    func addSimulation(to report: inout NightReport) throws {
        let nights = (1...Self.simulationDaysMax).lazy.map { date - $0 }
        let night = nights.first {
            ArtefactRecord.readComplete(warehouse.artefact("simulation", $0)) != nil
        }
        guard let night else { return }
        let path = warehouse.artefact("simulation", night) + "/" + SimulationResult.fileName
        let json = try JSONValue.read(path)
        guard json["format"]?.string == SimulationResult.format,
            json["version"]?.int == SimulationResult.version,
            let policies = json["scenarios"]?.array?.first?["policies"]?.array,
            let plan = policies.first, let measure = policies.last
        else {
            throw FormatError(
                path, "not a simulation of version \(SimulationResult.version)",
                hint: "run spindle simulate --date \(night) --keep again, or remove its folder")
        }
        var simulation = NightReport.Simulation(
            night: night, requests: json["requests"]?.int ?? 0)
        simulation.policies = policies.map { policy in
            NightReport.Simulation.Policy(
                title: policy["title"]?.string ?? "",
                isPlan: policy["policy"]?.string == "plan",
                hitRatio: policy["hit_ratio"]?.double ?? 0,
                byteHitRatio: policy["byte_hit_ratio"]?.double ?? 0,
                latencyMs: policy["latency_ms"]?["mean"]?.double ?? 0,
                usd: policy["cost_usd"]?["total"]?.double ?? 0)
        }
        simulation.boundRatio = Self.boundRatio(measure)
        let titles = Dictionary(
            policies.map { ($0["policy"]?.string ?? "", $0["title"]?.string ?? "") },
            uniquingKeysWith: { first, _ in first })
        let points = json["capacities"]?.array ?? []
        simulation.percents = points.map { $0["percent"]?.double ?? 0 }
        simulation.curves = Self.curves(points.map { $0["policies"]?.array ?? [] }, titles)
        let best = json["best_pinned_shares"]?.array ?? []
        for (number, edge) in (plan["edges"]?.array ?? []).enumerated() {
            let id = edge["id"]?.string ?? ""
            simulation.edges.append(
                NightReport.Simulation.Edge(
                    id: id, region: edge["region"]?.string ?? "",
                    requests: edge["requests"]?.int ?? 0,
                    hitRatios: policies.map {
                        Self.part($0, number)?["hit_ratio"]?.double ?? 0
                    },
                    boundRatio: Self.part(measure, number).map(Self.boundRatio) ?? 0,
                    curves: Self.curves(
                        points.map { point in
                            (point["policies"]?.array ?? []).map { policy in
                                var entry = Self.part(policy, number)?.object ?? [:]
                                entry["policy"] = policy["policy"]
                                return .object(entry)
                            }
                        }, titles),
                    bestPinnedShare: best.first { $0["edge"]?.string == id }?["share"]?.double))
        }
        report.simulation = simulation
    }

    private static func part(_ policy: JSONValue, _ edge: Int) -> JSONValue? {
        let edges = policy["edges"]?.array ?? []
        return edge < edges.count ? edges[edge] : nil
    }

    private static func boundRatio(_ hits: JSONValue) -> Double {
        let requests = hits["requests"]?.int ?? 0
        return requests > 0 ? Double(hits["bound_hits"]?.int ?? 0) / Double(requests) : 0
    }

    /// - Parameter points: For each size the policies' figures, in one order.
    private static func curves(
        _ points: [[JSONValue]], _ titles: [String: String]
    ) -> [NightReport.Simulation.Curve] {
        guard let first = points.first else { return [] }
        var curves: [NightReport.Simulation.Curve] = []
        for (number, policy) in first.enumerated() {
            let name = policy["policy"]?.string ?? ""
            curves.append(
                .init(
                    title: titles[name] ?? name, kind: name == "plan" ? .plan : .cache,
                    ratios: points.map {
                        number < $0.count ? $0[number]["hit_ratio"]?.double ?? 0 : 0
                    }))
        }
        curves.append(
            .init(
                title: "no cache exceeds", kind: .bound,
                ratios: points.map { $0.last.map(boundRatio) ?? 0 }))
        return curves
    }
}
