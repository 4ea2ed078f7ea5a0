internal import Plays
internal import Storage

/// What is known of a genre over a window.
struct GenreFigures {
    let name: String
    var songs = 0
    var streams = 0
    var chartStreams = 0
    var sums = DaySeries.Sums()
    var weekListeners = ListenerSketch()
    var windowListeners = ListenerSketch()

    init(name: String) { self.name = name }

    mutating func add(_ series: DaySeries, _ groups: DayGroups) {
        songs += 1
        for day in groups.scored.days {
            streams += series.streams[day]
            chartStreams += series.chartStreams[day]
        }
        sums.add(series.sums)
        weekListeners.merge(series.union(groups.weeks[0].groups))
        windowListeners.merge(series.union(groups.scored.groups))
    }
}

/// `genres.tsv`: a row for each genre, by name in byte order.
enum GenresFile {
    static let fileName = "genres.tsv"
    static let header =
        "genre\tsongs\tstreams\tchart_streams\tweek_listeners\twindow_listeners\tskip_rate"
        + "\tcompletion\tcompleted"

    static func write(_ genres: [GenreFigures], to writer: FileWriter) throws {
        try writer.write(header + "\n")
        for genre in genres.sorted(by: { $0.name.precedesInBytes($1.name) }) {
            var row = RowText()
            row.field(genre.name.withoutControlCharacters)
            row.field(genre.songs)
            row.field(genre.streams)
            row.field(genre.chartStreams)
            row.field(Int(genre.weekListeners.estimate.rounded()))
            row.field(Int(genre.windowListeners.estimate.rounded()))
            row.rate(genre.sums.skipRate)
            row.rate(genre.sums.completion)
            row.rate(genre.sums.completed)
            row.end()
            try writer.write(row.bytes)
        }
    }
}

extension DaySeries.Sums {
    mutating func add(_ other: DaySeries.Sums) {
        plays += other.plays
        skips += other.skips
        timedPlays += other.timedPlays
        completedPlays += other.completedPlays
        completionPermille += other.completionPermille
    }

    /// In ten thousandths of the plays; -1 when there are none.
    var skipRate: Int32 { Self.share(skips, of: plays) }
    /// The mean share that was heard, in ten thousandths; -1 when no duration is known.
    var completion: Int32 { Self.share(completionPermille, of: timedPlays * 1000) }
    /// In ten thousandths of the plays whose duration is known; -1 when there are none.
    var completed: Int32 { Self.share(completedPlays, of: timedPlays) }

    private static func share(_ part: Int, of whole: Int) -> Int32 {
        guard whole > 0 else { return -1 }
        return Int32(clamping: Int((10_000 * Double(part) / Double(whole)).rounded()))
    }
}
