internal import Storage

/// Hit ratios by the size of edges as lines, their names at the ends.
struct HitCurves {
    /// Unique in the page.
    var id: String
    var title: String
    /// Rising; a logarithmic scale where none is 0.
    var percents: [Double]
    var curves: [NightReport.Simulation.Curve]
    var width = 230
    var height = 120
    /// Names and figures take room that small panels do not have.
    var hasNames = false

    private static let nameWidth = 150.0

    private var plotWidth: Double { Double(width) - (hasNames ? Self.nameWidth : 0) }

    private func x(_ percent: Double) -> Double {
        guard let first = percents.first, let last = percents.last, last > first else {
            return plotWidth / 2
        }
        // Halvings are as far apart everywhere: what matters is how often an edge doubles.
        func place(_ value: Double) -> Double { first > 0 ? logarithm(value) : value }
        return (place(percent) - place(first)) / (place(last) - place(first)) * plotWidth
    }

    private func y(_ ratio: Double) -> Double { (1 - min(max(ratio, 0), 1)) * Double(height) }

    var svg: Markup {
        let grid: [Markup] = [0, 0.25, 0.5, 0.75, 1].map { ratio in
            let label: Markup =
                hasNames || ratio == 0 || ratio == 1
                ? "<text x=\"-6\" y=\"\(y(ratio) + 4)\" text-anchor=\"end\">\(percent(ratio))</text>"
                : ""
            return
                "<line class=\"base\" x2=\"\(plotWidth)\" y1=\"\(y(ratio))\" y2=\"\(y(ratio))\"/>\(label)"
        }
        let sizes: [Markup] = percents.map { size in
            """
            <text x="\(x(size))" y="\(height + 16)" text-anchor="middle">\(decimal(size))%</text>
            """
        }
        // The plan last, so that it lies on top.
        let order = curves.indices.sorted {
            let (a, b) = (curves[$0].kind == .plan, curves[$1].kind == .plan)
            return a == b ? $0 < $1 : b
        }
        let lines: [Markup] = order.map { line(curves[$0], Self.style(curves, $0)) }
        let figures = curves.map { curve in
            let points = zip(percents, curve.ratios).map { "\(decimal($0))%: \(percent($1))" }
            return "\(curve.title) " + points.joined(separator: ", ")
        }.joined(separator: "; ")
        return """
            <svg viewBox="-38 -8 \(width + 56) \(height + 32)" role="img" aria-labelledby="\(id)-t \(id)-d">\
            <title id="\(id)-t">\(title)</title><desc id="\(id)-d">\(figures)</desc>\
            \(grid)\(sizes)\(lines)\(hasNames ? names : "")</svg>
            """
    }

    private func line(_ curve: NightReport.Simulation.Curve, _ style: Markup) -> Markup {
        var points: Markup = ""
        var dots: Markup = ""
        for (size, ratio) in zip(percents, curve.ratios) {
            points += "\(x(size)),\(y(ratio)) "
            if hasNames || percents.count == 1 {
                dots += "<circle cx=\"\(x(size))\" cy=\"\(y(ratio))\" r=\"2.5\"/>"
            }
        }
        return "<g class=\"curve \(style)\"><polyline points=\"\(points)\"/>\(dots)</g>"
    }

    /// Names beside the lines' ends, pushed apart where they would overlap.
    private var names: Markup {
        let spacing = 15.0
        let order = curves.indices.sorted {
            let (a, b) = (y(curves[$0].ratios.last ?? 0), y(curves[$1].ratios.last ?? 0))
            return a == b ? $0 < $1 : a < b
        }
        var next = -4.0
        let lowest = Double(height) - spacing * Double(order.count - 1)
        return order.enumerated().reduce(into: "" as Markup) { names, item in
            let curve = curves[item.element]
            let end = y(curve.ratios.last ?? 0)
            // As high as it has to be for the others to find room below.
            let place = max(next, min(end, lowest + spacing * Double(item.offset)))
            next = place + spacing
            names += """
                <line class="lead-line" x1="\(plotWidth + 4)" y1="\(end)" x2="\(plotWidth + 14)" y2="\(place)"/>\
                <text class="figure" x="\(plotWidth + 18)" y="\(place + 4)">\(curve.title) \(percent(curve.ratios.last ?? 0))</text>
                """
        }
    }

    /// A colour and a stroke of its own for each line.
    static func style(_ curves: [NightReport.Simulation.Curve], _ number: Int) -> Markup {
        switch curves[number].kind {
        case .plan: return "plan"
        case .bound: return "bound"
        case .cache:
            let place = curves[..<number].count { $0.kind == .cache }
            return "s\(place % ReportStyle.seriesCount)"
        }
    }

    private func decimal(_ number: Double) -> String {
        var text = formatDecimal(number, 4)
        while text.last == "0" { text.removeLast() }
        return text.last == "." ? String(text.dropLast()) : text
    }
}

/// log₂, near enough for a drawing, and the same on every machine.
private func logarithm(_ value: Double) -> Double {
    // Sizes are positive and finite, so the exponent is a number.
    Double(value.exponent) + (value.significand - 1) * (1 + 0.3472 * (2 - value.significand))
}
