import Arguments
import Plays
import Storage

/// `spindle plays show`: what was counted of one song.
enum PlaysShowCommand: Subcommand {
    static let command = Command(
        "spindle plays show", summary: "show what was counted of one song, day by day",
        discussion: """
            SONG is a song's id, the beginning of one, or words of its title and artist. Shows its \
            streams day by day as a line of bars (· none, blank not counted), in each region and in \
            all; listeners, skips, how much of it is heard, and the hours of the day. Changes \
            nothing. Listeners of several days are about right (0.2 % up to a thousand, 1.6 % \
            beyond).
            """,
        operands: "SONG…",
        options: [
            Option("days", "N", default: "28", help: "The window of days"),
            Option(
                "date", "DATE", help: "The window's last day; without it the newest counted one"),
            .warehouse, .json,
        ], exitCodes: [.ok, .failed, .usage, .badData, .inputMissing])

    static func run(_ arguments: ParsedArguments, _ terminal: Terminal) throws -> ExitCode {
        guard !arguments.operands.isEmpty else { throw arguments.usageError("no SONG given") }
        let days = try arguments.int("days", in: 1...400)!
        let warehouse = Warehouse(path: arguments.string("warehouse")!)
        try warehouse.check()
        guard
            let last = try arguments.date("date") ?? SongTimeline.countedDays(warehouse).last
        else {
            throw NoSong(
                message: "no day has been counted yet", hint: "run spindle plays, or a night")
        }
        let names = SongNames(warehouse, date: nil)
        let song = try find(
            arguments.operands.joined(separator: " "), names, warehouse, last, days)
        let timeline = try SongTimeline(
            warehouse, songID: song, endingWith: last, days: days)
        let figures = SongFigures(timeline)
        let name = try names.name(song)
        if arguments.flag("json") {
            terminal.print(figures.json(name))
        } else {
            for line in figures.lines(name) { terminal.print(line) }
        }
        return .ok
    }

    private static let choices = 8

    /// The one song that is meant.
    private static func find(
        _ text: String, _ names: SongNames, _ warehouse: Warehouse, _ last: CalendarDate,
        _ days: Int
    ) throws -> String {
        let known = try names.ids(beginningWith: text.lowercased(), limit: choices)
        if known.count == 1 { return known[0] }
        let words = try names.search(text, limit: choices)
        if words.count == 1 { return words[0] }
        // Songs that the catalogue does not know have been counted, too.
        let counted = try SongTimeline.ids(
            beginningWith: text, warehouse, endingWith: last, days: days, limit: choices)
        if let same = counted.first(where: { $0.utf8.elementsEqual(text.utf8) }) { return same }
        var found = known
        for id in words + counted where !found.contains(id) { found.append(id) }
        if found.count == 1 { return found[0] }
        if found.isEmpty {
            throw NoSong(
                message: "no song is '\(text)'",
                hint: "give an id, its beginning, or words of title and artist (spindle search)")
        }
        let list = try found.prefix(choices).map {
            "  \($0.utf8.count > 16 ? String($0.prefix(12)) : $0)  \(try names.name($0).text($0))"
        }
        throw UsageError(
            "'\(text)' is more than one song", hint: "name one of\n" + list.joined(separator: "\n"))
    }
}

private struct NoSong: Diagnosed {
    let message: String
    let hint: String?
    var cause: FailureCause { .inputMissing }
}

/// A song's timeline with its sums, as people and programs read them.
private struct SongFigures {
    let timeline: SongTimeline
    let total: CountsRow

    init(_ timeline: SongTimeline) {
        self.timeline = timeline
        total = Self.sum(timeline.days.flatMap { $0.regions.map(\.row) })
    }

    private static func sum(_ rows: [CountsRow]) -> CountsRow {
        var sum = CountsRow()
        for row in rows { sum.add(row) }
        return sum
    }

    private func row(_ region: String) -> CountsRow {
        Self.sum(timeline.days.compactMap { $0.row(region) })
    }

    private func streams(_ day: SongTimeline.Day, _ region: String?) -> Int? {
        guard day.hasPartition else { return nil }
        guard let region else { return day.regions.reduce(0) { $0 + $1.row.streams } }
        return day.row(region)?.streams ?? 0
    }

    private func percent(_ part: Int, of whole: Int) -> String {
        whole > 0 ? formatDecimal(100 * Double(part) / Double(whole), 1) + " %" : "unknown"
    }

