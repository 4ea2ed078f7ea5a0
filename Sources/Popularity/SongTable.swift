internal import Plays
internal import Storage

/// The songs of a window, and what demand goes by of each.
///
/// Songs are numbered in byte order of their ids.
struct SongTable: ~Copyable {
    struct Cell {
        let region: Int
        /// What the last days let expect of a day; see `DemandModel`.
        let dailyStreams: Double
    }

    var ids = ByteTable()
    /// Streams within the window.
    var streams: ContiguousArray<Int> = []
    /// The regions of all songs, one song behind the other.
    var cells: ContiguousArray<Cell> = []
    /// Where each song's cells start; one more for the end of the last.
    var starts: ContiguousArray<Int> = [0]

    func cells(of song: Int) -> Range<Int> { starts[song]..<starts[song + 1] }

    mutating func add(_ song: PlayWindow.Song, scoreDays: Int, isCounted: [Bool]) {
        streams.append(song.overall.streams.suffix(scoreDays).reduce(0, +))
        for (region, series) in song.regions {
            cells.append(
                Cell(
                    region: region,
                    dailyStreams: DemandModel.dailyStreams(
                        Array(series.streams.suffix(scoreDays)),
                        isCounted: Array(isCounted.suffix(scoreDays)))))
        }
        starts.append(cells.count)
    }
}
