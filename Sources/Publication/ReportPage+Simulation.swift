internal import Storage

extension ReportPage {
    /// An earlier plan on the day for which it was made; nothing where none was simulated.
    var simulation: Markup {
        guard let simulation = report.simulation, let plan = simulation.policies.first else {
            return ""
        }
        let others = simulation.policies.dropFirst().filter { !$0.title.isEmpty }
        let first: Markup =
            others.first.map { ", \($0.title) would have answered <b>\(percent($0.hitRatio))</b>" }
            ?? ""
        let lead: Markup = """
            The plan of \(simulation.night.inShort) answered <b>\(percent(plan.hitRatio))</b> of \
            \(counted(simulation.requests, "request")) on \(simulation.night.next.inShort) at the \
            edges\(first); no cache of that size could have answered more than \
            <b>\(percent(simulation.boundRatio))</b>.
            """
        let bars: [Markup] = simulation.policies.prefix(Limits.policies).map { policy in
            """
            <dt>\(quoted(policy.title, most: 40))</dt>\
            <dd>\(bar(policy.hitRatio, fill: policy.isPlan ? "accent" : "faint", mark: simulation.boundRatio))</dd>\
            <dd class="n"><b>\(percent(policy.hitRatio))</b><small>\(milliseconds(policy.latencyMs))</small></dd>
            """
        }
        return section(
            "simulation", "What plans are worth", lead: lead,
            """
            <div class="wide"><div><h3>Requests answered at the edges \
            <small>below: time to the answer on average</small></h3>\
            <dl class="rows">\(bars)</dl><p class="note">The upright line is what no cache exceeds. Caches that react were warmed by the day before. One whose parts are smaller than a song has no hits: W-TinyLFU's window is a hundredth of an edge, S3-FIFO's small queue a tenth.</p></div>\
            <div>\(curves(simulation))</div></div>
            \(edgeCurves(simulation))
            <details><summary>The figures as a table</summary>\(edgeTable(simulation))</details>
            """)
    }

    private func sizes(_ simulation: NightReport.Simulation) -> [Double] {
        Array(simulation.percents.prefix(Limits.edgeSizes))
    }

    /// The bound, which is the last, among them.
    private func shown(
        _ curves: [NightReport.Simulation.Curve]
    ) -> [NightReport.Simulation.Curve] {
        Array(curves.prefix(Limits.policies) + curves.dropFirst(Limits.policies).suffix(1)).map {
            var curve = $0
            curve.ratios = Array(curve.ratios.prefix(Limits.edgeSizes))
            return curve
        }
    }

    private func milliseconds(_ latency: Double) -> String { decimal(latency, 1) + " ms" }

    private func curves(_ simulation: NightReport.Simulation) -> Markup {
        guard !simulation.percents.isEmpty else { return "" }
        let chart = HitCurves(
            id: "hit-curves", title: "Requests answered by the size of edges, all edges",
            percents: sizes(simulation), curves: shown(simulation.curves), width: 520, height: 330,
            hasNames: true)
        return """
            <h3>By the size of edges <small>each edge in percent of the catalogue's bytes</small></h3>\
            <figure class="panel">\(chart.svg)</figure>
            """
    }

    /// The same for each edge, small.
    private func edgeCurves(_ simulation: NightReport.Simulation) -> Markup {
        guard !simulation.percents.isEmpty, simulation.edges.count > 1 else { return "" }
        let panels: [Markup] = simulation.edges.prefix(Limits.regions).enumerated().map {
            number, edge in
            let chart = HitCurves(
                id: "hit-curves-\(number)", title: "Requests answered by size, " + edge.id,
                percents: sizes(simulation), curves: shown(edge.curves))
            return """
                <figure class="panel"><figcaption><b>\(quoted(edge.id, most: 40))</b>\
                <span>\(grouped(edge.requests)) requests</span></figcaption>\(chart.svg)</figure>
                """
        }
        let curves = shown(simulation.curves)
        let key: [Markup] = curves.indices.map { number in
            """
            <li><svg class="curve \(HitCurves.style(curves, number))" aria-hidden="true" viewBox="0 0 14 14">\
            <polyline points="0,7 14,7"/></svg>\(curves[number].title)</li>
            """
        }
        return """
            <h3>By edge</h3><ul class="key">\(key)</ul><div class="cols small">\(panels)</div>
            """ + more(simulation.edges.count, Limits.regions, "edge")
    }

    private func edgeTable(_ simulation: NightReport.Simulation) -> Markup {
        let names: [Markup] = simulation.policies.prefix(Limits.policies).map {
            "<th scope=\"col\" class=\"n\">\(quoted($0.title, most: 40))</th>"
        }
        let hasShares = simulation.edges.contains { $0.bestPinnedShare != nil }
        let rows: [Markup] = simulation.edges.prefix(Limits.edges).map { edge in
            let ratios: [Markup] = edge.hitRatios.prefix(Limits.policies).map {
                "<td class=\"n\">\(percent($0))</td>"
            }
            let best: Markup =
                hasShares
                ? "<td class=\"n\">\(edge.bestPinnedShare.map { percent($0) } ?? "–")</td>" : ""
            return """
                <tr><th scope="row"><span class="who">\(quoted(edge.id, most: 60))<small>\(quoted(regionName(edge.region), most: 60))</small></span></th>\
                \(cell(edge.requests))\(ratios)<td class="n">\(percent(edge.boundRatio))</td>\(best)</tr>
                """
        }
        let share: Markup = hasShares ? "<th scope=\"col\" class=\"n\">Best pinned share</th>" : ""
        return table(
            "Requests answered by each edge as it is",
            head: """
                <th scope="col">Edge</th><th scope="col" class="n">Requests</th>\(names)\
                <th scope="col" class="n">Bound</th>\(share)
                """, rows: rows) + more(simulation.edges.count, Limits.edges, "edge")
    }
}
