internal import Storage

/// What a day's rules have set aside, as a file that says whose it was.
///
/// The rules know hashes; the texts come from the names that went along.
struct Exclusion {
    enum Reason: String, CaseIterable {
        case addressFarm = "address_farm"
        case impossibleHours = "impossible_hours"
        case thresholdLoop = "threshold_loop"
    }

    let reason: Reason
    var listener: UInt64?
    var song: SongHash?
    var address: UInt64?
    var events = 0
    var playedMs = 0
}
