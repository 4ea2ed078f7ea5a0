internal import Plays
internal import Storage

/// What a window of days says of each song, overall and by region.
///
/// Songs are numbered in byte order of their ids; some 60 bytes each and 48 for each of its regions.
struct SongTable: ~Copyable {
    struct Figures {
        /// The decayed score S.
        let weight: Double
        /// Within the window.
        let streams: Int
        /// Within the window.
        let chartStreams: Int
        /// Of the last day.
        let listeners: Int
        let trend: Double
    }

    struct Cell {
        let region: Int
        let figures: Figures
    }

    var ids = ByteTable()
    var overall: ContiguousArray<Figures> = []
    /// The regions of all songs, one song behind the other.
    var cells: ContiguousArray<Cell> = []
    /// Where each song's cells start; one more for the end of the last.
    var starts: ContiguousArray<Int> = [0]

    func cells(of song: Int) -> Range<Int> { starts[song]..<starts[song + 1] }
}
