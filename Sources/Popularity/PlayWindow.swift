internal import Plays
internal import Storage

/// The partitions of a run of days, read side by side and merged song by song.
///
/// All are sorted by song, so that no more than one song's days are in memory.
final class PlayWindow {
    /// One song's figures on each day of the window, overall and by region.
    struct Song {
        let id: UnsafeRawBufferPointer
        let overall: DaySeries
        /// By the region's number, in the order in which they appear.
        let regions: [(region: Int, series: DaySeries)]
    }

    /// Figures by day, the oldest first.
    struct DaySeries {
        var plays: [Int]
        var streams: [Int]
        var chartStreams: [Int]
        var listeners: [Int]

        init(days: Int) {
            plays = Array(repeating: 0, count: days)
            streams = plays
            chartStreams = plays
            listeners = plays
        }
    }

    /// The window's days, the oldest first.
    let days: [CalendarDate]
    /// Whether the day at a place has a partition.
    let hasPartition: [Bool]
    /// Whether that partition was made from logs of the day. A day of which only late events are
    /// known, or no logs were found, says nothing about how much was played.
    let isCounted: [Bool]
    private(set) var regions: [String] = []
    private var regionNumbers = ByteTable()
    private var files: [(day: Int, file: CountsFile)] = []

    /// - Throws: `FileError` when the last day has no partition.
    init(_ warehouse: Warehouse, endingWith date: CalendarDate, days count: Int) throws {
        let dates = (0..<count).map { date - (count - 1 - $0) }
        days = dates
        var present: [Bool] = []
        var counted: [Bool] = []
        for (index, day) in dates.enumerated() {
            let folder = warehouse.artefact("plays", day)
            let path = "\(folder)/\(CountsFile.fileName)"
            present.append(FileSystem.exists(path))
            let inputs = ArtefactRecord.read(folder)?.inputs ?? []
            counted.append(
                present[index] && inputs.contains { !$0.name.hasPrefix("late/logged=") })
            if present[index] || day == date {
                let file = try CountsFile(path)
                if try file.next() { files.append((index, file)) }
            }
        }
        hasPartition = present
        isCounted = counted
    }

    /// Calls `body` for each song, in byte order of the ids. Can be called once.
    func forEachSong(_ body: (Song) throws -> Void) throws {
        var id: [UInt8] = []
        while let first = files.min(by: { bytesPrecede($0.file.songID, $1.file.songID) }) {
            id.removeAll(keepingCapacity: true)
            id.append(contentsOf: first.file.songID)
            try id.withUnsafeBytes { id in try body(try gather(id)) }
        }
    }

    private func gather(_ id: UnsafeRawBufferPointer) throws -> Song {
        var overall = DaySeries(days: days.count)
        var series: [(region: Int, series: DaySeries)] = []
        var finished: [Int] = []
        for (place, entry) in files.enumerated() {
            let (day, file) = entry
            while compareBytes(file.songID, id) == 0 {
                let region = regionNumbers.number(of: file.region)
                if region == regions.count { regions.append(regionNumbers.text(region)) }
                let index: Int
                if let known = series.firstIndex(where: { $0.region == region }) {
                    index = known
                } else {
                    index = series.count
                    series.append((region, DaySeries(days: days.count)))
                }
                series[index].series.plays[day] += file.row.plays
                series[index].series.streams[day] += file.row.streams
                series[index].series.chartStreams[day] += file.row.chartStreams
                series[index].series.listeners[day] += file.row.listeners
                overall.plays[day] += file.row.plays
                overall.streams[day] += file.row.streams
                overall.chartStreams[day] += file.row.chartStreams
                // A listener in two regions is one listener of the song; each row says how many.
                overall.listeners[day] = file.row.songListeners
                if try !file.next() {
                    finished.append(place)
                    break
                }
            }
        }
        for place in finished.reversed() { files.remove(at: place) }
        series.sort { regions[$0.region].precedesInBytes(regions[$1.region]) }
        return Song(id: id, overall: overall, regions: series)
    }
}
