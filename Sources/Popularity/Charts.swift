internal import Plays
package import Storage

/// Daily and weekly charts of a window: overall, by region and by genre.
///
/// Position by points (`ChartRules`), then chart streams, then listener-days, then song id. Of the
/// window's last 28 days every daily chart is made and each fourth of a month's weekly ones, so that
/// positions before, peaks and counts of weeks follow from the partitions; what lies further back is
/// `ChartHistory`.
struct Charts {
    static let length = 100
    /// Weeks of which charts are made in one pass.
    static let weeks = 4
    static let days = 7 * weeks

    /// A chart's songs on a day or in a week.
    struct Candidate {
        /// In byte order of the ids.
        let song: Int32
        let points: Int32
        let streams: Int32
        let listeners: Int32
        let listenerDays: Int32

        static func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
            if a.points != b.points { return a.points > b.points }
            if a.streams != b.streams { return a.streams > b.streams }
            if a.listenerDays != b.listenerDays { return a.listenerDays > b.listenerDays }
            return a.song < b.song
        }
    }

    struct Board {
        let chart: String
        let key: String
        /// By period, the last one first.
        var weekly = Array(repeating: Charts.list, count: Charts.weeks)
        var daily = Array(repeating: Charts.list, count: Charts.days)

        func lists(_ period: ChartPeriod) -> [TopList<Candidate>] {
            period == .weekly ? weekly : daily
        }
    }

    private(set) var boards: [Board] = []
    private let rules: ChartRules
    private let caps: [Int]
    private let groups: DayGroups
    /// Whether there is something to make the chart of, by period and place.
    private let exists: [ChartPeriod: [Bool]]

    private static var list: TopList<Candidate> { TopList(length, by: Candidate.precedes) }

    init(_ window: PlayWindow, _ rules: ChartRules) {
        self.rules = rules
        caps = window.chartCaps
        groups = window.groups
        let counted = window.isCounted
        exists = [
            .daily: (0..<Self.days).map { back in
                let day = counted.count - 1 - back
                return day >= 0 && counted[day]
            },
            .weekly: (0..<Self.weeks).map { week in
                week < window.groups.weeks.count
                    && window.groups.weeks[week].days.contains { counted[$0] }
            },
        ]
    }

    /// A new chart.
    ///
    /// - Returns: Its number.
    mutating func add(chart: String, key: String) -> Int {
        boards.append(Board(chart: chart, key: key))
        return boards.count - 1
    }

    /// Enters a song in a chart of each day and week.
    mutating func offer(_ song: Int, _ series: DaySeries, to board: Int) {
        let last = series.streams.count - 1
        var mostOfWeek = 0
        for week in groups.weeks.indices {
            let (days, groups) = groups.weeks[week]
            var streams = 0
            var listenerDays = 0
            mostOfWeek = 0
            for day in days where series.chartStreams[day] > 0 {
                let (count, listeners) = (series.chartStreams[day], series.listeners[day])
                let most = ChartRules.mostOfOne(count, listeners: listeners, cap: caps[day])
                streams += count
                listenerDays += listeners
                mostOfWeek += most
                if listeners >= rules.minimumListeners, exists[.daily]![last - day] {
                    offer(
                        Candidate(
                            song, ChartRules.points(count, mostOfOne: most), count, listeners,
                            listeners),
                        &boards[board].daily[last - day])
                }
            }
            guard streams > 0, listenerDays >= rules.minimumListeners, exists[.weekly]![week],
                boards[board].weekly[week].mayTake(where: { $0.points <= streams })
            else { continue }
            let listeners = series.distinctListeners(days, groups)
            guard listeners >= rules.minimumListeners else { continue }
            let most = min(mostOfWeek, streams - (listeners - 1))
            offer(
                Candidate(
                    song, ChartRules.points(streams, mostOfOne: most), streams, listeners,
                    listenerDays),
                &boards[board].weekly[week])
        }
    }

    private func offer(_ candidate: Candidate, _ list: inout TopList<Candidate>) {
        if candidate.points > 0 { list.offer(candidate) }
    }

    /// The lines of all charts: the weekly ones first, of each period overall, then regions and
    /// genres in byte order.
    func lines(_ ids: borrowing ByteTable, _ history: ChartHistory) -> [ChartLine] {
        var lines: [ChartLine] = []
        for period in ChartPeriod.allCases {
            for board in sortedBoards {
                lines += self.lines(board, period, ids, history)
            }
        }
        return lines
    }

    private func lines(
        _ board: Board, _ period: ChartPeriod, _ ids: borrowing ByteTable, _ history: ChartHistory
    ) -> [ChartLine] {
        let lists = board.lists(period)
        var standings: [Int32: ChartStanding] = [:]
        for list in lists {
            for (index, candidate) in list.elements.enumerated() {
                standings[candidate.song, default: .init()].add(index + 1)
            }
        }
        let before = exists[period]!.dropFirst().firstIndex(of: true).map { lists[$0] }
        var previous: [Int32: Int] = [:]
        for (index, candidate) in (before?.elements ?? []).enumerated() {
            previous[candidate.song] = index + 1
        }
        return lists[0].elements.enumerated().map { index, candidate in
            let id = ids.text(Int(candidate.song))
            var standing = standings[candidate.song]!
            standing.add(history.standing(period, board.chart, board.key, id))
            return ChartLine(
                period: period, chart: board.chart, key: board.key, position: index + 1,
                songID: id, points: Int(candidate.points), streams: Int(candidate.streams),
                listeners: Int(candidate.listeners), listenerDays: Int(candidate.listenerDays),
                previousPosition: previous[candidate.song], peakPosition: standing.peak,
                periods: standing.periods)
        }
    }

    /// What the nights after this one need to know: the history, and the oldest charts of the window,
    /// which the next one's will not hold, or those of a later one.
    func historyForLater(_ ids: borrowing ByteTable, _ history: ChartHistory) -> ChartHistory {
        var later = history
        for board in boards {
            for period in ChartPeriod.allCases {
                let lists = board.lists(period).reversed().prefix(ChartHistory.reach)
                for (number, list) in lists.enumerated() {
                    for (index, candidate) in list.elements.enumerated() {
                        later.add(
                            period, board.chart, board.key, ids.text(Int(candidate.song)),
                            later: number, position: index + 1)
                    }
                }
            }
        }
        return later
    }

    private var sortedBoards: [Board] {
        let kinds = ["overall": 0, "region": 1, "genre": 2]
        return boards.sorted { a, b in
            a.chart == b.chart
                ? a.key.precedesInBytes(b.key) : kinds[a.chart]! < kinds[b.chart]!
        }
    }
}

