internal import Plays
internal import Storage

/// A song's best position in a chart, and in how many of them it was.
struct ChartStanding: Equatable {
    var peak = Int.max
    var periods = 0

    mutating func add(_ position: Int) {
        peak = min(peak, position)
        periods += 1
    }

    mutating func add(_ other: ChartStanding?) {
        guard let other else { return }
        peak = min(peak, other.peak)
        periods += other.periods
    }
}

/// Who was in which chart before a window: `chart-history.tsv.zst` of an earlier night.
///
/// A night's file tells of all charts up to the oldest of its own window, and of the next ones each
/// for itself. A night goes by the file of the night a week before it for weekly charts (the weeks of
/// which end on the same day), and of the day before for daily ones; or by the next older one there
/// is, and then by as many of the single ones as nights were left out. Days that old are changed by
/// no late event, so that a back-fill in the order of the days gives what the nights gave one by one.
struct ChartHistory {
    static let fileName = "chart-history.tsv.zst"
    static let header = "period\tchart\tkey\tsong_id\tlater\tpeak_position\tperiods"
    /// How many periods back a file is looked for.
    static let reach = 8

    private struct Key: Hashable {
        let period: ChartPeriod
        let chart: String
        let key: ByteKey
        let song: ByteKey
        /// How many periods behind the oldest of the window; 0 for that and all before.
        var later: Int

        /// Names of genres may hold what would break the file's columns.
        init(
            _ period: ChartPeriod, _ chart: String, _ key: String, _ song: String, later: Int = 0
        ) {
            self.later = later
            self.period = period
            self.chart = chart
            self.key = ByteKey(key.withoutControlCharacters)
            self.song = ByteKey(song)
        }
    }

    private var standings: [Key: ChartStanding] = [:]

    /// The files for a night, one for each period where there is one.
    static func paths(_ warehouse: Warehouse, before date: CalendarDate)
        -> [(period: ChartPeriod, date: CalendarDate, path: String)]
    {
        ChartPeriod.allCases.compactMap { period in
            for step in 1...reach {
                let day = date - step * period.step
                let path = "\(warehouse.artefact("popularity", day))/\(fileName)"
                if FileSystem.exists(path) { return (period, day, path) }
            }
            return nil
        }
    }

    init() {}

    /// - Throws: `FileError`; `FormatError` with the line that is wrong.
    init(_ warehouse: Warehouse, before date: CalendarDate) throws {
        for (period, night, path) in Self.paths(warehouse, before: date) {
            let leftOut = (date.dayNumber - night.dayNumber) / period.step - 1
            try TSVFile.forEach(path, header: Self.header) { fields in
                guard let named = ChartPeriod(rawValue: fields[0]), let later = Int(fields[4]),
                    let peak = Int(fields[5]), let periods = Int(fields[6])
                else { return false }
                if named == period, later <= leftOut {
                    standings[
                        Key(named, fields[1], fields[2], fields[3]), default: ChartStanding()
                    ].add(ChartStanding(peak: peak, periods: periods))
                }
                return true
            }
        }
    }

    func standing(_ period: ChartPeriod, _ chart: String, _ key: String, _ song: String)
        -> ChartStanding?
    {
        standings[Key(period, chart, key, song)]
    }

    /// - Parameter later: How many periods behind the oldest of the window.
    mutating func add(
        _ period: ChartPeriod, _ chart: String, _ key: String, _ song: String, later: Int,
        position: Int
    ) {
        standings[Key(period, chart, key, song, later: later), default: ChartStanding()]
            .add(position)
    }

    func write(to writer: FileWriter) throws {
        try writer.write(Self.header + "\n")
        let rows = standings.map { key, standing in
            "\(key.period.rawValue)\t\(key.chart)\t\(key.key.text)\t\(key.song.text)\t\(key.later)\t\(standing.peak)\t\(standing.periods)\n"
        }
        for row in rows.sorted(by: { $0.precedesInBytes($1) }) { try writer.write(row) }
    }
}
