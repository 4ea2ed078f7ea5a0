import Arguments
import Pipeline
import Popularity
import Storage

/// `spindle popularity`: counted days → scores, charts and tomorrow's demand.
enum PopularityCommand: StageCommand {
    static let command = Command(
        "spindle popularity", summary: "make scores, charts and tomorrow's expected demand",
        discussion: """
            From the counted days of a window: a score of 0 to 100, rank, streams, listeners, \
            trends and retention for each song, overall and by region; daily and weekly charts, \
            by region and genre too; what rises, and which songs are heard together; and the \
            streams and bytes to expect tomorrow by song and region, by a mix of simple forecasts \
            that is learnt anew each night, with announced releases raised by what their artists' \
            earlier releases and other songs did. docs/FORMATS.md has the formulas.

            With --backtest nothing is made: days that are over are forecast from the days before \
            them, and compared with what came and with naive forecasts, by their errors and by the \
            hit ratio of an edge that pins songs by each.
            """,
        options: [
            Option("days", "N", default: "28", help: "The window of days"),
            Option(
                "chart-listeners", "N", default: "3",
                help: "How many listeners a song needs to be in a chart, or to be on the rise"),
            Option("releases", "FILE", help: "The calendar of announced releases"),
            Option("backtest", help: "Say how good the forecast of demand would have been"),
            Option(
                "from", "DATE",
                help: "With --backtest: the first day to forecast (default: the last seven)"),
            Option(
                "to", "DATE",
                help:
                    "With --backtest: the last day to forecast (default: --date, or the last that was counted)"
            ),
        ] + stageOptions)

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        if arguments.flag("backtest") { return try backtest(arguments, terminal) }
        return try runStage(arguments, terminal)
    }

    static func stage(_ arguments: ParsedArguments) throws -> any Stage {
        for name in ["backtest", "from", "to"] where arguments.isGiven(name) {
            throw arguments.usageError(
                name == "backtest"
                    ? "--backtest is no stage of a night" : "--\(name) is for --backtest")
        }
        var options = PopularityOptions()
        options.days = try arguments.int("days", in: 1...400)!
        options.charts.minimumListeners = try arguments.int("chart-listeners", in: 1...1_000_000)!
        return PopularityStage(
            releases: arguments.string("releases").map(absolutePath), options: options)
    }
}

private struct PopularityStage: ArtefactStage {
    let name = "popularity"
    let kind = "popularity"
    let releases: String?
    let options: PopularityOptions

    var parameters: [String: String] {
        [
            "days": "\(options.days)",
            "chart_listeners": "\(options.charts.minimumListeners)",
            // The second model of demand, whose file has a column more.
            "demand_model": "2",
        ]
    }

    private func builder(_ night: Night) -> PopularityBuilder {
        PopularityBuilder(warehouse: night.warehouse, options: options, releases: releases)
    }

    func inputs(_ night: Night) throws -> [ArtefactRecord.Input] {
        guard FileSystem.exists(night.warehouse.artefact("plays", night.date)) else {
            throw MissingStage(stage: "plays", night: night)
        }
        return try builder(night).inputs(date: night.date).map {
            .init(name: $0.name, fingerprint: $0.fingerprint)
        }
    }

    func run(_ night: Night) throws -> StageOutcome {
        let inputs = try inputs(night)
        let summary = try produce(night, inputs: inputs) {
            try builder(night).run(date: night.date, into: $0)
        }
        let expected = summary.expected.reduce(0) { $0 + $1.streams }
        return StageOutcome(
            summary: """
                \(grouped(summary.songs)) songs over \(summary.countedDays) days, \
                \(grouped(summary.streams)) streams; \(formatDecimal(expected, 0)) expected on \
                \(night.planDate), \(summary.raisedReleases) announced release\
                \(summary.raisedReleases == 1 ? "" : "s") raised
                """,
            warnings: summary.warnings
                + (summary.unresolved > 0
                    ? [
                        """
                        \(summary.unresolved) songs in the logs are not in the ledger (in the \
                        warehouse: popularity/date=\(night.date)/unresolved.tsv)
                        """
                    ]
                    : []),
            counts: .object([
                "songs": .integer(summary.songs), "unresolved": .integer(summary.unresolved),
                "days": .integer(summary.countedDays), "plays": .integer(summary.plays),
                "streams": .integer(summary.streams),
                "raised_releases": .integer(summary.raisedReleases),
                "expected": .object(
                    Dictionary(
                        summary.expected.map { ($0.region, JSONValue.number($0.streams)) },
                        uniquingKeysWith: { a, _ in a })),
            ]))
    }
}
