internal import Catalog
internal import Plays
internal import Storage

/// All songs of a window, with what ranks, charts and trends need of each.
///
/// One pass over the partitions; what is known of each song in each region waits on disk to be
/// ranked, so that memory holds the ids and one region's records.
struct NightPopularity: ~Copyable {
    private(set) var table: SongTable
    private(set) var charts: Charts
    /// By region's number and day.
    private(set) var totals: [DaySeries] = []
    /// Listeners by region's number, of the last week and of the window; all regions together last.
    private(set) var regionListeners: [RegionListeners] = []
    private(set) var genres: [GenreFigures] = []
    /// The sum of each day's listeners, by song, over the days that scores go by.
    private(set) var listenerDays: ContiguousArray<UInt32> = []
    /// Songs that the ledger does not know, the most played first.
    private(set) var unresolved: [(song: Int, plays: Int, streams: Int)] = []
    private let regions: [String]
    private var records: SpilledRecords<ScoreRecord>
    /// Of the last day and the seven before, by place: all regions together, then each.
    private let points: [(day: Int, before: Int)]
    private let countedBefore: Int

    struct RegionListeners {
        var week = ListenerSketch()
        var window = ListenerSketch()
    }

    /// - Parameters:
    ///   - scoreDays: How many of the window's last days scores and demand go by.
    ///   - folder: Has room for what waits.
    init(
        _ window: PlayWindow, _ ledger: borrowing LedgerIndex, scoreDays: Int, rules: ChartRules,
        folder: String
    ) throws {
        var table = SongTable()
        var charts = Charts(window, rules)
        var records = try SpilledRecords<ScoreRecord>(in: folder)
        let last = window.days.count - 1
        let isCounted = window.isCounted
        let before = max(0, last - 7)..<last
        let countedBefore = before.count { isCounted[$0] }
        let week = max(0, last - 6)..<last + 1
        let weekBefore = max(0, last - 13)..<max(0, last - 6)
        let countedWeeks = (
            week.count { isCounted[$0] }, weekBefore.count { isCounted[$0] }
        )
        let countedDays = isCounted.count { $0 }
        // The place of all regions together, before the regions' own.
        var points: [(day: Int, before: Int)] = [(0, 0)]
        var listeners = [RegionListeners()]
        var boards = [charts.add(chart: "overall", key: "*")]
        var genreOfLedger: [Int: Int] = [:]
        var genreOfName: [ByteKey: Int] = [:]
        var genreBoards: [Int] = []
        var totals: [DaySeries] = []
        var genres: [GenreFigures] = []
        var unresolved: [(song: Int, plays: Int, streams: Int)] = []
        var listenerDays: ContiguousArray<UInt32> = []

        func dayPoints(_ series: DaySeries, _ day: Int) -> Int {
            let streams = series.chartStreams[day]
            return ChartRules.points(
                streams,
                mostOfOne: ChartRules.mostOfOne(
                    streams, listeners: series.listeners[day], cap: window.chartCaps[day]))
        }

        func sum(_ figures: UnsafeMutableBufferPointer<Int>, _ days: Range<Int>) -> Int {
            var sum = 0
            for day in days { sum += figures[day] }
            return sum
        }

        func record(_ series: DaySeries, _ song: Int, place: Int) -> ScoreRecord {
            let scored = window.groups.scored.days
            let today = dayPoints(series, last)
            var earlier = 0
            for day in before where isCounted[day] { earlier += dayPoints(series, day) }
            points[place].day += today
            points[place].before += earlier
            let isNew = countedDays > 7 && !series.plays[..<last].contains { $0 > 0 }
            let trend = WeeklyTrend.percent(
                week: sum(series.chartStreams, week),
                before: sum(series.chartStreams, weekBefore), countedDays: countedWeeks.0,
                countedBefore: countedWeeks.1)
            let windowListeners =
                series.union(window.groups.scored.groups).isEmpty
                ? 0 : series.distinctListeners(scored, window.groups.scored.groups)
            listeners[place].week.merge(series.union(window.groups.weeks[0].groups))
            listeners[place].window.merge(series.union(window.groups.scored.groups))
            return ScoreRecord(
                weight: PopularityScore.weight(series.chartStreams[scored]),
                meanPoints: countedBefore > 0 ? Double(earlier) / Double(countedBefore) : -1,
                streams: sum(series.streams, scored),
                chartStreams: sum(series.chartStreams, scored), song: UInt32(song),
                points: UInt32(clamping: today),
                listeners: UInt32(clamping: series.listeners[last]),
                windowListeners: UInt32(clamping: windowListeners),
                weeklyTrend: Int32(clamping: Int((10 * trend).rounded())),
                skipRate: series.sums.skipRate, completion: series.sums.completion,
                completed: series.sums.completed, isNew: isNew)
        }

        try window.forEachSong { song in
            let number = table.ids.number(of: song.id)
            try records.append(record(song.overall, number, place: 0), group: 0)
            charts.offer(number, song.overall, to: boards[0])
            for (region, series) in song.regions {
                while totals.count <= region {
                    totals.append(DaySeries(days: isCounted.count))
                    points.append((0, 0))
                    listeners.append(RegionListeners())
                    boards.append(
                        charts.add(chart: "region", key: window.regions[totals.count - 1]))
                }
                totals[region].add(series)
                try records.append(record(series, number, place: region + 1), group: region + 1)
                charts.offer(number, series, to: boards[region + 1])
            }
            listenerDays.append(
                UInt32(clamping: sum(song.overall.listeners, window.groups.scored.days)))
            table.add(song, scoreDays: scoreDays, isCounted: isCounted)
            guard let known = ledger.song(song.id) else {
                unresolved.append(
                    (
                        number, song.overall.plays.reduce(0, +),
                        song.overall.streams.reduce(0, +)
                    ))
                return
            }
            for genre in ledger.genres(of: known) {
                let place: Int
                if let existing = genreOfLedger[genre] {
                    place = existing
                } else {
                    let name = ledger.genreName(genre)
                    place = genreOfName[ByteKey(name)] ?? genres.count
                    if place == genres.count {
                        genres.append(GenreFigures(name: name))
                        genreBoards.append(charts.add(chart: "genre", key: name))
                    }
                    genreOfLedger[genre] = place
                    genreOfName[ByteKey(name)] = place
                }
                genres[place].add(song.overall, window.groups)
                charts.offer(number, song.overall, to: genreBoards[place])
            }
        }
        unresolved.sort { $0.plays != $1.plays ? $0.plays > $1.plays : $0.song < $1.song }
        self.table = table
        self.charts = charts
        self.records = records
        self.countedBefore = countedBefore
        self.totals = totals
        self.unresolved = unresolved
        self.genres = genres
        self.listenerDays = listenerDays
        self.points = points
        regionListeners = listeners
        regions = window.regions
    }

