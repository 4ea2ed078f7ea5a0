package import Storage

/// What became of files: `seen = new + changed + moved + unchanged + duplicate + rejected + ignored`.
///
/// Each file that was seen is counted in one of these. `gone` and `excluded` stand beside: such
/// files were not seen.
package struct IngestCounts: Equatable, Sendable {
    /// Regular files that the patterns do not leave out.
    package var seen = 0
    /// Not there last time.
    package var new = 0
    /// There last time, and read again because size, times or inode differ.
    package var changed = 0
    /// Not there last time, with the audio of a file that has gone.
    package var moved = 0
    package var unchanged = 0
    /// New, or changed to other audio, which another file that is present has brought already.
    package var duplicate = 0
    /// Set aside, now or earlier, and still there.
    package var rejected = 0
    /// Neither audio nor named so.
    package var ignored = 0
    /// Present last time and no longer there, nor moved.
    package var gone = 0
    /// Files, and folders with all below them, that the patterns leave out.
    package var excluded = 0
    /// Good last time and no longer; the last good version is kept. Among `rejected` and `ignored`.
    package var damaged = 0
    /// Listed, and not there when they were to be read.
    package var vanished = 0
    /// Neither files nor folders: links that lead nowhere, pipes, devices.
    package var irregular = 0
    /// Read again with nothing new, and stored again because the warehouse had lost or spoilt it;
    /// among `unchanged`.
    package var mended = 0
    package var bytesRead = 0
    package var warnings = 0

    package init() {}

    package var isBalanced: Bool {
        seen == new + changed + moved + unchanged + duplicate + rejected + ignored
    }

    package var fields: [(name: String, value: Int)] {
        [
            ("seen", seen), ("new", new), ("changed", changed), ("moved", moved),
            ("unchanged", unchanged), ("duplicate", duplicate), ("rejected", rejected),
            ("ignored", ignored), ("gone", gone), ("excluded", excluded), ("damaged", damaged),
            ("vanished", vanished), ("irregular", irregular), ("mended", mended),
            ("warnings", warnings), ("bytes_read", bytesRead),
        ]
    }

    package static func += (sum: inout IngestCounts, other: IngestCounts) {
        for path in paths { sum[keyPath: path] += other[keyPath: path] }
    }

    // Key paths without captures can be shared between threads; the type does not say so.
    private nonisolated(unsafe) static let paths: [WritableKeyPath<IngestCounts, Int>] = [
        \.seen, \.new, \.changed, \.moved, \.unchanged, \.duplicate, \.rejected, \.ignored, \.gone,
        \.excluded, \.damaged, \.vanished, \.irregular, \.mended, \.warnings, \.bytesRead,
    ]
}

/// What an ingest saw and did, source by source.
@dynamicMemberLookup
package struct IngestSummary: Equatable, Sendable {
    package struct Source: Equatable, Sendable {
        package let path: String
        package var counts: IngestCounts
        /// Files that were present before, where the whole source was scanned.
        package var known = 0
    }

    package var sources: [Source] = []
    /// In the whole ledger after this run.
    package var songs = 0
    /// Hard links of an archive to other members; among `ignored`.
    package var hardLinks = 0
    /// Sources that hold files whose tags were split at other separators than this run's.
    package var otherSeparators: [String] = []
    /// What to know of the sources that did not stop the run, a line each.
    package var notes: [String] = []
    /// Of what was really seen (`Importer.fingerprint`).
    package var fingerprint = ""

    package init() {}

    package var total: IngestCounts {
        sources.reduce(into: IngestCounts()) { $0 += $1.counts }
    }

    package subscript(dynamicMember path: KeyPath<IngestCounts, Int>) -> Int {
        total[keyPath: path]
    }
}

/// So many files are missing from a source that it is more likely unmounted than emptied.
package struct RemovalsNotAccepted: Diagnosed, CustomStringConvertible {
    package let source: String
    package let gone: Int
    /// There, but no longer the audio they were.
    package let damaged: Int
    /// Left out by patterns for the first time.
    package let excluded: Int
    package let known: Int
    package let cause = FailureCause.badData
    package let why: Why

    package enum Why: Equatable, Sendable {
        case limit(RejectLimit)
        /// The folder holds nothing at all.
        case empty
        /// It is on another file system than last time.
        case otherFileSystem
        /// A folder in it was on a file system of its own last time, and is not now.
        case unmounted(String)
    }

    package var message: String {
        let missing =
            "\(source.isEmpty ? "listed files" : source): of \(known) known files \(gone) are missing"
            + (damaged > 0 ? ", \(damaged) no longer good" : "")
            + (excluded > 0 ? ", \(excluded) newly left out by patterns" : "")
        return switch why {
        case .limit(let limit): "\(missing): more than the limit of \(limit); none was marked gone"
        case .empty: "\(missing): the folder is empty; none was marked gone"
        case .otherFileSystem:
            "\(missing), and the folder is on another file system than last time; none was marked gone"
        case .unmounted(let folder):
            "\(missing), and \(folder) is no longer on the file system that it was on; none was marked gone"
        }
    }
    package var description: String { message }
    package var hint: String? {
        "check that the disk is mounted; if they really were removed, run again with --accept-removals"
    }
}
