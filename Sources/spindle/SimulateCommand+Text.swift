import Arguments
import Delivery
import Storage

/// A simulation as tables for people.
struct SimulationText {
    private let result: SimulationResult

    init(_ result: SimulationResult) { self.result = result }

    var text: String {
        var parts = [head]
        for (number, scenario) in result.scenarios.enumerated() {
            parts.append(policies(scenario, isFirst: number == 0))
            if number == 0 {
                parts.append(edges(scenario))
                parts.append(regions(scenario))
            } else {
                parts.append(changes(scenario, from: result.scenarios[0]))
            }
            parts.append(transfers(scenario.policies[0]))
        }
        if !result.capacities.isEmpty { parts.append(capacities) }
        if !result.pinnedShares.isEmpty { parts.append(pinnedShares) }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private var head: String {
        let bytes = result.scenarios[0].policies[0].total.bytes
        return """
            The plan of the night of \(result.date), on \(result.date.next): \
            \(grouped(result.requests)) requests for \(formatBytes(bytes)); \
            \(grouped(result.songs)) songs of \(formatBytes(result.catalogBytes)). Caches were \
            warmed by the \(grouped(result.warmingRequests)) requests of \(result.date).
            """
    }

    private func policies(_ scenario: SimulationResult.Scenario, isFirst: Bool) -> String {
        var table = TextTable(
            "policy", "hits", "byte hits", "fetched", "filled", "peak req/s", "peak Mbit/s",
            "mean ms", "p50", "p95", "p99", "USD a day")
        for policy in scenario.policies {
            let fetched = policy.sources.reduce(0) { $0 + $1.bytes }
            let busiest = policy.sources.map(\.peak.requestsPerSecond).max() ?? 0
            let widest = policy.sources.map(\.peak.bitsPerSecond).max() ?? 0
            table.add(
                policy.title, percent(policy.total.hitRatio), percent(policy.total.byteHitRatio),
                formatBytes(fetched), policy.fillBytes.map(formatBytes) ?? "–",
                formatDecimal(busiest, 3), formatDecimal(widest / 1e6, 3),
                formatDecimal(policy.latency.mean, 1), formatDecimal(policy.latency.p50, 0),
                formatDecimal(policy.latency.p95, 0), formatDecimal(policy.latency.p99, 0),
                formatDecimal(policy.cost.totalUSD, 6))
        }
        let measure = scenario.policies.last!.total
        table.add("no cache exceeds", percent(measure.boundRatio), percent(measure.boundByteRatio))
        let title =
            isFirst ? "All edges:" : "With \(scenario.down.joined(separator: ", ")) down:"
        return title + "\n" + table.text
    }

    private func edges(_ scenario: SimulationResult.Scenario) -> String {
        var table = TextTable(
            ["edge", "size", "requests"] + scenario.policies.map(\.title) + ["bound"])
        for (number, edge) in scenario.policies[0].edges.enumerated() {
            table.add(
                [edge.id, formatBytes(edge.capacityBytes), grouped(edge.hits.requests)]
                    + scenario.policies.map { percent($0.edges[number].hits.hitRatio) }
                    + [percent(scenario.policies.last!.edges[number].hits.boundRatio)])
        }
        return "Hits by edge (requests: those that the plan's redirects bring):\n" + table.text
    }

    private func regions(_ scenario: SimulationResult.Scenario) -> String {
        var table = TextTable(
            "listeners in", "requests", "hits", "byte hits", "mean ms", "p95", "p99",
            "its copies gave", "peak req/s", "peak Mbit/s")
        let plan = scenario.policies[0]
        for (number, region) in plan.regions.enumerated() {
            let source = plan.sources[number]
            table.add(
                region.id, grouped(region.hits.requests), percent(region.hits.hitRatio),
                percent(region.hits.byteHitRatio), formatDecimal(region.latency.mean, 1),
                formatDecimal(region.latency.p95, 0), formatDecimal(region.latency.p99, 0),
                formatBytes(source.bytes), formatDecimal(source.peak.requestsPerSecond, 3),
                formatDecimal(source.peak.bitsPerSecond / 1e6, 3))
        }
        let origin = plan.sources.last!
        table.add(
            "origin", "", "", "", "", "", "", formatBytes(origin.bytes),
            formatDecimal(origin.peak.requestsPerSecond, 3),
            formatDecimal(origin.peak.bitsPerSecond / 1e6, 3))
        return "The plan by region:\n" + table.text
    }

    /// What an outage changes for the plan.
    private func changes(
        _ scenario: SimulationResult.Scenario, from usual: SimulationResult.Scenario
    ) -> String {
        let (plan, before) = (scenario.policies[0], usual.policies[0])
        var table = TextTable(
            "listeners in", "hits", "were", "mean ms", "were", "p99", "was")
        for (region, was) in zip(plan.regions, before.regions) {
            table.add(
                region.id + (region.isDown ? " (down)" : ""), percent(region.hits.hitRatio),
                percent(was.hits.hitRatio), formatDecimal(region.latency.mean, 1),
                formatDecimal(was.latency.mean, 1), formatDecimal(region.latency.p99, 0),
                formatDecimal(was.latency.p99, 0))
        }
        var edges = TextTable("edge", "requests", "were", "hits", "were")
        for (edge, was) in zip(plan.edges, before.edges) {
            edges.add(
                edge.id + (edge.isDown ? " (down)" : ""), grouped(edge.hits.requests),
                grouped(was.hits.requests), percent(edge.hits.hitRatio),
                percent(was.hits.hitRatio))
        }
        return "What that changes for the plan:\n" + table.text + "\n\n" + edges.text
    }

    /// From row to column.
    private func transfers(_ policy: SimulationResult.Policy) -> String {
        let regions = policy.regions.map(\.id)
        var table = TextTable(["from"] + regions.map { "to \($0)" })
        for from in policy.sources.map(\.region) {
            let row = regions.map { to in
                policy.transfers.first { $0.from == from && $0.to == to }?.bytes ?? 0
            }
            guard from != nil || row.contains(where: { $0 > 0 }) else { continue }
            table.add([from ?? "origin"] + row.map { $0 == 0 ? "–" : formatBytes($0) })
        }
        return "What edges of the plan fetched in the day, by region:\n" + table.text
    }

    private var capacities: String {
        let first = result.capacities[0]
        let titles = Dictionary(
            result.titles.map { ($0.name, $0.title) }, uniquingKeysWith: { first, _ in first })
        var table = TextTable(
            ["each edge", "of the catalogue"]
                + first.policies.map { titles[$0.name] ?? $0.name } + ["bound"])
        for point in result.capacities {
            let bytes = Int(Double(result.catalogBytes) * point.value / 100)
            table.add(
                [formatBytes(bytes), "\(short(point.value))%"]
                    + point.policies.map { percent($0.total.hitRatio) }
                    + [percent(point.policies.last!.total.boundRatio)])
        }
        return "Hits with edges of other sizes, planned anew without a fill budget:\n" + table.text
    }

    private var pinnedShares: String {
        var table = TextTable(
            ["edge"] + result.pinnedShares.map { "\(short($0.value * 100))%" } + ["best"])
        for (number, edge) in result.edgeIDs.enumerated() {
            table.add(
                [edge]
                    + result.pinnedShares.map {
                        percent($0.policies[0].edges[number].hitRatio)
                    }
                    + [result.bestPinnedShare(edge: number).map { "\(short($0 * 100))%" } ?? ""])
        }
        return "Hits by the share of an edge that is pinned, planned anew without a fill budget:\n"
            + table.text
    }

    private func percent(_ ratio: Double) -> String { formatDecimal(ratio * 100, 1) + "%" }

    /// Without zeros at the end.
    private func short(_ number: Double) -> String {
        var text = formatDecimal(number, 4)
        while text.last == "0" { text.removeLast() }
        return text.last == "." ? String(text.dropLast()) : text
    }
}

/// Columns of text: the first to the left, the others to the right.
private struct TextTable {
    private var rows: [[String]]

    init(_ head: String...) { rows = [head] }
    init(_ head: [String]) { rows = [head] }

    mutating func add(_ cells: String...) { rows.append(cells) }
    mutating func add(_ cells: [String]) { rows.append(cells) }

    var text: String {
        let widths = rows[0].indices.map { column in
            rows.reduce(0) { max($0, column < $1.count ? $1[column].count : 0) }
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += column == 0 ? "  " + cell + space : "  " + space + cell
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