    /// The regions' numbers in byte order of their names.
    var sortedRegions: [Int] {
        regions.indices.sorted { regions[$0].precedesInBytes(regions[$1]) }
    }

    // MARK: Files

    /// Writes the scores, ranked.
    ///
    /// - Returns: The songs that rise, all regions together first, then each.
    func writeScores(to writer: FileWriter, rules: ChartRules) throws -> [TrendingEntry] {
        try writer.write(ScoresFile.header + "\n")
        var trending = try writeRanking("*", 0, rules, to: writer)
        for region in sortedRegions {
            trending += try writeRanking(regions[region], region + 1, rules, to: writer)
        }
        return trending
    }

    private struct TrendCandidate {
        let song: Int
        let listeners: Int
        let trend: Trend
        let isNew: Bool

        static func precedes(_ a: TrendCandidate, _ b: TrendCandidate) -> Bool {
            if a.trend.value != b.trend.value { return a.trend.value > b.trend.value }
            if a.trend.points != b.trend.points { return a.trend.points > b.trend.points }
            return a.song < b.song
        }
    }

    private func writeRanking(
        _ region: String, _ place: Int, _ rules: ChartRules, to writer: FileWriter
    ) throws -> [TrendingEntry] {
        let records = try records.records(group: place)
        let total = (
            day: Double(points[place].day),
            mean: countedBefore > 0 ? Double(points[place].before) / Double(countedBefore) : 0
        )
        var rising = TopList(TrendingFile.length, by: TrendCandidate.precedes)
        try records.withUnsafeBufferPointer { records in
            var order = ContiguousArray(UInt32(0)..<UInt32(records.count))
            order.sort { a, b in
                let (a, b) = (records[Int(a)], records[Int(b)])
                if a.weight != b.weight { return a.weight > b.weight }
                if a.streams != b.streams { return a.streams > b.streams }
                return a.song < b.song
            }
            let maximum = order.first.map { records[Int($0)].weight } ?? 0
            var row = RowText()
            for (index, number) in order.enumerated() {
                let record = records[Int(number)]
                let trend = Trend(
                    points: Int(record.points),
                    mean: record.meanPoints < 0 ? nil : record.meanPoints,
                    isHeard: Int(record.listeners) >= rules.minimumListeners, total: total)
                if trend.value >= Trend.notable {
                    rising.offer(
                        TrendCandidate(
                            song: Int(record.song), listeners: Int(record.listeners), trend: trend,
                            isNew: record.isNew))
                }
                row.removeAll()
                row.field(region)
                row.field(index + 1)
                row.field(table.ids[Int(record.song)])
                row.field(PopularityScore.score(record.weight, maximum: maximum))
                row.field(record.streams)
                row.field(record.chartStreams)
                row.field(record.weight, decimals: 4)
                row.field(Int(record.listeners))
                row.field(Int(record.windowListeners))
                row.field(trend.value, decimals: 2)
                row.field(Int(record.weeklyTrend), decimals: 1)
                row.rate(record.skipRate)
                row.rate(record.completion)
                row.rate(record.completed)
                row.end()
                try writer.write(row.bytes)
            }
        }
        return rising.elements.enumerated().map { index, candidate in
            TrendingEntry(
                position: index + 1, songID: table.ids.text(candidate.song), region: region,
                streams: candidate.trend.points, listeners: candidate.listeners,
                mean: candidate.trend.mean, trend: candidate.trend.value, isNew: candidate.isNew)
        }
    }

    func writeUnresolved(to writer: FileWriter) throws {
        try writer.write("song_id\tplays\tstreams\n")
        for (song, plays, streams) in unresolved {
            try writer.write("\(table.ids.text(song))\t\(plays)\t\(streams)\n")
        }
    }
}
