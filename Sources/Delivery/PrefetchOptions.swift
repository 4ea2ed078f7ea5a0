/// What an operator may choose about prefetching.
package struct PrefetchOptions: Equatable, Sendable {
    package var objective = PrefetchPlanner.Objective.requests
    package var fillPrice = PrefetchPlanner.FillPrice.standard
    /// The calendar of announced releases, of format `spindle-releases`.
    package var releases: String?
    /// How many days before its release an edge with room left may fetch a song.
    package var releaseLeadDays = 1
    package var triggers = EdgeTriggers.Options()

    package init() {}
}