    // MARK: Text

    func lines(_ name: SongNames.Name) -> [String] {
        let days = timeline.days
        let counted = days.count { $0.hasPartition }
        var lines = [name.text(timeline.songID)]
        if name.title != nil { lines.append(visible(timeline.songID)) }
        lines.append(
            "\(days[0].date) to \(days[days.count - 1].date), \(counted) of \(days.count) days counted"
        )
        guard total.plays > 0 else { return lines + ["not played on any of them"] }
        var rows = [["region", "streams", "listeners", "skipped", "streams a day"]]
        func add(_ title: String, _ row: CountsRow, _ listeners: Int?, _ region: String?) {
            rows.append([
                title, grouped(row.streams), listeners.map(grouped) ?? "?",
                percent(row.skips, of: row.plays), sparkline(days.map { streams($0, region) }),
            ])
        }
        add("all", total, timeline.listeners, nil)
        for (region, listeners) in timeline.regions {
            add(visible(region), row(region), listeners, region)
        }
        lines += [""] + aligned(rows, left: [0, 4])
        let hours = (0..<24).map { Optional(total.hours[$0]) }
        lines += [
            "",
            "hours      \(sparkline(hours))  (0 to 23)",
            "plays      \(grouped(total.plays)), of which \(grouped(total.streams)) streams, "
                + "\(grouped(total.chartStreams)) for charts, \(grouped(total.scrobbles)) scrobbles",
            "heard      \(percent(total.completionPermille, of: total.timedPlays * 1000)) of the song "
                + "on average; to its end in \(percent(total.completedPlays, of: total.timedPlays)) "
                + "of plays",
            "listened   \(formatDecimal(Double(total.playedMs) / 3_600_000, 1)) hours",
        ]
        return lines
    }

    // MARK: JSON

    func json(_ name: SongNames.Name) -> JSONWriter {
        var json = JSONWriter()
        json.object { json in
            json.field("song_id", timeline.songID)
            json.field("title", name.title)
            json.field("artist", name.artist)
            json.field("from", "\(timeline.days[0].date)")
            json.field("date", "\(timeline.days[timeline.days.count - 1].date)")
            json.object("total") { total.write(to: &$0, listeners: timeline.listeners) }
            json.array("hours") { json in
                for hour in 0..<24 { json.value(total.hours[hour]) }
            }
            json.object("regions") { json in
                for (region, listeners) in timeline.regions {
                    let row = row(region)
                    json.object(region) { row.write(to: &$0, listeners: listeners) }
                }
            }
            json.array("days") { json in
                for day in timeline.days {
                    json.object { json in
                        json.field("date", "\(day.date)")
                        json.field("counted", day.hasPartition)
                        guard day.hasPartition else { return }
                        let sum = Self.sum(day.regions.map(\.row))
                        sum.write(to: &json, listeners: day.listeners)
                        json.object("regions") { json in
                            for (region, row) in day.regions {
                                json.object(region) {
                                    row.write(to: &$0, listeners: row.listeners)
                                }
                            }
                        }
                    }
                }
            }
        }
        return json
    }
}

extension CountsRow {
    /// Adds all but listeners, who are not to be added.
    fileprivate mutating func add(_ other: CountsRow) {
        plays += other.plays
        streams += other.streams
        chartStreams += other.chartStreams
        scrobbles += other.scrobbles
        playedMs += other.playedMs
        skips += other.skips
        timedPlays += other.timedPlays
        completedPlays += other.completedPlays
        completionPermille += other.completionPermille
        for hour in 0..<24 { hours[hour] += other.hours[hour] }
    }

    fileprivate func write(to json: inout JSONWriter, listeners: Int?) {
        func rate(_ part: Int, _ whole: Int) -> Double? {
            whole > 0 ? Double(part) / Double(whole) : nil
        }
        json.field("plays", plays)
        json.field("streams", streams)
        json.field("chart_streams", chartStreams)
        json.field("scrobbles", scrobbles)
        json.field("listeners", listeners)
        json.field("played_ms", playedMs)
        for (name, value) in [
            ("skip_rate", rate(skips, plays)),
            ("completion", rate(completionPermille, timedPlays * 1000)),
            ("completed", rate(completedPlays, timedPlays)),
        ] {
            if let value {
                json.field(name, value, decimals: 4)
            } else {
                json.field(name, JSONValue.null)
            }
        }
    }
}
