import Arguments
import Pipeline
import Popularity
import Storage

/// `spindle charts`: a night's charts, in the terminal.
enum ChartsCommand: Subcommand {
    static let command = Command(
        "spindle charts", summary: "show a night's charts",
        discussion: """
            The weekly chart (of the seven days that end with the night) or the daily one: \
            overall, or of one region or genre. With positions since the week or day before, \
            the best position ever and the count of weeks or days on the chart. A song is NEW, or \
            back (RE) when it was not in the chart before. Changes nothing; without --date it is \
            the newest night. docs/formats/popularity.md says what may enter a chart.
            """,
        options: [
            Option("chart", "PERIOD", default: "weekly", help: "weekly or daily"),
            Option("region", "NAME", help: "Only what was heard in this region"),
            Option("genre", "NAME", help: "Only songs of this genre, as the catalogue names it"),
            Option("limit", "N", default: "20", help: "How many positions; there are at most 100"),
            .date, .warehouse, .json,
        ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        let text = arguments.string("chart")!
        guard let period = ChartPeriod(rawValue: text) else {
            throw arguments.usageError("--chart is weekly or daily, not '\(text)'")
        }
        let (region, genre) = (arguments.string("region"), arguments.string("genre"))
        guard region == nil || genre == nil else {
            throw arguments.usageError("a chart is of a --region or of a --genre, not of both")
        }
        let limit = try arguments.int("limit", in: 1...100)!
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        let date = try arguments.date("date") ?? newestNight(warehouse)
        guard let date, FileSystem.exists(path(warehouse, date)) else {
            throw NoCharts(date: date, newest: newestNight(warehouse))
        }
        let chart = region != nil ? "region" : genre != nil ? "genre" : "overall"
        let key = region ?? genre ?? "*"
        let all = try ChartsFile.read(path(warehouse, date)).filter { $0.chart == chart }
        // Of genres case does not matter, as the catalogue has each once.
        let lines = all.filter {
            $0.period == period
                && (chart == "genre"
                    ? $0.key.lowercased() == key.lowercased()
                    : $0.key.utf8.elementsEqual(key.utf8))
        }
        if lines.isEmpty, chart != "overall" {
            let known = Set(all.map(\.key)).sorted()
            throw UsageError(
                "there is no \(period) chart of the \(chart) '\(key)' on \(date)",
                hint: known.isEmpty
                    ? "there is no chart of any \(chart)"
                    : "there are: \(known.prefix(12).joined(separator: ", "))"
                        + (known.count > 12 ? " and \(known.count - 12) more" : ""))
        }
        let shown = Array(lines.prefix(limit))
        let names = SongNames(warehouse, date: date)
        if arguments.flag("json") {
            terminal.print(try json(shown, period, chart, lines.first?.key ?? key, date, names))
        } else {
            try print(
                shown, of: lines.count, period, chart, lines.first?.key, date, names, terminal)
        }
        return .ok
    }

    private static func path(_ warehouse: Warehouse, _ date: CalendarDate) -> String {
        "\(warehouse.artefact("popularity", date))/\(ChartsFile.fileName)"
    }

    private static func newestNight(_ warehouse: Warehouse) -> CalendarDate? {
        let names = (try? FileSystem.list(warehouse.path + "/popularity")) ?? []
        return names.compactMap {
            $0.hasPrefix("date=") ? CalendarDate($0.dropFirst("date=".count)) : nil
        }.filter { FileSystem.exists(path(warehouse, $0)) }.max()
    }

    private static func json(
        _ lines: [ChartLine], _ period: ChartPeriod, _ chart: String, _ key: String,
        _ date: CalendarDate, _ names: SongNames
    ) throws -> JSONWriter {
        let named = try lines.map { ($0, try names.name($0.songID)) }
        var json = JSONWriter()
        json.object { json in
            json.field("period", period.rawValue)
            json.field("chart", chart)
            json.field("key", key)
            json.field("from", "\(date - (period.step - 1))")
            json.field("date", "\(date)")
            json.array("entries") { json in
                for (line, name) in named {
                    json.object { json in
                        line.writeFigures(to: &json)
                        json.field("title", name.title)
                        json.field("artist", name.artist)
                    }
                }
            }
        }
        return json
    }

    private static func print(
        _ lines: [ChartLine], of count: Int, _ period: ChartPeriod, _ chart: String, _ key: String?,
        _ date: CalendarDate, _ names: SongNames, _ terminal: Terminal
    ) throws {
        let scope = chart == "overall" ? "" : ", \(chart) \(visible(key ?? "*"))"
        let days = period == .weekly ? "\(date - 6) to \(date)" : "\(date)"
        terminal.print("\(period) chart\(scope), \(days)")
        guard !lines.isEmpty else {
            return terminal.print("nothing: no song was heard by enough listeners")
        }
        var rows = [
            ["", "", period == .weekly ? "weeks" : "days", "peak", "streams", "listeners", "song"]
        ]
        for line in lines {
            rows.append([
                "\(line.position)", movement(line), "\(line.periods)", "\(line.peakPosition)",
                grouped(line.streams), grouped(line.listeners),
                try names.name(line.songID).text(line.songID),
            ])
        }
        for row in aligned(rows, left: [1, 6]) { terminal.print(row) }
        if lines.count < count {
            terminal.say("\(count - lines.count) more; --limit \(count) shows them")
        }
    }

    private static func movement(_ line: ChartLine) -> String {
        guard let before = line.previousPosition else { return line.periods > 1 ? "RE" : "NEW" }
        let steps = before - line.position
        return steps == 0 ? "=" : steps > 0 ? "▲ \(steps)" : "▼ \(-steps)"
    }
}

/// There is no night with charts.
private struct NoCharts: Diagnosed {
    let date: CalendarDate?
    let newest: CalendarDate?

    var message: String {
        date.map { "there are no charts of \($0)" } ?? "no charts have been made yet"
    }
    var hint: String? {
        newest.map { "the newest are of \($0)" }
            ?? "run a night (spindle run), or spindle popularity"
    }
    var cause: FailureCause { .inputMissing }
}
