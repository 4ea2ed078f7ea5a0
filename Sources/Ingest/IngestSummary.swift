package import Storage

/// What an ingest saw and did: `seen = new + changed + duplicate + unchanged + rejected + ignored`.
package struct IngestSummary: Equatable, Sendable {
    package var seen = 0
    package var new = 0
    package var changed = 0
    package var unchanged = 0
    /// New or changed files whose audio another file that is present has brought already.
    package var duplicate = 0
    /// Set aside, now or earlier, and still there.
    package var rejected = 0
    /// Good last time and no longer; the last good version is kept. Among `rejected` and `ignored`.
    package var damaged = 0
    /// Neither audio nor named so.
    package var ignored = 0
    /// Present last time and no longer there.
    package var gone = 0
    package var bytesRead = 0
    package var warnings = 0
    /// In the whole ledger after this run.
    package var songs = 0

    package init() {}

    package var counts: [(name: String, value: Int)] {
        [
            ("seen", seen), ("new", new), ("changed", changed), ("duplicate", duplicate),
            ("unchanged", unchanged), ("rejected", rejected), ("ignored", ignored), ("gone", gone),
            ("damaged", damaged),
            ("warnings", warnings), ("bytes_read", bytesRead),
            ("songs", songs),
        ]
    }
}

/// So many files are missing from a source that it is more likely unmounted than emptied.
package struct RemovalsNotAccepted: Diagnosed, CustomStringConvertible {
    package let source: String
    package let gone: Int
    /// There, but no longer the audio they were.
    package let damaged: Int
    package let known: Int
    package let limit: RejectLimit

    package var message: String {
        "\(source): of \(known) known files \(gone) are missing and \(damaged) no longer good, more than the limit of \(limit); none was marked gone"
    }
    package var description: String { message }
    package var hint: String? {
        "check that the disk is mounted; if they really were removed, run again with --accept-removals"
    }
    package var cause: FailureCause { .badData }
}
