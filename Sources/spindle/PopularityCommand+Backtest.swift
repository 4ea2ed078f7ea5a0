import Arguments
import Popularity
import Storage

/// `spindle popularity --backtest`.
extension PopularityCommand {
    static func backtest(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        guard !arguments.flag("force") else {
            throw arguments.usageError("--force is for making popularity, not for --backtest")
        }
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        let to = try arguments.date("to") ?? arguments.date("date")
        let from = try arguments.date("from")
        if let from, let to, from > to || to.dayNumber - from.dayNumber >= 400 {
            throw arguments.usageError("--from \(from) is not within 400 days before \(to)")
        }
        var options = PopularityOptions()
        options.days = try arguments.int("days", in: 1...400)!
        let report = try DemandBacktest(
            warehouse: warehouse, options: options,
            releases: arguments.string("releases").map(absolutePath)
        ).run(from: from, to: to)
        if arguments.flag("json") {
            terminal.print(report.json)
        } else {
            terminal.print(text(report))
        }
        return .ok
    }

    private static func text(_ report: BacktestReport) -> String {
        let streams = report.days.reduce(0) { $0 + $1.streams }
        var lines = [
            """
            \(report.days.count) day\(report.days.count == 1 ? "" : "s") held out, \
            \(report.days[0].date) to \(report.days.last!.date): \(grouped(streams)) streams, \
            \(grouped(report.catalogSongs)) songs, \(report.regions.count) regions
            """,
            "", "error of expected streams, each song and region",
            row("", ["MAE", "WAPE", "deviance", "head ρ", "bias"]),
        ]
        for forecaster in Forecaster.allCases {
            let errors = report[forecaster].errors
            lines.append(
                row(
                    forecaster.name,
                    [
                        formatDecimal(errors.meanAbsoluteError, 4),
                        formatDecimal(errors.weightedPercentageError, 4),
                        formatDecimal(errors.meanDeviance, 4),
                        formatDecimal(errors.headCorrelation, 4), percent(errors.bias),
                    ]))
        }
        lines += ["", "bias by region", row("", Forecaster.allCases.dropLast().map(\.name))]
        for region in report.sortedRegions {
            lines.append(
                row(
                    report.regions[region],
                    Forecaster.allCases.dropLast().map {
                        percent(report[$0].errors.biasByRegion[region])
                    }))
        }
        let shares = EdgeHits.shares.map { formatDecimal(100 * $0, 1) + " %" }
        for (title, ratios) in [
            ("requests", \EdgeHits.requestRatios), ("bytes", \EdgeHits.byteRatios),
        ] {
            lines += [
                "",
                """
                hit ratio in \(title) of an edge with so much of the \
                \(report.hasLedger ? "catalogue's bytes" : "songs (no ledger: all of one size)") \
                pinned
                """,
                row("", shares),
            ]
            for forecaster in Forecaster.allCases {
                let hits = report[forecaster].hits
                lines.append(
                    row(forecaster.name, hits[keyPath: ratios].map { formatDecimal($0, 4) }))
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        let name = name + String(repeating: " ", count: max(0, 16 - name.count))
        return name
            + cells.map { String(repeating: " ", count: max(1, 15 - $0.count)) + $0 }.joined()
    }

    private static func percent(_ value: Double) -> String {
        (value > 0 ? "+" : "") + formatDecimal(100 * value, 1) + " %"
    }
}