extension Charts.Candidate {
    /// More than two billion streams of a song in a week are as many.
    @inline(__always)
    init(_ song: Int, _ points: Int, _ streams: Int, _ listeners: Int, _ listenerDays: Int) {
        self.init(
            song: Int32(song), points: Int32(clamping: points), streams: Int32(clamping: streams),
            listeners: Int32(clamping: listeners), listenerDays: Int32(clamping: listenerDays))
    }
}

/// `charts.ndjson`: a line for each position.
package enum ChartsFile {
    package static let fileName = "charts.ndjson"

    package static func read(_ path: String) throws -> [ChartLine] {
        try NDJSONFile.read(path) { json in
            guard let period = json["period"]?.string.flatMap({ ChartPeriod(rawValue: $0) }),
                let chart = json["chart"]?.string, let key = json["key"]?.string,
                let position = json["position"]?.int, let song = json["song_id"]?.string,
                let points = json["points"]?.int, let streams = json["streams"]?.int,
                let listeners = json["listeners"]?.int,
                let listenerDays = json["listener_days"]?.int,
                let peak = json["peak_position"]?.int, let periods = json["periods"]?.int
            else { return nil }
            return ChartLine(
                period: period, chart: chart, key: key, position: position, songID: song,
                points: points, streams: streams, listeners: listeners,
                listenerDays: listenerDays, previousPosition: json["previous_position"]?.int,
                peakPosition: peak, periods: periods)
        }
    }

    static func write(_ lines: [ChartLine], to writer: FileWriter) throws {
        var json = JSONWriter()
        for line in lines {
            json.removeAll()
            json.object { json in
                json.field("period", line.period.rawValue)
                json.field("chart", line.chart)
                json.field("key", line.key)
                line.writeFigures(to: &json)
            }
            json.newline()
            try writer.write(json.bytes)
        }
    }
}

extension ChartLine {
    /// All but which chart it is.
    package func writeFigures(to json: inout JSONWriter) {
        json.field("position", position)
        json.field("song_id", songID)
        json.field("points", points)
        json.field("streams", streams)
        json.field("listeners", listeners)
        json.field("listener_days", listenerDays)
        json.field("previous_position", previousPosition)
        json.field("peak_position", peakPosition)
        json.field("periods", periods)
    }
}

/// Files with a JSON object a line.
enum NDJSONFile {
    /// - Throws: `FormatError` with the line that `element` does not understand.
    static func read<Element>(_ path: String, _ element: (JSONValue) -> Element?) throws
        -> [Element]
    {
        var elements: [Element] = []
        let reader = try LineReader(path)
        let damage = try reader.forEach { line in
            guard let read = element(try JSONValue.parse(Array(line.bytes), path: path)) else {
                throw FormatError(
                    path, "line \(line.number) lacks a field", hint: "run spindle popularity again")
            }
            elements.append(read)
        }
        if let damage { throw damage }
        return elements
    }
}
