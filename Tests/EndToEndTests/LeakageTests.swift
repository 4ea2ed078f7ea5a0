import Foundation
import Storage
import TestSupport
import Testing

/// A night's plans are for the day after it, and know nothing of that day: whatever is in its logs,
/// the placement and the prefetch manifests are the same to the byte.
@Suite struct LeakageTests {
    /// The night whose plans are for the last day that the sample has logs of.
    private static let night = "2026-11-18"
    private static let heldOut = "2026-11-19"

    enum Tampering: String, CaseIterable, CustomTestStringConvertible {
        case shuffled, otherSongs, tenfold, gone

        var testDescription: String { rawValue }

        /// The shell's words for it, in the folder of the held-out day.
        var script: String {
            switch self {
            case .shuffled:
                // Lines change places within and between regions' files.
                """
                zcat *.gz > all && seq 100000 > seed
                for f in *.gz; do shuf --random-source=seed all | head -n 2000 | gzip -n > new
                mv new "$f"; done; rm all seed
                """
            case .otherSongs:
                // Everybody hears the two announced songs, and nothing else.
                """
                for f in *.gz; do zcat "$f" | sed -E \
                's/"song_id":"[^"]*"/"song_id":"d4961c17526a1e8409c82fd3e49f6e99c9ba80c810f375f71932055cba2e835b"/' \
                | gzip -n > new; mv new "$f"; done
                """
            case .tenfold:
                """
                for f in *.gz; do for i in 0 1 2 3 4 5 6 7 8 9; do zcat "$f" | sed -E \
                "s/\\"event_id\\":\\"/\\"event_id\\":\\"$i-/"; done | gzip -n > new; mv new "$f"; done
                """
            case .gone: "cd .. && rm -r date=\(heldOut)"
            }
        }
    }

    private static let untouched: Result<[String: String], any Error> = Result {
        try plans(of: SampleCopy())
    }

    /// Digests of all that the two stages wrote, but for the records of what they were made of.
    private static func plans(of sample: SampleCopy) throws -> [String: String] {
        let warehouse = try TestWarehouse()
        let result = try Program.spindle.run(
            [
                "run", Repository.nightly, "--warehouse", warehouse.path, "--date", night,
                "--quiet",
            ] + sample.settings)
        #expect(result.code == 0, "\(result.stderr)")
        var files: [String: String] = [:]
        for kind in ["placement", "prefetch"] {
            for (name, digest) in try warehouse.tree("\(kind)/date=\(night)")
            where name != "artefact.json" {
                files["\(kind)/\(name)"] = digest
            }
        }
        return files
    }

    @Test(arguments: Tampering.allCases)
    func `plans do not change with the day that they are for`(tampering: Tampering) throws {
        let sample = try SampleCopy()
        let folder = "\(sample.plays)/date=\(Self.heldOut)"
        let before = try fileTree(sample.plays)
        try shell("cd '\(folder)' && \(tampering.script)")
        #expect(!differences(before, try fileTree(sample.plays)).isEmpty)
        let untouched = try Self.untouched.get()
        // A placement, its summary and topology, five edges with four forms each, and a summary.
        #expect(untouched.count >= 29)
        #expect(differences(untouched, try Self.plans(of: sample)) == [])
    }

    @Test func `plans change with the day that has ended`() throws {
        let sample = try SampleCopy()
        let folder = "\(sample.plays)/date=\(Self.night)"
        try shell("cd '\(folder)' && \(Tampering.otherSongs.script)")
        let changed = differences(try Self.untouched.get(), try Self.plans(of: sample))
        #expect(changed.contains { $0.hasPrefix("placement/") })
        #expect(changed.contains { $0.hasPrefix("prefetch/") })
    }
}
