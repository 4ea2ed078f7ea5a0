internal import Catalog
internal import Plays
internal import Storage

/// All songs of a window, with what ranks, charts and trends need of each.
struct NightPopularity: ~Copyable {
    private(set) var table = SongTable()
    private(set) var charts = Charts()
    /// By region's number and day.
    private(set) var totals: [PlayWindow.DaySeries] = []
    /// The streams that demand goes by.
    private(set) var history: DemandHistory
    /// Songs that the ledger does not know, the most played first.
    private(set) var unresolved: [(song: Int, plays: Int, streams: Int)] = []
    private let regions: [String]
    private var trendLists: [ByteKey: TopList<TrendCandidate>] = [:]

    private struct TrendCandidate {
        let song: Int
        let listeners: Int
        let trend: Trend
    }

    /// - Parameter scoreDays: How many of the window's last days scores go by.
    init(_ window: PlayWindow, _ ledger: borrowing LedgerIndex, scoreDays: Int) throws {
        var table = SongTable()
        var charts = Charts()
        var totals: [PlayWindow.DaySeries] = []
        var unresolved: [(song: Int, plays: Int, streams: Int)] = []
        var trendLists: [ByteKey: TopList<TrendCandidate>] = [:]
        let isCounted = window.isCounted
        var history = DemandHistory(
            isCounted: isCounted, firstWeekday: window.days[0].weekday)

        func figures(
            _ series: PlayWindow.DaySeries, _ song: Int, _ region: String
        ) -> SongTable.Figures {
            let last = series.streams.count - 1
            let before = (max(0, last - 7)..<last).filter { isCounted[$0] }
            let trend = Trend(
                streams: series.chartStreams[last], before: before.map { series.chartStreams[$0] },
                listeners: series.listeners[last])
            if trend.value > 0 {
                trendLists[ByteKey(region), default: Self.trendList()].offer(
                    TrendCandidate(song: song, listeners: series.listeners[last], trend: trend))
            }
            return SongTable.Figures(
                weight: PopularityScore.weight(series.chartStreams.suffix(scoreDays)),
                streams: series.streams.suffix(scoreDays).reduce(0, +),
                chartStreams: series.chartStreams.suffix(scoreDays).reduce(0, +),
                listeners: series.listeners[last], trend: trend.value)
        }

        try window.forEachSong { song in
            let number = table.ids.number(of: song.id)
            let id = table.ids.text(number)
            table.overall.append(figures(song.overall, number, "*"))
            charts.offer(chart: "overall", key: "*", song: number, id: id, song.overall)
            for (region, series) in song.regions {
                let name = window.regions[region]
                while totals.count <= region {
                    totals.append(PlayWindow.DaySeries(days: isCounted.count))
                }
                totals[region].add(series)
                table.cells.append(
                    SongTable.Cell(region: region, figures: figures(series, number, name)))
                charts.offer(chart: "region", key: name, song: number, id: id, series)
                history.add(region: region, streams: series.streams)
            }
            history.endSong()
            table.starts.append(table.cells.count)
            if let known = ledger.song(song.id) {
                for genre in ledger.genres(of: known) {
                    charts.offer(
                        chart: "genre", key: ledger.genreName(genre), song: number, id: id,
                        song.overall)
                }
            } else {
                unresolved.append(
                    (
                        number, song.overall.plays.reduce(0, +),
                        song.overall.streams.reduce(0, +)
                    ))
            }
        }
        unresolved.sort { $0.plays != $1.plays ? $0.plays > $1.plays : $0.song < $1.song }
        self.table = table
        self.charts = charts
        self.totals = totals
        history.setRegions(window.regions.count)
        self.history = history
        self.unresolved = unresolved
        self.trendLists = trendLists
        regions = window.regions
    }

    private static func trendList() -> TopList<TrendCandidate> {
        TopList(TrendingFile.length) { a, b in
            if a.trend.value != b.trend.value { return a.trend.value > b.trend.value }
            if a.trend.streams != b.trend.streams { return a.trend.streams > b.trend.streams }
            return a.song < b.song
        }
    }

    /// The regions' numbers in byte order of their names.
    var sortedRegions: [Int] {
        regions.indices.sorted { regions[$0].precedesInBytes(regions[$1]) }
    }

    /// All regions together first, then each.
    var trending: [TrendingEntry] {
        (["*"] + sortedRegions.map { regions[$0] }).flatMap { region in
            (trendLists[ByteKey(region)]?.elements ?? []).enumerated().map { index, candidate in
                TrendingEntry(
                    position: index + 1, songID: table.ids.text(candidate.song), region: region,
                    streams: candidate.trend.streams, listeners: candidate.listeners,
                    mean: candidate.trend.mean, trend: candidate.trend.value)
            }
        }
    }

    // MARK: Files

    func writeScores(to writer: FileWriter) throws {
        try writer.write(ScoresFile.header + "\n")
        try writeRanking(
            "*", table.overall.indices.map { ($0, table.overall[$0]) }, to: writer)
        var byRegion = regions.map { _ in [(song: Int, figures: SongTable.Figures)]() }
        for song in 0..<table.ids.count {
            for index in table.cells(of: song) {
                let cell = table.cells[index]
                byRegion[cell.region].append((song, cell.figures))
            }
        }
        for region in sortedRegions {
            try writeRanking(regions[region], byRegion[region], to: writer)
            byRegion[region] = []
        }
    }

    private func writeRanking(
        _ region: String, _ songs: [(song: Int, figures: SongTable.Figures)],
        to writer: FileWriter
    ) throws {
        let ranked = songs.sorted { a, b in
            if a.figures.weight != b.figures.weight { return a.figures.weight > b.figures.weight }
            if a.figures.streams != b.figures.streams {
                return a.figures.streams > b.figures.streams
            }
            return a.song < b.song
        }
        let maximum = ranked.first?.figures.weight ?? 0
        for (index, (song, figures)) in ranked.enumerated() {
            let score = PopularityScore.score(figures.weight, maximum: maximum)
            try writer.write(
                """
                \(region)\t\(index + 1)\t\(table.ids.text(song))\t\(score)\t\(figures.streams)\t\
                \(figures.chartStreams)\t\(formatDecimal(figures.weight, 4))\t\(figures.listeners)\t\
                \(formatDecimal(figures.trend, 2))\n
                """)
        }
    }

    func writeUnresolved(to writer: FileWriter) throws {
        try writer.write("song_id\tplays\tstreams\n")
        for (song, plays, streams) in unresolved {
            try writer.write("\(table.ids.text(song))\t\(plays)\t\(streams)\n")
        }
    }
}

extension PlayWindow.DaySeries {
    mutating func add(_ other: PlayWindow.DaySeries) {
        for index in plays.indices {
            plays[index] += other.plays[index]
            streams[index] += other.streams[index]
            chartStreams[index] += other.chartStreams[index]
            listeners[index] += other.listeners[index]
        }
    }
}
