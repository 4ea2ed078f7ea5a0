internal import Plays
internal import Storage

/// The partitions of a run of days, read side by side and merged song by song.
///
/// All are sorted by song, so that no more than one song's days are in memory; what holds them is
/// used again for the next song.
final class PlayWindow {
    /// One song's figures, overall and by region; only for the time of a call.
    struct Song {
        let id: UnsafeRawBufferPointer
        let overall: DaySeries
        /// By the region's number, in byte order of their names.
        let regions: ArraySlice<(region: Int, series: DaySeries)>
    }

    private struct Part {
        let day: Int
        let file: CountsFile
        let sketches: SketchesFile?
    }

    /// The window's days, the oldest first.
    let days: [CalendarDate]
    /// Whether the day at a place has a partition.
    let hasPartition: [Bool]
    /// Whether that partition was made from logs of the day. A day of which only late events are
    /// known, or no logs were found, says nothing about how much was played.
    let isCounted: [Bool]
    /// A listener's streams of a song that charts count on a day.
    let chartCaps: [Int]
    let groups: DayGroups
    private(set) var regions: [String] = []
    private var regionNumbers = ByteTable()
    private var parts: [Part] = []
    private let overall: DaySeries
    private var series: [(region: Int, series: DaySeries)] = []
    private var seriesUsed = 0
    /// The place in `series` by the region's number; -1 for none.
    private var placeOfRegion: [Int] = []

    /// - Parameters:
    ///   - scored: How many of the last days sums and unions of listeners are made of; all by default.
    ///   - withSketches: Whether unions of listeners are wanted. Partitions without sketches have none.
    /// - Throws: `FileError` when the last day has no partition.
    init(
        _ warehouse: Warehouse, endingWith date: CalendarDate, days count: Int, scored: Int? = nil,
        withSketches: Bool = false
    ) throws {
        let dates = (0..<count).map { date - (count - 1 - $0) }
        days = dates
        groups = DayGroups(days: count, scoredDays: scored ?? count)
        overall = DaySeries(days: count)
        var present: [Bool] = []
        var counted: [Bool] = []
        var caps: [Int] = []
        for (index, day) in dates.enumerated() {
            let folder = warehouse.artefact("plays", day)
            let path = "\(folder)/\(CountsFile.fileName)"
            present.append(FileSystem.exists(path))
            let record = ArtefactRecord.read(folder)
            counted.append(
                present[index]
                    && record?.inputs.contains { !$0.name.hasPrefix("late/logged=") } == true)
            caps.append(
                record?.parameters["maximum_chart_streams"].flatMap { Int($0) }
                    ?? PlayRules().maximumChartStreams)
            guard present[index] || day == date else { continue }
            let file = try CountsFile(path)
            let sketches = "\(folder)/\(SketchesFile.fileName)"
            let part = Part(
                day: index, file: file,
                sketches: withSketches && FileSystem.exists(sketches)
                    ? try SketchesFile(sketches) : nil)
            if try file.next() { parts.append(part) }
        }
        hasPartition = present
        isCounted = counted
        chartCaps = caps
    }

    /// Calls `body` for each song, in byte order of the ids. Can be called once.
    func forEachSong(_ body: (Song) throws -> Void) throws {
        var id: [UInt8] = []
        while let first = parts.min(by: { bytesPrecede($0.file.songID, $1.file.songID) }) {
            id.removeAll(keepingCapacity: true)
            id.append(contentsOf: first.file.songID)
            try id.withUnsafeBytes { id in
                try gather(id)
                try body(Song(id: id, overall: overall, regions: series[..<seriesUsed]))
            }
        }
    }

    private func gather(_ id: UnsafeRawBufferPointer) throws {
        overall.clear()
        for place in 0..<seriesUsed { placeOfRegion[series[place].region] = -1 }
        seriesUsed = 0
        var hasEnded = false
        for place in parts.indices where compareBytes(parts[place].file.songID, id) == 0 {
            if try !take(parts[place], id) { hasEnded = true }
        }
        if hasEnded { parts.removeAll { $0.file.songID.baseAddress == nil } }
        series[..<seriesUsed].sort { regions[$0.region].precedesInBytes(regions[$1.region]) }
        for place in 0..<seriesUsed { placeOfRegion[series[place].region] = place }
    }

    /// Takes in a day's rows of the song.
    ///
    /// - Returns: false when there are no rows behind them.
    private func take(_ part: Part, _ id: UnsafeRawBufferPointer) throws -> Bool {
        let (day, file) = (part.day, part.file)
        let isScored = groups.scored.days.contains(day)
        let group = groups.ofDay[day]
        while compareBytes(file.songID, id) == 0 {
            let series = series(of: file.region)
            series.add(file.row, day: day, isScored: isScored)
            series.listeners[day] += file.row.listeners
            overall.add(file.row, day: day, isScored: isScored)
            // A listener in two regions is one listener of the song; each row says how many.
            overall.listeners[day] = file.row.songListeners
            if let sketches = part.sketches {
                let bytes = try sketches.next()
                guard series.merge(sketch: bytes, group: group),
                    overall.merge(sketch: bytes, group: group)
                else { throw sketches.damaged("holds a sketch that is none") }
            }
            if try !file.next() {
                try part.sketches?.expectEnd()
                return false
            }
        }
        return true
    }

    private func series(of name: UnsafeRawBufferPointer) -> DaySeries {
        let region = regionNumbers.number(of: name)
        if region == regions.count {
            regions.append(regionNumbers.text(region))
            placeOfRegion.append(-1)
        }
        if placeOfRegion[region] < 0 {
            if seriesUsed == series.count {
                series.append((region, DaySeries(days: days.count)))
            } else {
                series[seriesUsed].region = region
                series[seriesUsed].series.clear()
            }
            placeOfRegion[region] = seriesUsed
            seriesUsed += 1
        }
        return series[placeOfRegion[region]].series
    }
}
