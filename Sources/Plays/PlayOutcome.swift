/// What becomes of an event that was read.
enum PlayOutcome {
    /// Whoever took it counts it.
    case taken
    /// It does not count; its line goes to the rejects.
    case refused(Rejection)
    /// Its line is handed on once more, in the order of files and lines, with the day that it is of.
    case setAside(day: Int)
}
