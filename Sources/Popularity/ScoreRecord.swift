/// What a window says of a song in a region, as it waits to be ranked.
struct ScoreRecord {
    /// The decayed score S.
    var weight: Double
    /// Mean points of a day before the last; below 0 when none was counted.
    var meanPoints: Double
    /// Within the window.
    var streams: Int
    /// Within the window.
    var chartStreams: Int
    /// In byte order of the ids.
    var song: UInt32
    /// Points of the last day.
    var points: UInt32
    /// Of the last day.
    var listeners: UInt32
    /// Distinct within the window, about.
    var windowListeners: UInt32
    /// In tenths of per cent.
    var weeklyTrend: Int32
    /// Of the window's plays, in ten thousandths; -1 when there are none.
    var skipRate: Int32
    /// Mean share that was heard of a song, in ten thousandths; -1 when no duration is known.
    var completion: Int32
    /// Share of the plays that were heard to nine tenths, likewise.
    var completed: Int32
    /// Not played before the last day.
    var isNew: Bool
}
